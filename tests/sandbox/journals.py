"""Journals for tests: the same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.postgres import Server
from tracksync.journal import Journal
from tracksync.model import Facts, Track

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a journal that does not exist yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'journal.db'}"
    server = request.getfixturevalue("postgres")
    assert isinstance(server, Server)
    return server.schema()


@pytest.fixture
def journal(address: str) -> Iterator[Journal]:
    """An empty journal."""
    with Journal.open(address) as opened:
        yield opened


def a_track(key: str = "", **changes: object) -> Track:
    """A track that nobody has seen before, or the one of this key."""
    number = next(_numbers)
    values: dict[str, object] = {
        "key": key or f"soundcloud:track:{number}",
        "source": "link",
        "origin": f"https://soundcloud.com/someone/song-{number}",
        "facts": Facts(title=f"Song {number}", artists=("Someone",)),
        "duration_s": 200.5,
        "playlist": "Warm-up",
    }
    return Track.model_validate(values | changes)


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that runs `script`; it is talked to by lines."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def say(process: subprocess.Popen[str], line: str) -> None:
    """Send the process a line."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    """The process's next line."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(*processes: subprocess.Popen[str]) -> None:
    """Let the processes end, and wait for them."""
    for process in processes:
        if process.poll() is None and process.stdin is not None:
            process.stdin.close()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
