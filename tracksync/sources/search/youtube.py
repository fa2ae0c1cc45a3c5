"""YouTube's own search (`ytsearch`), with yt-dlp. One request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn
from tracksync.sources.search._ytdlp import YtdlpSearch

__all__ = ["YouTubeSearch"]

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")


class YouTubeSearch(YtdlpSearch):
    """Candidates with their channel; who plays stands, if anywhere, in the title."""

    name: SearchIn = "youtube"
    prefix = "ytsearch"

    def _candidate(self, number: str, title: str, entry: Mapping[str, Any]) -> Candidate | None:
        from tracksync.sources.ytdlp.listing import GONE

        if title in GONE or not _VIDEO.fullmatch(number):
            return None
        link = f"https://www.youtube.com/watch?v={number}"
        if entry.get("live_status") in {"is_live", "is_upcoming"}:
            self.unusable.append(f"“{title}” ({link}) is live, or not out yet.")
            return None
        return Candidate(
            id=f"youtube:video:{number}",
            source=self.name,
            title=title,
            channel=entry.get("channel") or entry.get("uploader"),
            duration_s=entry.get("duration"),
            views=entry.get("view_count"),
            link=link,
        )
