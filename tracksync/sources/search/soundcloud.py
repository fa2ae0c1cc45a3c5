"""SoundCloud's own search (`scsearch`), with yt-dlp. One request; it also says what can't be had."""

from __future__ import annotations

import threading

from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn, Settings
from tracksync.sources.search.query import plain_query

__all__ = ["SoundCloudSearch"]

_REASONS = {
    "preview": "is offered only as a preview of some seconds",
    "blocked": "is blocked in this country",
    "protected": "is protected by DRM",
}


class SoundCloudSearch:
    """Candidates with the uploader as their channel; artists and ISRC only where a label delivered them."""

    name: SearchIn = "soundcloud"

    def __init__(self, settings: Settings, cancel: threading.Event | None = None) -> None:
        self._settings = settings
        self._cancel = cancel
        self.unusable: list[str] = []

    def search(self, query: str, limit: int) -> list[Candidate]:
        """See `Searcher.search`."""
        from tracksync.sources.ytdlp.facts import link_or_none
        from tracksync.sources.ytdlp.options import YtdlpOptions
        from tracksync.sources.ytdlp.search import search

        options = YtdlpOptions.for_asking(self._settings)
        self.unusable = []
        found: dict[str, Candidate] = {}
        for entry in search("scsearch", plain_query(query), limit, options, self._cancel):
            number, title = str(entry.get("id") or ""), str(entry.get("title") or "").strip()
            link = link_or_none(entry.get("webpage_url")) or link_or_none(entry.get("url"))
            if not number or not title or link is None:
                continue
            if (offer := entry.get("tracksync_offer")) is not None:
                self.unusable.append(f"“{title}” ({link.canonical}) {_REASONS.get(offer, 'cannot be had')}.")
                continue
            key = f"soundcloud:track:{number}"
            found.setdefault(
                key,
                Candidate(
                    id=key,
                    source=self.name,
                    title=title,
                    artists=tuple(entry.get("artists") or ()),
                    channel=entry.get("uploader"),
                    duration_s=entry.get("duration"),
                    isrc=entry.get("isrc"),
                    album=entry.get("album"),
                    views=entry.get("view_count"),
                    link=link.canonical,
                ),
            )
        return list(found.values())[:limit]
