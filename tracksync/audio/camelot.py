"""Musical keys and their three notations.

The Camelot wheel and the Open Key wheel number the circle of fifths. A fifth up is one hour on; a minor key shares its
number with its relative major. Camelot counts A minor as 8A and C major as 8B; Open Key counts the same pair as 1m and
1d. Note names are the spellings that DJ software shows.
"""

from __future__ import annotations

import re
from typing import Literal

from tracksync.model import MusicalKey

__all__ = ["KeyNotation", "camelot", "key_name", "open_key", "parse_key", "render", "standard"]

KeyNotation = Literal["standard", "camelot", "open-key"]

_MAJORS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINORS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

_HOUR = re.compile(r"(0?[1-9]|1[0-2])\s*([ABDM])", re.IGNORECASE)
_NOTE = re.compile(r"([A-Ga-g])[\s\-]*(#|b|sharp\b|flat\b)?[\s\-]*(major|minor|maj|min|M|m)?", re.ASCII)
_PARTS = re.compile(r"[()\[\]/|,;]|\s-\s")


def _checked(key: MusicalKey) -> tuple[int, bool]:
    """Tonic and whether it is minor.

    Raises:
        ValueError: there is no such key.
    """
    if not 0 <= key.tonic <= 11 or key.mode not in ("major", "minor"):
        raise ValueError(f"no such key: tonic {key.tonic}, mode {key.mode}")
    return key.tonic, key.mode == "minor"


def _open_key_hour(key: MusicalKey) -> int:
    tonic, minor = _checked(key)
    # Seven semitones are a fifth, and 7 is its own inverse modulo 12: the number of fifths above C is 7 x tonic.
    return (7 * (tonic + 3 if minor else tonic)) % 12 + 1


def camelot(key: MusicalKey) -> str:
    """The hour on the Camelot wheel: A minor is `8A`, C major `8B`."""
    return f"{(_open_key_hour(key) + 6) % 12 + 1}{'A' if key.mode == 'minor' else 'B'}"


def open_key(key: MusicalKey) -> str:
    """The hour on the Open Key wheel: A minor is `1m`, C major `1d`."""
    return f"{_open_key_hour(key)}{'m' if key.mode == 'minor' else 'd'}"


def standard(key: MusicalKey) -> str:
    """The short name: `Am`, `C`, `F#m`."""
    tonic, minor = _checked(key)
    return f"{_MINORS[tonic]}m" if minor else _MAJORS[tonic]


def key_name(key: MusicalKey) -> str:
    """The name in words: `A Minor`, `Db Major`."""
    tonic, minor = _checked(key)
    return f"{_MINORS[tonic]} Minor" if minor else f"{_MAJORS[tonic]} Major"


def render(key: MusicalKey, notation: str) -> str:
    """The key as a setting wants it shown.

    Args:
        key: the key.
        notation: `standard`, `camelot` or `open-key`.

    Raises:
        ValueError: another notation, or no such key.
    """
    if notation == "standard":
        return standard(key)
    if notation == "camelot":
        return camelot(key)
    if notation == "open-key":
        return open_key(key)
    raise ValueError(f"no such key notation: {notation}")


def parse_key(text: str) -> MusicalKey | None:
    """A key from any usual way of writing one, or None where the text is not surely a key.

    Understood are names (`A minor`, `Amin`, `G♯ minor`, `A-flat major`), short names (`Am`, `Gb`, `CM`; a capital M is
    major), Camelot (`8A`, `08A`), Open Key (`1m`, `1d`), and several of them together, as in `A Minor (8A)`. There the
    name counts, also where the wheel number says otherwise: names are what was measured, numbers were looked up. Two
    names that disagree are no key. Nor is a lone letter in lower case: some write minor keys that way, others don't.
    """
    plain = text.replace("♯", "#").replace("♭", "b").strip()
    parts = [part.strip() for part in _PARTS.split(plain) if part.strip()]
    names = [key for part in parts if (key := _from_name(part)) is not None]
    hours = [key for part in parts if (key := _from_hour(part)) is not None]
    if len(names) + len(hours) < len(parts):
        return None
    found = names or hours
    return found[0] if found and all(key == found[0] for key in found) else None


def _from_name(text: str) -> MusicalKey | None:
    # Words in any case; a single M or m keeps its own, for there it tells major from minor.
    words = re.sub(r"(?i)major|minor|sharp|flat|maj|min", lambda word: word.group().lower(), text)
    match = _NOTE.fullmatch(words)
    if match is None:
        return None
    letter, accidental, mode = match.groups()
    if mode is None and letter.islower():
        return None
    shift = {"#": 1, "sharp": 1, "b": -1, "flat": -1}.get(accidental, 0)
    minor = mode in ("m", "min", "minor")
    return MusicalKey(tonic=(_NATURALS[letter.upper()] + shift) % 12, mode="minor" if minor else "major")


def _from_hour(text: str) -> MusicalKey | None:
    match = _HOUR.fullmatch(text)
    if match is None:
        return None
    hour, letter = int(match[1]), match[2].upper()
    fifths = hour - 8 if letter in "AB" else hour - 1
    minor = letter in "AM"
    return MusicalKey(tonic=(7 * fifths - (3 if minor else 0)) % 12, mode="minor" if minor else "major")
