"""One real Prefect server for the whole session, whichever worker of it needs one first."""

from __future__ import annotations

import fcntl
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from socket import socket
from time import monotonic, sleep

import httpx

from deployments.lifeline import on_parent_gone

__all__ = ["prefect_server"]


@contextmanager
def prefect_server(folder: Path) -> Iterator[str]:
    """The server of all processes that share `folder`; yields the API's address.

    The first one starts it. Each holds a lock in common while it uses it, which the kernel takes back however the
    process ends; the one that started it stops it when it can have that lock alone.
    """
    address = folder / "address"
    with (folder / "users.lock").open("w") as users, ExitStack() as stack:
        fcntl.flock(users, fcntl.LOCK_SH)
        with _alone(folder / "start.lock"):
            known = address.read_text() if address.exists() else ""
            mine = not known or not _answers(known)
            if mine:
                known = stack.enter_context(_started(folder))
                address.write_text(known)
        try:
            yield known
        finally:
            if mine:
                fcntl.flock(users, fcntl.LOCK_EX)
                address.unlink()


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """In this block nobody else is in a block of this lock, in whichever process."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _started(home: Path) -> Iterator[str]:
    """`prefect server start` on a free port; yields the API's address. It ends with this process at the latest."""
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    environment |= {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Seconds. Several workers write into its one file, on a machine that may be busy.
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    }
    command = [sys.executable, "-m", "tests.sandbox.server", "server", "start", "--port", str(port), "--no-ui"]
    log = home / "server.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            command,
            env=environment,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}/api"
            deadline = monotonic() + 90
            while not _answers(address):
                assert process.poll() is None, log.read_text()
                assert monotonic() < deadline, log.read_text()
                sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(address: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{address}/health", trust_env=False).status_code == 200
    return False


if __name__ == "__main__":
    # Prefect's own command, held by a lifeline: a killed test run leaves no server behind.
    on_parent_gone(sys.stdin.fileno(), lambda: os.kill(os.getpid(), signal.SIGTERM))
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
