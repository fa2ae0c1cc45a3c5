"""What to search for: short and clean, the surest first."""

from __future__ import annotations

import re

from tracksync.matching.model import Wanted
from tracksync.matching.names import credited, names_of, own_channel
from tracksync.matching.titles import Piece, pieces_of, without_artist
from tracksync.matching.tokens import clean
from tracksync.text import normal_isrc

__all__ = ["queries_for"]

_LONGEST_QUERY = 120
_MOST_ARTISTS = 2
# What a search engine takes for an order: quotes, an excluding minus, wildcards, brackets.
_ORDERS = re.compile(r"[\"“”„«»「」『』【】()\[\]{}<>*|\\~^]|(?:(?<=\s)|^)[-+!:#]+(?=\S)")


def queries_for(wanted: Wanted) -> tuple[str, ...]:
    """The queries for a wanted track, in the order to try them.

    An ISRC where it has one; then artists, name and version; then the first artist and the name alone, where that is
    something else: sites that know no guests and no subtitles find it by that. Empty where there is nothing to look
    for.
    """
    artists = names_of(wanted.artists)
    pieces = without_artist(pieces_of(wanted.title), artists)
    first = next((piece for piece in pieces if piece.main), pieces[0] if pieces else None)
    names = [piece for piece in pieces if piece is first or (piece.note is None and piece.bracket != "feat")]
    versions = [piece for piece in pieces if piece not in names and piece.note and piece.note.versions]
    who = [own_channel(name.raw) for name in artists if not _says(versions, name.raw)][:_MOST_ARTISTS]
    full = _query([*who, *(piece.raw for piece in names), *(piece.raw for piece in versions)])
    short = _query([*who[:1], *(piece.raw for piece in names if piece.main), *(piece.raw for piece in versions)])
    isrc = normal_isrc(wanted.isrc)
    return tuple(dict.fromkeys(query for query in (isrc, full, short) if query))


def _says(pieces: list[Piece], name: str) -> bool:
    return any(credited(piece.words, names_of([name])).found for piece in pieces)


def _query(parts: list[str]) -> str:
    plain = clean(_ORDERS.sub(" ", " ".join(part for part in parts if part)))
    if len(plain) <= _LONGEST_QUERY:
        return plain
    return plain[: _LONGEST_QUERY + 1].rpartition(" ")[0] or plain[:_LONGEST_QUERY]
