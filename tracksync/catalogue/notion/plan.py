"""What to write onto a page, and whether it stands there: property by property, in the shape that Notion gives back.

Measured values are written each time. Lists are added to. Every other property is written where it is empty or where
the pipeline wrote what stands there; a person's value stays, unless a refresh is asked for, and djay Pro's tempo and
key stay even then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tracksync.catalogue.notion.fields import FILES, LINKS
from tracksync.catalogue.notion.page import PageRead, number_of
from tracksync.catalogue.notion.schema import Property, Schema
from tracksync.catalogue.notion.values import as_text, held, pieces, written
from tracksync.catalogue.protocol import TrackRecord
from tracksync.catalogue.rules import failures_resolved_by, key_text, links_wanted
from tracksync.catalogue.songs import fold
from tracksync.model import AudioFormat

__all__ = ["Plan", "differing", "plan", "wanted"]

_MEASURED = frozenset(
    {*FILES.values(), "duration_s", "duration_ms", "lufs", "true_peak_db", "sample_rate", "bitrate_kbps", "size_mb",
     "fingerprint", "download_source", "fallback_used", "eagle_id", "processing_s", "processed_at",
     *(f"fingerprint_{fmt}" for fmt in AudioFormat)}
)  # fmt: skip
_MANY = 100
_LISTS = frozenset({"artist_pages", "playlists"})
_DJAYS = frozenset({"bpm", "musical_key"})


@dataclass
class Plan:
    """`payload` is what Notion is sent, by property names; `values` what will stand there, by meaning."""

    payload: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def wanted(record: TrackRecord, artist_pages: tuple[str, ...], playlists: tuple[str, ...]) -> dict[str, Any]:
    """The values of a record by meaning, as they are before a property's type shapes them."""
    facts = record.facts
    values: dict[str, Any] = {
        "title": facts.title,
        "artists": facts.artists,
        "artist_pages": artist_pages,
        "playlists": playlists,
        "album": facts.album,
        "genre": facts.genre,
        "date": facts.date,
        "isrc": facts.isrc,
        "spotify_id": record.spotify_id,
        "bpm": round(record.bpm, 2) if record.bpm else None,
        "musical_key": key_text(record.musical_key) if record.musical_key else None,
        "duration_s": None if record.duration_s is None else round(record.duration_s, 3),
        "duration_ms": None if record.duration_s is None else round(record.duration_s * 1000),
        "lufs": None if record.lufs is None else round(record.lufs, 2),
        "true_peak_db": None if record.true_peak_db is None else round(record.true_peak_db, 2),
        "sample_rate": record.sample_rate,
        "bitrate_kbps": _bitrate(record),
        "size_mb": round(record.size_bytes / 1e6, 2) if record.size_bytes else None,
        "fingerprint": record.fingerprint,
        "download_source": record.download_source or None,
        "fallback_used": record.fell_back,
        "eagle_id": record.eagle_id,
        "processing_s": None if record.processing_s is None else round(record.processing_s, 1),
        "processed_at": _stamp(record.processed_at) if record.processed_at else None,
    }
    values |= {FILES[fmt]: str(path) for fmt, path in record.files.items()}
    values |= {f"fingerprint_{fmt}": record.fingerprint for fmt in record.same_samples}
    values |= {LINKS[service]: link for service, link in links_wanted(record).items()}
    return values


def _bitrate(record: TrackRecord) -> int | None:
    known = record.size_bytes and record.duration_s
    return round(record.size_bytes * 8 / 1000 / record.duration_s) if known else None  # type: ignore[operator]


def plan(
    standing: PageRead | None,
    own: Mapping[str, Any],
    values: Mapping[str, Any],
    schema: Schema,
    *,
    states: frozenset[str] = frozenset(),
    refresh: bool = False,
) -> Plan:
    """What to change.

    Args:
        standing: the page as it stands; None of one that is to be made.
        own: what the pipeline wrote there last, by meaning; what stands as it was written is the pipeline's own.
        values: what is wanted, from `wanted`.
        schema: the properties that there are.
        states: options to add; the failures of a stage that these say was completed are taken away.
        refresh: write over what a person wrote, too.
    """
    result = Plan()
    there = standing.plain if standing else {}
    for meaning, value in values.items():
        prop = schema.properties.get(meaning)
        new = held(prop, value) if prop else None
        if prop is None or new is None or new == ():
            continue
        old = there.get(meaning)
        if meaning in _LISTS and standing is not None:
            new = _added(prop, old, new)
        elif not _may_write(meaning, old, own.get(meaning), there, refresh=refresh):
            continue
        if new is not None and not _same(prop, old, new):
            _set(result, schema, prop, meaning, new)
    _plan_states(result, there, schema, states)
    return result


def differing(page: PageRead, values: Mapping[str, Any], schema: Schema, states: frozenset[str]) -> list[str]:
    """The names of properties that don't hold what is wanted. What a person put in its place counts as right."""
    wrong: list[str] = []
    for meaning, value in values.items():
        prop = schema.properties.get(meaning)
        new = held(prop, value) if prop else None
        if prop is None or new is None or new == ():
            continue
        old = page.plain.get(meaning)
        if meaning in _LISTS:
            added = _added(prop, old, new)
            right = added is None or _same(prop, old, added)
        elif meaning in _MEASURED:
            right = _same(prop, old, new)
        else:
            right = not _is_empty(meaning, old) or _is_djays(meaning, page.plain)
        if not right:
            wrong.append(prop.name)
    prop = schema.properties.get("states")
    if prop and not states <= set(page.plain.get("states") or ()):
        wrong.append(prop.name)
    return wrong


def _may_write(meaning: str, old: Any, own: Any, there: Mapping[str, Any], *, refresh: bool) -> bool:
    if meaning in _MEASURED:
        return True
    if _is_djays(meaning, there):
        return False
    return refresh or _is_empty(meaning, old) or (own is not None and _plain_same(old, own))


def _plan_states(result: Plan, there: Mapping[str, Any], schema: Schema, states: frozenset[str]) -> None:
    prop = schema.properties.get("states")
    if prop is None:
        return
    old = tuple(there.get("states") or ())
    resolved = failures_resolved_by(states)
    kept = tuple(option for option in old if option not in resolved or option in states)
    new = held(prop, (*kept, *sorted(states - set(kept)))) or ()
    if set(new) != set(old):
        _set(result, schema, prop, "states", new)


def _set(result: Plan, schema: Schema, prop: Property, meaning: str, new: Any) -> None:
    result.values[meaning] = new
    if meaning == "fingerprint" and schema.parts:
        result.payload |= _in_parts(prop, schema, new)
    else:
        result.payload[prop.name] = written(prop, new)


def _in_parts(prop: Property, schema: Schema, text: str) -> dict[str, Any]:
    """A long fingerprint over `Fingerprint`, `Part 2`, `Part 3` …; the last of them takes what is left."""
    props = [prop, *(part for _, part in sorted(schema.parts.items()))]
    parts = pieces(text)
    if len(parts) > len(props):
        parts = [*parts[: len(props) - 1], "".join(parts[len(props) - 1 :])]
    return {
        target.name: written(target, parts[number] if number < len(parts) else "")
        for number, target in enumerate(props)
    }


def _added(prop: Property, old: Any, new: Any) -> Any:
    """The list with what it lacks; None where nothing can or need be added."""
    if prop.type in ("relation", "multi_select"):
        standing = tuple(old or ())
        known = set(standing) if prop.type == "relation" else {fold(name) for name in standing}
        lacking = [item for item in new if (item if prop.type == "relation" else fold(item)) not in known]
        # No more can be written at once, and what stands there must be among it.
        return (*standing, *lacking)[:_MANY] if lacking and len(standing) < _MANY else None
    text = as_text(old)
    if text is None:
        return new
    if prop.type == "rich_text":
        known = {fold(part) for part in text.replace(";", ",").split(",")}
        lacking = [part for part in str(new).split(", ") if fold(part) not in known]
        return f"{text}{'; ' if ';' in text else ', '}{', '.join(lacking)}" if lacking else None
    return None  # a select holds one, and it is there


def _same(prop: Property, old: Any, new: Any) -> bool:
    if prop.type == "relation" or prop.type == "multi_select":
        return set(old or ()) == set(new)
    if prop.type == "date":
        return bool(_moment(old) == _moment(new))
    return _plain_same(old, new)


def _plain_same(old: Any, new: Any) -> bool:
    if isinstance(new, int | float) and not isinstance(new, bool):
        number = number_of(old)
        return number is not None and abs(number - new) <= 1e-6 * max(1.0, abs(new))
    if isinstance(new, str) and isinstance(old, str):
        return old.strip() == new.strip()
    if isinstance(new, tuple | list):
        return list(old or ()) == list(new)
    return bool(old == new)


def _is_djays(meaning: str, there: Mapping[str, Any]) -> bool:
    return meaning in _DJAYS and as_text(there.get("djay_id")) is not None


def _is_empty(meaning: str, value: Any) -> bool:
    # Where a tempo is not known, databases have 0 as often as nothing.
    text = as_text(value)
    return text is None or not text.strip() or (meaning == "bpm" and number_of(value) == 0)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def _moment(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return value
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(second=0, microsecond=0)
