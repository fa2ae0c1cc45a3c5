"""SoundCloud and YouTube side by side, for what is the same with both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.sandbox.music import Music
from tests.sandbox.net import Loopback
from tests.sandbox.net.environment import fresh, hurried, reach, silent_console
from tests.sandbox.net.fixtures import get, make_settings, options
from tests.sandbox.soundcloud import Song, SoundCloud
from tests.sandbox.youtube import Video, YouTube
from tracksync.settings import SearchIn

__all__ = ["fresh", "get", "hurried", "make_settings", "options", "silent_console"]

LENGTH_S = 30
"""Of the piece that every track of these tests is."""


@dataclass(frozen=True)
class Site:
    """One of the two."""

    name: SearchIn
    search: str
    """Where it is asked for tracks."""
    named: str
    """What its search is called where it failed, before the words."""
    sound: bytes
    add: Callable[[str], Song | Video]
    """Adds a track with this title."""


@pytest.fixture
def cloud() -> SoundCloud:
    return SoundCloud()


@pytest.fixture
def tube() -> YouTube:
    return YouTube()


@pytest.fixture
def net(cloud: SoundCloud, tube: YouTube, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with Loopback(cloud, tube) as server:
        reach(server, monkeypatch)
        yield server


@pytest.fixture
def site(request: pytest.FixtureRequest, cloud: SoundCloud, tube: YouTube, music: Music) -> Site:
    """The one that the test's parameter names."""
    if request.param == "soundcloud":
        label, mp3 = cloud.add_person("some-label", "Some Label"), music.piece(0, "mp3").read_bytes()
        return Site(
            "soundcloud",
            "api-v2.soundcloud.com/search/tracks",
            "SoundCloud's search for",
            mp3,
            lambda title: cloud.add_song(title, label, mp3, LENGTH_S),
        )
    m4a = music.piece(0, "m4a").read_bytes()
    return Site(
        "youtube",
        "www.youtube.com/youtubei/v1/search",
        "YouTube's search for",
        m4a,
        lambda title: tube.add(title, "Some Channel", m4a, LENGTH_S),
    )
