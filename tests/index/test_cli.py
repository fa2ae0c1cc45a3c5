"""The commands, as a person runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.index.shelf import a_wav
from tests.sandbox.house import House


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A household with music in two folders."""
    kept = House(tmp_path, {"MUSIC_DIRECTORY_PATHS": f"{tmp_path / 'one'},{tmp_path / 'two'}"})
    for name in ("BACKUP_DIR", "EAGLE_LIBRARY_PATH", "NOTION_TOKEN"):
        kept.more[name] = ""
    a_wav(tmp_path / "one" / "a.wav", 1, title="One", artist="A")
    a_wav(tmp_path / "two" / "b.wav", 1)
    (tmp_path / "two" / "broken.mp3").write_text("no audio")
    return kept


def last(home: House, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    done = home.do(*arguments, "--json")
    assert done.code == code, done.err
    return done.events[-1]


def test_index_then_nothing_to_do(home: House) -> None:
    first = last(home, "index")
    assert first["event"] == "index"
    assert first["state"] == "done"
    assert first["counts"] == {
        "files": 3, "new": 3, "changed": 0, "moved": 0, "unchanged": 0, "gone": 0, "broken": 1,
    }  # fmt: skip
    assert [Path(entry["path"]).name for entry in first["broken"]] == ["broken.mp3"]
    export = json.loads(Path(first["export"]).read_bytes())
    assert first["export"] == str(home.root / "state" / "music_volume_index.json")
    assert {Path(record["path"]).name: record["is_valid"] for record in export["records"]} == {
        "a.wav": True, "b.wav": True, "broken.mp3": False,
    }  # fmt: skip
    again = last(home, "index", home.root / "one", "--export", home.root / "mine.json")
    assert again["counts"]["unchanged"] == again["counts"]["files"] == 1
    assert len(json.loads((home.root / "mine.json").read_bytes())["records"]) == 1
    (home.root / "two").rename(home.root / "three")
    assert last(home, "index", code=1)["missing"] == [str(home.root / "two")]
    told = home.do("index", home.root / "three")
    assert told.code == 0
    assert "3 files" not in told.out + told.err
    assert "2 files" in told.err


@pytest.mark.parametrize("what", ["a file", "nothing at all"])
def test_wrong_use(home: House, what: str) -> None:
    if what == "a file":
        done = home.do("index", home.root / "one" / "a.wav")
    else:
        home.more["MUSIC_DIRECTORY_PATHS"] = ""
        done = home.do("index")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("tracksync: ")


def test_duplicates_listed_set_aside_and_put_back(home: House) -> None:
    refused = home.do("duplicates")
    assert (refused.code, "tracksync index" in refused.err) == (2, True)
    last(home, "index")
    page = home.root / "page.html"
    listed = home.do("duplicates", "--json", "--html", page)
    group, summary = listed.events
    assert (group["event"], group["kind"], summary["groups"]["exact"]) == ("group", "exact", 1)
    assert [Path(file["path"]).name for file in group["files"]] == ["a.wav", "b.wav"]
    assert "<audio" in page.read_text()
    assert (home.root / "two" / "b.wav").is_file(), "nothing was changed"
    home.more["COLUMNS"] = "40"
    table = home.do("duplicates")
    assert (table.code, "Nothing was changed." in table.err) == (0, True)
    kept = next(line for line in table.out.splitlines() if line.startswith("keep "))
    assert kept.endswith(f"  {home.root / 'one' / 'a.wav'}"), "a path is whole, to be copied"
    done = last(home, "duplicates", "--apply")
    assert [Path(move["from"]).name for move in done["moved"]] == ["b.wav"]
    assert not (home.root / "two" / "b.wav").exists()
    assert last(home, "duplicates")["groups"]["exact"] == 0
    back = last(home, "duplicates", "--undo", Path(done["undo"]))
    assert back["back"] == [str(home.root / "two" / "b.wav")]
    (home.root / "two" / "b.wav").write_bytes(b"x")
    assert "Nothing was changed." in table.err
    assert home.do("duplicates", "--apply", "--undo", done["undo"]).code == 2


def _until(process: subprocess.Popen[str], **wanted: object) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if all(event.get(name) == value for name, value in wanted.items()):
            return event
    raise AssertionError(f"it ended without {wanted}: {process.stderr.read() if process.stderr else ''}")


def test_ctrl_c_while_it_reads(home: House, tmp_path: Path) -> None:
    # An ffmpeg that takes its time: only what is no plain WAV needs one.
    slow = tmp_path / "slow"
    slow.write_text('#!/bin/sh\ncase "$*" in *-version*) echo "ffmpeg version 1";; *) exec sleep 0.5;; esac\n')
    slow.chmod(0o755)
    home.more["TRACKSYNC_FFMPEG"] = str(slow)
    for number in range(16):
        (tmp_path / "two" / f"{number}.mp3").write_bytes(b"x" * (number + 1))
    with home.start("index", "--json") as process:
        _until(process, state="running")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert json.loads(out.splitlines()[-1]) == {"event": "index", "state": "interrupted"}
    assert "Traceback" not in err
    del home.more["TRACKSYNC_FFMPEG"]
    counts = last(home, "index")["counts"]
    assert counts["unchanged"] >= 2, "the two WAVs were read before"
    assert counts["files"] == 19


def test_watching(home: House) -> None:
    new = home.root / "one" / "sub" / "new.wav"
    with home.start("index", "--watch", "--json") as process:
        try:
            _until(process, state="watching")
            a_wav(new, 5)
            event = _until(process, state="done")
            while not event["counts"]["new"]:
                event = _until(process, state="done")
            new.rename(new.with_name("renamed.wav"))
            event = _until(process, state="done")
            counts = event["counts"]
            assert (counts["moved"], counts["new"], counts["gone"]) == (1, 0, 0)
            export = json.loads(Path(event["export"]).read_bytes())
            assert "renamed.wav" in {Path(record["path"]).name for record in export["records"]}
            begun = time.monotonic()
            os.kill(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=30)
            assert time.monotonic() - begun < 15
        finally:
            process.kill()  # it would be waited for
    assert process.returncode == 130, err
    assert "Traceback" not in err
