"""The source soundcloud-likes: five usable tracks of three thousand, and an unreadable list is never an empty one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.soundcloud import Kind, Person, Song, SoundCloud
from tests.sandbox.web import Drip, Reset, Short, Silence, Status
from tests.soundcloud.conftest import LENGTH_S
from tracksync.errors import (
    Interrupted,
    Misconfigured,
    NotFound,
    RateLimited,
    Refused,
    TracksyncError,
    Unreachable,
    Unsupported,
)
from tracksync.settings import Settings
from tracksync.sources import soundcloud
from tracksync.sources.links import classify
from tracksync.sources.soundcloud import likes, likes_link
from tracksync.sources.ytdlp import YtdlpOptions, each_track, list_tracks
from tracksync.sources.ytdlp.options import YtdlpOptions as Options

_LIKES = "api-v2.soundcloud.com/users/"
_LINK = "https://soundcloud.com/the-fan/likes"
Add = Callable[..., Song]


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings(SOUNDCLOUD_PROFILE="the-fan")


@pytest.fixture
def many(cloud: SoundCloud, fan: Person, add: Add) -> list[Song]:
    """Three thousand liked tracks, newest first, with a hole and a set before the first."""
    songs = [add(f"Artist - Song {number}", slug=f"song-{number}") for number in range(3000)]
    cloud.likes[fan.id] = [None, cloud.add_set("Set", fan, songs[:3]), *songs]
    return songs


def test_five_of_three_thousand_cost_one_page(net: Loopback, many: list[Song], settings: Settings) -> None:
    notes: list[str] = []
    reading = likes(settings, note=notes.append)
    found = list(islice(reading, 5))
    reading.close()
    assert [entry.key for entry in found] == [f"soundcloud:track:{song.id}" for song in many[:5]]
    assert net.count(_LIKES) == 1
    assert net.count("api-v2.soundcloud.com/(tracks|media)") == 0  # no track is resolved for it
    assert net.count() <= 5
    assert [note.partition(": ")[2] for note in notes] == [
        "2 entries are sets or gone, and are passed over.",
    ]


def test_a_liked_track_is_known_by_what_the_list_says(
    net: Loopback, cloud: SoundCloud, fan: Person, add: Add, settings: Settings
) -> None:
    plain = add("Song", artist="Artist A", isrc="ZZTSY2400001")
    secret = add("B - Song", kind=Kind.PRIVATE)
    cloud.likes[fan.id] = [plain, secret, plain]
    first, second = likes(settings)
    assert first.track is not None
    assert (first.track.key, first.track.source) == (f"soundcloud:track:{plain.id}", "soundcloud-likes")
    assert (first.track.facts.title, first.track.facts.artists) == ("Song", ("Artist A",))
    assert (first.track.facts.isrc, first.track.duration_s) == ("ZZTSY2400001", LENGTH_S)
    assert first.track.origin == first.track.facts.link == plain.link
    assert first.identities == (("link", plain.link), ("isrc", "ZZTSY2400001"))
    assert first.label == "Artist A - Song"
    assert second.track is not None
    assert second.track.origin == secret.link
    assert secret.secret not in second.label + str(second.track.facts)


@pytest.mark.parametrize("kind", [Kind.PREVIEW, Kind.DRM_ONLY, Kind.BLOCKED])
def test_what_can_not_be_had_is_liked_all_the_same(
    net: Loopback, cloud: SoundCloud, fan: Person, add: Add, settings: Settings, kind: Kind
) -> None:
    cloud.likes[fan.id] = [add("A - Song", kind=kind)]
    (found,) = likes(settings)
    assert found.track is not None
    assert (found.track.facts.title, found.track.facts.artists) == ("Song", ("A",))
    assert found.track.duration_s == LENGTH_S, "the whole track's, not the preview's"


def test_all_pages_are_read_when_all_is_wanted(
    net: Loopback, cloud: SoundCloud, many: list[Song], settings: Settings
) -> None:
    cloud.page_size = 100
    assert len(list(likes(settings))) == 3000
    assert net.count(_LIKES) == 31


def test_nothing_liked_is_nothing(net: Loopback, fan: Person, settings: Settings) -> None:
    assert list(likes(settings)) == []
    assert net.count(_LIKES) == 1


def test_one_hole_is_one(net: Loopback, cloud: SoundCloud, fan: Person, add: Add, settings: Settings) -> None:
    cloud.likes[fan.id] = [add(), None]
    notes: list[str] = []
    list(likes(settings, note=notes.append))
    assert [note.partition(": ")[2] for note in notes] == ["1 entry is a set or gone, and is passed over."]


def test_bare_nulls_are_holes_too(net: Loopback, fan: Person, add: Add, settings: Settings) -> None:
    song = add()
    page = {"collection": [None, {"kind": "like", "track": song.as_json()}, 7, {}], "next_href": None}
    net.add_fault(_LIKES, Status(code=200, body=json.dumps(page).encode(), content_type="application/json"))
    notes: list[str] = []
    assert [entry.key for entry in likes(settings, note=notes.append)] == [f"soundcloud:track:{song.id}"]
    assert [note.partition(": ")[2] for note in notes] == ["3 entries are sets or gone, and are passed over."]


@pytest.mark.parametrize(
    ("where", "fault", "kind"),
    [
        (_LIKES, Status(code=403), Refused),
        (_LIKES, Status(code=404), Misconfigured),
        (_LIKES, Status(code=429), RateLimited),
        (_LIKES, Status(code=500), Unreachable),
        (_LIKES, Status(code=502), Unreachable),
        (_LIKES, Status(code=200, body=b"<html>Sorry</html>", content_type="text/html"), Unreachable),
        (_LIKES, Status(code=200, body=b"{}", content_type="application/json"), Unsupported),
        (_LIKES, Status(code=200, body=b"[]", content_type="application/json"), TracksyncError),
        (_LIKES, Reset(), Unreachable),
        (_LIKES, Short(missing=20), TracksyncError),
        ("api-v2.soundcloud.com/resolve", Status(code=500), Unreachable),
        ("soundcloud.com/$", Status(code=503), Unreachable),
    ],
    ids=repr,
)
def test_an_unreadable_list_is_an_error(
    net: Loopback, many: list[Song], settings: Settings, where: str, fault: Any, kind: type[TracksyncError]
) -> None:
    net.add_fault(where, fault)
    with pytest.raises(kind) as caught:
        list(likes(settings))
    assert caught.value.message
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 600


@pytest.mark.parametrize(
    "fault", [Status(code=500, skip=1, times=1), Reset(skip=1, times=2), Status(code=502, skip=1, times=1)], ids=repr
)
def test_a_page_that_fails_once_costs_nothing(
    net: Loopback, cloud: SoundCloud, many: list[Song], settings: Settings, fault: Any
) -> None:
    net.add_fault(_LIKES, fault)
    keys = [entry.key for entry in islice(likes(settings), 300)]
    assert keys == [f"soundcloud:track:{song.id}" for song in many[:300]]


def test_a_list_that_ends_halfway_says_so(net: Loopback, many: list[Song], settings: Settings) -> None:
    net.add_fault(_LIKES, Status(code=500, skip=1))
    taken = []
    with pytest.raises(Unreachable):
        for entry in likes(settings):
            taken.append(entry)  # noqa: PERF402 (what came before the error is wanted)
    assert len(taken) == 198


def test_a_silent_server_is_given_up_soon(net: Loopback, many: list[Song], make_settings: MakeSettings) -> None:
    for where in ("soundcloud.com/$", "api-v2.soundcloud.com/resolve", _LIKES):
        net.mend()
        net.add_fault(where, Silence())
        began = time.monotonic()
        with pytest.raises(Unreachable):
            list(likes(make_settings(SOUNDCLOUD_PROFILE="the-fan", TRACKSYNC_STALL_SECONDS=1)))
        assert time.monotonic() - began < 8


def test_a_source_is_given_up_within_thirty_seconds(make_settings: MakeSettings) -> None:
    patience = Options.for_asking(make_settings(TRACKSYNC_STALL_SECONDS=600)).stall_seconds
    assert soundcloud._DEADLINE_S + patience < 30


def test_a_slow_server_meets_the_deadline(net: Loopback, many: list[Song], options: YtdlpOptions) -> None:
    # Fast enough to be no stall, and never at its end.
    net.add_fault(_LIKES, Drip(size=400, every=0.1))
    began = time.monotonic()
    with pytest.raises(Unreachable, match="within 1 s"):
        list(each_track(classify(_LINK), options, deadline_seconds=1))
    assert time.monotonic() - began < 6


def test_a_long_list_may_take_longer_than_the_deadline_as_long_as_it_goes_on(
    net: Loopback, cloud: SoundCloud, fan: Person, add: Add, options: YtdlpOptions
) -> None:
    cloud.page_size = 1
    cloud.likes[fan.id] = [add(slug=f"s{n}") for n in range(4)]
    net.add_fault(_LIKES, Drip(size=2000, every=0.5))
    began = time.monotonic()
    assert len(list(each_track(classify(_LINK), options, deadline_seconds=1.8))) == 4
    assert time.monotonic() - began > 1.8


def test_what_the_consumer_does_meanwhile_is_not_the_servers_time(
    net: Loopback, cloud: SoundCloud, fan: Person, add: Add, options: YtdlpOptions
) -> None:
    cloud.page_size = 1
    cloud.likes[fan.id] = [add(slug=f"s{n}") for n in range(3)]
    assert len(list_tracks(classify(_LINK), options).tracks) == 3  # whatever is done once only is done
    taken = 0
    for _ in each_track(classify(_LINK), options, deadline_seconds=1.5):
        taken += 1
        time.sleep(0.7)
    assert taken == 3


def test_a_stopped_run_stops_the_reading(net: Loopback, many: list[Song], settings: Settings) -> None:
    cancel = threading.Event()
    reading = likes(settings, cancel)
    next(reading)
    cancel.set()
    with pytest.raises(Interrupted):
        for _ in range(300):
            next(reading)
    assert not [thread for thread in threading.enumerate() if thread.name == "tracksync-cancel"]


@pytest.mark.parametrize(
    "text",
    [
        "the-fan", "@the-fan", " the-fan/ ", "the-fan/likes", "soundcloud.com/the-fan", "https://soundcloud.com/the-fan",
        "https://soundcloud.com/the-fan/likes?utm_source=clipboard&si=0a1b", "http://www.soundcloud.com/the-fan/sets/",
        "https://m.soundcloud.com/the-fan/likes#x", "https://soundcloud.com/the-fan/tracks",
    ],
)  # fmt: skip
def test_a_profile_in_every_form(text: str) -> None:
    assert likes_link(text) == _LINK


def test_a_profile_by_its_short_link(net: Loopback, cloud: SoundCloud) -> None:
    cloud.short_links["/AbC"] = "https://soundcloud.com/the-fan?ref=clipboard&utm_source=mobi"
    assert likes_link("https://on.soundcloud.com/AbC") == _LINK
    with pytest.raises(Misconfigured):
        likes_link("https://on.soundcloud.com/nothing")


@pytest.mark.parametrize(
    "text",
    [
        None, "", "  ", "you", "https://soundcloud.com/you/likes", "https://soundcloud.com/the-fan/some-track",
        "https://soundcloud.com", "https://www.youtube.com/@x", "https://open.spotify.com/user/x", "a b", "a/b/c",
        "https://api.soundcloud.com/users/5", "../../etc", "name?x=1", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_profile(text: str | None) -> None:
    with pytest.raises(Misconfigured, match="SOUNDCLOUD_PROFILE") as caught:
        likes_link(text)
    assert "SOUNDCLOUD_PROFILE" in caught.value.action


def test_a_profile_that_there_is_not(net: Loopback, make_settings: MakeSettings) -> None:
    with pytest.raises(Misconfigured, match="no profile nobody") as caught:
        list(likes(make_settings(SOUNDCLOUD_PROFILE="nobody")))
    assert not isinstance(caught.value, NotFound)


def test_a_like_that_comes_while_it_is_read_costs_no_track_and_gives_none_twice(
    net: Loopback, cloud: SoundCloud, fan: Person, add: Add, settings: Settings
) -> None:
    cloud.page_size = 2
    songs = [add(slug=f"s{number}") for number in range(5)]
    cloud.likes[fan.id] = list(songs)
    reading = likes(settings)
    taken = [next(reading).key for _ in range(2)]
    cloud.likes[fan.id].insert(0, add(slug="new"))
    taken += [entry.key for entry in reading]
    assert taken == [f"soundcloud:track:{song.id}" for song in songs]
