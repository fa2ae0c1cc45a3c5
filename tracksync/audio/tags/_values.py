"""What goes into the tags, each value in the form that every container takes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from tracksync.audio.camelot import render
from tracksync.model import Facts, MusicalKey
from tracksync.sources.secrets import redact

__all__ = ["Values", "clean_link", "clean_text", "iso_date", "iso_isrc", "number", "values_of"]

_LONGEST_LINK = 2000
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4})")
# Country, registrant, year and number (ISO 3901).
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
# All of ASCII that may stand in a URI (RFC 3986), the percent sign of what is encoded already included.
_URI = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True)
class Values:
    """The values to be written. What is None is not written, and what a file has there already stays."""

    title: str | None
    artist: str | None
    album: str | None
    genre: str | None
    date: str | None
    isrc: str | None
    bpm: str | None
    key_text: str | None
    link: str | None
    track_key: str | None
    comment: str | None
    cover: bytes | None


def values_of(
    facts: Facts,
    *,
    key: str,
    bpm: float | None,
    musical_key: MusicalKey | None,
    notation: str,
    comment: str | None,
    cover: bytes | None,
) -> Values:
    """Facts and measurements as they are written. Several artists become one value, `A, B`: players show only one."""
    return Values(
        title=clean_text(facts.title),
        artist=clean_text(facts.artist_text),
        album=clean_text(facts.album),
        genre=clean_text(facts.genre),
        date=iso_date(facts.date),
        isrc=iso_isrc(facts.isrc),
        bpm=bpm_text(bpm),
        key_text=render(musical_key, notation) if musical_key else None,
        link=clean_link(facts.link),
        track_key=clean_text(key),
        comment=clean_text(comment),
        cover=cover or None,
    )


def clean_text(text: str | None) -> str | None:
    """The text without NUL (it ends a value) and lone surrogates (they are no text); None where nothing is left."""
    if not text:
        return None
    return text.replace("\0", "").encode("utf-8", "ignore").decode() or None


def bpm_text(bpm: float | None) -> str | None:
    """Beats a minute with at most two decimals, and none where it is whole: `128`, `127.95`.

    ID3 asks for whole numbers. Traktor, Serato, rekordbox and Mixed In Key write and read decimals there, and a beat
    grid drifts by a beat in four minutes when 127.75 is read as 128; players that read whole numbers stop at the point.
    """
    if bpm is None or not math.isfinite(bpm) or bpm <= 0:
        return None
    text = f"{bpm:.2f}".rstrip("0").rstrip(".")
    return None if text == "0" else text


def number(text: str | None) -> float | None:
    """A tempo as a tag has it; None where it is no number above 0."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def iso_date(text: str | None) -> str | None:
    """A date in ISO 8601, as precise as the text surely has it: `2024`, `2024-05`, `2024-05-17`."""
    plain = (text or "").strip()
    found = _COMPACT.match(plain) or _YEAR_FIRST.match(plain)
    if found is None:
        last = _YEAR_LAST.fullmatch(plain)  # which of the others is the month, nobody knows
        return last[1] if last and last[1] >= "1000" else None
    year, month, day = (int(group or 0) for group in found.groups())
    if year < 1000:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return f"{year:04}-{month:02}" if 1 <= month <= 12 and found[3] in (None, "0", "00") else f"{year:04}"


def iso_isrc(text: str | None) -> str | None:
    """The twelve characters of an ISRC, without its dashes; None where it is not one."""
    plain = re.sub(r"[\s-]", "", text or "").upper().removeprefix("ISRC")
    return plain if _ISRC.fullmatch(plain) else None


def clean_link(text: str | None) -> str | None:
    """A web address in ASCII (ID3 takes nothing else) and without secrets; None where it is not one."""
    plain = clean_text((text or "").strip())
    if plain is None or len(plain) > _LONGEST_LINK:
        return None
    address = quote(redact(plain), safe=_URI)
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return address if whole else None
