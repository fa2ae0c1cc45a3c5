"""`tracksync match --from FILE`: the contract of the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.house import House

STROBE = {
    "case": "strobe",
    "wanted": {"title": "Strobe", "artists": ["deadmau5"], "duration_s": 637, "isrc": None, "album": None},
    "candidates": [
        {"id": "a", "source": "youtube", "title": "deadmau5 - Strobe (Live)", "duration_s": 637, "views": 10},
        {"id": "b", "source": "youtube", "title": "deadmau5 - Strobe", "artists": None, "duration_s": 638},
    ],
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def lines(*cases: Any) -> str:
    return "".join((case if isinstance(case, str) else json.dumps(case)) + "\n" for case in cases)


def test_an_answer_a_line_in_order(house: House, tmp_path: Path) -> None:
    none = {"case": 2, "wanted": {"title": "Strobe", "artists": "Kaskade"}, "candidates": STROBE["candidates"]}
    file = tmp_path / "cases.jsonl"
    file.write_text(lines(STROBE, none, {"wanted": {"title": "x"}}), encoding="utf-8")
    for more in ((), ("--json",)):
        done = house.do("match", "--from", file, *more)
        assert (done.code, done.err) == (0, "")
        first, second, third = done.events
        assert (first["case"], first["choice"]) == ("strobe", "b")
        assert first["score"] > 0.9
        assert [one["id"] for one in first["evidence"]] == ["b", "a"]
        assert "live" in first["evidence"][1]["reasons"][0]
        assert (second["case"], second["choice"]) == (2, None)
        assert third == {"case": None, "choice": None, "score": 0.0, "evidence": []}


def test_bad_lines_are_named_and_the_others_answered(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    bad = ["{", "[]", "7", '{"case":1}', '{"wanted":{"artists":["x"]}}', '{"wanted":{"title":"x"},"candidates":[1]}']
    file.write_bytes(lines(*bad, "", STROBE).encode() + b"\xff\xfe\n" + lines(STROBE).encode())
    done = house.do("match", "--from", file)
    assert done.code == 1
    assert [answer["choice"] for answer in done.events] == ["b", "b"]
    said = done.err.splitlines()
    assert [line.split(" is no case")[0] for line in said] == [f"tracksync: line {n}" for n in (1, 2, 3, 4, 5, 6, 9)]


def test_a_file_that_cannot_be_read_is_wrong_use(house: House, tmp_path: Path) -> None:
    for name in (tmp_path / "none.jsonl", tmp_path):
        done = house.do("match", "--from", name)
        assert (done.code, done.out) == (2, "")
        assert "cannot be read" in done.err
        assert "Traceback" not in done.err
    assert house.do("match").code == 2


def test_stdin_is_answered_while_it_goes(house: House) -> None:
    command = [sys.executable, "-m", "tracksync", "match", "--from", "-"]
    running = subprocess.Popen(
        command, env=os.environ | house.environment, cwd=house.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert running.stdin and running.stdout
    try:
        for _ in range(2):
            running.stdin.write(lines(STROBE).encode())
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["choice"] == "b"
        running.stdin.close()
        assert running.wait(timeout=30) == 0
    finally:
        running.kill()
        running.stdout.close()
        running.wait()


@pytest.mark.parametrize(
    "candidate",
    [
        {},
        {"id": None, "title": None, "artists": None, "channel": None, "duration_s": None, "isrc": None, "views": None},
        {"id": 7, "title": 7, "artists": {"name": "x"}, "channel": 7, "duration_s": "x", "isrc": 7, "views": "x"},
        {"id": [], "title": [], "artists": [None, 7, {"name": None}], "channel": {}, "duration_s": [], "views": {}},
        {"title": "\ud800", "channel": "\0", "duration_s": 10**400, "views": 10**30},
        {"title": "x" * 5000, "duration_s": True},
    ],
)
def test_any_field_may_be_anything(house: House, tmp_path: Path, candidate: dict[str, Any]) -> None:
    file = tmp_path / "cases.jsonl"
    case = STROBE | {"candidates": [candidate, *STROBE["candidates"]]}
    file.write_text(lines(case).replace("true", "NaN"), encoding="utf-8")
    done = house.do("match", "--from", file)
    assert (done.code, done.err) == (0, "")
    assert done.events[0]["choice"] == "b"
    assert len(done.events[0]["evidence"]) == 3


def test_an_id_is_given_back_as_it_came(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    case = {"wanted": STROBE["wanted"], "candidates": [{"id": 42, "title": "deadmau5 - Strobe", "duration_s": 637}]}
    file.write_text(lines(case), encoding="utf-8")
    assert house.do("match", "--from", file).events[0]["choice"] == 42


def test_extended_may_be_preferred(house: House, tmp_path: Path) -> None:
    extended = {"id": "long", "title": "deadmau5 - Strobe (Extended Mix)", "duration_s": 800}
    case = STROBE | {"candidates": [*STROBE["candidates"], extended]}
    file = tmp_path / "cases.jsonl"
    file.write_text(lines(case), encoding="utf-8")
    assert house.do("match", "--from", file).events[0]["choice"] == "b"
    house.more["TRACKSYNC_PREFER_EXTENDED"] = "true"
    assert house.do("match", "--from", file).events[0]["choice"] == "long"


def test_it_starts_quickly(house: House, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(lines(STROBE), encoding="utf-8")
    assert min(house.do("match", "--from", file).cpu_s for _ in range(3)) < 1.0
    heavy = ["prefect", "essentia", "yt_dlp", "sqlalchemy", "numpy", "spotipy", "ytmusicapi"]
    code = f"import sys, tracksync.cli.match; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
