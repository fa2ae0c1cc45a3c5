"""A person settles tracks in doubt on a real server, through its API as the UI does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from tasks.forms import ANOTHER, NONE
from tests.review.doubts import a_doubt, a_verdict
from tests.sandbox.house import House
from tests.sandbox.music import Music
from tracksync.journal import Entry, Journal
from tracksync.model import State

pytestmark = pytest.mark.server

_ROOT = Path(__file__).resolve().parent.parent


class Desk:
    """What a person does in the UI, and the worker's part: a run is executed whenever it is due."""

    def __init__(self, house: House, http: httpx.Client) -> None:
        self._environment = house.environment
        self._http = http
        self.do("deployments.bootstrap")
        self.deployment = self.get("/deployments/name/review/default")

    def do(self, *arguments: str) -> None:
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command, env=self._environment, cwd=_ROOT, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def start(self, **parameters: str) -> str:
        path = f"/deployments/{self.deployment['id']}/create_flow_run"
        run = str(self._http.post(path, json={"parameters": parameters}).raise_for_status().json()["id"])
        self.do("prefect", "flow-run", "execute", run)
        return run

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
        for _ in range(20):
            told = self._http.post(f"/flow_runs/{run}/resume", json=given)
            if told.status_code < 500:  # SQLite's lock is the server's own affair
                break
            sleep(0.5)
        assert told.json()["status"] == "ACCEPT", told.text
        self.do("prefect", "flow-run", "execute", run)

    def kept(self, run: str) -> str:
        """All that the server keeps of the run's forms and answers, and its log."""
        inputs = self._http.post(f"/flow_runs/{run}/input/filter", json={"prefix": "", "limit": 200}).json()
        logs = self._http.post("/logs/filter", json={"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200}).json()
        return json.dumps([inputs, logs], ensure_ascii=False)


def test_tracks_in_doubt_are_settled_by_forms(
    prefect_api: str, tmp_path: Path, music: Music, serve: Callable[[Path], str]
) -> None:
    house = House(tmp_path, {"PREFECT_API_URL": prefect_api})
    (tmp_path / "state").mkdir()
    link = serve(music.piece(0, "mp3"))
    with (
        Journal.open(f"sqlite:///{tmp_path / 'state' / 'journal.db'}") as journal,
        httpx.Client(base_url=prefect_api, trust_env=False, timeout=60) as http,
    ):
        found = [a_verdict("Near One", f"{link}?token=hush"), a_verdict("Far", link)]
        one = a_doubt(journal, "One", found, duration_s=30.0)
        two, three = a_doubt(journal, "Two"), a_doubt(journal, "Three")

        def now(entry: Entry) -> State:
            held = journal.find(entry.key)
            assert held is not None
            return held.state

        desk = Desk(house, http)
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
        assert desk.get("/deployments/name/review/default")["global_concurrency_limit"]["active_slots"] == 0

        desk.answer(first, offered[0])
        assert now(one) is State.SYNCED, journal.find(one.key)
        assert len(house.files()) == 3
        assert desk.name(first) == "Which one is Somebody - Three?", "the second run asks about Two"

        desk.answer(first, NONE)
        assert now(three) is State.NEEDS_REVIEW
        assert desk.state(first)["message"] == "1 needs-review, 1 synced, 1 being asked about by another run"
        kept = desk.kept(first) + desk.kept(second)
        assert [kept[max(0, at - 80) : at + 20] for at in (kept.find("hush"),) if at >= 0] == []
