"""A track that has no id anywhere: what it is called is all that names it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

__all__ = ["name_key"]


def name_key(title: str, artists: Sequence[str]) -> str:
    """`name:<sha256 of the folded artists and title>`, the same for every way to write the same name.

    Folded are case, width and composition (NFKC) and runs of spaces; the order of the artists does not count. Accents
    and other marks do: in many scripts they tell words apart. A version in the title is part of the name.
    """
    names = sorted({folded for artist in artists if (folded := _folded(artist))})
    text = "\x1f".join([*names, "\x1e", _folded(title)])
    return f"name:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())
