"""YouTube Music's search, with ytmusicapi: songs as the labels deliver them first, then videos."""

from __future__ import annotations

import locale
import re
import threading
from typing import Any

from tracksync.errors import TracksyncError, Unreachable
from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn, Settings
from tracksync.sources.search.query import plain_query

__all__ = ["YouTubeMusicSearch"]

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_OWN = frozenset({"MUSIC_VIDEO_TYPE_ATV", "MUSIC_VIDEO_TYPE_OMV", "MUSIC_VIDEO_TYPE_OFFICIAL_SOURCE_MUSIC"})
"""Kinds of videos that come from the artist or a label; the rest is anybody's upload."""
_FACTORS = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_PAUSE_S = 0.3
# ytmusicapi sets the process's locale, and then leaves it so.
_LOCALE = threading.Lock()


class YouTubeMusicSearch:
    """Candidates with artists and album where the service names them; an upload of anybody's has a channel alone.

    A third of the results is kept for videos, because some versions exist only as one.
    """

    name: SearchIn = "youtube-music"

    def __init__(self, settings: Settings, cancel: threading.Event | None = None) -> None:
        self._proxy = settings.ytdlp_proxy.get_secret_value() if settings.ytdlp_proxy else None
        self._cancel = cancel
        self.unusable: list[str] = []

    def search(self, query: str, limit: int) -> list[Candidate]:
        """See `Searcher.search`."""
        from tracksync.sources.search._music_session import MusicSession

        words = plain_query(query)
        self.unusable = []
        with MusicSession(self._proxy, self._cancel) as session:
            client = _client(session)
            songs = self._ask(client, words, "songs", limit)
            videos = self._ask(client, words, "videos", limit)
        known = {song.id for song in songs}
        videos = [video for video in videos if video.id not in known][: max(limit - len(songs), limit // 3)]
        return [*songs[: limit - len(videos)], *videos]

    def _ask(self, client: Any, words: str, kind: str, limit: int) -> list[Candidate]:
        from tracksync.sources.search._music_session import translated

        for is_last in (False, True):
            try:
                # One page has twenty or so; a limit of one keeps ytmusicapi from asking for more pages.
                answers = client.search(words, filter=kind, limit=1)
                found = [self._candidate(answer) for answer in answers]
            except TracksyncError as error:
                if is_last or not isinstance(error, Unreachable):
                    raise
            except Exception as error:
                trouble = translated(error)
                if is_last or not isinstance(trouble, Unreachable):
                    raise trouble from None
            else:
                unique = {candidate.id: candidate for candidate in found if candidate is not None}
                return list(unique.values())[:limit]
            (self._cancel or threading.Event()).wait(_PAUSE_S)
        raise AssertionError("the last try returns or raises")

    def _candidate(self, answer: dict[str, Any]) -> Candidate | None:
        number, title = str(answer.get("videoId") or ""), str(answer.get("title") or "").strip()
        if not title or not _VIDEO.fullmatch(number) or answer.get("resultType") not in {"song", "video"}:
            return None
        link = f"https://www.youtube.com/watch?v={number}"
        if answer.get("isAvailable") is False:
            self.unusable.append(f"“{title}” ({link}) is not available in this country.")
            return None
        names = tuple(str(artist["name"]) for artist in answer.get("artists") or () if artist.get("name"))
        is_own = answer["resultType"] == "song" or answer.get("videoType") in _OWN
        length, album = answer.get("duration_seconds"), answer.get("album") or {}
        return Candidate(
            id=f"youtube:video:{number}",
            source=self.name,
            title=title,
            artists=names if is_own else (),
            channel=None if is_own else ", ".join(names) or None,
            duration_s=float(length) if isinstance(length, int | float) and length > 0 else None,
            album=album.get("name") if isinstance(album, dict) else None,
            views=_views(answer.get("views")),
            link=link,
        )


def _client(session: Any) -> Any:
    from ytmusicapi import YTMusic

    with _LOCALE:
        before = locale.setlocale(locale.LC_ALL)
        try:
            return YTMusic(requests_session=session)
        finally:
            locale.setlocale(locale.LC_ALL, before)


def _views(text: object) -> int | None:
    """`1.4M` as a number; the service rounds it."""
    found = re.fullmatch(r"([\d.]+)\s*([KMB]?)", text.strip().replace(",", "")) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        return round(float(found[1]) * _FACTORS[found[2]])
    except ValueError:
        return None
