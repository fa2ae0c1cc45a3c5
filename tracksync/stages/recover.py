"""What is unfinished: tracks that were interrupted or wait, files that are gone, pages that name what is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tracksync.catalogue import Catalogue
from tracksync.catalogue.protocol import Page, ProcessingOption
from tracksync.errors import CatalogueAway, EagleAway
from tracksync.journal import Entry, Journal
from tracksync.model import PublishReceipt, Stage, State
from tracksync.settings import Settings
from tracksync.sources.pages import page_key
from tracksync.sources.whole import adopted_of, is_there, is_whole
from tracksync.stages.detect import undelivered
from tracksync.stages.eagle import not_in_eagle
from tracksync.stages.known import item_was_taken_off, page_is_synced, page_is_whole

__all__ = ["broken_pages", "lacking_in_eagle", "unfinished"]

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
    and name a file that does not exist are; on a volume that is merely away it does. Last come the pages from before us
    that are whole, and have no item in Eagle yet where that is configured.
    """
    keys = [track.key for away in (CatalogueAway, EagleAway) for track in undelivered(journal, away)]
    keys += [entry.key for entry in journal.entries(states=_STOPPED) if entry.merged_into is None and _is_due(entry)]
    keys += [
        entry.key
        for entry in journal.entries(states=[State.SYNCED])
        if entry.merged_into is None and not is_whole(journal, entry)
    ]
    keys += not_in_eagle(journal, settings)
    begun = [key for key in dict.fromkeys(keys) if adopted_of(journal, key) is not None and _stands(journal, key)]
    later = frozenset(begun)
    keys = [key for key in keys if key not in later]
    if catalogue.name != "embedded":
        try:
            pages = catalogue.every_page(progress)
        except CatalogueAway as error:
            note(f"{error.message} Its pages are not looked at.")
            pages = []
        taken_up = frozenset((*keys, *begun))
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
        if settings.uses_eagle:
            begun += lacking_in_eagle(journal, pages, catalogue)
            if lacking := len(dict.fromkeys(begun)):
                note(_told_of_eagle(lacking))
    return list(dict.fromkeys((*keys, *begun)))


def _stands(journal: Journal, key: str) -> bool:
    """Whether an adopted track's files are there: it waits for its item alone."""
    adopted = adopted_of(journal, key)
    return adopted is not None and all(is_there(path) for path in adopted.files.values())


def _told_of_eagle(count: int) -> str:
    pages = "1 page from before has" if count == 1 else f"{count} pages from before have"
    return f"{pages} no item in Eagle yet; {'it comes' if count == 1 else 'they come'} last."


def broken_pages(pages: list[Page], catalogue: Catalogue) -> list[Page]:
    """The pages that say Downloaded and are not whole."""
    return [page for page in pages if page.downloaded and not page_is_whole(page, catalogue)]


def lacking_in_eagle(journal: Journal, pages: Sequence[Page], catalogue: Catalogue) -> list[str]:
    """The keys of pages whose files were there before us, all of them, and that have no item in Eagle yet.

    A key is the track's where one was adopted from the page, else the page's. Not among them are pages whose files are
    all on volumes that are away, of which nothing can be imported now, those that need a person, and those of tracks
    that were merged or made here: what was made here is taken up by its own key.
    """
    keys: list[str] = []
    known_as = journal.identified("page")
    for page in pages:
        if page.properties.eagle_id or not page.downloaded or ProcessingOption.MERGED in page.properties.states:
            continue
        key = known_as.get(page.page_id) if page.key == page_key(page) else page.key
        known = journal.find(key) if key else None
        if known is not None and _is_elsewhere(journal, catalogue, known, page):
            continue
        if page_is_synced(journal, catalogue, page, known, in_eagle=True) or not page_is_whole(page, catalogue):
            continue
        if any(path.is_file() for path in page.properties.files.values()):
            keys.append(known.key if known else page_key(page))
    return keys


def _is_elsewhere(journal: Journal, catalogue: Catalogue, entry: Entry, page: Page) -> bool:
    """Whether a page's track is no work for the page's sake: it was merged, a person has to look at the page, it was
    made here, or it is in Eagle. What failed before the page had files is no matter of theirs."""
    ended = entry.state in (State.FAILED, State.NEEDS_REVIEW) and adopted_of(journal, entry.key) is not None
    if entry.merged_into is not None or ended:
        return True
    if journal.receipt(entry.key, Stage.PUBLISH, PublishReceipt) is not None:
        return True
    return is_whole(journal, entry, in_eagle=True) and not item_was_taken_off(journal, catalogue, page, entry)


def _is_due(entry: Entry) -> bool:
    return entry.waiting_until is None or entry.waiting_until <= datetime.now(UTC)
