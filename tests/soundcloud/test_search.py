"""SoundCloud's search with yt-dlp's own extractor."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.soundcloud import Kind, Song, SoundCloud
from tests.soundcloud.conftest import LENGTH_S
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


def test_a_query_is_one_line_and_not_a_command(
    net: Loopback, cloud: SoundCloud, add: Add, make_settings: MakeSettings
) -> None:
    add("Song & Dance: 100%")
    (found,) = searcher("soundcloud", make_settings()).search(" Song\n& Dance:  100% ", 5)
    assert found.title == "Song & Dance: 100%"
    assert net.requests(_SEARCH)[0].query["q"] == "Song & Dance: 100%"
