"""The deployments on a real server, with a real worker: a link is brought in, and a person settles tracks in doubt.

What a person does in the UI is done through the server's API, as the UI does it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from examples.pieces import PIECES
from tasks.forms import ANOTHER, NONE
from tests.review.doubts import a_doubt, a_verdict
from tests.sandbox.house import House
from tests.sandbox.music import LENGTH_S, Music
from tracksync.journal import Entry, Journal
from tracksync.model import State

pytestmark = pytest.mark.server

_ROOT = Path(__file__).resolve().parent.parent
_LIMIT_S = 240.0


class Desk:
    """What a person does on the command line and in the UI."""

    def __init__(self, house: House, http: httpx.Client) -> None:
        self._environment = house.environment
        self._http = http

    def do(self, *arguments: str) -> None:
        """A module of Python's, to its end."""
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command, env=self._environment, cwd=_ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def work(self, log: Path) -> subprocess.Popen[bytes]:
        """A worker, left running."""
        with log.open("w") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "prefect", "worker", "start", "--pool", "tracksync", "--limit", "1"],
                env={**self._environment, "PREFECT_WORKER_QUERY_SECONDS": "1"},
                cwd=_ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Asked again where the server says that it is busy, as Prefect's clients do: others write into it, too."""
        for _ in range(40):
            told = self._http.post(path, json=body)
            if told.status_code < 500:
                break
            sleep(0.5)
        return told.raise_for_status().json()

    def ask(self, what: str, **body: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.post(f"/{what}/filter", body))

    def deployment(self, flow: str) -> dict[str, Any]:
        return dict(self.get(f"/deployments/name/{flow}/default"))

    def start(self, **parameters: str) -> str:
        """A run of `review`, until it waits or is over."""
        path = f"/deployments/{self.deployment('review')['id']}/create_flow_run"
        run = str(self.post(path, {"parameters": parameters})["id"])
        self.until_it_rests(run)
        return run

    def until_it_rests(self, run: str) -> None:
        until = monotonic() + _LIMIT_S
        while (state := self.state(run))["name"] != "Suspended" and state["type"] != "COMPLETED":
            assert state["type"] not in ("FAILED", "CRASHED", "CANCELLED"), state
            assert monotonic() < until, state
            sleep(0.2)
        # A worker of Prefect's ends where a run is due again whose process it still holds: nobody answers that quickly.
        pid = int(str(self.get(f"/flow_runs/{run}")["infrastructure_pid"]).rpartition(":")[2])
        with suppress(ProcessLookupError):
            while monotonic() < until:
                os.kill(pid, 0)
                sleep(0.1)

    def state(self, run: str) -> dict[str, Any]:
        return dict(self.get(f"/flow_runs/{run}")["state"])

    def name(self, run: str) -> str:
        return str(self.get(f"/flow_runs/{run}")["name"])

    def form(self, run: str) -> tuple[list[str], str]:
        """What there is to choose from, and the text above it."""
        keys = self.state(run)["state_details"]["run_input_keyset"]
        schema, text = (self.get(f"/flow_runs/{run}/input/{keys[name]}") for name in ("schema", "description"))
        return list(schema["properties"]["choice"]["enum"]), str(text)

    def answer(self, run: str, choice: str, other_link: str = "") -> None:
        given = {"run_input": {"choice": choice, "other_link": other_link}}
        told = self.post(f"/flow_runs/{run}/resume", given)
        assert told["status"] == "ACCEPT", told
        self.until_it_rests(run)

    def kept(self, run: str) -> str:
        """All that the server keeps of the run's forms and answers, and its log."""
        inputs = self.post(f"/flow_runs/{run}/input/filter", {"prefix": "", "limit": 200})
        logs = self.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200})
        return json.dumps([inputs, logs], ensure_ascii=False)


@pytest.fixture
def house(tmp_path: Path, prefect_api: str) -> House:
    return House(tmp_path, {"PREFECT_API_URL": prefect_api})


@pytest.fixture
def desk(house: House, prefect_api: str, tmp_path: Path) -> Iterator[Desk]:
    """A server that is prepared, and a worker on it."""
    with httpx.Client(base_url=prefect_api, trust_env=False, timeout=60) as http:
        desk = Desk(house, http)
        for _ in range(2):  # idempotent
            desk.do("deployments.bootstrap")
        worker = desk.work(tmp_path / "worker.log")
        try:
            yield desk
        finally:
            worker.terminate()
            worker.wait(timeout=30)


def test_a_worker_runs_the_deployments(
    house: House, desk: Desk, tmp_path: Path, music: Music, serve: Callable[[Path], str]
) -> None:
    a_link_is_brought_in(house, desk, serve(music.piece(1, "flac")))
    link = serve(music.piece(0, "mp3"))
    with Journal.open(f"sqlite:///{tmp_path / 'state' / 'journal.db'}") as journal:
        tracks_in_doubt_are_settled_by_forms(house, desk, journal, link)


def a_link_is_brought_in(house: House, desk: Desk, link: str) -> None:
    deployed = desk.deployment("sync")
    assert deployed["entrypoint"] == "flows.sync.sync"
    assert [(s["active"], s["schedule"]["cron"]) for s in deployed["schedules"]] == [(False, "0 */6 * * *")]
    desk.do("prefect", "deployment", "run", "sync/default", "--param", f'what=["{link}"]', "--watch")
    assert len(house.files()) == 3
    (flow_run,) = desk.ask("flow_runs", deployments={"id": {"any_": [deployed["id"]]}})
    assert flow_run["state"]["type"] == "COMPLETED"
    artifacts = desk.ask("artifacts", artifacts={"flow_run_id": {"any_": [flow_run["id"]]}})
    assert sorted(artifact["type"] for artifact in artifacts) == ["markdown", "table"]
    names = {task["name"] for task in desk.ask("task_runs", flow_runs={"id": {"any_": [flow_run["id"]]}})}
    title = f"{', '.join(PIECES[1].artists)} - {PIECES[1].title}"
    assert {f"transcode · {title}", f"analyse · {title}", f"verify · {title}"} <= names


def tracks_in_doubt_are_settled_by_forms(house: House, desk: Desk, journal: Journal, link: str) -> None:
    found = [a_verdict("Near One", f"{link}?token=hush"), a_verdict("Far", link)]
    one = a_doubt(journal, "One", found, duration_s=LENGTH_S)
    two, three = a_doubt(journal, "Two"), a_doubt(journal, "Three")
    before = len(house.files())

    def now(entry: Entry) -> State:
        held = journal.find(entry.key)
        assert held is not None
        return held.state

    first = desk.start()
    assert desk.state(first)["name"] == "Suspended"
    assert desk.name(first) == "Which one is Somebody - One?"
    offered, text = desk.form(first)
    labels = ["1. SoundCloud, 3:07: Near One, by Some Label", "2. SoundCloud, 3:07: Far, by Some Label"]
    assert offered == [*labels, ANOTHER, NONE]
    assert "another version: live" in text

    # It waits without a place of its own: others run, and a second one asks about another track.
    second = desk.start(key=two.key)
    assert desk.name(second) == "Which one is Somebody - Two?"
    assert desk.deployment("review")["global_concurrency_limit"]["active_slots"] == 0

    desk.answer(first, offered[0])
    assert now(one) is State.SYNCED, journal.find(one.key)
    assert len(house.files()) == before + 3
    assert desk.name(first) == "Which one is Somebody - Three?", "the second run asks about Two"

    desk.answer(first, NONE)
    assert now(three) is State.NEEDS_REVIEW
    assert desk.state(first)["message"] == "1 needs-review, 1 synced, 1 being asked about by another run"
    kept = desk.kept(first) + desk.kept(second)
    assert [kept[max(0, at - 80) : at + 20] for at in (kept.find("hush"),) if at >= 0] == []
