"""The service: what each host answers.

Not stood in for: the sites' own pages of a track (yt-dlp never reads them), accounts, comments, DRM's licences.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from tests.sandbox.net import Answer, Request
from tests.sandbox.soundcloud.songs import Kind, Person, PlaylistOf, Song

__all__ = ["SoundCloud"]

_API = "https://api-v2.soundcloud.com"
_PIXEL = b"\xff\xd8\xff\xe0" + b"\0" * 60
_FRAGMENTS = 4


class SoundCloud:
    """The service. What is in it is added by the test; `likes` holds tracks, sets and None (an entry without any)."""

    hosts: tuple[str, ...] = (
        "soundcloud.com", "www.soundcloud.com", "m.soundcloud.com", "on.soundcloud.com", "api.soundcloud.com",
        "api-v2.soundcloud.com", "api-auth.soundcloud.com", "a-v2.sndcdn.com", "i1.sndcdn.com", "cf-media.sndcdn.com",
        "cf-hls-media.sndcdn.com",
    )  # fmt: skip
    token = "2-299999-12345678-GoodToken"
    """Of an account that has Go+."""

    def __init__(self) -> None:
        self.songs: dict[int, Song] = {}
        self.people: dict[str, Person] = {}
        self.sets: dict[str, PlaylistOf] = {}
        self.likes: dict[int, list[Song | PlaylistOf | None]] = {}
        self.short_links: dict[str, str] = {}
        """Where the paths of short links lead."""
        self.client_id = "0123456789abcdefghijABCDEFGHIJ01"
        self.page_size = 200
        """The most entries that a page of likes has."""
        self.wants_browser = True
        """Likes are given to what looks like a browser only."""
        self.media_host = "cf-media.sndcdn.com"
        self.expired_links = 0
        """So many of the next media links have expired when they are given out."""
        self._links = itertools.count(1)
        self._expired: set[str] = set()
        self._lock = threading.Lock()

    # -- what is in it -------------------------------------------------------------------------------------------------

    def add_person(self, permalink: str, username: str = "") -> Person:
        """Somebody with a profile, and no likes yet."""
        person = Person(1000 + len(self.people), permalink, username or permalink)
        self.people[permalink] = person
        self.likes[person.id] = []
        return person

    def add_song(self, title: str, user: Person, sound: bytes, duration_s: float, **more: Any) -> Song:
        """A track; `more` are further fields of `Song`."""
        number = 2_000_000 + len(self.songs)
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or f"track-{number}"
        song = Song(number, title, user, duration_s, sound, **{"slug": slug, **more})
        self.songs[number] = song
        return song

    def add_set(self, title: str, user: Person, songs: Iterable[Song]) -> PlaylistOf:
        """A set of tracks."""
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        made = PlaylistOf(50_000 + len(self.sets), title, user, tuple(songs), slug)
        self.sets[f"{user.permalink}/sets/{slug}"] = made
        return made

    # -- what is asked -------------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        if request.host == "api-v2.soundcloud.com":
            return self._api(request)
        if request.host == "a-v2.sndcdn.com":
            return Answer(200, self._script(request.path), "application/javascript")
        if request.host == "i1.sndcdn.com":
            return Answer.media(_PIXEL, "image/jpeg")
        if request.host in (self.media_host, "cf-hls-media.sndcdn.com"):
            return self._media(request)
        if request.host == "on.soundcloud.com":
            to = self.short_links.get(request.path)
            return Answer.redirect(to) if to else Answer.html("<title>Not found</title>", 404)
        if request.host == "api-auth.soundcloud.com":
            good = request.json.get("session", {}).get("access_token") == self.token
            return Answer(200 if good else 401, {})
        scripts = "".join(
            f'<script crossorigin src="https://a-v2.sndcdn.com/assets/{name}.js"></script>'
            for name in ("0-app", "50-x")
        )
        return Answer.html(f"<html><head><title>SoundCloud</title></head><body>{scripts}</body></html>")

    def _script(self, path: str) -> bytes:
        """The last script of the page has the id that the API asks for, as the site's own does."""
        if path.endswith("50-x.js"):
            return f'var e={{client_id:"{self.client_id}",env:"production"}};'.encode()
        return b"var nothing=1;"

    def _api(self, request: Request) -> Answer:
        header = request.headers.get("authorization")
        if request.query.get("client_id") != self.client_id or header not in (None, f"OAuth {self.token}"):
            return Answer(401, {})
        has_go = header is not None
        path = request.path.strip("/")
        if path == "resolve":
            return self._resolve(request.query.get("url", ""), has_go)
        if path == "search/tracks":
            return self._search(request.query, has_go)
        if found := re.fullmatch(r"users/(\d+)/likes", path):
            return self._likes(int(found[1]), request, has_go)
        if found := re.fullmatch(r"tracks/(\d+)", path):
            song = self.songs.get(int(found[1]))
            return self._track(song, has_go, secret=request.query.get("secret_token"))
        if found := re.fullmatch(r"media/soundcloud:tracks:(\d+)/(stream|preview)/([a-z-]+)", path):
            return self._stream(self.songs.get(int(found[1])), found[2] == "preview", found[3])
        return Answer(404, {})

    def _resolve(self, url: str, has_go: bool) -> Answer:
        path = re.sub(r"^https?://(www\.|m\.)?soundcloud\.com/", "", url).strip("/")
        if path in self.people:
            return Answer(200, self.people[path].as_json())
        if path in self.sets:
            return Answer(200, self.sets[path].as_json())
        song = next((song for song in self.songs.values() if song.path == path), None)
        return self._track(song, has_go, secret=song.secret if song else None)

    def _track(self, song: Song | None, has_go: bool, secret: str | None) -> Answer:
        if song is None or song.kind is Kind.REMOVED or (song.kind is Kind.PRIVATE and secret != song.secret):
            return Answer(404, {})
        return Answer(200, song.as_json(has_go=has_go))

    def _search(self, query: Mapping[str, str], has_go: bool) -> Answer:
        """The tracks that share a word with the query, those first that share most; an ISRC is a word, too."""
        words = _words(query.get("q", ""))
        ranked = []
        for song in self.songs.values():
            shared = len(words & _words(f"{song.title} {song.user.username} {song.artist or ''} {song.isrc or ''}"))
            if shared and song.kind not in (Kind.REMOVED, Kind.PRIVATE):
                ranked.append((-shared, song.id, song))
        ranked.sort(key=lambda item: item[:2])
        start, size = int(query.get("offset", 0)), int(query.get("limit", 20))
        page = [song.as_json(has_go=has_go) for _, _, song in ranked[start : start + size]]
        more = start + size < len(ranked)
        following = f"{_API}/search/tracks?q={query.get('q')}&limit={size}&offset={start + size}" if more else None
        return Answer(200, {"collection": page, "next_href": following, "total_results": len(ranked)})

    def _likes(self, number: int, request: Request, has_go: bool) -> Answer:
        if self.wants_browser and "sec-ch-ua" not in request.headers:
            return Answer(403, {"url": "https://geo.captcha-delivery.com/captcha/?initialCid=x"})
        liked = self.likes.get(number)
        if liked is None:
            return Answer(404, {})
        start = int(request.query.get("offset", 0))
        size = min(self.page_size, int(request.query.get("limit", 20)))
        entries = []
        for item in liked[start : start + size]:
            entry: dict[str, Any] = {"created_at": "2025-01-01T00:00:00Z", "kind": "like"}
            if isinstance(item, PlaylistOf):
                entry["playlist"] = {**item.as_json(), "tracks": []}
            else:
                entry["track"] = item.as_json(has_go=has_go) if item else None
            entries.append(entry)
        more = start + size < len(liked)
        following = f"{_API}/users/{number}/likes?offset={start + size}&limit={size}" if more else None
        return Answer(200, {"collection": entries, "next_href": following})

    # -- sound ---------------------------------------------------------------------------------------------------------

    def _stream(self, song: Song | None, preview: bool, protocol: str) -> Answer:
        if song is None or song.kind in (Kind.DRM, Kind.DRM_ONLY) or "encrypted" in protocol:
            return Answer(404, {})
        with self._lock:
            signature = f"sig{next(self._links)}"
            if self.expired_links > 0:
                self.expired_links -= 1
                self._expired.add(signature)
        query = f"Policy=pol&Signature={signature}&Key-Pair-Id=KEY"
        if protocol == "hls":
            part = "/playlist/0/30" if preview else ""
            return Answer(
                200, {"url": f"https://cf-hls-media.sndcdn.com{part}/{song.id}.128.mp3/playlist.m3u8?{query}"}
            )
        part = "/preview/0/30" if preview else ""
        return Answer(200, {"url": f"https://{self.media_host}{part}/{song.id}.128.mp3?{query}"})

    def _media(self, request: Request) -> Answer:
        signature = request.query.get("Signature")
        if signature is None or signature in self._expired:
            return Answer(403, b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "application/xml")
        found = re.search(r"/(\d+)\.128\.mp3(?:/(playlist\.m3u8|\d+))?$", request.path)
        song = self.songs.get(int(found[1])) if found else None
        if found is None or song is None:
            return Answer(404, b"", "text/plain")
        sound = song.sound
        if "/0/30" in request.path:
            sound = sound[: int(len(sound) * min(1.0, 30 / song.duration_s))]
        if found[2] == "playlist.m3u8":
            return Answer(200, _playlist(request, song.duration_s), "application/vnd.apple.mpegurl")
        if found[2]:
            number, size = int(found[2]), -(-len(sound) // _FRAGMENTS)
            sound = sound[number * size : (number + 1) * size]
        return Answer.media(sound, "audio/mpeg")


def _playlist(request: Request, seconds: float) -> bytes:
    base = request.path.removesuffix("/playlist.m3u8")
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-PLAYLIST-TYPE:VOD", f"#EXT-X-TARGETDURATION:{round(seconds)}"]
    for number in range(_FRAGMENTS):
        lines += [f"#EXTINF:{seconds / _FRAGMENTS:.3f},", f"https://{request.host}{base}/{number}?{query}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
