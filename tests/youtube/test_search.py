"""YouTube's search, with yt-dlp's own extractor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.web import Reset, Silence, Status
from tests.sandbox.youtube import Play, Video
from tests.youtube.conftest import LENGTH_S, MakeSettings
from tracksync.errors import Interrupted, RateLimited, Refused, TracksyncError, Unreachable
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


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Status(code=429), RateLimited),
        (Status(code=403), Refused),
        (Status(code=500), Unreachable),
        (Status(code=200, body=b"<html></html>", content_type="text/html"), Unreachable),
        (Status(code=200, body=b"{}", content_type="application/json"), Unreachable),
        (Reset(), Unreachable),
    ],
    ids=repr,
)
def test_a_search_that_could_not_be_made_is_an_error(
    net: Loopback, add: Add, make_settings: MakeSettings, fault: Any, kind: type[TracksyncError]
) -> None:
    add("Song")
    net.add_fault(_SEARCH, fault)
    with pytest.raises(kind) as caught:
        searcher("youtube", make_settings()).search("song", 5)
    assert "YouTube's search for “song”" in caught.value.message


def test_a_silent_search_is_given_up_and_a_stopped_one_stops(net: Loopback, make_settings: MakeSettings) -> None:
    net.add_fault(_SEARCH, Silence())
    with pytest.raises(Unreachable):
        searcher("youtube", make_settings(TRACKSYNC_STALL_SECONDS=1)).search("song", 5)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        searcher("youtube", make_settings(), cancel).search("song", 5)
