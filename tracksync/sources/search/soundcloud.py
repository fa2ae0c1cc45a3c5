"""SoundCloud's own search (`scsearch`), with yt-dlp. One request; it also says what can't be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn
from tracksync.sources.search._ytdlp import YtdlpSearch

__all__ = ["SoundCloudSearch"]

_REASONS = {
    "preview": "is offered only as a preview of some seconds",
    "blocked": "is blocked in this country",
    "protected": "is protected by DRM",
}


class SoundCloudSearch(YtdlpSearch):
    """Candidates with the uploader as their channel; artists and ISRC only where a label delivered them."""

    name: SearchIn = "soundcloud"
    prefix = "scsearch"

    def _candidate(self, number: str, title: str, entry: Mapping[str, Any]) -> Candidate | None:
        from tracksync.sources.ytdlp.facts import link_or_none

        link = link_or_none(entry.get("webpage_url")) or link_or_none(entry.get("url"))
        if link is None:
            return None
        if (offer := entry.get("tracksync_offer")) is not None:
            self.unusable.append(f"“{title}” ({link.canonical}) {_REASONS.get(offer, 'cannot be had')}.")
            return None
        return Candidate(
            id=f"soundcloud:track:{number}",
            source=self.name,
            title=title,
            artists=tuple(entry.get("artists") or ()),
            channel=entry.get("uploader"),
            duration_s=entry.get("duration"),
            isrc=entry.get("isrc"),
            album=entry.get("album"),
            views=entry.get("view_count"),
            link=link.canonical,
        )
