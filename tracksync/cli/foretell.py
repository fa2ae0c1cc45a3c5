"""`--dry-run`: the same look, and a line for what would be done. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracksync.catalogue import Catalogue, Page
from tracksync.errors import NeedsPerson
from tracksync.journal import Entry, Journal
from tracksync.report import refused_event, track_event
from tracksync.sources.detected import Detected
from tracksync.sources.whole import is_whole
from tracksync.stages.known import look_for, owner_of, page_is_synced

__all__ = ["foretell"]

Event = dict[str, Any]


def foretell(
    journal: Journal,
    catalogue: Catalogue,
    whole: Mapping[str, Entry],
    unfinished: Sequence[Entry],
    found: Sequence[Detected],
    *,
    refresh: bool,
    in_eagle: bool = False,
) -> list[Event]:
    """The lines of a run that does nothing.

    Args:
        journal: asked, never written.
        catalogue: asked, never written.
        whole: what is synced already.
        unfinished: what the journal knows and would take up.
        found: what was opened.
        refresh: whether what is synced would be made again.
        in_eagle: whether what is synced is in Eagle, too.
    """
    events = [track_event(journal, entry) | {"state": "synced", "error": None} for entry in whole.values()]
    events += [track_event(journal, entry) | {"state": "new", "error": None} for entry in unfinished]
    tracks = [entry.track for entry in found if entry.track is not None]
    names = {entry.track.key: entry.identities for entry in found if entry.track is not None}
    pages = look_for(catalogue, tracks, names).pages if catalogue.name != "embedded" else {}
    for entry in found:
        if entry.track is None:
            if entry.error is not None:
                events.append(refused_event(entry.key, entry.label, entry.source, entry.error))
            continue
        known = journal.find(entry.track.key)
        page = pages.get(entry.track.key)
        if refresh or not (known and is_whole(journal, known, in_eagle=in_eagle)):
            there = page is not None and not refresh and _is_synced(journal, catalogue, page, known, in_eagle=in_eagle)
            events.append(_would_be(entry) | ({"state": "synced"} if there else {}))
        elif known is not None:
            events.append(track_event(journal, known))
    return events


def _is_synced(journal: Journal, catalogue: Catalogue, page: Page, known: Entry | None, *, in_eagle: bool) -> bool:
    return page_is_synced(journal, catalogue, page, owner_of(journal, page, known), in_eagle=in_eagle)


def _would_be(entry: Detected) -> Event:
    assert entry.track is not None  # noqa: S101
    event = refused_event(entry.track.key, entry.track.facts.title, entry.track.source, NeedsPerson(""))
    return event | {
        "artists": list(entry.track.facts.artists),
        "state": "new",
        "duration_s": entry.track.duration_s,
        "error": None,
    }
