"""The databases' schemas are read once a run, though a run is of two processes: the engine takes what its parent read.

The command line looks before it starts the engine, seconds before. What it read is left in the journal under its name,
and only its own child takes it from there, and only for a minute: the next command reads anew, since a person may have
mended the database in between. What is changed within that minute is noticed as any change during a run is.
"""

from __future__ import annotations

import os
import socket
from time import time
from typing import Any

from tracksync.catalogue.notion.api import NotionApi
from tracksync.journal import Journal

__all__ = ["Sources"]

_FRESH_S = 60.0
_MARK = "notion schemas as read"


class Sources:
    """Reads databases and data sources.

    Args:
        api: asked for what was not handed on.
        journal: where the parent left what it had read.
        fresh: whether to ask for everything, whoever read it.
    """

    def __init__(self, api: NotionApi, journal: Journal, *, fresh: bool = False) -> None:
        self._api, self._journal = api, journal
        self._known: dict[str, dict[str, Any]] = {} if fresh else self._handed()
        self._read: dict[str, dict[str, Any]] = {}

    def database(self, database_id: str) -> dict[str, Any]:
        """A database, with its data sources' ids."""
        return self._api.database(database_id)

    def page(self, page_id: str) -> dict[str, Any]:
        """A page."""
        return self._api.page(page_id)

    def data_source(self, data_source_id: str) -> dict[str, Any]:
        """A data source, with its properties."""
        if (known := self._known.get(data_source_id)) is not None:
            return known
        source = self._read[data_source_id] = self._api.data_source(data_source_id)
        return source

    def hand_on(self) -> None:
        """Leave what was read for the engine, should one be started."""
        if self._read:
            self._journal.set_mark(_MARK, {"by": _name(os.getpid()), "at": time(), "sources": self._read})

    def _handed(self) -> dict[str, dict[str, Any]]:
        left = self._journal.mark(_MARK)
        if left is None or left["by"] != _name(os.getppid()) or not 0 <= time() - left["at"] < _FRESH_S:
            return {}
        return dict(left["sources"])


def _name(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}"
