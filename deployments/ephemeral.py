"""A Prefect server for one run, as a child process: `python -m deployments.ephemeral PORT`.

Prefect starts one of its own where there is no server, but that one outlives a parent that was killed. This one holds
a lifeline (its standard input). And it makes the database beside its place and links it in when it is whole, because
Prefect's first migration, killed half-way, leaves a database that never opens again.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from time import monotonic, sleep, time

from deployments.lifeline import on_parent_gone

__all__ = ["EphemeralServer"]

# The defaults write task runs one by one, a second apart: measured, these cut the UI's lag a hundredfold.
_SERVER_SETTINGS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
_AS_EPHEMERAL = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}
_START_LIMIT_S = 120.0


def server_settings() -> dict[str, str]:
    """What a server of ours runs with, except where the user has set it otherwise."""
    return {name: value for name, value in _SERVER_SETTINGS.items() if name not in os.environ}


@dataclass
class EphemeralServer:
    """A running server; `api_url` is where it listens once `wait` has returned."""

    process: subprocess.Popen[bytes]
    port: int

    @classmethod
    def start(cls) -> EphemeralServer:
        """Start one on a free port, without waiting for it."""
        with closing(socket(AF_INET, SOCK_STREAM)) as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        process = subprocess.Popen(
            [sys.executable, "-m", "deployments.ephemeral", str(port)],
            stdin=subprocess.PIPE,
            stdout=sys.stderr,
            env={**os.environ, **server_settings(), **_AS_EPHEMERAL},
        )
        return cls(process, port)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def wait(self) -> None:
        """Until it answers.

        Raises:
            RuntimeError: it ended, or did not answer in two minutes.
        """
        import httpx

        deadline = monotonic() + _START_LIMIT_S
        with httpx.Client(trust_env=False, timeout=5) as client:  # loopback: never through a proxy
            while monotonic() < deadline:
                if self.process.poll() is not None:
                    raise RuntimeError(f"The temporary Prefect server ended with code {self.process.returncode}.")
                with suppress(httpx.HTTPError):
                    if client.get(f"{self.api_url}/health").status_code == 200:
                        return
                sleep(0.05)
        raise RuntimeError("The temporary Prefect server did not answer.")

    def stop(self) -> None:
        """Cut the lifeline and wait; what it has not written yet is written first."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _database_file() -> Path | None:
    """The database that Prefect would make, where it is a SQLite file that is not there yet."""
    from prefect.settings import get_current_settings
    from sqlalchemy.engine import make_url

    secret = get_current_settings().server.database.connection_url
    if secret is None:
        return None
    url = make_url(secret.get_secret_value())
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:" or "mode=" in str(url):
        return None
    path = Path(url.database)
    return None if path.exists() else path


def _make_database(path: Path) -> None:
    """Migrate a new database in a temporary place, then link it in: it appears whole or not at all."""
    import sqlite3

    from prefect.server.database import provide_database_interface
    from prefect.server.database.configurations import AioSqliteConfiguration
    from prefect.server.database.dependencies import temporary_database_config

    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(".prefect-*"):  # of a run that was killed here
        if time() - old.stat().st_mtime > _START_LIMIT_S:
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".prefect-", dir=path.parent) as folder:
        fresh = Path(folder) / "new.db"
        with temporary_database_config(AioSqliteConfiguration(connection_url=f"sqlite+aiosqlite:///{fresh}")):
            asyncio.run(provide_database_interface().create_db())
        # What stands in the write-ahead log belongs into the file before the file moves.
        with closing(sqlite3.connect(fresh)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with suppress(FileExistsError):  # another run was quicker: its database serves
            os.link(fresh, path)


def _serve(port: int) -> None:
    import uvicorn

    servers: list[uvicorn.Server] = []

    def end() -> None:
        for server in servers:
            server.should_exit = True  # in order: what it has not written yet is written first
        if not servers:
            os._exit(0)  # nothing but a database that nobody sees yet

    on_parent_gone(sys.stdin.fileno(), end)
    gc.disable()  # what is imported stays: to search it for rubbish meanwhile takes a fifth of the start
    fresh = _database_file()
    if fresh is not None:
        _make_database(fresh)
    from prefect.server.api.server import create_app

    gc.freeze()
    gc.enable()
    servers.append(
        uvicorn.Server(
            uvicorn.Config(create_app, factory=True, host="127.0.0.1", port=port, log_level="error", lifespan="on")
        )
    )
    servers[0].run()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
