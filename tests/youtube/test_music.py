"""YouTube Music's search, with the real ytmusicapi: what it raises by itself never gets out."""

from __future__ import annotations

import json
import locale
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.web import Drip, Redirect, Reset, Short, Silence, Status
from tests.sandbox.youtube import Video
from tests.youtube.conftest import LENGTH_S
from tracksync.errors import (
    Interrupted,
    Misconfigured,
    NotFound,
    RateLimited,
    Refused,
    TracksyncError,
    Unexpected,
    Unreachable,
)
from tracksync.sources.search import _music_session, searcher
from tracksync.sources.search.youtube_music import _views

_HOST = "music.youtube.com"
_SEARCH = "music.youtube.com/youtubei/v1/search"
Add = Callable[..., Video]


def _json(value: Any, code: int = 200, **more: Any) -> Status:
    return Status(code=code, body=json.dumps(value).encode(), content_type="application/json", **more)


def test_songs_come_first_then_videos(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    upload = add("Artist - Song (lyrics)", "Somebody", views=1_400_000)
    clip = add("Song (Official Video)", "Artist", artists=("Artist",))
    song = add("Song", "Artist - Topic", artists=("Artist", "Guest"), album="LP")
    found = searcher("youtube-music", make_settings()).search("artist song", 10)
    assert [candidate.id for candidate in found] == [f"youtube:video:{video.id}" for video in (song, upload, clip)]
    assert {candidate.source for candidate in found} == {"youtube-music"}
    first, second, third = found
    assert (first.title, first.artists, first.album) == ("Song", ("Artist", "Guest"), "LP")
    assert (first.duration_s, first.link, first.channel) == (LENGTH_S, song.link, None)
    # Anybody's upload has an uploader, and no artist that the service would vouch for.
    assert (second.artists, second.channel, second.views) == ((), "Somebody", 1_400_000)
    assert (third.artists, third.channel) == (("Artist",), None)


def test_a_third_is_kept_for_videos(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    songs = {add(f"Song {n}", artists=("A",), album="LP").link for n in range(15)}
    videos = {add(f"Song video {n}", artists=("A",)).link for n in range(15)}
    asked = searcher("youtube-music", make_settings())
    links = [candidate.link for candidate in asked.search("song", 9)]
    assert [link in songs for link in links] == [True] * 6 + [False] * 3
    assert set(links[6:]) <= videos
    assert len(asked.search("song", 1)) == 1
    assert net.count(_SEARCH) == 4


def test_nothing_found_is_nothing(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    add("Song", artists=("A",), album="LP")
    assert searcher("youtube-music", make_settings()).search("zzz", 5) == []


def test_what_is_not_available_is_left_out_and_said(net: Loopback, add: Add, make_settings: MakeSettings) -> None:
    add("Song", artists=("A",), album="LP", is_available=False)
    asked = searcher("youtube-music", make_settings())
    assert asked.search("song", 5) == []
    assert len(asked.unusable) == 1
    assert "not available" in asked.unusable[0]


_ROW: dict[str, Any] = {"musicShelfRenderer": {"title": {"runs": [{"text": "Songs"}]}, "contents": []}}


def _page(section: Any) -> dict[str, Any]:
    tab = {"tabRenderer": {"content": {"sectionListRenderer": {"contents": [section]}}}}
    return {"responseContext": {}, "contents": {"tabbedSearchResultsRenderer": {"tabs": [tab]}}}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (_json({"error": {"code": 429, "message": "Resource exhausted"}}, 429), RateLimited),
        (Status(code=429, body=b"<html>unusual traffic</html>", content_type="text/html"), RateLimited),
        (_json({"error": {"code": 403}}, 403), Refused),
        (_json({"error": {}}, 400), Refused),
        (Status(code=404), NotFound),
        (_json([], 500), Unreachable),
        (Status(code=502, body=b"<html>Bad gateway</html>", content_type="text/html"), Unreachable),
        (Status(code=200, body=b"<!DOCTYPE html><html>Before you continue", content_type="text/html"), Unreachable),
        (Status(code=200, body=b'{"contents": {', content_type="application/json"), Unreachable),
        (_json([]), Unexpected),
        (_json({}), Unexpected),
        (_json(None), Unexpected),
        (_json({"contents": {}}), Unexpected),
        (_json({"contents": {"tabbedSearchResultsRenderer": {"tabs": []}}}), Unexpected),
        (_json(_page({"musicShelfRenderer": {"contents": [{"musicResponsiveListItemRenderer": {}}]}})), Unexpected),
        (_json(_page({"musicShelfRenderer": {"contents": None}})), Unexpected),
        (_json(_page(_ROW)), Unexpected),
        (Reset(), Unreachable),
        (Reset(after=100), Unreachable),
        (Short(missing=50), Unreachable),
    ],
    ids=repr,
)
def test_a_search_that_could_not_be_made_is_an_error(
    net: Loopback, add: Add, make_settings: MakeSettings, fault: Any, kind: type[TracksyncError]
) -> None:
    add("Song", artists=("A",), album="LP")
    net.add_fault(_SEARCH, fault)
    with pytest.raises(kind) as caught:
        searcher("youtube-music", make_settings()).search("song", 5)
    assert "YouTube Music" in caught.value.message
    assert caught.value.action
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 600
    assert net.count(_SEARCH) == (2 if kind is Unreachable else 1)


@pytest.mark.parametrize("fault", [Status(code=503, times=1), Reset(times=1), Short(missing=50, times=1)], ids=repr)
def test_what_passes_is_lived_through(net: Loopback, add: Add, make_settings: MakeSettings, fault: Any) -> None:
    add("Song", artists=("A",), album="LP")
    net.add_fault(_SEARCH, fault)
    assert len(searcher("youtube-music", make_settings()).search("song", 5)) == 1


def test_a_page_of_google_that_asks_for_a_person_is_a_pause(net: Loopback, make_settings: MakeSettings) -> None:
    net.add_fault(f"{_HOST}/$", Redirect(to="https://www.youtube.com/sorry/index?continue=google.com/sorry"))
    with pytest.raises(RateLimited):
        searcher("youtube-music", make_settings()).search("song", 5)


def test_the_pause_that_was_asked_for(net: Loopback, make_settings: MakeSettings) -> None:
    net.add_fault(_SEARCH, Status(code=429, headers={"Retry-After": "77"}))
    with pytest.raises(RateLimited) as caught:
        searcher("youtube-music", make_settings()).search("song", 5)
    assert caught.value.retry_after == 77


def test_no_answer_takes_longer_than_ten_seconds(
    net: Loopback, add: Add, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(_music_session._CONNECT_S, _music_session._READ_S, _music_session._WHOLE_S) <= 10
    monkeypatch.setattr(_music_session, "_READ_S", 0.3)
    monkeypatch.setattr(_music_session, "_WHOLE_S", 0.6)
    add("Song", artists=("A",), album="LP")
    for fault in (Silence(), Drip(size=20, every=0.1)):
        net.mend()
        net.add_fault(_SEARCH, fault)
        began = time.monotonic()
        with pytest.raises(Unreachable):
            searcher("youtube-music", make_settings()).search("song", 5)
        assert time.monotonic() - began < 4


def test_a_stopped_search_stops(net: Loopback, make_settings: MakeSettings) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        searcher("youtube-music", make_settings(), cancel).search("song", 5)
    assert net.count() == 0


def test_the_users_proxy_and_certificates(
    net: Loopback, add: Add, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add("Song", artists=("A",), album="LP")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name)  # SSL_CERT_FILE alone
    proxy = net.proxy.address
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="proxy"):
        searcher("youtube-music", make_settings()).search("song", 5)
    own = make_settings(YTDLP_PROXY=proxy.replace("//", "//user:hunter2@"))
    assert len(searcher("youtube-music", own).search("song", 5)) == 1
    for text in ("socks9://user:hunter2@127.0.0.1:1", "http://user:hunter2@", "http://user:hunter2@127.0.0.1:1"):
        with pytest.raises((Misconfigured, Unreachable)) as caught:
            searcher("youtube-music", make_settings(YTDLP_PROXY=text)).search("song", 5)
        assert "hunter2" not in str(caught.value)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Misconfigured, match="signed by nobody"):
        searcher("youtube-music", make_settings()).search("song", 5)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    with pytest.raises(Misconfigured):
        searcher("youtube-music", make_settings()).search("song", 5)


def test_the_processs_locale_stays_as_it_was(net: Loopback, make_settings: MakeSettings) -> None:
    before = locale.setlocale(locale.LC_ALL)
    searcher("youtube-music", make_settings()).search("song", 5)
    assert locale.setlocale(locale.LC_ALL) == before


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.4M", 1_400_000), ("386M", 386_000_000), ("2B", 2_000_000_000), ("12K", 12_000), ("7", 7), ("1,234", 1234),
     (None, None), ("", None), ("many", None), ("1.2.3M", None)],
)  # fmt: skip
def test_views_as_the_service_rounds_them(text: str | None, number: int | None) -> None:
    assert _views(text) == number
