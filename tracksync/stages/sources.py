"""What is to be brought in when nothing is named: the sources, in their order."""

from __future__ import annotations

from collections.abc import Callable

from tracksync.catalogue import Catalogue
from tracksync.errors import CatalogueAway, Misconfigured
from tracksync.journal import Journal
from tracksync.model import State
from tracksync.sources.pages import NEXT, next_pages, page_key

__all__ = ["SOURCES", "what_is_next"]

SOURCES = ("auto", NEXT)
_UNFINISHED = (State.NEW, State.MATCHING, State.DOWNLOADING, State.RENDERING, State.IMPORTING, State.WAITING)


def what_is_next(
    source: str, journal: Journal, catalogue: Catalogue, limit: int | None, note: Callable[[str], None]
) -> tuple[str, list[str]]:
    """The source that has something, and the keys of its tracks or pages.

    `next` is the catalogue's next page, one unless `limit` says otherwise.

    Raises:
        Misconfigured: there is no such source, or the catalogue is not as it has to be.
        CatalogueAway: the catalogue can't be asked now.
    """
    if source not in SOURCES:
        raise Misconfigured(f"There is no source {source}.", action=f"The sources are {', '.join(SOURCES)}.")
    count = limit or 1
    if catalogue.name == "embedded":
        entries = [entry for entry in journal.entries(states=_UNFINISHED) if entry.merged_into is None]
        return NEXT, [entry.key for entry in reversed(entries)][:count]
    try:
        return NEXT, [page_key(page) for page in next_pages(catalogue, journal, count, note)]
    except CatalogueAway as error:
        error.action = "Run the same command again later; nothing was begun."
        raise
