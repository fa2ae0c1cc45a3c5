"""A YouTube of the test's own, reached as the real one would be, with music that the project makes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.music import Music
from tests.sandbox.net import Loopback
from tests.sandbox.net.environment import fresh, hurried, reach, silent_console
from tests.sandbox.youtube import Video, YouTube
from tracksync.settings import Settings
from tracksync.sources.ytdlp import Fetched, YtdlpOptions, fetch

__all__ = ["fresh", "hurried", "silent_console"]

LENGTH_S = 30
Add = Callable[..., Video]
Get = Callable[[str], Fetched]
MakeSettings = Callable[..., Settings]


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


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Settings as the environment would give them; nothing else counts."""

    def _make(**values: Any) -> Settings:
        named = {"TRACKSYNC_HOME": str(tmp_path / "home"), "TRACKSYNC_STALL_SECONDS": 2, **values}
        return Settings(_env_file=None, **named)  # type: ignore[call-arg]

    return _make


@pytest.fixture
def options(tmp_path: Path) -> YtdlpOptions:
    return YtdlpOptions(tmp_path / "stage", stall_seconds=5, backoff_seconds=0.01)


@pytest.fixture
def get(options: YtdlpOptions) -> Get:
    return lambda link: fetch(link, options.folder, options)
