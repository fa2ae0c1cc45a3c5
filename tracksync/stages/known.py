"""Is this track there, and is it whole? Files are looked at, not just what a page says of them.

A track is whole where the journal has it synced with its files at their places, and its page says Downloaded. A page
that is there from before, says Downloaded and names files that all exist is whole too: it is adopted, and nothing is
made again. Where Eagle is configured such a page needs its item there, too: without one it is work, though nothing is
fetched for it. Where the catalogue can't be asked, what the journal knows has to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tracksync.catalogue.protocol import Catalogue, Page, Service
from tracksync.errors import CatalogueAway
from tracksync.journal import Entry, Journal
from tracksync.model import Adopted, EagleReceipt, PublishReceipt, RecordReceipt, Stage, State, Track
from tracksync.sources.secrets import redact
from tracksync.sources.whole import is_there, is_whole

__all__ = [
    "Known",
    "adopt",
    "adoption",
    "item_was_taken_off",
    "judge",
    "look_for",
    "owner_of",
    "page_is_synced",
    "page_is_whole",
    "to_look_for",
]

# Which link of a page says best where its track comes from.
_LINKS = (
    Service.SOUNDCLOUD,
    Service.YOUTUBE,
    Service.BANDCAMP,
    Service.APPLE_MUSIC,
    Service.BEATPORT,
    Service.SPOTIFY,
)


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
    holder = owner_of(journal, page, entry) or entry
    if holder.key not in (entry.key, entry.merged_into):
        # The same track came from elsewhere before. That it is not in Eagle yet is then work of the other's.
        if is_whole(journal, holder, in_eagle=in_eagle) or _is_adopted_and_goes_on(journal, holder):
            return holder
    elif whole and not (in_eagle and item_was_taken_off(journal, catalogue, page, entry)):
        return entry
    if journal.receipt(holder.key, Stage.PUBLISH, PublishReceipt) is not None:
        if in_eagle and is_whole(journal, holder):
            return None  # made here, and whole but for Eagle
        in_eagle = False
    if page_is_synced(journal, catalogue, page, holder, in_eagle=in_eagle):
        return adopt(journal, catalogue, entry, page) if write else entry
    return None


def owner_of(journal: Journal, page: Page, entry: Entry | None) -> Entry | None:
    """The track whose page it is: which wrote it, or was adopted from it; else the one that asks, or None.

    Args:
        journal: asked.
        page: as the catalogue gave it.
        entry: the track that asks; None where no track does.
    """
    bound = journal.find(page.key)
    if bound is not None and (entry is None or bound.key != entry.key):
        return bound
    named = journal.find_by("page", page.page_id)
    if named is not None and named.merged_into is not None:
        named = journal.find(named.merged_into)
    if named is None or (entry is not None and _is_recorded_on(journal, entry, page)):
        return bound or entry
    return named if entry is None or _is_recorded_on(journal, named, page) else bound or entry


def _is_recorded_on(journal: Journal, entry: Entry, page: Page) -> bool:
    recorded = journal.receipt(entry.key, Stage.RECORD, RecordReceipt)
    return recorded is not None and recorded.page_id == page.page_id


def _is_adopted_and_goes_on(journal: Journal, entry: Entry) -> bool:
    """Whether a track was adopted with files that are there, whatever it waits for; not where a person has to look."""
    recorded = journal.receipt(entry.key, Stage.RECORD, RecordReceipt)
    adopted = recorded.adopted if recorded else None
    return (
        adopted is not None
        and entry.merged_into is None
        and entry.state not in (State.FAILED, State.NEEDS_REVIEW)
        and all(is_there(path) for path in adopted.files.values())
    )


def page_is_whole(page: Page, catalogue: Catalogue) -> bool:
    """Whether a page that says Downloaded names every file that it has a place for, and all of them exist."""
    files = page.properties.files
    formats = catalogue.formats()
    return bool(formats) and page.downloaded and all(fmt in files and is_there(files[fmt]) for fmt in formats)


def page_is_synced(
    journal: Journal, catalogue: Catalogue, page: Page, entry: Entry | None, *, in_eagle: bool = False
) -> bool:
    """Whether a page is whole, and with `in_eagle` names its item, too.

    One that names none is in Eagle where the journal knows the item of its track `entry`, and the page has no place for
    it, or a person put it into Eagle's trash.
    """
    if not page_is_whole(page, catalogue):
        return False
    if not in_eagle or page.properties.eagle_id:
        return True
    return _needs_no_name(journal, catalogue, (entry.merged_into or entry.key) if entry else "")


def item_was_taken_off(journal: Journal, catalogue: Catalogue, page: Page, entry: Entry) -> bool:
    """Whether the page of an adopted track has lost the item that it named: its track is to be finished anew.

    Another page of the same track names none, and need not.
    """
    if page.properties.eagle_id or entry.merged_into is not None or not _is_recorded_on(journal, entry, page):
        return False
    is_ours = journal.receipt(entry.key, Stage.PUBLISH, PublishReceipt) is not None
    return not is_ours and not _needs_no_name(journal, catalogue, entry.key)


def _needs_no_name(journal: Journal, catalogue: Catalogue, key: str) -> bool:
    """Whether a track's page need not name its item: a person trashed it, or there is no place for it."""
    item = journal.receipt(key, Stage.EAGLE, EagleReceipt)
    return item is not None and (item.trashed or not catalogue.has_place_for_item())


def adopt(journal: Journal, catalogue: Catalogue, entry: Entry, page: Page) -> Entry:
    """Take over a track that was there before us, as it is."""
    journal.put_receipt(entry.key, Stage.RECORD, adoption(catalogue, page))
    journal.identify(entry.key, "page", page.page_id)
    journal.set_state(entry.key, State.SYNCED)
    adopted = journal.find(entry.key)
    assert adopted is not None  # noqa: S101 (it was there a line ago)
    return adopted


def adoption(catalogue: Catalogue, page: Page) -> RecordReceipt:
    """What is written down of a track that is taken over: its page as it stands."""
    held = page.properties
    links = [redact(link) for service in _LINKS if (link := held.links.get(service))]
    adopted = Adopted(
        files=held.files,
        bpm=held.bpm or None,
        key_name=held.musical_key,
        duration_s=held.duration_s,
        eagle_id=held.eagle_id,
        facts=held.facts(links[0] if links else None),
        playlists=held.playlists,
        links=tuple(links),
        source=held.download_source or "",
    )
    return RecordReceipt(catalogue=catalogue.name, page_id=page.page_id, adopted=adopted)
