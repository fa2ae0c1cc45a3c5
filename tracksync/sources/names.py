"""Tracks that are known by their name alone: an entry `artist - title` of a list, a player's file without a path."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["name_key"]


def name_key(title: str, artists: Sequence[str]) -> str:
    """`name:<sha256>` of artists and title, however they are written (case, accents, spaces, the artists' order)."""
    from tracksync.catalogue.songs import song

    return f"name:{hashlib.sha256(song(title, artists).encode('utf-8', 'surrogatepass')).hexdigest()}"
