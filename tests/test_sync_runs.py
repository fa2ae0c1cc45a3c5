"""The main job, run as a person runs it: the real command line, the real flow, real ffmpeg and essentia."""

from __future__ import annotations

import glob
import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from examples.pieces import PIECES
from tests.sandbox.house import House
from tests.sandbox.music import Music

pytestmark = pytest.mark.server


@pytest.fixture
def house(tmp_path: Path, prefect_api: str) -> House:
    return House(tmp_path, {"PREFECT_API_URL": prefect_api})


def test_three_orders(
    house: House, music: Music, serve: Callable[[Path], str], bad_files: dict[str, Path], tmp_path: Path
) -> None:
    """One that makes everything; the same again, for which nothing is to do; and one with all that can be odd."""
    twin = replace(PIECES[1], bpm=99.0, seed=7)  # another recording of the same name
    link = serve(music.piece(2, "m4a"))
    what = [str(music.piece(0, "flac")), str(music.piece(1, "mp3")), link, str(music.write(twin, "flac"))]
    folder = house.library / "Unassigned"
    folder.mkdir(parents=True)
    taken = f"{', '.join(twin.artists)} - {twin.title}"
    (folder / f"{taken}.wav").write_bytes(b"somebody else's")
    first = house.do("sync", *what, "--json")
    assert first.code == 0, first.err
    assert first.run["counts"] == {"synced": 4}
    assert first.run["flow_run_id"]
    measured = sorted((event["title"], event["bpm"]) for event in first.tracks)
    for (title, bpm), piece in zip(measured, sorted([*PIECES, twin], key=lambda p: (p.title, p.bpm)), strict=True):
        assert title == piece.title
        assert bpm == pytest.approx(piece.bpm, abs=0.05)
    for event in first.tracks:
        assert (event["state"], event["error"]) == ("synced", None)
        assert event["artists"], event
        assert all(Path(path).is_file() for path in event["files"].values())
    assert (folder / f"{taken}.wav").read_bytes() == b"somebody else's"
    assert sorted(path.name for path in folder.glob(f"{glob.escape(taken)}*.aiff")) == [
        f"{taken} (2).aiff",
        f"{taken} (3).aiff",
    ]
    assert len(house.files()) == 13
    assert house.leftovers() == []

    before = house.files()
    again = house.do("sync", *what, "--json")
    assert again.cpu_s < 1.5
    assert again.code == 0
    assert again.run["counts"] == {"synced": 4}
    assert again.run["flow_run_id"] is None, "nothing was to do, and yet the engine ran"
    copy = Path(shutil.copyfile(what[0], tmp_path / "Another Name.flac"))
    under_another_name = house.do("sync", copy, "--json")
    assert under_another_name.run["flow_run_id"] is None, "the same audio packets need no engine"
    assert house.files() == before
    assert house.do("verify", "--all").code == 0

    of = {event["title"]: event["files"] for event in first.tracks}
    Path(of[PIECES[2].title]["wav"]).unlink()
    assert house.do("verify", "--all", "--json").code == 1
    in_another_quality = music.piece(0, "mp3")
    instrumental = music.write(replace(PIECES[0], title="Other"), "flac", without=("melody",))
    odd: list[str | Path] = [*bad_files.values(), "ftp://example.org/a.mp3"]
    third = house.do("sync", *odd, in_another_quality, instrumental, link, "--json")
    assert third.code == 1
    assert len(third.tracks) == len(odd) + 3
    made = {event["title"]: event for event in third.tracks if event["state"] == "synced"}
    assert set(made) == {PIECES[0].title, "Other", PIECES[2].title}
    assert made[PIECES[0].title]["files"] == under_another_name.tracks[0]["files"] == of[PIECES[0].title]
    for event in third.tracks:
        if event["title"] in made:
            continue
        assert event["state"] == "failed", event
        assert event["error"]["message"].endswith("."), event
        assert "\n" not in event["error"]["message"]
    after = house.files()
    assert {name: after[name] for name in before} == before, "what was deleted is back, and nothing else has changed"
    assert len(after) == len(before) + 3, "an instrumental is a recording of its own, the same recording is not"
    assert house.leftovers() == []
    # Its recording is another track's: what is lost is that one's to make again.
    Path(of[PIECES[0].title]["wav"]).unlink()
    merged = house.do("sync", in_another_quality, "--json")
    assert (merged.code, {event["state"] for event in merged.tracks}) == (0, {"synced"}), merged.err
    assert house.files() == after


def test_an_end_at_any_moment_costs_nothing(house: House, music: Music, tmp_path: Path, prefect_api: str) -> None:
    """Ctrl-C ends the run in order; a kill ends it in none. The same command takes up the rest."""
    sources = [music.piece(0, "flac"), music.piece(2, "flac")]
    reference = House(tmp_path / "reference", {"PREFECT_API_URL": prefect_api})
    reference.root.mkdir()
    begun = monotonic()
    assert reference.do("sync", *sources).code == 0
    whole = monotonic() - begun
    process = house.start("sync", *sources)
    assert process.stderr is not None
    for line in process.stderr:
        if "transcode" in line or "analyse" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    moments = random.Random(5)  # noqa: S311
    for _ in range(4):
        process = house.start("sync", *sources)
        sleep(moments.uniform(0.3, 1.0) * whole)
        process.kill()
        process.communicate()
    done = house.do("sync", *sources, "--json")
    assert done.code == 0, done.err
    assert house.files() == reference.files()
    assert house.leftovers() == []
    assert house.do("verify", "--all").code == 0
