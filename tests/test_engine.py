"""The temporary server and the engine: they end with whoever started them, however that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from tests.sandbox.house import House
from tests.sandbox.music import Music


def _gone(pid: int, limit_s: float) -> bool:
    until = monotonic() + limit_s
    while monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        sleep(0.1)
    return False


@pytest.mark.server
def test_a_killed_run_leaves_no_process_and_a_database_that_opens(tmp_path: Path) -> None:
    """Killed at once, killed in the first migration, killed while it serves: nothing stays, nothing is spoilt."""
    house = House(tmp_path)
    program = (
        "import sys; from deployments.ephemeral import EphemeralServer; server = EphemeralServer.start()\n"
        "print(server.process.pid, server.port, flush=True)\n"
        "server.wait(); print('up', flush=True); sys.stdin.read()\n"
    )
    for delay in (0.3, 1.5, 2.5, None):
        parent = subprocess.Popen(
            [sys.executable, "-c", program],
            env=house.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert parent.stdout is not None
        pid, port = map(int, parent.stdout.readline().split())
        if delay is None:
            assert parent.stdout.readline() == "up\n"
            assert httpx.get(f"http://127.0.0.1:{port}/api/health", trust_env=False).json() is True
        else:
            sleep(delay)
        parent.kill()
        parent.communicate()
        assert _gone(pid, 20), f"the server outlived its parent, killed after {delay} s"
    assert [path.name for path in (tmp_path / "prefect").glob("prefect.db")] == ["prefect.db"]


def test_an_engine_without_an_order_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deployments.engine"],
        env=House(tmp_path).environment | {"PREFECT_API_URL": "http://127.0.0.1:9/api"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_server_that_does_not_answer_is_said(tmp_path: Path, music: Music) -> None:
    house = House(tmp_path, {"PREFECT_API_URL": "http://127.0.0.1:9/api"})
    done = house.do("sync", music.piece(0, "flac"))
    assert done.code == 1
    assert "PREFECT_API_URL" in done.err
    assert list(house.library.iterdir()) == []
