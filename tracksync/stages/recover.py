"""What is unfinished: tracks that were interrupted or wait, files that are gone, pages that name what is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tracksync.catalogue import Catalogue
from tracksync.catalogue.protocol import Page
from tracksync.errors import CatalogueAway, EagleAway
from tracksync.journal import Entry, Journal
from tracksync.model import PublishReceipt, Stage, State
from tracksync.settings import Settings
from tracksync.sources.pages import page_key
from tracksync.sources.whole import is_whole
from tracksync.stages.detect import undelivered
from tracksync.stages.eagle import not_in_eagle
from tracksync.stages.known import page_is_whole

__all__ = ["broken_pages", "unfinished"]

_STOPPED = (State.NEW, State.MATCHING, State.DOWNLOADING, State.RENDERING, State.IMPORTING, State.WAITING)


def unfinished(
    journal: Journal,
    catalogue: Catalogue,
    settings: Settings,
    *,
    note: Callable[[str], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """The keys of what can be taken up without a person, the pages that wait to be written first.

    What failed, and what a person has to look at, is not among them. Of the catalogue, the pages that say Downloaded
    and name a file that does not exist are; on a volume that is merely away it does.
    """
    keys = [track.key for away in (CatalogueAway, EagleAway) for track in undelivered(journal, away)]
    keys += [entry.key for entry in journal.entries(states=_STOPPED) if entry.merged_into is None and _is_due(entry)]
    keys += [
        entry.key
        for entry in journal.entries(states=[State.SYNCED])
        if entry.merged_into is None and not is_whole(journal, entry)
    ]
    keys += not_in_eagle(journal, settings)
    if catalogue.name != "embedded":
        try:
            pages = catalogue.every_page(progress)
        except CatalogueAway as error:
            note(f"{error.message} Its pages are not looked at.")
            pages = []
        taken_up = frozenset(keys)
        for page in broken_pages(pages, catalogue):
            known = journal.find(page.key) or journal.find_by("page", page.page_id)
            if (
                known is not None
                and known.key in taken_up
                and journal.receipt(known.key, Stage.PUBLISH, PublishReceipt)
            ):
                continue  # what was made here is taken up by its track: its page names the same files
            if known is None or known.state not in (State.FAILED, State.NEEDS_REVIEW):
                keys.append(known.key if known and known.state is not State.SYNCED else page_key(page))
    return list(dict.fromkeys(keys))


def broken_pages(pages: list[Page], catalogue: Catalogue) -> list[Page]:
    """The pages that say Downloaded and are not whole."""
    return [page for page in pages if page.downloaded and not page_is_whole(page, catalogue)]


def _is_due(entry: Entry) -> bool:
    return entry.waiting_until is None or entry.waiting_until <= datetime.now(UTC)
