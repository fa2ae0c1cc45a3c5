"""Videos of YouTube's with yt-dlp's own extractor: what comes, and what each way not to come means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import Get
from tests.sandbox.web import Reset, Short, Silence, Status
from tests.sandbox.youtube import Play, Video, YouTube
from tests.youtube.conftest import LENGTH_S
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

Add = Callable[..., Video]
_PLAYER = "www.youtube.com/youtubei/v1/player"
_MEDIA = "rr1---sn-loopback.googlevideo.com"


@pytest.mark.parametrize(
    "form", ["https://www.youtube.com/watch?v={}", "https://youtu.be/{}?si=abc", "https://music.youtube.com/watch?v={}&feature=share"]
)  # fmt: skip
def test_a_video_comes_whole(net: Loopback, add: Add, get: Get, sound: bytes, form: str) -> None:
    video = add("Céleste – Île (Late Version)")
    got = get(form.format(video.id))
    assert got.path.read_bytes() == sound
    assert probe(find_ffmpeg(None), got.path).duration_s == pytest.approx(LENGTH_S, abs=0.2)
    assert (got.facts.artists, got.facts.title) == (("Céleste",), "Île (Late Version)")
    assert got.facts.link == video.link
    assert (got.format_id, got.duration_s, got.extractor) == ("140", LENGTH_S, "youtube")
    assert not {host for host in net.proxy.asked if host not in YouTube.hosts}


def test_an_artists_own_channel_is_the_artist(net: Loopback, add: Add, get: Get) -> None:
    facts = get(add("Île (Late Version)", "Céleste - Topic").link).facts
    assert (facts.artists, facts.title) == (("Céleste",), "Île (Late Version)")


@pytest.mark.parametrize(
    ("play", "error", "words", "action"),
    [
        (Play.PRIVATE, NotFound, "private", "YTDLP_COOKIES_FILE"),
        (Play.REMOVED, NotFound, "gone", "another one"),
        (Play.AGE, Refused, "age", "YTDLP_COOKIES_FILE"),
        (Play.MEMBERS, Refused, "members", "YTDLP_COOKIES_FILE"),
        (Play.GEO, Refused, "country", "another link"),
        (Play.DRM, Protected, "DRM", "another link"),
        (Play.DRM_WITH_LINKS, Protected, "DRM", "another link"),
        (Play.LIVE, Unsupported, "live", "recording"),
        (Play.NEEDS_JS, Misconfigured, "JavaScript", "doctor"),
    ],
)
def test_what_cannot_be_had(
    net: Loopback,
    add: Add,
    get: Get,
    options: YtdlpOptions,
    monkeypatch: pytest.MonkeyPatch,
    play: Play,
    error: type[TracksyncError],
    words: str,
    action: str,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # no JavaScript runtime
    video = add(play=play)
    with pytest.raises(error, match=words) as caught:
        get(video.link)
    assert video.link in caught.value.message
    assert action in caught.value.action
    assert net.count(_MEDIA) == 0  # not a byte of it
    assert list(options.folder.iterdir()) == []


def test_drm_on_youtube_is_at_times_an_experiment(net: Loopback, add: Add, get: Get) -> None:
    with pytest.raises(Protected) as caught:
        get(add(play=Play.DRM).link)
    assert caught.value.again_later


@pytest.mark.parametrize("play", [Play.BOT, Play.TRY_LATER])
def test_a_bot_check_and_a_used_up_session_cool_youtube_for_an_hour(
    net: Loopback, add: Add, get: Get, play: Play
) -> None:
    video = add(play=play)
    with pytest.raises(RateLimited, match="held back") as caught:
        get(video.link)
    assert caught.value.retry_after == 3600
    assert net.count(_PLAYER) == 1  # not asked again


@pytest.mark.parametrize("where", [_PLAYER, _MEDIA])
def test_a_429_cools_youtube(net: Loopback, add: Add, get: Get, where: str) -> None:
    net.add_fault(where, Status(code=429))
    with pytest.raises(RateLimited) as caught:
        get(add().link)
    assert caught.value.retry_after == 600
    assert net.count(where) == 1


def test_a_video_that_there_is_not(net: Loopback, get: Get) -> None:
    with pytest.raises(NotFound):
        get("https://www.youtube.com/watch?v=abcdefghijk")


def test_an_expired_address_is_taken_anew_once(net: Loopback, tube: YouTube, add: Add, get: Get, sound: bytes) -> None:
    video = add()
    # The watch page holds an answer of the player's, too.
    tube.expired_links = 2
    assert get(video.link).path.read_bytes() == sound
    assert len({request.query["sig"] for request in net.requests(_MEDIA)}) == 2


def test_addresses_that_are_always_expired_want_an_update(net: Loopback, tube: YouTube, add: Add, get: Get) -> None:
    tube.expired_links = 99
    with pytest.raises(Refused, match="403") as caught:
        get(add().link)
    assert "Update yt-dlp" in caught.value.action
    assert net.count(_PLAYER) == 2  # extracted again once


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        (_PLAYER, Status(code=500)),
        (_PLAYER, Reset()),
        (_PLAYER, Silence()),
        (_PLAYER, Short(missing=10)),
        (_PLAYER, Status(code=200, body=b"<html>Sorry</html>", content_type="text/html")),
        (_MEDIA, Status(code=500)),
        (_MEDIA, Reset(after=20_000)),
        (_MEDIA, Silence()),
    ],
    ids=repr,
)
def test_what_stays_is_said(net: Loopback, add: Add, options: YtdlpOptions, where: str, fault: Any) -> None:
    net.add_fault(where, fault)
    hasty = replace(options, stall_seconds=0.7)
    with pytest.raises(Unreachable) as caught:
        fetch(add().link, hasty.folder, hasty)
    assert "watch?v=" in caught.value.message
    assert not [path for path in options.folder.iterdir() if path.suffix != ".part"]


def test_a_playlist_is_its_videos_under_its_name(net: Loopback, tube: YouTube, add: Add, options: YtdlpOptions) -> None:
    videos = [add(f"Artist - Song {number}") for number in range(3)]
    link = tube.add_playlist("Summer List", [*videos, add(play=Play.PRIVATE), videos[0]])
    listing = list_tracks(classify(link), options)
    assert listing.playlist == "Summer List"
    assert [found.key for found in listing.tracks] == [f"youtube:video:{video.id}" for video in videos]
    assert [(found.title, found.artists) for found in listing.tracks[:1]] == [("Song 0", ("Artist",))]
    assert listing.tracks[0].duration_s == LENGTH_S
    assert listing.skipped == 1


def test_a_playlist_that_cannot_be_read(net: Loopback, tube: YouTube, add: Add, options: YtdlpOptions) -> None:
    with pytest.raises(NotFound):
        list_tracks(classify("https://www.youtube.com/playlist?list=PL00000000000000000000000000000000"), options)
    link = tube.add_playlist("List", [add()])
    for fault, kind in ((Status(code=429), RateLimited), (Status(code=500), Unreachable)):
        net.mend()
        net.add_fault("www.youtube.com/(playlist|youtubei)", fault)
        with pytest.raises(kind):
            list_tracks(classify(link), options)
