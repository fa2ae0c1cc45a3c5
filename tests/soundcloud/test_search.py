"""SoundCloud's search with yt-dlp's own extractor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.soundcloud import Kind, Song, SoundCloud
from tests.sandbox.web import Reset, Silence, Status
from tests.soundcloud.conftest import LENGTH_S, MakeSettings
from tracksync.errors import Interrupted, Misconfigured, RateLimited, Refused, TracksyncError, Unreachable, Unsupported
from tracksync.sources.search import searcher

_SEARCH = "api-v2.soundcloud.com/search/tracks"
Add = Callable[..., Song]


def test_candidates_as_the_service_describes_them(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    song = add("Artist – Song (Club Edit)", artist="Artist A, Artist B", album="LP", isrc="ZZTSY2400001", plays=42)
    other = add("Song, reuploaded", plays=None)
    asked = searcher("soundcloud", make_settings())
    first, second = asked.search("artist song club edit", 5)
    assert first.id == f"soundcloud:track:{song.id}"
    assert (first.source, first.title, first.channel) == ("soundcloud", "Artist – Song (Club Edit)", "Some Label")
    assert (first.artists, first.album, first.isrc) == (("Artist A, Artist B",), "LP", "ZZTSY2400001")
    assert (first.duration_s, first.views, first.link) == (LENGTH_S, 42, song.link)
    assert (second.id, second.artists, second.isrc) == (f"soundcloud:track:{other.id}", (), None)
    assert net.count("api-v2.soundcloud.com") == net.count(_SEARCH) == 1  # nothing is resolved, no picture asked for
    assert net.count("i1.sndcdn.com") == 0


def test_an_isrc_finds_its_recording(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    add("Something else")
    song = add("Song", isrc="ZZTSY2400009")
    (found,) = searcher("soundcloud", make_settings()).search("ZZTSY2400009", 3)
    assert found.link == song.link


def test_what_cannot_be_had_is_left_out_and_said(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    for kind in (Kind.PREVIEW, Kind.BLOCKED, Kind.DRM_ONLY):
        add(f"Song {kind}", kind=kind)
    free, later = add("Song free"), add("Song drm", kind=Kind.DRM)
    asked = searcher("soundcloud", make_settings())
    # A stream that only turns out to be encrypted when it is asked for is met at the download.
    assert {found.link for found in asked.search("song", 10)} == {free.link, later.link}
    assert [reason.partition(") ")[2] for reason in asked.unusable] == [
        "is offered only as a preview of some seconds.",
        "is blocked in this country.",
        "is protected by DRM.",
    ]
    asked.search("free", 1)
    assert asked.unusable == []


def test_no_more_than_was_asked_for(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    for number in range(60):
        add(f"Song {number}")
    assert len(searcher("soundcloud", make_settings()).search("song", 7)) == 7
    assert net.requests(_SEARCH)[0].query["limit"] == "7"


def test_nothing_found_is_nothing(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    add("Song")
    assert searcher("soundcloud", make_settings()).search("zzz", 5) == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Status(code=429), RateLimited),
        (Status(code=403), Refused),
        (Status(code=500), Unreachable),
        (Status(code=200, body=b"<html></html>", content_type="text/html"), Unreachable),
        (Status(code=200, body=b"{}", content_type="application/json"), Unsupported),
        (Status(code=200, body=b"null", content_type="application/json"), Unsupported),
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
        searcher("soundcloud", make_settings()).search("song", 5)
    assert caught.value.message.startswith(("SoundCloud's search for “song”", "The server", "yt-dlp cannot read"))
    assert "song" in caught.value.message


def test_a_silent_search_is_given_up_and_a_stopped_one_stops(net: Loopback, make_settings: MakeSettings) -> None:
    net.add_fault(_SEARCH, Silence())
    with pytest.raises(Unreachable):
        searcher("soundcloud", make_settings(TRACKSYNC_STALL_SECONDS=1)).search("song", 5)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        searcher("soundcloud", make_settings(), cancel).search("song", 5)


@pytest.mark.parametrize("name", ["soundcloud", "youtube", "youtube-music"])
@pytest.mark.parametrize(
    "query",
    [
        "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "open.spotify.com/track/x", "Song https://spotify.link/x", "Artist spotify:track:4uLU6hMCjMI75M1A2tKUQC",
        "https://soundcloud.com/a/b", "", "  \n", "!?",
    ],
)  # fmt: skip
def test_only_words_are_searched_for(net: Loopback, make_settings: MakeSettings, name: Any, query: str) -> None:
    with pytest.raises(Unsupported):
        searcher(name, make_settings()).search(query, 5)
    assert net.proxy.asked == []


def test_a_service_that_there_is_not(make_settings: MakeSettings) -> None:
    with pytest.raises(Misconfigured, match="deezer"):
        searcher("deezer", make_settings())  # type: ignore[arg-type]


def test_a_query_is_one_line_and_not_a_command(
    net: Loopback, cloud: SoundCloud, add: Add, make_settings: MakeSettings
) -> None:
    add("Song & Dance: 100%")
    (found,) = searcher("soundcloud", make_settings()).search(" Song\n& Dance:  100% ", 5)
    assert found.title == "Song & Dance: 100%"
    assert net.requests(_SEARCH)[0].query["q"] == "Song & Dance: 100%"
