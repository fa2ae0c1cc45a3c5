"""The walk over the volumes as Prefect runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.index.shelf import a_wav
from tests.sandbox.house import House

_RUN = """
from flows.index import index
state = index(return_state=True)
print(state.type.value, state.message)
"""


@pytest.mark.server
def test_the_flow_walks_and_shows_what_it_found(prefect_api: str, tmp_path: Path) -> None:
    a_wav(tmp_path / "music" / "a.wav", 1)
    a_wav(tmp_path / "music" / "b.wav", 2)
    missing = tmp_path / "missing"
    for folders, told in (
        (f"{tmp_path / 'music'}", "COMPLETED 2 files, 2 new"),
        (f"{tmp_path / 'music'},{missing}", f"FAILED 2 files, 2 unchanged; not to be read: {missing}"),
    ):
        house = House(tmp_path, {"MUSIC_DIRECTORY_PATHS": folders, "PREFECT_API_URL": prefect_api})
        done = subprocess.run(
            [sys.executable, "-c", _RUN],
            env=house.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == told
    exported = json.loads((tmp_path / "state" / "music_volume_index.json").read_bytes())
    assert (len(exported["records"]), exported["missing_paths"]) == (2, [str(missing)])
    shown = httpx.post(
        f"{prefect_api}/artifacts/filter",
        json={"artifacts": {"key": {"any_": ["index-run"]}}, "sort": "CREATED_DESC"},
        trust_env=False,
    ).json()
    rows = json.loads(shown[0]["data"])
    assert {"What": "unchanged", "Files": 2} in rows
