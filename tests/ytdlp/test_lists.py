"""Links with several tracks behind them, and links that are never given to yt-dlp."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.web import Redirect, Silence, Status, Web
from tests.ytdlp.conftest import AUDIO, Get
from tracksync.errors import (
    Protected,
    Refused,
    TracksyncError,
    Unreachable,
    Unsupported,
)
from tracksync.sources.links import classify, url_key
from tracksync.sources.ytdlp import YtdlpOptions, list_tracks
from tracksync.sources.ytdlp.session import Session


def _feed(web: Web, items: list[str]) -> str:
    entries = "".join(f"<item><title>Part {n}</title><enclosure url='{link}'/></item>" for n, link in enumerate(items))
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>A list</title>{entries}</channel></rss>"
    return web.add("/feed", body.encode(), content_type="application/rss+xml")


def test_a_link_that_names_its_track_is_not_opened(options: YtdlpOptions) -> None:
    for text in ("https://youtu.be/dQw4w9WgXcQ", "http://127.0.0.1:1/a.mp3", "https://a.bandcamp.com/track/b"):
        link = classify(text)
        (found,) = list_tracks(link, options).tracks
        assert (found.key, found.link, found.title) == (link.key, link, None)


def test_a_list_is_read_and_its_tracks_fetched(web: Web, get: Get, options: YtdlpOptions) -> None:
    tracks = [web.add(f"/{number}.mp3", AUDIO + bytes([number])) for number in range(3)]
    feed = _feed(web, [*tracks, tracks[0], "spotify:track:4uLU6hMCjMI75M1A2tKUQC", "ftp://127.0.0.1/x.mp3"])
    listing = list_tracks(classify(feed), options)
    assert listing.playlist == "A list"
    assert [found.url for found in listing.tracks] == tracks
    assert [found.key for found in listing.tracks] == [url_key(link) for link in tracks]
    assert listing.skipped == 2
    assert web.count("/0.mp3") == 0
    assert get(listing.tracks[1].url).path.read_bytes() == AUDIO + b"\1"
    assert len(list_tracks(classify(feed), options, limit=2).tracks) == 2
    with pytest.raises(Unsupported, match="is a list"):
        get(feed)


def test_a_page_with_one_track_is_that_track(web: Web, get: Get, options: YtdlpOptions) -> None:
    audio = web.add("/a.mp3", AUDIO)
    page = f"<html><head><title>A page</title></head><body><audio src='{audio}'></audio></body></html>"
    link = classify(web.add("/page", page.encode(), content_type="text/html"))
    listing = list_tracks(link, options)
    assert listing.playlist is None
    assert len(listing.tracks) == 1
    assert get(listing.tracks[0].url).path.read_bytes() == AUDIO
    assert get(link.origin).path.read_bytes() == AUDIO


def test_a_page_with_several_tracks_is_a_list(web: Web, get: Get, options: YtdlpOptions) -> None:
    bodies = {web.add(f"/{name}.mp3", AUDIO + name.encode()): AUDIO + name.encode() for name in "ab"}
    players = "".join(f"<audio src='{link}'></audio>" for link in bodies)
    link = classify(web.add("/page", f"<html><body>{players}</body></html>".encode(), content_type="text/html"))
    listing = list_tracks(link, options)
    assert listing.playlist
    assert {found.url: get(found.url).path.read_bytes() for found in listing.tracks} == bodies


def test_an_unreadable_list_is_an_error(web: Web, hasty: YtdlpOptions) -> None:
    for fault, kind in ((Status(code=403), Refused), (Status(code=500), Unreachable), (Silence(), Unreachable)):
        with pytest.raises(kind):
            list_tracks(classify(web.add("/feed", b"", faults=[fault])), hasty)


def test_likes_are_read_without_their_holes(options: YtdlpOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    def likes(_: Session, url: str, **__: Any) -> dict[str, Any]:
        assert url == "https://soundcloud.com/me/likes"
        song = {
            "_type": "url",
            "ie_key": "Soundcloud",
            "id": "11",
            "url": "https://soundcloud.com/a/one",
            "title": "B - One",
        }
        entries = [
            None,
            song,
            {"_type": "url", "ie_key": "SoundcloudSet", "id": "5", "url": "https://soundcloud.com/a/sets/five"},
            {"_type": "url", "id": "6", "url": "https://soundcloud.com/a/sets/six"},
            {"_type": "url", "ie_key": "Soundcloud", "id": "12", "url": "https://api-v2.soundcloud.com/tracks/12"},
            dict(song),
            {},
        ]
        return {"_type": "playlist", "id": "1", "title": "me (Likes)", "entries": iter(entries)}

    monkeypatch.setattr(Session, "extract_info", likes)
    listing = list_tracks(classify("https://soundcloud.com/me/likes"), options)
    assert [found.key for found in listing.tracks] == ["soundcloud:track:11", "soundcloud:track:12"]
    assert (listing.tracks[0].title, listing.tracks[0].artists) == ("One", ("B",))
    assert listing.tracks[1].title is None
    assert (listing.skipped, listing.playlist) == (4, "me (Likes)")


def test_a_preview_is_refused(web: Web, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    import yt_dlp

    audio = web.add("/a.mp3", AUDIO)
    formats = [{"format_id": "http_mp3_0_1_preview", "url": audio, "ext": "mp3", "vcodec": "none"}]

    def preview(ydl: Any, *_: Any, **__: Any) -> Any:
        page = {"id": "1", "title": "x", "extractor": "soundcloud", "extractor_key": "Soundcloud", "formats": formats}
        return ydl.process_ie_result(page, download=True)

    monkeypatch.setattr(yt_dlp.YoutubeDL, "extract_info", preview)
    with pytest.raises(Protected, match="preview"):
        get("https://soundcloud.com/user/slug")
    assert web.count() == 0


@pytest.mark.parametrize(
    "text", ["spotify:track:4uLU6hMCjMI75M1A2tKUQC", "https://open.spotify.com/track/x", "https://spotify.link/x"]
)
def test_spotify_never_reaches_ytdlp(
    get: Get, options: YtdlpOptions, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(Session, "__init__", lambda *_: pytest.fail("yt-dlp was asked"))
    for ask in (lambda: get(text), lambda: list_tracks(classify(text), options)):
        with pytest.raises(Unsupported, match="its streams are protected") as caught:
            ask()
        assert "SoundCloud, YouTube or Bandcamp" in caught.value.action


def test_nor_by_way_of_another_page(web: Web, get: Get) -> None:
    page = web.add("/page", b"", faults=[Redirect(to="https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC")])
    jump = b'<html><head><meta http-equiv="refresh" content="0;url=https://open.spotify.com/track/x"></head></html>'
    refresh = web.add("/refresh", jump, content_type="text/html")
    with pytest.raises(TracksyncError):
        get(page)
    with pytest.raises(Unsupported, match="Spotify"):
        get(refresh)


@pytest.mark.parametrize("text", ["file:///etc/passwd", "ftp://host.example/a.mp3", "ytsearch:x", "a.mp3"])
def test_only_links_of_the_web(get: Get, text: str) -> None:
    with pytest.raises(Unsupported):
        get(text)
