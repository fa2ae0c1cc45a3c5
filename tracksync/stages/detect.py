"""Stage 0, detect: what was named becomes tracks that the journal knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracksync.errors import CatalogueAway, Misconfigured, RateLimited, TracksyncError
from tracksync.journal import Journal
from tracksync.model import PublishReceipt, Stage, State, Track
from tracksync.report import Event, Reporter, refused_event
from tracksync.sources.detect import detect
from tracksync.sources.detected import Detected, in_playlist
from tracksync.sources.links import looks_like_link
from tracksync.sources.pages import PAGE_KEY, from_page, set_aside
from tracksync.sources.whole import adopted_of
from tracksync.stages.cooling import leave_alone, service_of
from tracksync.stages.known import look_for
from tracksync.stages.sources import Chosen, Ground, choose
from tracksync.stages.standing import known_entry, synced_among
from tracksync.stages.workshop import Workshop

if TYPE_CHECKING:
    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.catalogue import Catalogue
    from tracksync.settings import Settings

__all__ = [
    "MOST_AT_ONCE",
    "Batch",
    "check_not_too_many",
    "enrol",
    "ensure_chosen",
    "ensure_enrolled",
    "find_named",
    "undelivered",
    "within_limit",
]

MOST_AT_ONCE = 10_000
"""Tracks that one run takes."""
_LOOKED_AT_ONCE = 100

_FROM_BEFORE_AT_ONCE = 20
"""A library of years has thousands of pages: a run for one track is not to finish them all. `recover` does."""


@dataclass(frozen=True)
class Batch:
    """What a run is about."""

    source: str
    tracks: list[Track]
    """To take up, in their order."""
    events: list[Event] = field(default_factory=list)
    """The lines of what is no track."""
    chosen: Chosen | None = None
    """What the sources gave, where they were asked."""


def ensure_enrolled(
    shop: Workshop,
    what: Sequence[str],
    playlist: str | None,
    *,
    source: str = "named",
    limit: int | None = None,
    again: bool = False,
) -> Batch:
    """Detect what was named, write it into the journal, and look for its pages in the catalogue, all at once.

    Args:
        limit: how many tracks at most that have to be brought in; those that are synced, and what is no track, don't
            count.
        again: what is synced counts, too, because it is to be made again.

    Raises:
        Misconfigured: it is more than a run can take.
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
    if limit is None:
        check_not_too_many(len(found))
    return _batch(shop, source, within_limit(found, limit, lambda some: set() if again else _synced(shop, some)))


def _synced(shop: Workshop, found: Sequence[Detected]) -> set[str]:
    return synced_among(shop.journal, shop.catalogue, found, shop.reporter.note, in_eagle=shop.settings.uses_eagle)


def check_not_too_many(count: int) -> None:
    """Refuse what no run can take at once.

    Raises:
        Misconfigured: there are more than ten thousand tracks.
    """
    if count > MOST_AT_ONCE:
        raise Misconfigured(
            f"{count} tracks were named, more than one run can take.",
            action="Bring them in part by part: with a limit (`--limit 500`), again and again.",
        )


def within_limit(
    found: Sequence[Detected],
    limit: int | None,
    synced: Callable[[Sequence[Detected]], Collection[str]],
    *,
    already: int = 0,
) -> list[Detected]:
    """What is beyond the limit is not even looked at. Tracks that are synced, and what is no track, don't count.

    Args:
        synced: gives the keys of those that are; asked of some at a time.
        already: how many are to be brought in besides.
    """
    if limit is None:
        return list(found)
    kept: list[Detected] = []
    for start in range(0, len(found), _LOOKED_AT_ONCE):
        some = found[start : start + _LOOKED_AT_ONCE]
        there = synced(some) if already < limit else ()
        for item in some:
            counts = item.track is not None and item.key not in there
            if counts and already >= limit:
                continue
            already += counts
            kept.append(item)
    return kept


def ensure_chosen(shop: Workshop, source: str, limit: int | None, playlist: str | None) -> Batch:
    """Ask the sources what is to be brought in, and write it into the journal.

    Raises:
        TracksyncError: as `choose` has it.
    """
    ground = Ground(shop.settings, shop.journal, shop.catalogue, shop.reporter.note, shop.cancel)
    chosen = choose(source, ground, limit)
    named = ensure_enrolled(shop, chosen.what, playlist, source=chosen.source)
    liked = _batch(shop, chosen.source, [in_playlist(item, playlist) for item in chosen.found])
    return Batch(chosen.source, [*named.tracks, *liked.tracks], [*named.events, *liked.events], chosen)


def _batch(shop: Workshop, source: str, found: Sequence[Detected]) -> Batch:
    tracks, events = enrol(shop.journal, shop.reporter, found)
    set_aside(found, shop.catalogue, shop.journal, shop.reporter.note)
    look_for(shop.catalogue, tracks)
    return Batch(source, tracks, events)


def undelivered(journal: Journal, away: type[TracksyncError] = CatalogueAway) -> list[Track]:
    """The tracks whose files are in the library and that wait for what was away, in the order they were made.

    Behind them, of those whose files were there before us, as many as a run may finish besides what it is for.

    Args:
        journal: of the run.
        away: what they wait for: `CatalogueAway` (their page is to be written), `EagleAway` (they are to be imported).
    """
    waiting = [entry for entry in journal.entries(states=[State.WAITING]) if entry.error_kind == away("").kind]
    made = [
        (receipt.done or entry.updated, entry)
        for entry in waiting
        if (receipt := journal.receipt(entry.key, Stage.PUBLISH, PublishReceipt))
    ]
    ordered = [entry for _, entry in sorted(made, key=lambda pair: (pair[0], pair[1].key))]
    adopted = [entry for entry in waiting if adopted_of(journal, entry.key) is not None]
    return [entry.as_track() for entry in (*ordered, *adopted[:_FROM_BEFORE_AT_ONCE])]


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
    once: dict[str, Detected] = {}
    for entry in found:
        first = once.setdefault(entry.key, entry)
        if first is not entry:  # two pages may name one file: by each of them the track is known
            further = tuple(dict.fromkeys((*first.further, *entry.identities)))
            once[entry.key] = replace(first, further=further)
    return list(once.values())


def enrol(journal: Journal, reporter: Reporter, found: Sequence[Detected]) -> tuple[list[Track], list[Event]]:
    """Write what was detected into the journal."""
    tracks: dict[str, Track] = {}
    events: list[Event] = []
    for entry in found:
        if entry.track is None:
            if entry.error is not None:
                if isinstance(entry.error, RateLimited) and looks_like_link(entry.label):
                    leave_alone(journal, service_of(entry.label), entry.error)
                event = refused_event(entry.key, entry.label, entry.source, entry.error)
                events.append(event)
                reporter.finished(event)
            continue
        track = _known_as(journal, entry, entry.track)
        tracks.setdefault(track.key, track)
    return list(tracks.values()), events


def _known_as(journal: Journal, entry: Detected, track: Track) -> Track:
    """The track under the key that the journal has for it: the first of its names that is known decides."""
    known = known_entry(journal, track, entry.identities)
    if known is not None and known.key != track.key:
        track = track.model_copy(update={"key": known.key})
    journal.ensure(track)
    for kind, value in (*entry.identities, *entry.further):
        journal.identify(track.key, kind, value)
    if entry.seen is not None:
        journal.relocate(track.key, str(entry.seen))
        journal.remember_seen(entry.seen, entry.seen.stat(), track.key)
    stored = journal.find(track.key)
    assert stored is not None  # noqa: S101 (just ensured)
    return stored.as_track()
