"""A YouTube of the test's own, reached as the real one would be, with music that the project makes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox import music as pieces
from tests.sandbox.music import Music
from tests.sandbox.net import Loopback
from tests.sandbox.net.environment import fresh, hurried, reach, silent_console
from tests.sandbox.net.fixtures import get, make_settings, options
from tests.sandbox.youtube import Video, YouTube

__all__ = ["fresh", "get", "hurried", "make_settings", "options", "silent_console"]

LENGTH_S = int(pieces.LENGTH_S)
Add = Callable[..., Video]


@pytest.fixture(scope="session")
def sound(music: Music) -> bytes:
    """An M4A of `LENGTH_S` seconds."""
    return music.piece(0, "m4a").read_bytes()


@pytest.fixture
def tube() -> YouTube:
    return YouTube()


@pytest.fixture
def net(tube: YouTube, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(tube) as server:
        reach(server, monkeypatch)
        yield server


@pytest.fixture
def add(tube: YouTube, sound: bytes) -> Add:
    """Adds a video."""

    def _add(title: str = "Artist - Song", channel: str = "Some Channel", **more: Any) -> Video:
        return tube.add(title, channel, sound, more.pop("duration_s", LENGTH_S), **more)

    return _add
