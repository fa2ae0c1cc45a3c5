"""YouTube's search, with yt-dlp's own extractor."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.youtube import Play, Video
from tests.youtube.conftest import LENGTH_S
from tracksync.sources.search import searcher

_SEARCH = "www.youtube.com/youtubei/v1/search"
Add = Callable[..., Video]


def test_candidates_as_the_service_describes_them(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    video = add("Artist - Song (Official Video)", "Artist", views=1_234_567)
    add("Song", "Somebody")
    first, second = searcher("youtube", make_settings()).search("artist song", 5)
    assert first.id == f"youtube:video:{video.id}"
    assert (first.source, first.title, first.channel) == ("youtube", "Artist - Song (Official Video)", "Artist")
    assert (first.duration_s, first.views, first.link, first.artists) == (LENGTH_S, 1_234_567, video.link, ())
    assert second.channel == "Somebody"
    assert net.count("www.youtube.com/(watch|youtubei/v1/player)") == 0  # no video is opened


def test_what_is_live_or_gone_is_left_out(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    add("Song live", play=Play.LIVE)
    add("Song private", play=Play.PRIVATE)
    asked = searcher("youtube", make_settings())
    assert asked.search("song", 5) == []
    assert len(asked.unusable) == 1
    assert "live" in asked.unusable[0]


def test_no_more_than_was_asked_for_and_nothing_is_nothing(
    net: Loopback, add: Add, make_settings: MakeSettings
) -> None:
    for number in range(30):
        add(f"Song {number}")
    assert len(searcher("youtube", make_settings()).search("song", 7)) == 7
    assert searcher("youtube", make_settings()).search("zzz", 7) == []
