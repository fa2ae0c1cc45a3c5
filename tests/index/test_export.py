"""The file that other programs read."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.index.shelf import Shelf, a_wav
from tracksync.errors import DiskFull
from tracksync.library.index import export
from tracksync.library.index.export import export_default, export_index
from tracksync.settings import Settings


def test_the_records_are_as_others_expect_them(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a" / "X.WAV", 1, title="Déjà Vu", artist="Ärzte")
    a_wav(shelf.root / "beside" / "y.wav", 2)
    shelf.index()
    target = shelf.root / "out" / "index.json"
    assert export_index(shelf.journal, target, [shelf.root / "a"], [Path("/nowhere")])
    written = json.loads(target.read_bytes())
    assert set(written) == {"generated_at", "scan_paths", "missing_paths", "records"}
    assert datetime.fromisoformat(written["generated_at"]).tzinfo is not None
    assert (written["scan_paths"], written["missing_paths"]) == ([str(shelf.root / "a")], ["/nowhere"])
    assert written["records"] == [
        {
            "path": str(path),
            "extension": ".wav",
            "size": path.stat().st_size,
            "mtime": path.stat().st_mtime_ns / 1e9,
            "title_cleaned": "deja vu",
            "artist_cleaned": "arzte",
            "file_hash": shelf.rows()["X.WAV"].audio_sha256,
            "is_valid": True,
        }
    ]
    assert [file.name for file in target.parent.iterdir()] == ["index.json"]


def test_broken_and_away_files_are_in_it_and_gone_ones_are_not(shelf: Shelf) -> None:
    disk = shelf.mount("uuid:disk", shelf.root / "disk")
    a_wav(disk / "away.wav", 1)
    gone = a_wav(shelf.root / "gone.wav", 2)
    a_wav(shelf.root / "broken.wav", 3)
    shelf.index()
    broken = replace(shelf.rows()["broken.wav"], problem="It is broken.", audio_sha256=None)
    shelf.journal.put_indexed(files=[broken])
    gone.unlink()
    shelf.unmount(disk, shelf.root.parent / "parked")
    shelf.index()
    target = shelf.root / "index.json"
    export_index(shelf.journal, target, [shelf.root], [])
    records = {Path(record["path"]).name: record for record in json.loads(target.read_bytes())["records"]}
    assert set(records) == {"away.wav", "broken.wav"}
    assert (records["broken.wav"]["is_valid"], records["broken.wav"]["file_hash"]) == (False, None)


@pytest.mark.skipif(os.name == "nt", reason="names are text")
def test_names_that_are_no_text_come_back(shelf: Shelf) -> None:
    path = a_wav(shelf.root / os.fsdecode(b"o\xffd.wav"))
    shelf.index()
    target = shelf.root / "index.json"
    export_index(shelf.journal, target, [shelf.root], [])
    assert json.loads(target.read_text("ascii"))["records"][0]["path"] == str(path)


def test_it_is_written_again_only_where_it_would_be_another(shelf: Shelf) -> None:
    a_wav(shelf.root / "x.wav")
    shelf.index()
    target = shelf.root / "index.json"
    assert export_index(shelf.journal, target, [shelf.root], [], touched=False), "there is none yet"
    assert not export_index(shelf.journal, target, [shelf.root], [], touched=False)
    assert export_index(shelf.journal, target, [shelf.root], [], touched=True)
    assert export_index(shelf.journal, target, [shelf.root / "a"], [], touched=False)
    target.write_text("somebody else's")
    assert export_index(shelf.journal, target, [shelf.root / "a"], [], touched=False)


def test_a_full_disk_leaves_the_old_one(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    a_wav(shelf.root / "x.wav")
    shelf.index()
    target = shelf.root / "out" / "index.json"
    export_index(shelf.journal, target, [shelf.root], [])
    before = target.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "_write", full)
    with pytest.raises(DiskFull):
        export_index(shelf.journal, target, [shelf.root], [])
    assert target.read_bytes() == before
    assert [file.name for file in target.parent.iterdir()] == ["index.json"]


def test_the_usual_file_covers_all_also_after_a_part(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in ("BACKUP_DIR", "WAV_BACKUP_DIR", "EAGLE_LIBRARY_PATH"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MUSIC_DIRECTORY_PATHS", f"{shelf.root / 'a'}, {shelf.root / 'b'}")
    monkeypatch.setenv("OUT_DIR", str(shelf.root / "not yet"))
    monkeypatch.setenv("TRACKSYNC_HOME", str(shelf.root / "home"))
    a_wav(shelf.root / "a" / "x.wav", 1)
    a_wav(shelf.root / "c" / "z.wav", 2)
    shelf.index()
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    written = json.loads(export_default(shelf.journal, settings, [shelf.root / "c"]).read_bytes())
    assert written["scan_paths"] == [str(shelf.root / name) for name in "abc"]
    assert written["missing_paths"] == [str(shelf.root / "b")]
    assert [Path(record["path"]).name for record in written["records"]] == ["x.wav", "z.wav"]
