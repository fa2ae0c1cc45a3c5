"""A track's page as it was read: its plain values by their meaning, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tracksync.catalogue.notion.fields import FILES, LINKS
from tracksync.catalogue.notion.schema import Schema
from tracksync.catalogue.notion.values import as_text, plain
from tracksync.catalogue.protocol import Properties
from tracksync.catalogue.songs import normal_isrc, song, split_names
from tracksync.errors import TracksyncError
from tracksync.journal import SeenPage
from tracksync.model import Frozen
from tracksync.sources.links import classify, looks_like_link

__all__ = ["Namer", "PageRead", "file_path", "links_of", "names_of", "number_of", "properties_of", "read_page"]

# A page's own answer names no more related pages than this.
_MOST_RELATED = 25

Namer = Callable[[Sequence[str]], list[str]]
"""Gives the titles of pages that a relation names."""


class PageRead(Frozen):
    """A page as it stood. `plain` has what `values.plain` gives, by meaning; a meaning without a property is absent."""

    page_id: str
    created: datetime
    edited: datetime
    trashed: bool = False
    home: str | None = None
    """The data source that it is a page of, where it says so."""
    plain: dict[str, Any]
    cut_short: tuple[str, ...] = ()
    """Meanings of relations that name more pages than the answer held."""

    @property
    def title(self) -> str:
        return as_text(self.plain.get("title")) or "Untitled"

    @property
    def downloaded(self) -> bool:
        return self.plain.get("downloaded") is True

    @property
    def files(self) -> dict[str, Path]:
        """The paths that it names, by format."""
        found = {fmt.value: file_path(self.plain.get(meaning)) for fmt, meaning in FILES.items()}
        return {fmt: path for fmt, path in found.items() if path is not None}

    def seen(self, names: Sequence[tuple[str, str]]) -> SeenPage:
        """As the journal's index keeps it."""
        content = self.model_dump(mode="json", exclude={"cut_short", "trashed"})
        return SeenPage(page_id=self.page_id, edited=self.edited.timestamp(), content=content, names=tuple(names))


def read_page(raw: Mapping[str, Any], schema: Schema) -> PageRead:
    """What an answer of Notion's says of a page."""
    there = raw.get("properties") or {}
    values: dict[str, Any] = {}
    short: list[str] = []
    for meaning, prop in schema.properties.items():
        if (held := there.get(prop.name)) is not None:
            values[meaning] = plain(held)
            if held.get("has_more") or ("has_more" not in held and len(held.get("relation") or ()) >= _MOST_RELATED):
                short.append(meaning)
    rest = "".join(plain(there[part.name]) or "" for _, part in sorted(schema.parts.items()) if part.name in there)
    if rest and values.get("fingerprint"):
        values["fingerprint"] += rest
    return PageRead(
        page_id=raw["id"],
        created=_moment(raw["created_time"]),
        edited=_moment(raw["last_edited_time"]),
        trashed=bool(raw.get("in_trash") or raw.get("archived")),
        home=(raw.get("parent") or {}).get("data_source_id"),
        plain=values,
        cut_short=tuple(short),
    )


def properties_of(page: PageRead, namer_of_artists: Namer, namer_of_playlists: Namer) -> Properties:
    """The page in the words that all catalogues share."""
    values = page.plain
    ms = number_of(values.get("duration_ms"))
    size = number_of(values.get("size_mb"))
    rate = number_of(values.get("sample_rate"))
    seconds = number_of(values.get("duration_s"))
    return Properties.model_validate(
        {
            "title": as_text(values.get("title")) or "",
            "artists": artists_of(page, namer_of_artists),
            "album": as_text(values.get("album")),
            "genre": as_text(values.get("genre")),
            "date": as_text(values.get("date")),
            "isrc": as_text(values.get("isrc")),
            "spotify_id": as_text(values.get("spotify_id")),
            "djay_id": as_text(values.get("djay_id")),
            "priority": as_text(values.get("priority")),
            "playlists": playlists_of(page, namer_of_playlists),
            "links": {service: text for service, meaning in LINKS.items() if (text := as_text(values.get(meaning)))},
            "bpm": number_of(values.get("bpm")),
            "musical_key": as_text(values.get("musical_key")),
            "files": page.files,
            "duration_s": seconds if seconds is not None else ms / 1000 if ms is not None else None,
            "lufs": number_of(values.get("lufs")),
            "true_peak_db": number_of(values.get("true_peak_db")),
            "sample_rate": int(rate) if rate is not None else None,
            "size_bytes": round(size * 1e6) if size is not None else None,
            "fingerprint": as_text(values.get("fingerprint")),
            "download_source": as_text(values.get("download_source")),
            "states": frozenset(values.get("states") or ()),
            "eagle_id": as_text(values.get("eagle_id")),
        }
    )


def artists_of(page: PageRead, namer: Namer) -> tuple[str, ...]:
    """The artists as the page's text has them, else as its related pages are named."""
    value = page.plain.get("artists")
    if isinstance(value, tuple) and value:
        return value
    if text := as_text(value):
        return split_names(text)
    return tuple(namer(page.plain.get("artist_pages") or ()))


def playlists_of(page: PageRead, namer: Namer) -> tuple[str, ...]:
    """The playlists, whatever type the property has."""
    value = page.plain.get("playlists")
    if isinstance(value, tuple):
        # A relation's ids look like nothing else; the names of options are names.
        return tuple(namer(value)) if value and all(_is_id(item) for item in value) else value
    text = as_text(value) or ""
    mark = ";" if ";" in text else ","
    return tuple(filter(None, (part.strip() for part in text.split(mark))))


def links_of(page: PageRead) -> list[str]:
    """Every link on the page."""
    return [text for meaning in LINKS.values() if (text := as_text(page.plain.get(meaning)))]


def names_of(page: PageRead, resolved: Mapping[str, str] = {}) -> list[tuple[str, str]]:
    """The names by which the page's track is known: (kind, value), surest first.

    Args:
        page: the page.
        resolved: where short links lead, by their canonical form.
    """
    names = [("page", page.page_id)]
    values = page.plain
    if spotify := as_text(values.get("spotify_id")):
        names.append(("spotify", spotify.rpartition(":")[2].strip()))
    if isrc := normal_isrc(as_text(values.get("isrc"))):
        names.append(("isrc", isrc))
    for text in links_of(page):
        with suppress(TracksyncError):
            if looks_like_link(text):
                link = classify(text)
                if link.canonical in resolved:
                    names.append(("link", link.canonical))
                    link = classify(resolved[link.canonical])
                names += _names_of_link(link.key, link.canonical)
    names += [("path", str(path)) for path in page.files.values()]
    title = as_text(values.get("title"))
    artists = values.get("artists")
    told = split_names(as_text(artists) or "") if not isinstance(artists, tuple) else artists
    if title:
        # Without a text of its own the artists are pages: who is on them is looked at when the title fits.
        names.append(("song", song(title, told)) if told else ("title", song(title, ())))
    return names


def _names_of_link(key: str | None, canonical: str) -> list[tuple[str, str]]:
    names = [("link", canonical)]
    if key:
        names.append(("key", key))
        service, _, rest = key.partition(":")
        kind, _, number = rest.partition(":")
        if service in ("spotify", "soundcloud", "youtube") and kind in ("track", "video"):
            names.append((service, number))
    return names


def number_of(value: object) -> float | None:
    """A number, also where a person typed it as text (`128,5 BPM` is 128.5); None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    words = str(as_text(value) or "").replace(",", ".").split()
    try:
        return float(words[0]) if words else None
    except ValueError:
        return None


def file_path(value: object) -> Path | None:
    """The path in a property, also where it stands as a `file:` link."""
    text = (as_text(value) or "").strip()
    if text.lower().startswith("file://"):
        text = unquote(urlsplit(text).path)
    return Path(text) if text else None


def _is_id(text: str) -> bool:
    digits = text.replace("-", "")
    return len(digits) == 32 and all(letter in "0123456789abcdef" for letter in digits)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
