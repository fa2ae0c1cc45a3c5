"""The main job, run as a person runs it: the real command line, the real flow, real ffmpeg and essentia."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from examples.pieces import PIECES
from tests.sandbox.house import House
from tests.sandbox.music import Music

pytestmark = pytest.mark.server


@pytest.fixture
def house(tmp_path: Path, prefect_api: str) -> House:
    return House(tmp_path, {"PREFECT_API_URL": prefect_api})


def test_three_pieces_come_out_right_and_a_second_run_does_nothing(
    house: House, music: Music, serve: Callable[[Path], str]
) -> None:
    sources = [music.piece(0, "flac"), music.piece(1, "mp3"), music.piece(2, "m4a")]
    link = serve(sources[0])
    what = [link, *map(str, sources[1:])]
    done = house.do("sync", *what, "--json")
    assert done.code == 0, done.err
    assert done.run["counts"] == {"synced": 3}
    assert done.run["flow_run_id"]
    by_title = {event["title"]: event for event in done.tracks}
    for piece in PIECES:
        event = by_title[piece.title]
        assert event["state"] == "synced"
        assert event["bpm"] == pytest.approx(piece.bpm, abs=0.05)
        assert event["artists"], event
        assert all(Path(path).is_file() for path in event["files"].values())
        assert event["error"] is None
    assert len(house.files()) == 9
    assert house.leftovers() == []

    before = house.files()
    again = house.do("sync", *what, "--json")
    assert again.cpu_s < 1.5
    assert again.code == 0
    assert again.run["counts"] == {"synced": 3}
    assert again.run["flow_run_id"] is None, "nothing was to do, and yet the engine ran"
    assert house.files() == before

    assert house.do("verify", "--all").code == 0


def test_the_same_recording_is_not_stored_twice(house: House, music: Music, tmp_path: Path) -> None:
    first = music.piece(0, "flac")
    copy = tmp_path / "Another Name.flac"
    shutil.copyfile(first, copy)
    assert house.do("sync", first).code == 0
    before = house.files()

    under_another_name = house.do("sync", copy, "--json")
    assert under_another_name.run["flow_run_id"] is None, "the same audio packets need no engine"
    in_another_quality = house.do("sync", music.piece(0, "mp3"), "--json")
    assert [event["state"] for event in in_another_quality.tracks] == ["synced"]
    assert in_another_quality.tracks[0]["files"] == under_another_name.tracks[0]["files"]
    assert house.files() == before

    instrumental = house.do(
        "sync", music.write(replace(PIECES[0], title="Other"), "flac", without=("melody",)), "--json"
    )
    assert instrumental.tracks[0]["state"] == "synced"
    assert len(house.files()) == 6, "an instrumental is a recording of its own"


def test_two_tracks_of_the_same_name_and_a_file_of_somebody_else(house: House, music: Music) -> None:
    one, two = music.piece(1, "flac"), music.write(replace(PIECES[1], bpm=99.0, seed=7), "flac")
    folder = house.library / "Friday"
    folder.mkdir(parents=True)
    stem = f"{', '.join(PIECES[1].artists)} - {PIECES[1].title}"
    (folder / f"{stem}.wav").write_bytes(b"somebody else's")
    done = house.do("sync", one, two, "--playlist", "Friday", "--json")
    assert done.code == 0
    assert (folder / f"{stem}.wav").read_bytes() == b"somebody else's"
    assert sorted(path.name for path in folder.glob("*.aiff")) == [
        f"{stem} (2).aiff",
        f"{stem} (3).aiff",
    ]


def test_a_file_that_was_deleted_is_put_back(house: House, music: Music) -> None:
    source = music.piece(2, "flac")
    files = house.do("sync", source, "--json").tracks[0]["files"]
    before = house.files()
    Path(files["wav"]).unlink()
    assert house.do("verify", "--all", "--json").code == 1
    assert house.do("sync", source).code == 0
    assert house.files() == before


def test_bad_input_is_said_and_the_others_are_unharmed(house: House, music: Music, bad_files: dict[str, Path]) -> None:
    good = music.piece(0, "m4a")
    done = house.do("sync", *bad_files.values(), good, "ftp://example.org/a.mp3", "--json")
    assert done.code == 1
    states = {event["title"]: event for event in done.tracks}
    assert states[PIECES[0].title]["state"] == "synced"
    assert len(done.tracks) == len(bad_files) + 2
    for event in done.tracks:
        if event["title"] == PIECES[0].title:
            continue
        assert event["state"] == "failed", event
        assert event["error"]["message"].endswith("."), event
        assert "\n" not in event["error"]["message"]
    assert len(house.files()) == 3
    assert house.leftovers() == []


def test_a_kill_at_any_moment_costs_nothing(house: House, music: Music, tmp_path: Path, prefect_api: str) -> None:
    sources = [music.piece(0, "flac"), music.piece(2, "flac")]
    reference = House(tmp_path / "reference", {"PREFECT_API_URL": prefect_api})
    reference.root.mkdir()
    begun = monotonic()
    assert reference.do("sync", *sources).code == 0
    whole = monotonic() - begun
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


def test_two_runs_at_once_make_one_track(house: House, music: Music) -> None:
    source = music.piece(1, "flac")
    runs = [house.start("sync", source, "--json") for _ in range(2)]
    for process in runs:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert '"state":"synced"' in out
    assert len(house.files()) == 3


def test_ctrl_c_ends_the_run_in_order(house: House, music: Music) -> None:
    process = house.start("sync", music.piece(0, "flac"), music.piece(1, "flac"))
    assert process.stderr is not None
    for line in process.stderr:
        if "transcode" in line or "analyse" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert house.do("sync", music.piece(0, "flac"), music.piece(1, "flac")).code == 0
    assert len(house.files()) == 6


def test_the_deployment_runs_on_a_worker(house: House, music: Music, serve: Callable[[Path], str]) -> None:
    import httpx

    api = house.more["PREFECT_API_URL"]
    root = Path(__file__).resolve().parent.parent
    environment = house.environment

    def prefect(*arguments: str, limit_s: float = 120) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, env=environment, cwd=root, capture_output=True, text=True, timeout=limit_s, check=False
        )

    for _ in range(2):  # idempotent
        ready = prefect("deployments.bootstrap")
        assert ready.returncode == 0, ready.stdout + ready.stderr
    deployed = httpx.get(f"{api}/deployments/name/sync/default", trust_env=False).json()
    assert deployed["entrypoint"] == "flows.sync.sync"
    assert [(s["active"], s["schedule"]["cron"]) for s in deployed["schedules"]] == [(False, "0 */6 * * *")]

    link = serve(music.piece(0, "flac"))
    worker = subprocess.Popen(
        [sys.executable, "-m", "prefect", "worker", "start", "--pool", "tracksync", "--limit", "1"],
        env=environment,
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        run = prefect("prefect", "deployment", "run", "sync/default", "--param", f'what=["{link}"]', "--watch")
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(house.files()) == 3

    def ask(what: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        return list(httpx.post(f"{api}/{what}/filter", json=body, trust_env=False).json())

    flow_run = ask("flow_runs", {"deployments": {"id": {"any_": [deployed["id"]]}}})[0]
    assert flow_run["state"]["type"] == "COMPLETED"
    artifacts = ask("artifacts", {"artifacts": {"flow_run_id": {"any_": [flow_run["id"]]}}})
    assert sorted(artifact["type"] for artifact in artifacts) == ["markdown", "table"]
    names = {name["name"] for name in ask("task_runs", {"flow_runs": {"id": {"any_": [flow_run["id"]]}}})}
    title = f"{', '.join(PIECES[0].artists)} - {PIECES[0].title}"
    assert {f"transcode · {title}", f"analyse · {title}", f"verify · {title}"} <= names
