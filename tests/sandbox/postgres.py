"""A PostgreSQL of the tests' own: what TRACKSYNC_TEST_POSTGRES_URL names, or one started from the binaries here.

A started one listens on a loopback port only, keeps its data in a folder that goes away with it, and asks for a
password, so that a wrong one can be tried. PostgreSQL refuses to run as root: then it runs as the user `postgres`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

_BINARIES = "/usr/lib/postgresql"
_USER = "tracksync"
_START_SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    """A running server; `url` names its administrative database."""

    url: str

    def schema(self) -> str:
        """The address of a new, empty schema: as good as a database of its own, and made in a millisecond."""
        import psycopg

        name = f"t_{secrets.token_hex(6)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        separator = "&" if "?" in self.url else "?"
        return f"{self.url}{separator}options={quote(f'-csearch_path={name}')}"


def _newest_binaries() -> Path | None:
    found = [path.parent for path in Path(_BINARIES).glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _as_other_user() -> dict[str, Any]:
    """What makes `subprocess` run a program as the user `postgres`, where we are root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user `postgres`")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def _started(binaries: Path) -> Iterator[Server]:
    as_other = _as_other_user()
    # Not in pytest's own folder, which no other user may enter.
    folder = Path(tempfile.mkdtemp(prefix="tracksync-postgres-"))
    password = secrets.token_hex(8)
    try:
        secret = folder / "password"
        secret.write_text(password, encoding="ascii")
        if as_other:
            for path in (folder, secret):
                os.chown(path, as_other["user"], as_other["group"])
        data = folder / "data"
        _initialise(binaries, data, secret, as_other)
        port = _free_port()
        server = subprocess.Popen(
            [
                str(binaries / "postgres"),
                *("-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", ""),
                *("-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "log_min_messages=fatal"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **as_other,
        )
        try:
            url = f"postgresql://{_USER}:{password}@127.0.0.1:{port}/postgres"
            _wait_until_ready(server, url)
            yield Server(url)
        finally:
            server.send_signal(signal.SIGINT)  # its "fast shutdown"
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(binaries: Path, data: Path, secret: Path, as_other: dict[str, Any]) -> None:
    done = subprocess.run(
        [
            str(binaries / "initdb"),
            *("-D", str(data), "-U", _USER, "--pwfile", str(secret), "-A", "scram-sha-256"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
        cwd=data.parent,
        check=False,
        **as_other,
    )
    assert done.returncode == 0, done.stderr


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    import psycopg

    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL ended while it was starting"
            assert time.monotonic() < until, "PostgreSQL did not start in time"
            time.sleep(0.05)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; skips where there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'tracksync[postgresql]'")
    named = os.environ.get("TRACKSYNC_TEST_POSTGRES_URL")
    if named:
        yield Server(named)
        return
    binaries = _newest_binaries()
    if binaries is None:
        pytest.skip(f"no PostgreSQL: TRACKSYNC_TEST_POSTGRES_URL is not set, and {_BINARIES} has no binaries")
    with _started(binaries) as server:
        yield server
