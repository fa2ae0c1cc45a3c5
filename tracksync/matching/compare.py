"""One candidate's title held against one reading of what is wanted: is the name in it, and what does the rest say?

Every word of a candidate's title has to be explained: it is the name, an artist, a version, or known to say nothing. A
word that is none of these is a doubt, or another title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rapidfuzz import fuzz

from tracksync.matching.names import Name, channel_words, credited, is_performer, named_in_part
from tracksync.matching.sought import Form, Reading, merged
from tracksync.matching.titles import Piece
from tracksync.matching.tokens import STAR, Words, in_latin, joined, name_words, romanised, words
from tracksync.matching.versions import Note, Version, says_version, understand
from tracksync.matching.vocabulary import CHANGING, GENRES, INSTRUMENTS, JOINERS, LABEL_WORDS, LANGUAGES

__all__ = ["Found", "Surroundings", "readings_of"]

_LONGEST_SPAN = 4
_MOST_READINGS = 40
_JOINING_TITLES = frozenset(["vs", "versus", "x", "meets", "into", "vx"])
_CATALOGUE_NUMBER = re.compile(r"[A-Z]{2,8}[- ]?\d{2,5}[A-Z]{0,2}$")
_TELLING = frozenset(("soundtrack", "ost", "official", "lyrics"))
"""What a film's or a game's name stands beside."""
_ARTICLES = frozenset(["the", "a", "an"])


@dataclass(frozen=True)
class Surroundings:
    """What stands beside a title and may be repeated in it."""

    channel: Words = ()
    album: Words = ()
    listed: tuple[Name, ...] = ()


@dataclass
class Found:
    """What a candidate's title says, read with one span of it as the name."""

    title: float
    """How well the name agrees, 0 to 1."""
    name: Words = ()
    versions: frozenset[Version] = frozenset()
    origin: Words = ()
    credited: set[int] = field(default_factory=set)
    """Which of the reading's artists are named in the title."""
    others: list[str] = field(default_factory=list)
    """Words that name somebody else as an artist or a guest."""
    alias: bool = False
    """The place of the artist is taken by a name in another script, which may be the same one's."""
    stranger: bool = False
    """The place of the artist is taken by somebody else."""
    doubts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    """What is most likely a label's name."""
    refusal: str = ""
    unclear: str = ""
    """A refusal that the same ISRC would overrule."""
    unread: list[str] = field(default_factory=list)


def readings_of(pieces: Sequence[Piece], reading: Reading, around: Surroundings) -> Iterator[Found]:
    """Every way to find the wanted name in a title, up to a bound; none where it is not in it."""
    return islice(_readings(pieces, reading, around), _MOST_READINGS)


def _readings(pieces: Sequence[Piece], reading: Reading, around: Surroundings) -> Iterator[Found]:
    spans = [
        (start, end)
        for start in range(len(pieces))
        for end in range(start + 1, len(pieces) + 1)
        if end - start <= _LONGEST_SPAN or end - start == len(pieces)
    ]
    for start, end in spans:
        span = pieces[start:end]
        some = name_words(tuple(word for piece in span for word in piece.words))
        plain = all(piece.main or piece.note is None for piece in span)
        for form in reading.forms:
            for quality, left, right in _places(some, form, plain, len(span) == 1):
                if len(left) >= len(span[0].words) or len(right) >= len(span[-1].words):
                    continue  # the piece on that side holds nothing of the name
                if reading.peeled and (left or right):
                    continue  # `Long Live (Live)` is no `Long` that is live twice
                yield _explained(pieces, start, end, reading, around, quality, left, right)


def _places(some: Words, form: Form, plain: bool, single: bool) -> Iterator[tuple[float, Words, Words]]:
    """Where a form stands in some words: how well, and what is left before and after it."""
    key = joined(some)
    best = 1.0 if form.whole else 0.92
    if key == form.key:
        yield best, (), ()
        return
    if not plain:
        return
    if STAR in key + form.key and _same_but_for_stars(key, form.key):
        yield best - 0.04, (), ()
        return
    if _without_articles(some) == _without_articles(form.words) != "":
        yield best - 0.04, (), ()
    if form.key in key:
        for start in range(len(some)):
            for end in range(start + 1, len(some) + 1):
                if joined(some[start:end]) == form.key:
                    yield best, some[:start], some[end:]
    elif single and _same_but_for_a_slip(some, form.words):
        yield best - 0.08, (), ()


def _same_but_for_stars(one: str, other: str) -> bool:
    return len(one) == len(other) and all(
        left == right or STAR in (left, right) for left, right in zip(one, other, strict=True)
    )


def _without_articles(some: Words) -> str:
    return joined(tuple(word for word in some if word not in _ARTICLES))


def _same_but_for_a_slip(some: Words, wanted: Words) -> bool:
    """A letter lost, doubled or swapped inside one long word; or the same in Latin and in Cyrillic or Greek letters."""
    one, other = romanised(joined(some)), romanised(joined(wanted))
    if in_latin(joined(some)) != in_latin(joined(wanted)) and min(len(one), len(other)) >= 5:
        return fuzz.ratio(one, other) >= 88
    if len(some) != len(wanted) or min(len(one), len(other)) < 8:
        return False
    apart = [(left, right) for left, right in zip(some, wanted, strict=True) if left != right]
    if len(apart) != 1:
        return False
    left, right = apart[0]
    if min(len(left), len(right)) < 5 or any(letter.isdigit() for letter in left + right):
        return False
    if left[0] != right[0] or left[:-1] in (right, right[:-1]) or right[:-1] == left:
        return False  # `night` and `light`, singular and plural, an ending as `Девочка` and `Девочки`: meant so
    return abs(len(left) - len(right)) <= 1 and fuzz.ratio(left, right) >= 85


def _explained(
    pieces: Sequence[Piece],
    start: int,
    end: int,
    reading: Reading,
    around: Surroundings,
    quality: float,
    left: Words,
    right: Words,
) -> Found:
    found = Found(quality, name=tuple(word for piece in pieces[start:end] for word in piece.words))
    notes: list[Note] = []
    artists = reading.artists
    for words_, before in ((left, True), (right, False)):
        if words_ and not _residue(found, notes, words_, artists, around, before):
            found.refusal = "another title"
            return found
    for number, piece in enumerate(pieces):
        if start <= number < end:
            continue
        note = piece.note
        if note is None and piece.bracket == "feat":
            note = Note(guests=tuple(word for word in piece.words if word not in ("feat", "ft", "featuring")))
        if note is not None and not _is_credit(piece.words, artists):
            notes.append(note)
        else:
            held = not pieces[start].main
            ahead = pieces[number - 1 : number]
            if number < start and piece.bracket and _is_about(piece, ahead, artists):
                if not _is_country(piece):
                    found.doubts.append(f"“{piece.raw}” is taken for a word about the artist")
                continue
            if _is_country(piece) and ahead and _is_credit(ahead[0].words, artists):
                continue
            _unread(found, notes, piece, (number == start - 1, number < start, held), artists, around)
    for note in notes:
        _people(found, note.guests, artists, around)
        _people(found, note.credit, artists, around)
    found.versions = merged(notes)
    found.origin = tuple(word for note in notes for word in note.origin)
    return found


def _is_credit(some: Words, artists: tuple[Name, ...]) -> bool:
    credit = credited(some, artists)
    return bool(credit.found) and not credit.extra


def _is_about(piece: Piece, ahead: Sequence[Piece], artists: tuple[Name, ...]) -> bool:
    """What is in brackets before the name is about the artist it stands behind, or a genre where it comes first.

    `Duck Sauce (A-Trak & Armand Van Helden) - Song`, `IU(아이유) - Song`, `[Tech House] Artist - Song`.
    """
    if piece.note is not None or piece.bracket == "feat" or credited(piece.words, artists).found:
        return False
    if ahead:
        return ahead[0].main and _is_credit(ahead[0].words, artists) and not _changes(piece.words)
    some = tuple(word for word in piece.words if word not in GENRES)
    return piece.bracket in ("[", "【", "［") and some != piece.words and not _changes(some)


def _is_country(piece: Piece) -> bool:
    """`Artist (UK)`."""
    return bool(piece.bracket) and len(piece.words) == 1 and len(piece.raw) <= 3 and piece.raw.isupper()


def _residue(
    found: Found, notes: list[Note], some: Words, artists: tuple[Name, ...], around: Surroundings, before: bool
) -> bool:
    """Explain what stands beside the name without a dash: `Daft Punk One More Time`, `Strobe Extended Mix`."""
    note = understand(some)
    if note is not None and not all(word.isdecimal() for word in some):
        notes.append(note)
        return True
    if before and _is_number(some):
        return True
    name = tuple(word for word in found.name if word not in some)
    credit = credited(some[1:] if some[0] == "by" else some, artists)
    extra = _known_apart(credit.extra, around)
    if credit.found:
        found.credited |= credit.found
        if not extra:
            return True
        note = understand(extra)
        if note is not None:
            notes.append(note)
            return True
        # `Song Artist Eric Prydz Remix`: the version's owner is among the words that were nobody's.
    if _other_script(extra, name) and not _changes(extra):
        found.doubts.append(f"“{' '.join(extra)}” is taken for the same in another script")
        return True
    return not extra


def _other_script(extra: Words, beside: Words) -> bool:
    """Whether some words are all in another script than those beside them: a name or a title said twice."""
    if not extra or not beside:
        return False
    return all(in_latin(word) != in_latin(beside[0]) for word in extra) and all(
        in_latin(word) == in_latin(beside[0]) for word in beside
    )


def _unread(
    found: Found,
    notes: list[Note],
    piece: Piece,
    place: tuple[bool, bool, bool],
    artists: tuple[Name, ...],
    around: Surroundings,
) -> None:
    """Explain a piece that is neither the name nor a version.

    `place`: it stands right before the name; somewhere before it; the name stands in brackets.
    """
    adjacent, before, in_bracket = place
    some = piece.words
    credit = credited(some, artists)
    if before and len(some) > 1 and _is_number(some[:1]) and credit.extra:
        some = some[1:]  # a track's number, unless it is a part of the name: `50 Cent`
        credit = credited(some, artists)
    extra = _known_apart(credit.extra, around)
    found.credited |= credit.found
    if before and piece.main and is_performer(credit.extra):
        found.others += credit.extra  # `DJ Marlon - Kygo - Higher Love`: whoever plays it, not a label
        return
    if not extra or all(word.isdecimal() for word in extra):
        if before and not adjacent and piece.main and credit.extra and credit.extra[-1] not in LABEL_WORDS:
            found.doubts.append(f"“{piece.raw}” is taken for a label")
        return
    if credit.found:
        note = understand(extra)
        if note is not None:
            notes.append(note)
        elif _other_script(extra, tuple(word for word in some if word not in extra)):
            pass  # `周杰倫 Jay Chou`
        elif piece.bracket and _other_script(extra, found.name):
            found.doubts.append(f"“{piece.raw}” is taken for the same in another script")
        elif piece.main or piece.bracket == "feat":
            found.others += _without_backing(piece.words, extra)
        else:
            found.refusal = f"“{piece.raw}” is not understood"
        return
    note = understand(extra)
    if before and (_is_number(piece.words) or note is not None):
        notes += [note] if note is not None else []
        return
    if not before and piece.words[0] in _JOINING_TITLES:
        found.refusal = f"“{piece.raw}”: two tracks in one"
    elif piece.main and adjacent and in_bracket and _other_script(extra, found.name):
        found.doubts.append(f"“{piece.raw}” is taken for the same in another script")
    elif piece.main and adjacent and all(not in_latin(word) for word in extra) and _written_in_latin(artists):
        found.alias = True  # `米津玄師 - Lemon` by Kenshi Yonezu
    elif piece.main and adjacent:
        found.stranger = True
        found.others += extra
    elif piece.main and before:
        found.doubts.append(f"“{piece.raw}” is taken for a label")
    elif _CATALOGUE_NUMBER.match(piece.raw):
        found.tags.append(piece.raw)
    elif piece.main:
        _strange(found, piece, extra)
    elif _is_tag(piece):
        found.tags.append(piece.raw)
        if piece.words[-1] not in LABEL_WORDS and not _is_official(piece, extra):
            found.doubts.append(f"“{piece.raw}” is taken for a label")
    else:
        _strange(found, piece, extra)


def _strange(found: Found, piece: Piece, extra: Words) -> None:
    """What is not understood is most likely another version, unless it says a title again or tells of a film."""
    found.unread.append(piece.raw)
    if _changes(extra):
        found.refusal = f"“{piece.raw}” may be another version"
    elif _TELLING.intersection(extra) or (_other_script(extra, found.name) and not piece.raw[0].islower()):
        found.doubts.append(f"“{piece.raw}” is not understood")
    else:
        found.unclear = f"“{piece.raw}” is not understood, and may be another version"


def _is_official(piece: Piece, extra: Words) -> bool:
    """`[Official Music Video - Awards]`: where the official video is from tells nothing of the recording."""
    head = understand(piece.words[:2])
    return piece.words[0] == "official" and head is not None and not head.versions and not _changes(extra)


def _changes(some: Words) -> bool:
    return says_version(some) or any(word in CHANGING or word in INSTRUMENTS or word in LANGUAGES for word in some)


def _written_in_latin(artists: tuple[Name, ...]) -> bool:
    return bool(artists) and all(in_latin(word) for word in words(artists[0].raw))


def _people(found: Found, some: Words, artists: tuple[Name, ...], around: Surroundings) -> None:
    if not some:
        return
    credit = credited(some, artists)
    found.credited |= credit.found
    in_part = None if credit.found else named_in_part(credit.extra, artists)
    if in_part is not None:
        found.credited.add(in_part)
    else:
        found.others += _known_apart(credit.extra, around)


def _known_apart(extra: Words, around: Surroundings) -> Words:
    """What is left when the channel's name, the album's and those of the listed artists are taken out."""
    core = tuple(word for word in around.channel if word not in LABEL_WORDS)
    for known in (around.channel, core, around.album):
        if known and len(known) <= len(extra):
            for place in range(len(extra) - len(known) + 1):
                if extra[place : place + len(known)] == known:
                    extra = extra[:place] + extra[place + len(known) :]
                    break
    return extra


def _without_backing(some: Words, extra: Words) -> Words:
    """`Bob Marley and the Wailers` is Bob Marley's."""
    for place in range(len(some) - 2):
        if some[place : place + 2] in (("and", "the"), ("and", "his"), ("and", "her")):
            backing = set(some[place + 2 :])
            return tuple(word for word in extra if word not in backing and word not in ("his", "her"))
    return extra


def _is_number(some: Words) -> bool:
    """A track's number: `01`, `A2`."""
    return len(some) == 1 and (
        (some[0].isdecimal() and len(some[0]) <= 3)
        or (len(some[0]) == 2 and some[0][0] in "abcd" and some[0][1].isdecimal())
    )


def _is_tag(piece: Piece) -> bool:
    """A label's name: in square brackets, or with a word that labels have in theirs."""
    if len(piece.words) > 5:
        return False
    if piece.words[-1] in LABEL_WORDS or piece.words[-1].startswith("rec"):
        return True
    return piece.bracket in ("[", "{", "［") and not _changes(piece.words)


def surroundings(channel: str | None, album: Words, listed: tuple[Name, ...]) -> Surroundings:
    """What may be repeated in a title."""
    return Surroundings(
        tuple(word for word in channel_words(channel) if word not in JOINERS) if channel else (), album, listed
    )
