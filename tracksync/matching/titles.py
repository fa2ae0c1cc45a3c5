"""A raw title taken apart: the pieces between dashes, brackets and quotes, and what is said in each.

Sites title in their own ways: `Artist - Title (Version) [Label]`, `Title` with the artist beside it, `PREMIERE:
Artist - Title`, `Artist「Title」Official MV`, `Title / Artist`. Which piece is the name is sure only where it is known
what is looked for; `parse` says what it most likely is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tracksync.matching.names import Name, credited, names_of, own_channel
from tracksync.matching.tokens import Words, clean, words
from tracksync.matching.versions import Note, Version, understand

__all__ = ["ParsedTitle", "Piece", "parse", "pieces_of", "without_artist"]

_MOST_PIECES = 14
_MOST_WORDS = 40
_OPENING = {"(": ")", "[": "]", "{": "}", "【": "】", "〔": "〕", "［": "］", "（": "）", "<": ">"}
_QUOTING = {"「": "」", "『": "』", "《": "》", "〈": "〉", "“": "”", "«": "»", "„": "“", "≪": "≫"}
_SEPARATOR = re.compile(r" [-–—―−~〜～•·→»≫/:|-]{1,3} | ?[|｜¦] ?|(?<=[^\s-])[-–—] | [-–—](?=[^\s-])| ?[–—―] ?| ?／ ?")
_FEAT = re.compile(r"(?i) (?=(?:feat|ft|featuring)\b\.? ?\S)")
_PRODUCED = re.compile(r"(?i) (?=(?:prod(?:uced)?\.?(?: by)?|beat by)[ .:]+\S)")
_HASHTAGS = re.compile(r"(?:(?:^| )#[^\W\d][\w]*)+$")
_SHORTS = re.compile(r"(?i)#shorts?\b")
_QUOTED_ORIGIN = re.compile(r'(?i)\b(from(?: the [a-z ]{1,30})?|aus|из) ["“]([^"“”]{1,200})["”]')
_IN_BRACKETS = re.compile(r"(?<=[(\[])[^()\[\]]{1,200}(?=[)\]])")
_STRAIGHT_QUOTES = re.compile(r'(?:(?<=\s)|^)"([^"]{1,200})"(?=[\s\])}:,-]|$)')


@dataclass(frozen=True)
class Piece:
    """A part of a title. `note` is what it says where it could be something other than the name."""

    raw: str
    words: Words
    bracket: str
    """The bracket that it stands in; empty outside of any. `feat` where it is a guest without brackets."""
    note: Note | None

    @property
    def main(self) -> bool:
        """Whether it stands outside of brackets."""
        return not self.bracket


@dataclass(frozen=True)
class ParsedTitle:
    """What a raw title most likely says."""

    name: str
    artists: tuple[str, ...]
    featured: tuple[str, ...]
    versions: frozenset[Version]


def pieces_of(raw: str) -> tuple[Piece, ...]:
    """The pieces of a title, in their order."""
    return _pieces_of(clean(raw))


@lru_cache(maxsize=4096)
def _pieces_of(raw: str) -> tuple[Piece, ...]:
    text = clean(html.unescape(raw))
    if "_" in text and " " not in text:
        text = text.replace("_", " ")
    is_short = bool(_SHORTS.search(text))
    untagged = _HASHTAGS.sub("", text).strip()
    if untagged and untagged[-1] not in "-–—|/:":
        text = untagged
    text = _QUOTED_ORIGIN.sub(r"\1 \2", _IN_BRACKETS.sub(_without_inner_quotes, text))
    text = _STRAIGHT_QUOTES.sub(r"“\1”", text)
    found: list[tuple[str, str]] = []
    _cut(text, found)
    if is_short:
        found.append(("shorts", "("))
    found = [(part, bracket) for part, bracket in found if words(part)][:_MOST_PIECES]
    read = ((part, bracket, words(part)[:_MOST_WORDS]) for part, bracket in found)
    return tuple(Piece(part, some, bracket, understand(some)) for part, bracket, some in read) or _unreadable(text)


def without_artist(pieces: Sequence[Piece], artists: Sequence[Name]) -> list[Piece]:
    """The pieces without the artists' names at the beginning, where a name follows: `deadmau5 - Strobe` by deadmau5."""
    mains = [piece for piece in pieces if piece.main]
    if artists and len(mains) > 1 and mains[1].note is None:
        credit = credited(mains[0].words, artists)
        if credit.found and not credit.extra:
            return [piece for piece in pieces if piece is not mains[0]]
    return list(pieces)


def _without_inner_quotes(bracket: re.Match[str]) -> str:
    """`From "Despicable Me 2"` in brackets is one piece: what is quoted there is no title by itself."""
    inside = bracket[0]
    if inside[:1] in '"“' and inside[-1:] in '"”':
        return inside
    return re.sub(r'["“”]', "", inside)


def _unreadable(text: str) -> tuple[Piece, ...]:
    """A title without a letter, `÷` or `???`, is compared as it is written."""
    plain = "".join(text.split()).casefold()
    return (Piece(text, (plain,), "", None),) if plain else ()


def _cut(text: str, found: list[tuple[str, str]]) -> None:
    """Pieces with the bracket that they stand in; the innermost where brackets are nested."""
    stack: list[tuple[str, str]] = []
    start = 0

    def take(end: int) -> None:
        part = text[start:end].strip()
        if part:
            found.append((part, stack[-1][0] if stack else ""))

    for place, letter in enumerate(text):
        closing = _OPENING.get(letter) or _QUOTING.get(letter)
        if closing and not (letter == "<" and ">" not in text[place:]):
            take(place)
            stack.append((letter if letter in _OPENING else (stack[-1][0] if stack else ""), closing))
            start = place + 1
        elif stack and letter in (close for _, close in stack):
            take(place)
            while stack and stack.pop()[1] != letter:
                pass
            start = place + 1
        elif letter in ")]}】":
            take(place)
            start = place + 1
    take(len(text))
    cut = [part for whole, bracket in found for part in _parts(whole, bracket)]
    found[:] = [(part, bracket) for part, bracket in cut if part]


def _parts(text: str, bracket: str) -> list[tuple[str, str]]:
    if bracket:
        return [(text, bracket)]
    parts: list[tuple[str, str]] = []
    for part in _SEPARATOR.split(_announced(text)):
        head, *guests = _FEAT.split(part)
        if head.casefold().startswith(("feat. ", "ft. ", "feat ", "featuring ")) and not guests:
            parts.append((head.strip(), "feat"))
            continue
        head, *makers = _PRODUCED.split(head, maxsplit=1)
        parts.append((head.strip(), ""))
        parts += [(guest.strip(), "feat") for guest in (*guests, *makers)]
    return parts


def _announced(text: str) -> str:
    """A title without what announces it: `PREMIERE: …`, `Free DL: …`."""
    head, colon, rest = text.partition(":")
    note = understand(words(head)) if colon and rest.strip() else None
    return rest.strip() if note is not None and note == Note() else text


def parse(raw: str, artists: Sequence[str] = (), channel: str | None = None) -> ParsedTitle:
    """What a raw title most likely says, with what stands beside it.

    Args:
        raw: the title as the site has it.
        artists: who the site says it is by; empty where it does not.
        channel: who uploaded it.
    """
    pieces = pieces_of(raw)
    known = names_of(artists)
    versions: set[Version] = set()
    featured: list[str] = []
    for piece in pieces:
        if piece.note and not piece.main:
            versions |= piece.note.versions
            featured += _raw_guests(piece)
    mains = [piece for piece in pieces if piece.main]
    while len(mains) > 1 and mains[0].note and not mains[0].note.versions and not credited(mains[0].words, known).found:
        mains.pop(0)  # `PREMIERE: …`, a track's number
    names = mains[:1]
    for piece in mains[1:]:
        if piece.note:
            versions |= piece.note.versions
            featured += _raw_guests(piece)
        else:
            names.append(piece)
    who = tuple(artists)
    if len(names) > 1:
        first, last = credited(names[0].words, known), credited(names[-1].words, known)
        if first.found or not known:
            who = who or _split(names[0].raw)
            names = names[1:]
        elif last.found:
            names = names[:-1]
    if not who and channel:
        who = (own_channel(channel),)
    unread = [
        piece.raw
        for piece in pieces
        if not piece.main and piece.note is None and not credited(piece.words, known).found
    ]
    name = " - ".join(piece.raw for piece in names)
    if any(piece.bracket in ("(", "（") for piece in pieces if piece.raw in unread):
        name = " ".join([name, *(f"({text})" for text in unread)]).strip()
    return ParsedTitle(name or clean(raw), who, tuple(dict.fromkeys(featured)), frozenset(versions))


_JOINED = re.compile(r"(?i)\s*(?:,|;|&|\+|\bx\b|\bvs\b\.?|\bfeat\b\.?|\bft\b\.?|\bfeaturing\b|\band\b|×)\s*")
_LEADING = re.compile(r"(?i)^(?:feat\b\.?|ft\b\.?|featuring\b|with\b|w/)\s*")


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in _JOINED.split(text)) if part)


def _raw_guests(piece: Piece) -> list[str]:
    if piece.note is None or not piece.note.guests or piece.note.versions:
        return []
    return list(_split(_LEADING.sub("", piece.raw)))
