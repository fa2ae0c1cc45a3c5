"""Is this track there, and is it whole? Files are looked at, not just what a page says of them.

A track is whole where the journal has it synced with its files at their places, and its page says Downloaded. A page
that is there from before, says Downloaded and names files that all exist is whole too: it is adopted, and nothing is
made again. Where the catalogue can't be asked, what the journal knows has to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tracksync.catalogue.protocol import Catalogue, Page
from tracksync.errors import CatalogueAway
from tracksync.journal import Entry, Journal
from tracksync.model import Adopted, RecordReceipt, Stage, State, Track
from tracksync.sources.whole import is_there, is_whole

__all__ = ["Known", "adopt", "judge", "look_for", "page_is_whole", "to_look_for"]


@dataclass
class Known:
    """What the catalogue says of some tracks: their pages by the tracks' keys."""

    pages: Mapping[str, Page] = field(default_factory=dict)
    away: CatalogueAway | None = None
    """Why it could not be asked."""


def to_look_for(journal: Journal, entries: Sequence[Entry]) -> list[Track]:
    """The tracks to ask the catalogue for: of one that was merged, also the one that holds its files."""
    holders = [journal.find(entry.merged_into) for entry in entries if entry.merged_into]
    return [entry.as_track() for entry in (*entries, *holders) if entry is not None]


def look_for(
    catalogue: Catalogue,
    tracks: Sequence[Track],
    names: Mapping[str, Sequence[tuple[str, str]]] = {},
    note: Callable[[str], None] = lambda _: None,
) -> Known:
    """Ask the catalogue for all of them at once.

    Raises:
        Misconfigured: it is not as it has to be.
    """
    try:
        return Known(catalogue.look_up(tracks, names))
    except CatalogueAway as error:
        note(f"{error.message} What the journal knows has to do.")
        return Known(away=error)


def judge(
    journal: Journal, catalogue: Catalogue, entry: Entry, known: Known, *, in_eagle: bool = False, write: bool = True
) -> Entry | None:
    """The entry that holds the track and is whole, adopted from its page if need be; None where there is work to do.

    Without `write` nothing is adopted: the entry comes back as it is.
    """
    whole = is_whole(journal, entry, in_eagle=in_eagle)
    if catalogue.name == "embedded" or known.away:
        return entry if whole else None
    # Of a merged track the holder's page counts: its own, where it has one, names no files.
    page = known.pages.get(entry.merged_into or "") or known.pages.get(entry.key)
    if page is None or not page.downloaded:
        return None
    holder = journal.find(page.key)
    if holder is not None and holder.key not in (entry.key, entry.merged_into):
        # The same track came from elsewhere before.
        if is_whole(journal, holder, in_eagle=in_eagle):
            return holder
    elif whole:
        return entry
    if in_eagle and is_whole(journal, holder or entry):
        return None  # made here, and whole but for Eagle
    if page_is_whole(page, catalogue):
        return adopt(journal, catalogue, entry, page) if write else entry
    return None


def page_is_whole(page: Page, catalogue: Catalogue) -> bool:
    """Whether a page that says Downloaded names every file that it has a place for, and all of them exist."""
    files = page.properties.files
    formats = catalogue.formats()
    return bool(formats) and page.downloaded and all(fmt in files and is_there(files[fmt]) for fmt in formats)


def adopt(journal: Journal, catalogue: Catalogue, entry: Entry, page: Page) -> Entry:
    """Take over a track that was there before us, as it is."""
    held = Adopted(
        files=page.properties.files,
        bpm=page.properties.bpm or None,
        key_name=page.properties.musical_key,
        duration_s=page.properties.duration_s,
        eagle_id=page.properties.eagle_id,
    )
    receipt = RecordReceipt(catalogue=catalogue.name, page_id=page.page_id, adopted=held)
    journal.put_receipt(entry.key, Stage.RECORD, receipt)
    journal.identify(entry.key, "page", page.page_id)
    journal.set_state(entry.key, State.SYNCED)
    adopted = journal.find(entry.key)
    assert adopted is not None  # noqa: S101 (it was there a line ago)
    return adopted
