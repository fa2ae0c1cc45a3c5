"""Stage 0, detect: what was named becomes tracks that the journal knows."""

from __future__ import annotations

from collections.abc import Sequence

from tracksync.journal import Journal
from tracksync.model import Track
from tracksync.report import Event, Reporter, refused_event
from tracksync.sources.detect import Detected, detect
from tracksync.stages.workshop import Workshop

__all__ = ["enrol", "ensure_enrolled"]


def ensure_enrolled(shop: Workshop, what: Sequence[str], playlist: str | None) -> tuple[list[Track], list[Event]]:
    """Detect what was named and write it into the journal.

    Returns:
        The tracks to take up, in the order named, and the lines of what is no track.
    """
    found = detect(
        what,
        journal=shop.journal,
        settings=shop.settings,
        ffmpeg=shop.ffmpeg,
        playlist=playlist,
        note=shop.reporter.note,
    )
    return enrol(shop.journal, shop.reporter, found)


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
