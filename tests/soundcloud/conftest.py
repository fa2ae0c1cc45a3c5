"""A SoundCloud of the test's own, reached as the real one would be, with music that the project makes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox.music import LENGTH_S, Music
from tests.sandbox.net import Loopback
from tests.sandbox.net.environment import fresh, hurried, reach, silent_console
from tests.sandbox.net.fixtures import get, make_settings, options
from tests.sandbox.soundcloud import Person, Song, SoundCloud

__all__ = ["LENGTH_S", "fresh", "get", "hurried", "make_settings", "options", "silent_console"]


@pytest.fixture(scope="session")
def sound(music: Music) -> bytes:
    """An MP3 of `LENGTH_S` seconds."""
    return music.piece(0, "mp3").read_bytes()


@pytest.fixture
def cloud() -> SoundCloud:
    return SoundCloud()


@pytest.fixture
def label(cloud: SoundCloud) -> Person:
    """Somebody who uploads."""
    return cloud.add_person("some-label", "Some Label")


@pytest.fixture
def fan(cloud: SoundCloud) -> Person:
    """Somebody who likes."""
    return cloud.add_person("the-fan", "The Fan")


@pytest.fixture
def add(cloud: SoundCloud, label: Person, sound: bytes) -> Callable[..., Song]:
    """Adds a track of the label's."""

    def _add(title: str = "Artist - Song", **more: Any) -> Song:
        return cloud.add_song(title, more.pop("user", label), sound, more.pop("duration_s", LENGTH_S), **more)

    return _add


@pytest.fixture
def net(cloud: SoundCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(cloud) as server:
        reach(server, monkeypatch)
        yield server
