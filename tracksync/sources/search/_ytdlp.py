"""What the searches that yt-dlp makes have in common: one request, and each entry of its answer once."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn, Settings
from tracksync.sources.search.query import plain_query

__all__ = ["YtdlpSearch"]


class YtdlpSearch(ABC):
    """A service that yt-dlp has a search of its own for.

    Args:
        settings: cookies, proxy and patience are taken from them.
        cancel: set when the run is to end.
    """

    name: SearchIn
    prefix: Literal["scsearch", "ytsearch"]
    """yt-dlp's name for the search."""

    def __init__(self, settings: Settings, cancel: threading.Event | None = None) -> None:
        self._settings = settings
        self._cancel = cancel
        self.unusable: list[str] = []

    def search(self, query: str, limit: int) -> list[Candidate]:
        """See `Searcher.search`."""
        from tracksync.sources.ytdlp.options import YtdlpOptions
        from tracksync.sources.ytdlp.search import search

        options = YtdlpOptions.for_asking(self._settings)
        self.unusable = []
        found: dict[str, Candidate] = {}
        for entry in search(self.prefix, plain_query(query), limit, options, self._cancel):
            number, title = str(entry.get("id") or ""), str(entry.get("title") or "").strip()
            candidate = self._candidate(number, title, entry) if number and title else None
            if candidate is not None:
                found.setdefault(candidate.id, candidate)
        return list(found.values())[:limit]

    @abstractmethod
    def _candidate(self, number: str, title: str, entry: Mapping[str, Any]) -> Candidate | None:
        """An entry as a candidate; None where it is none, and a sentence in `unusable` where it can't be had."""
