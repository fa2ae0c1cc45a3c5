"""What a track is called whose own stream can't be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.environment import reach
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.soundcloud import Kind, SoundCloud
from tests.sandbox.web import Reset, Status
from tests.sandbox.youtube import Play, Video, YouTube
from tracksync.errors import RateLimited, TracksyncError, Unexpected, Unreachable
from tracksync.sources.called import called
from tracksync.sources.links import classify

Add = Callable[..., Video]


@pytest.fixture
def cloud() -> SoundCloud:
    return SoundCloud()


@pytest.fixture
def net(tube: YouTube, cloud: SoundCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """Both services at once."""
    with Loopback(tube, cloud) as server:
        reach(server, monkeypatch)
        yield server


@pytest.mark.parametrize("play", [Play.OK, Play.GEO, Play.DRM, Play.AGE, Play.MEMBERS])
def test_a_video_that_cannot_be_had_has_a_name(
    net: Loopback, add: Add, make_settings: MakeSettings, play: Play
) -> None:
    video = add("Céleste – Île (Late Version)", "Some Channel", play=play)
    found = called(classify(f"https://youtu.be/{video.id}"), make_settings())
    assert found is not None
    assert (found.key, found.title, found.artists) == (
        f"youtube:video:{video.id}", "Île (Late Version)", ("Céleste",)
    )  # fmt: skip


@pytest.mark.parametrize("play", [Play.PRIVATE, Play.REMOVED])
def test_some_nobody_names(net: Loopback, add: Add, make_settings: MakeSettings, play: Play) -> None:
    assert called(classify(add(play=play).link), make_settings()) is None


def test_a_track_of_soundclouds(net: Loopback, cloud: SoundCloud, make_settings: MakeSettings, sound: bytes) -> None:
    label = cloud.add_person("label", "Some Label")
    song = cloud.add_song("Artist - Song", label, sound, 240.0, kind=Kind.DRM, isrc="ZZTSY2400001")
    found = called(classify(song.link), make_settings())
    assert found is not None
    assert (found.title, found.artists, found.duration_s, found.isrc) == ("Song", ("Artist",), 240.0, "ZZTSY2400001")
    gone = cloud.add_song("Artist - Gone", label, sound, 240.0, kind=Kind.REMOVED)
    assert called(classify(gone.link), make_settings()) is None


@pytest.mark.parametrize(
    "link", ["https://www.youtube.com/playlist?list=PL1234567890", "https://a.bandcamp.com/track/b"]
)
def test_what_is_not_asked(net: Loopback, make_settings: MakeSettings, link: str) -> None:
    assert called(classify(link), make_settings()) is None
    assert net.count() == 0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Status(code=429), RateLimited),
        (Status(code=500), Unreachable),
        (Status(code=200, body=b"<html>", content_type="text/html"), Unexpected),
        (Status(code=200, body=b"[]"), Unexpected),
        (Reset(), Unreachable),
    ],
    ids=repr,
)
def test_not_being_told_is_not_being_nameless(
    net: Loopback, add: Add, make_settings: MakeSettings, fault: Status, kind: type[TracksyncError]
) -> None:
    net.add_fault("www.youtube.com/oembed", fault)
    with pytest.raises(kind):
        called(classify(add().link), make_settings())
