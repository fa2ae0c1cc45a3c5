"""YouTube's own search (`ytsearch`), with yt-dlp. One request."""

from __future__ import annotations

import re
import threading

from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn, Settings
from tracksync.sources.search.query import plain_query

__all__ = ["YouTubeSearch"]

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")


class YouTubeSearch:
    """Candidates with their channel; who plays stands, if anywhere, in the title."""

    name: SearchIn = "youtube"

    def __init__(self, settings: Settings, cancel: threading.Event | None = None) -> None:
        self._settings = settings
        self._cancel = cancel
        self.unusable: list[str] = []

    def search(self, query: str, limit: int) -> list[Candidate]:
        """See `Searcher.search`."""
        from tracksync.sources.ytdlp.listing import GONE
        from tracksync.sources.ytdlp.options import YtdlpOptions
        from tracksync.sources.ytdlp.search import search

        options = YtdlpOptions.for_asking(self._settings)
        self.unusable = []
        found: dict[str, Candidate] = {}
        for entry in search("ytsearch", plain_query(query), limit, options, self._cancel):
            number, title = str(entry.get("id") or ""), str(entry.get("title") or "").strip()
            if not title or title in GONE or not _VIDEO.fullmatch(number):
                continue
            key, link = f"youtube:video:{number}", f"https://www.youtube.com/watch?v={number}"
            if entry.get("live_status") in {"is_live", "is_upcoming"}:
                self.unusable.append(f"“{title}” ({link}) is live, or not out yet.")
                continue
            found.setdefault(
                key,
                Candidate(
                    id=key,
                    source=self.name,
                    title=title,
                    channel=entry.get("channel") or entry.get("uploader"),
                    duration_s=entry.get("duration"),
                    views=entry.get("view_count"),
                    link=link,
                ),
            )
        return list(found.values())[:limit]
