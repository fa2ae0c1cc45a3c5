"""Stage 0, detect: what was named becomes tracks that the journal knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tracksync.errors import CatalogueAway, TracksyncError
from tracksync.journal import Journal
from tracksync.model import PublishReceipt, Stage, State, Track
from tracksync.report import Event, Reporter, refused_event
from tracksync.sources.detect import Detected, detect
from tracksync.sources.pages import PAGE_KEY, from_page, set_aside
from tracksync.stages.known import look_for
from tracksync.stages.workshop import Workshop

if TYPE_CHECKING:
    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.catalogue import Catalogue
    from tracksync.settings import Settings

__all__ = ["enrol", "ensure_enrolled", "find_named", "undelivered"]


def ensure_enrolled(shop: Workshop, what: Sequence[str], playlist: str | None) -> tuple[list[Track], list[Event]]:
    """Detect what was named, write it into the journal, and look for its pages in the catalogue, all at once.

    Returns:
        The tracks to take up, in the order named, and the lines of what is no track.
    """
    found = find_named(
        what,
        journal=shop.journal,
        catalogue=shop.catalogue,
        settings=shop.settings,
        ffmpeg=shop.ffmpeg,
        playlist=playlist,
        note=shop.reporter.note,
    )
    tracks, events = enrol(shop.journal, shop.reporter, found)
    set_aside(found, shop.catalogue, shop.journal, shop.reporter.note)
    look_for(shop.catalogue, tracks)
    return tracks, events


def undelivered(journal: Journal) -> list[Track]:
    """The tracks whose files are in the library and whose page waits to be written, in the order they were made."""
    waiting = [
        (receipt.done or entry.updated, entry)
        for entry in journal.entries(states=[State.WAITING])
        if entry.error_kind == CatalogueAway("").kind
        and (receipt := journal.receipt(entry.key, Stage.PUBLISH, PublishReceipt))
    ]
    return [entry.as_track() for _, entry in sorted(waiting, key=lambda pair: (pair[0], pair[1].key))]


def find_named(
    what: Sequence[str],
    *,
    journal: Journal,
    catalogue: Catalogue,
    settings: Settings,
    ffmpeg: Ffmpeg,
    playlist: str | None,
    note: Callable[[str], None],
) -> list[Detected]:
    """Open what was named: links, files, folders, keys, and pages of the catalogue. In the order named."""

    def from_pages(key: str) -> list[Detected]:
        try:
            page = catalogue.page_of(key.removeprefix(PAGE_KEY))
        except TracksyncError as error:
            return [Detected(key, key, error=error)]
        return [from_page(page, journal=journal, settings=settings, ffmpeg=ffmpeg, playlist=playlist, note=note)]

    found: list[Detected] = []
    plain: list[str] = []

    def flush() -> None:
        nonlocal plain
        found.extend(detect(plain, journal=journal, settings=settings, ffmpeg=ffmpeg, playlist=playlist, note=note))
        plain = []

    for text in what:
        if text.startswith(PAGE_KEY):
            flush()
            found.extend(from_pages(text))
        else:
            plain.append(text)
    flush()
    return list({entry.key: entry for entry in reversed(found)}.values())[::-1]


def enrol(journal: Journal, reporter: Reporter, found: Sequence[Detected]) -> tuple[list[Track], list[Event]]:
    """Write what was detected into the journal."""
    tracks: dict[str, Track] = {}
    events: list[Event] = []
    for entry in found:
        if entry.track is None:
            if entry.error is not None:
                event = refused_event(entry.key, entry.label, entry.source, entry.error)
                events.append(event)
                reporter.finished(event)
            continue
        track = _known_as(journal, entry, entry.track)
        tracks.setdefault(track.key, track)
    return list(tracks.values()), events


def _known_as(journal: Journal, entry: Detected, track: Track) -> Track:
    """The track under the key that the journal has for it: the first of its names that is known decides."""
    for kind, value in entry.identities:
        known = journal.find_by(kind, value)
        if known and known.key != track.key:
            track = track.model_copy(update={"key": known.key})
            break
    journal.ensure(track)
    for kind, value in entry.identities:
        journal.identify(track.key, kind, value)
    if entry.seen is not None:
        journal.relocate(track.key, str(entry.seen))
        journal.remember_seen(entry.seen, entry.seen.stat(), track.key)
    stored = journal.find(track.key)
    assert stored is not None  # noqa: S101 (just ensured)
    return stored.as_track()
