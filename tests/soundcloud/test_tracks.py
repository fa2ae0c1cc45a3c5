"""Tracks of SoundCloud's with yt-dlp's own extractor: what comes, and what each way not to come means."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import Get
from tests.sandbox.soundcloud import Kind, Song, SoundCloud
from tests.sandbox.web import Reset, Short, Silence, Status
from tests.soundcloud.conftest import LENGTH_S
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.audio.probe import probe
from tracksync.errors import (
    Misconfigured,
    NotFound,
    Protected,
    RateLimited,
    Refused,
    TracksyncError,
    Unreachable,
    Unsupported,
)
from tracksync.sources.links import classify
from tracksync.sources.ytdlp import YtdlpOptions, fetch, list_tracks

Add = Callable[..., Song]
_API = "api-v2.soundcloud.com"
_MEDIA = "cf-media.sndcdn.com"
_HLS = "cf-hls-media.sndcdn.com"


@pytest.mark.parametrize("protocols", [("progressive", "hls"), ("progressive",), ("hls",)])
def test_a_track_comes_whole(net: Loopback, add: Add, get: Get, sound: bytes, protocols: tuple[str, ...]) -> None:
    song = add("Céleste - Île (Late Version)", protocols=protocols, genre="House", isrc="ZZTSY2400001", album="Cartes")
    got = get(song.link)
    assert got.path.read_bytes() == sound
    assert probe(find_ffmpeg(None), got.path).duration_s == pytest.approx(LENGTH_S, abs=0.2)
    facts = got.facts
    assert (facts.artists, facts.title) == (("Céleste",), "Île (Late Version)")
    assert (facts.genre, facts.date, facts.album, facts.isrc) == ("House", "2024-05-17", "Cartes", "ZZTSY2400001")
    assert facts.link == song.link
    assert got.duration_s == LENGTH_S
    assert got.extractor == "soundcloud"
    assert got.format_id == ("http_mp3_0_0" if "progressive" in protocols else "hls_mp3_0_0")
    assert got.thumbnail is not None
    assert net.proxy.asked
    assert not {host for host in net.proxy.asked if host not in SoundCloud.hosts}


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        (Kind.PREVIEW, Protected, "preview"),
        (Kind.DRM, Protected, "DRM"),
        (Kind.DRM_ONLY, Protected, "DRM"),
        (Kind.BLOCKED, Refused, "country"),
        (Kind.REMOVED, NotFound, "gone"),
    ],
)
def test_what_cannot_be_had(
    net: Loopback, add: Add, get: Get, options: YtdlpOptions, kind: Kind, error: type[TracksyncError], words: str
) -> None:
    song = add(kind=kind)
    with pytest.raises(error, match=words) as caught:
        get(song.link)
    assert song.link in caught.value.message
    assert caught.value.action
    assert not getattr(caught.value, "again_later", False)  # permanent here
    assert net.count(_MEDIA) == net.count(_HLS) == 0  # not a byte of it
    assert list(options.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "offer"),
    [
        (Kind.FREE, None), (Kind.PREVIEW, "preview"), (Kind.BLOCKED, "blocked"), (Kind.DRM_ONLY, "protected"),
        (Kind.DRM, None),
    ],
)  # fmt: skip
def test_a_track_is_known_by_name_also_where_it_cannot_be_had(
    net: Loopback, add: Add, options: YtdlpOptions, kind: Kind, offer: str | None
) -> None:
    song = add("Artist - Song", kind=kind, duration_s=240.0, isrc="ZZTSY2400001")
    (found,) = list_tracks(classify(song.link), options).tracks
    assert (found.key, found.title, found.artists) == (f"soundcloud:track:{song.id}", "Song", ("Artist",))
    assert (found.duration_s, found.isrc, found.offer) == (240.0, "ZZTSY2400001", offer)
    assert net.count(f"{_API}/media") == net.count("i1.sndcdn.com") == 0


def test_a_private_track_wants_the_secret_of_its_link(net: Loopback, add: Add, get: Get, sound: bytes) -> None:
    song = add(kind=Kind.PRIVATE)
    got = get(song.link)
    assert got.path.read_bytes() == sound
    assert song.secret not in repr(got.facts)
    with pytest.raises(NotFound):
        get(song.link.removesuffix(f"/{song.secret}"))


def test_a_short_link_leads_to_its_track(
    net: Loopback, cloud: SoundCloud, add: Add, get: Get, options: YtdlpOptions, sound: bytes
) -> None:
    song = add()
    cloud.short_links["/abC12"] = f"{song.link}?utm_source=clipboard&utm_medium=text&si=0a1b2c"
    (found,) = list_tracks(classify("https://on.soundcloud.com/abC12"), options).tracks
    assert found.key == f"soundcloud:track:{song.id}"
    assert found.link.canonical == song.link
    assert get("https://on.soundcloud.com/abC12").path.read_bytes() == sound
    with pytest.raises(NotFound):
        get("https://on.soundcloud.com/nothing")


def test_the_client_id_is_found_and_found_again_when_it_changes(
    net: Loopback, cloud: SoundCloud, add: Add, get: Get
) -> None:
    song = add()
    get(song.link)
    cloud.client_id = cloud.client_id[::-1]
    get(song.link)
    assert net.count("soundcloud.com/$") == 2
    get(song.link)
    assert net.count("soundcloud.com/$") == 2  # remembered between jobs


def test_a_page_without_a_client_id_wants_an_update(net: Loopback, add: Add, get: Get) -> None:
    net.add_fault("a-v2.sndcdn.com", Status(code=200, body=b"var nothing=1;"))
    with pytest.raises(Unsupported, match="yt-dlp cannot read") as caught:
        get(add().link)
    assert "Update yt-dlp" in caught.value.action


@pytest.mark.parametrize("where", [f"{_API}/resolve", f"{_API}/media", "soundcloud.com/$"])
def test_a_429_cools_soundcloud_for_ten_minutes_and_is_not_asked_again(
    net: Loopback, add: Add, get: Get, where: str
) -> None:
    song = add()
    net.add_fault(where, Status(code=429))
    with pytest.raises(RateLimited) as caught:
        get(song.link)
    assert caught.value.retry_after == 600
    assert net.count(where) == 1
    net.mend()
    net.add_fault(where, Status(code=429, headers={"Retry-After": "42"}))
    with pytest.raises(RateLimited) as caught:
        get(song.link)
    assert caught.value.retry_after == 42


def test_a_429_of_the_media(net: Loopback, add: Add, get: Get) -> None:
    net.add_fault(_MEDIA, Status(code=429))
    with pytest.raises(RateLimited) as caught:
        get(add().link)
    assert caught.value.retry_after == 600


@pytest.mark.parametrize(("protocol", "host"), [("progressive", _MEDIA), ("hls", _HLS)])
def test_an_expired_link_is_taken_anew_once(
    net: Loopback, cloud: SoundCloud, add: Add, get: Get, sound: bytes, protocol: str, host: str
) -> None:
    cloud.expired_links = 1
    assert get(add(protocols=(protocol,)).link).path.read_bytes() == sound
    assert len({request.query["Signature"] for request in net.requests(host)}) == 2  # another link, not the same again


@pytest.mark.parametrize("protocols", [("progressive",), ("hls",)])
def test_links_that_are_always_expired_want_an_update(
    net: Loopback, cloud: SoundCloud, add: Add, get: Get, protocols: tuple[str, ...]
) -> None:
    cloud.expired_links = 99
    song = add(protocols=protocols)
    with pytest.raises(Refused, match="403") as caught:
        get(song.link)
    assert "Update yt-dlp" in caught.value.action
    assert net.count(f"{_API}/resolve") == 2  # extracted again once
    assert "sig" not in str(caught.value)


@pytest.mark.parametrize(
    "fault", [Short(missing=900, times=1), Reset(after=500, times=1), Status(code=500, times=1)], ids=repr
)
def test_a_fragment_that_was_cut_is_asked_for_again(
    net: Loopback, add: Add, get: Get, sound: bytes, fault: Any
) -> None:
    net.add_fault(f"{_HLS}/.*mp3/2$", fault)
    assert get(add(protocols=("hls",)).link).path.read_bytes() == sound


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Short(missing=900), Unreachable), (Status(code=500), Unreachable), (Status(code=404), NotFound)],
    ids=repr,
)
def test_a_stream_with_a_hole_never_counts_as_a_track(
    net: Loopback, add: Add, get: Get, options: YtdlpOptions, fault: Any, kind: type[TracksyncError]
) -> None:
    net.add_fault(f"{_HLS}/.*mp3/2$", fault)
    with pytest.raises(kind):
        get(add(protocols=("hls",)).link)
    assert not [path for path in options.folder.iterdir() if path.suffix == ".mp3"]


@pytest.mark.parametrize("where", [f"{_API}/resolve", f"{_API}/media", _MEDIA])
def test_a_silent_server_is_given_up(net: Loopback, add: Add, options: YtdlpOptions, where: str) -> None:
    net.add_fault(where, Silence())
    hasty = replace(options, stall_seconds=0.5)
    with pytest.raises(Unreachable):
        fetch(add().link, hasty.folder, hasty)
    assert net.count(where) <= 4


def test_a_set_is_its_tracks_under_its_name(net: Loopback, cloud: SoundCloud, add: Add, options: YtdlpOptions) -> None:
    songs = [add(f"Artist - Song {number}", isrc=f"ZZTSY240000{number}") for number in range(7)]
    listing = list_tracks(classify(cloud.add_set("Summer Set", songs[0].user, songs).link), options)
    assert listing.playlist == "Summer Set"
    assert [found.key for found in listing.tracks] == [f"soundcloud:track:{song.id}" for song in songs]
    # Of the first five SoundCloud tells at once what they are; of the rest the id alone.
    assert [found.title for found in listing.tracks] == [f"Song {n}" for n in range(5)] + [None, None]
    assert [found.isrc for found in listing.tracks[:2]] == ["ZZTSY2400000", "ZZTSY2400001"]
    assert listing.tracks[4].duration_s == LENGTH_S


def test_a_set_that_is_gone(net: Loopback, options: YtdlpOptions) -> None:
    with pytest.raises(NotFound):
        list_tracks(classify("https://soundcloud.com/some-label/sets/gone"), options)


def test_without_curl_cffi_the_doctor_is_named(
    net: Loopback, fan: Any, options: YtdlpOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    import yt_dlp

    monkeypatch.setattr(yt_dlp.YoutubeDL, "_get_available_impersonate_targets", lambda _: [])
    monkeypatch.setattr(yt_dlp.YoutubeDL, "_impersonate_target_available", lambda *_: False)
    with pytest.raises(Misconfigured, match="browsers only") as caught:
        list_tracks(classify("https://soundcloud.com/the-fan/likes"), options)
    assert "curl_cffi" in caught.value.action
    assert "doctor" in caught.value.action
    assert "yt_dlp" in sys.modules
