"""Which of a record's values go onto a page, and whether they stand there: the same for every catalogue.

Nothing here reads or writes a page; an implementation asks what to change, changes it, and asks what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tracksync.audio.camelot import camelot, key_name
from tracksync.catalogue.protocol import Page, ProcessingOption, Properties, Service, TrackRecord, service_of
from tracksync.model import MusicalKey

__all__ = [
    "by_priority",
    "changes",
    "differences",
    "failures_resolved_by",
    "key_text",
    "links_wanted",
    "noted",
    "priority_rank",
    "states_in_eagle",
    "states_when_downloaded",
]

_MEASURED = (
    "files",
    "copies",
    "duration_s",
    "bpm_confidence",
    "lufs",
    "true_peak_db",
    "sample_rate",
    "size_bytes",
    "fingerprint",
    "source_audio",
    "download_source",
    "eagle_id",
)
_IF_EMPTY = ("title", "artists", "album", "genre", "date", "isrc", "spotify_id", "bpm", "musical_key")
_DJAYS = ("bpm", "musical_key")

_DOWNLOAD_FAILURES = frozenset({
    ProcessingOption.NO_AUDIO_SOURCE,
    ProcessingOption.NOT_FOUND,
    ProcessingOption.GEO_BLOCKED,
    ProcessingOption.DOWNLOAD_FAILED,
})  # fmt: skip
_FAILURES_OF: dict[str, frozenset[ProcessingOption]] = {
    # What is converted was downloaded before.
    ProcessingOption.CONVERTED: _DOWNLOAD_FAILURES | {ProcessingOption.CONVERSION_FAILED},
    ProcessingOption.TAGGED: frozenset({ProcessingOption.METADATA_FAILED}),
    ProcessingOption.IN_EAGLE: frozenset({ProcessingOption.EAGLE_IMPORT_FAILED}),
    ProcessingOption.MERGED: frozenset({ProcessingOption.DEDUP_FAILED}),
}
# Eagle may still be closed when a track is finished: its failure goes when the files are in it.
_GONE_WHEN_DOWNLOADED = _DOWNLOAD_FAILURES | {
    ProcessingOption.CONVERSION_FAILED,
    ProcessingOption.CATALOGUE_UPDATE_FAILED,
    ProcessingOption.DEDUP_FAILED,
    ProcessingOption.LOCK_CONFLICT,
    ProcessingOption.METADATA_FAILED,
    ProcessingOption.UNKNOWN_ERROR,
}
_PRIORITIES = ("critical", "high", "medium", "low")


def key_text(key: MusicalKey) -> str:
    """A key as a catalogue shows it: `A Minor (8A)`."""
    return f"{key_name(key)} ({camelot(key)})"


def changes(standing: Properties, written: Properties, record: TrackRecord, *, refresh: bool = False) -> dict[str, Any]:
    """The properties to write, with their new values; empty where the page is as the record wants it.

    Args:
        standing: what stands on the page.
        written: what the pipeline wrote there last; a value that stands as it was written is the pipeline's own.
        record: what shall stand there.
        refresh: write over what a person wrote, too.
    """
    wanted = _wanted(record)
    new: dict[str, Any] = {name: wanted[name] for name in _MEASURED if not _is_empty(wanted[name])}
    for name in _IF_EMPTY:
        if _is_empty(wanted[name]) or _is_djays(name, standing):
            continue
        if refresh or _stands_empty(name, standing) or getattr(standing, name) == getattr(written, name):
            new[name] = wanted[name]
    links = dict(standing.links)
    for service, link in wanted["links"].items():
        if refresh or links.get(service) in (None, "", written.links.get(service)):
            links[service] = link
    new["links"] = links
    new["playlists"] = tuple(dict.fromkeys((*standing.playlists, *record.playlists)))
    done = failures_resolved_by(record.states)
    new["states"] = (standing.states - done) | frozenset(map(str, record.states))
    return {name: value for name, value in new.items() if value != getattr(standing, name)}


def noted(standing: Properties, written: Properties, new: dict[str, Any]) -> Properties:
    """What the pipeline will have written, once `new` stands: of the links only those that are its own."""
    links = {service: link for service, link in new.get("links", {}).items() if standing.links.get(service) != link}
    return written.model_copy(update={**new, "links": {**written.links, **links}})


def differences(standing: Properties, record: TrackRecord) -> list[str]:
    """The properties that don't hold what the record wants. What a person put in its place counts as right."""
    wanted = _wanted(record)
    wrong = [name for name in _MEASURED if not _is_empty(wanted[name]) and getattr(standing, name) != wanted[name]]
    wrong += [
        name
        for name in _IF_EMPTY
        if not _is_empty(wanted[name]) and _stands_empty(name, standing) and not _is_djays(name, standing)
    ]
    if any(not standing.links.get(service) for service in wanted["links"]):
        wrong.append("links")
    if not set(record.playlists) <= set(standing.playlists):
        wrong.append("playlists")
    if not record.states <= standing.states:
        wrong.append("states")
    return wrong


def failures_resolved_by(states: Iterable[str]) -> frozenset[str]:
    """The failure options that these completed stages make untrue."""
    return frozenset[str]().union(*(_FAILURES_OF.get(state, frozenset()) for state in states))


def links_wanted(record: TrackRecord) -> dict[Service, str]:
    """The links of a record, each of its own service, that of the facts among them."""
    links: dict[Service, str] = dict(record.links)
    link = record.facts.link
    if link and (service := service_of(link)):
        links.setdefault(service, link)
    return links


def states_when_downloaded(states: frozenset[str]) -> frozenset[str]:
    """The states of a page whose track is finished: what failed on the way did not, in the end."""
    return states - _GONE_WHEN_DOWNLOADED


def states_with(standing: frozenset[str], noted: frozenset[str]) -> frozenset[str]:
    """The states of a page on which these are noted; of one that was merged, nothing failed in the end."""
    joined = standing | noted
    return joined - _GONE_WHEN_DOWNLOADED if ProcessingOption.MERGED in noted else joined


def states_in_eagle(states: frozenset[str]) -> frozenset[str]:
    """The states of a page whose files are in Eagle: it says so, and no more that they did not come there."""
    return (states - failures_resolved_by([ProcessingOption.IN_EAGLE])) | {ProcessingOption.IN_EAGLE.value}


def by_priority(pages: list[Page]) -> list[Page]:
    """Critical first, then high, medium, low and none; newest first among equals. `5 - Critical` is critical."""
    return sorted(
        pages, key=lambda page: (priority_rank(page.properties.priority), -page.created.timestamp(), page.key)
    )


def priority_rank(priority: str | None) -> int:
    """0 of critical to 4 of none. `5 - Critical` is critical."""
    word = re.sub(r"^[\d\s.:–-]+", "", priority or "").strip().casefold()
    return _PRIORITIES.index(word) if word in _PRIORITIES else len(_PRIORITIES)


def _wanted(record: TrackRecord) -> dict[str, Any]:
    facts = record.facts
    return {
        **{name: getattr(record, name) for name in _MEASURED},
        **{name: getattr(facts, name) for name in ("title", "artists", "album", "genre", "date", "isrc")},
        "spotify_id": record.spotify_id,
        "bpm": record.bpm,
        "musical_key": key_text(record.musical_key) if record.musical_key else None,
        "links": links_wanted(record),
    }


def _is_djays(name: str, standing: Properties) -> bool:
    return name in _DJAYS and bool(standing.djay_id)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", (), {})


def _stands_empty(name: str, standing: Properties) -> bool:
    # Where a tempo is not known, databases have 0 as often as nothing.
    return _is_empty(getattr(standing, name)) or (name == "bpm" and standing.bpm == 0)
