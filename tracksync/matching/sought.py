"""What is looked for, by every way that its title may be read."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from tracksync.matching.model import Wanted
from tracksync.matching.names import Name, credited, names_of
from tracksync.matching.titles import Piece, pieces_of, without_artist
from tracksync.matching.tokens import Words, clean, joined, name_words, words
from tracksync.matching.versions import Note, Version, understand
from tracksync.matching.vocabulary import Kind
from tracksync.text import normal_isrc

__all__ = ["Form", "Reading", "Sought", "merged", "seconds", "sought"]

_MOST_PEELED = 4
_MOST_OTHERS = 24
_LONGEST_S = 7 * 24 * 3600.0
# What an album's name says of every track on it. `Live Through This` and `Live Forever` do not.
_LIVE_ALBUM = re.compile(
    r"(?i)\blive (?:at|in|from|on)\b|[(\[]live\b|\blive[)\]]?$|\bunplugged\b|\bin concert\b|^live!?$"
)


_COUNTING = frozenset(["part", "volume", "chapter", "act", "intro", "outro", "prelude", "interlude", "reprise"])
"""Words of a bracket without which a title is another one."""


@dataclass(frozen=True)
class Form:
    """A name to look for, as words; `whole` where nothing of it was left out."""

    words: Words
    key: str
    whole: bool


@dataclass(frozen=True)
class Reading:
    """One way to read the wanted title."""

    forms: tuple[Form, ...]
    artists: tuple[Name, ...]
    """The main ones first, then whoever else is known to take part: guests, remixers."""
    mains: int
    """How many of `artists` are main ones."""
    versions: frozenset[Version]
    origin: Words = ()
    peeled: bool = False
    """Its version stood without brackets at the end of the name, and may be a part of it."""


@dataclass(frozen=True)
class Sought:
    """Everything about a wanted track that candidates are held against."""

    readings: tuple[Reading, ...]
    duration_s: float | None
    isrc: str | None
    album: Words


def seconds(value: float | None) -> float | None:
    """A length that can be one; None where it is not known, not a number, or no length."""
    if value is None or not math.isfinite(value) or not 0 < value <= _LONGEST_S:
        return None
    return float(value)


def sought(wanted: Wanted) -> Sought:
    """Read a wanted track."""
    album = clean(wanted.album)
    return Sought(tuple(_readings(wanted, album)), seconds(wanted.duration_s), normal_isrc(wanted.isrc), words(album))


def _readings(wanted: Wanted, album: str) -> list[Reading]:
    pieces = list(pieces_of(wanted.title))
    if not pieces:
        return []
    artists = names_of(wanted.artists)
    if artists:
        pieces = without_artist(pieces, artists)
    else:
        mains = [piece for piece in pieces if piece.main]
        if len(mains) > 1 and mains[1].note is None:
            artists = names_of([mains[0].raw])
            pieces.remove(mains[0])
    base = _read(pieces, artists, album)
    whole = _form(tuple(word for piece in pieces for word in piece.words))
    found = [base, *_peeled(base)]
    if whole.key not in {form.key for form in base.forms}:
        # A bracket that reads like a version may be part of the name; written the same, it is the same.
        found.append(replace(base, forms=(whole,), versions=frozenset()))
    return found


def _read(pieces: list[Piece], artists: tuple[Name, ...], album: str) -> Reading:
    first = next((piece for piece in pieces if piece.main), pieces[0])
    names: list[Piece] = []
    notes: list[Note] = []
    for piece in pieces:
        if piece is first or piece.note is None:
            names.append(piece)
        else:
            notes.append(piece.note)
    versions = merged(notes)
    guests = tuple(word for note in notes for word in note.guests)
    if _LIVE_ALBUM.search(album) and not any(version.kind is Kind.LIVE for version in versions):
        versions |= {Version(Kind.LIVE, tuple(word for word in words(album) if word != "live"))}
    elif _LIVE_ALBUM.search(album):
        versions = frozenset(_with_place(version, words(album)) for version in versions)
    remixers = [version.names for version in versions if version.names and version.kind not in (Kind.LIVE, Kind.NAMED)]
    first_ones, others = _sorted(artists, guests, remixers)
    forms = [_form(tuple(word for piece in names for word in piece.words))]
    short = _form(tuple(word for piece in names if piece.main for word in piece.words))
    dropped = name_words(tuple(word for piece in names if not piece.main for word in ("", *piece.words)))
    if (
        short.key
        and short.key != forms[0].key
        and not _COUNTING.intersection(dropped)
        and not any(map(_has_digit, dropped))
    ):
        forms.append(replace(short, whole=False))
    return Reading(
        forms=tuple(forms),
        artists=(*first_ones, *others),
        mains=len(first_ones),
        versions=versions,
        origin=tuple(word for note in notes for word in note.origin),
    )


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _sorted(artists: tuple[Name, ...], guests: Words, remixers: list[Words]) -> tuple[list[Name], list[Name]]:
    """Main artists, and whoever else takes part. Spotify lists a remix's maker and the guests among the artists."""
    made = {joined(names) for names in remixers}
    featured = credited(guests, artists).found
    mains = [name for number, name in enumerate(artists) if number not in featured and not name.keys & made] or list(
        artists[:1]
    )
    others = [name for name in artists if name not in mains]
    texts = ([" ".join(guests)] if guests else []) + [" ".join(names) for names in remixers]
    for text in texts:
        others += [name for name in names_of([text, *re.split(r" (?:and|x|vs|with) ", text)]) if name not in others]
    return mains, others[:_MOST_OTHERS]


def _with_place(version: Version, album: Words) -> Version:
    if version.kind is not Kind.LIVE or version.names:
        return version
    return replace(version, names=tuple(word for word in album if word != "live"))


def _peeled(base: Reading) -> list[Reading]:
    """Readings in which the end of the name is a version without brackets: `Ignition Remix`."""
    found: list[Reading] = []
    name = base.forms[0].words
    for place in range(1, len(name)):
        note = understand(name[place:])
        if note is not None and len(found) < _MOST_PEELED and not all(word.isdecimal() for word in name[place:]):
            versions = merged([note, Note(base.versions)])
            found.append(replace(base, forms=(_form(name[:place]),), versions=versions, peeled=True))
    return found


def merged(notes: list[Note]) -> frozenset[Version]:
    """The versions of several notes; one of a kind, with all the names that they have."""
    kinds: dict[Kind, Words] = {}
    for note in notes:
        for version in sorted(note.versions, key=lambda version: (version.kind, version.names)):
            known = kinds.get(version.kind, ())
            kinds[version.kind] = known if set(version.names) <= set(known) else (*known, *version.names)
    return frozenset(Version(kind, names) for kind, names in kinds.items())


def _form(some: Words) -> Form:
    spelled = name_words(some)
    return Form(spelled, joined(spelled), whole=True)
