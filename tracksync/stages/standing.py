"""Is this track there already, set aside, or to be brought in? Asked of many at once, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tracksync.catalogue import Catalogue
from tracksync.catalogue.songs import same_length
from tracksync.errors import EagleAway, VolumeAway
from tracksync.journal import Entry, Journal
from tracksync.model import PublishReceipt, Stage, State, Track
from tracksync.sources.detect import look
from tracksync.sources.detected import Detected
from tracksync.sources.whole import adopted_of, is_whole
from tracksync.stages.cooling import has_own_audio
from tracksync.stages.known import Known, item_was_taken_off, look_for, owner_of, page_is_synced, to_look_for

__all__ = ["Standing", "is_set_aside", "known_entry", "standing", "synced_among"]


class Standing(StrEnum):
    """What a source's track means to a run."""

    SYNCED = "synced"
    SET_ASIDE = "set aside"
    """It failed for good, needs a person, or waits for a moment that has not come."""
    OPEN = "open"


def standing(
    journal: Journal,
    catalogue: Catalogue,
    found: Sequence[Detected],
    note: Callable[[str], None] = lambda _: None,
    *,
    in_eagle: bool = False,
) -> dict[str, Standing]:
    """Where each detected track stands, by its key; with few questions however many they are."""
    entries = {item.key: known_entry(journal, item.track, item.identities) for item in found if item.track}
    tracks = to_look_for(journal, [entry for entry in entries.values() if entry is not None])
    tracks += [item.track for item in found if item.track and entries[item.key] is None]
    names = {item.key: item.identities for item in found}
    known = look_for(catalogue, tracks, names, note) if catalogue.name != "embedded" else Known()
    asked = _Asked(journal, catalogue, known, in_eagle)
    return {key: _standing(asked, key, entry) for key, entry in entries.items()}


def synced_among(
    journal: Journal,
    catalogue: Catalogue,
    found: Sequence[Detected],
    note: Callable[[str], None] = lambda _: None,
    *,
    in_eagle: bool = False,
) -> set[str]:
    """The keys of those that are synced, asked as `standing` asks."""
    where = standing(journal, catalogue, found, note, in_eagle=in_eagle)
    return {key for key, stands in where.items() if stands is Standing.SYNCED}


def known_entry(journal: Journal, track: Track | None, identities: Sequence[tuple[str, str]]) -> Entry | None:
    """The entry that the journal has for a track, under its own key or under any name of it.

    An ISRC alone is not enough: what bears it must be as long, where both lengths are known. And a track that brings
    its own audio is only one with what is synced: another may still be looked for, or have been found nowhere.
    """
    if track is None:
        return None
    for kind, value in identities:
        entry = journal.find_by(kind, value)
        if entry is None or (kind == "isrc" and not _same_by_isrc(entry, track)):
            continue
        return entry
    if track.key.startswith("path:"):
        # A player's file, whose key only opening it tells: it may have been seen before.
        return next(iter(look(journal, [track.origin]).known.values()), None)
    return journal.find(track.key)


def _same_by_isrc(entry: Entry, track: Track) -> bool:
    if same_length(entry.duration_s, track.duration_s) is False:
        return False
    return entry.key == track.key or entry.state is State.SYNCED or not has_own_audio(track)


@dataclass(frozen=True)
class _Asked:
    journal: Journal
    catalogue: Catalogue
    known: Known
    in_eagle: bool

    def is_whole(self, entry: Entry | None) -> bool:
        return entry is not None and is_whole(self.journal, entry, in_eagle=self.in_eagle)


def _standing(asked: _Asked, key: str, entry: Entry | None) -> Standing:
    if _is_synced(asked, key, entry):
        return Standing.SYNCED
    set_aside = entry is not None and (is_set_aside(entry) or _waits_for_eagle(asked.journal, entry))
    return Standing.SET_ASIDE if set_aside else Standing.OPEN


def _waits_for_eagle(journal: Journal, entry: Entry) -> bool:
    """Whether all of a track is there and only its import waits, which every run tries by itself; `recover` does, where
    the volume with its files is away."""
    if entry.state is not State.WAITING:
        return False
    kinds = [EagleAway("").kind, *([VolumeAway("").kind] if adopted_of(journal, entry.key) else [])]
    return entry.error_kind in kinds


def _is_synced(asked: _Asked, key: str, entry: Entry | None) -> bool:
    if asked.catalogue.name == "embedded" or asked.known.away:
        return asked.is_whole(entry)
    pages = asked.known.pages
    page = pages.get((entry and entry.merged_into) or "") or pages.get(entry.key if entry else key)
    if page is None or not page.downloaded:
        return False
    holder = owner_of(asked.journal, page, entry)
    for known in (entry, holder):
        if known is not None and asked.is_whole(known):
            lost = asked.in_eagle and item_was_taken_off(asked.journal, asked.catalogue, page, known)
            return not lost
    made_here = holder is not None and asked.journal.receipt(holder.key, Stage.PUBLISH, PublishReceipt) is not None
    if made_here and holder is not None and is_whole(asked.journal, holder):
        return False  # only Eagle is lacking
    return page_is_synced(asked.journal, asked.catalogue, page, holder, in_eagle=asked.in_eagle and not made_here)


def is_set_aside(entry: Entry) -> bool:
    """Whether a source passes a track over: naming it, or `recover`, takes it up all the same."""
    if entry.state in (State.FAILED, State.NEEDS_REVIEW):
        return True
    later = entry.waiting_until is not None and entry.waiting_until > datetime.now(UTC)
    return entry.state is State.WAITING and later
