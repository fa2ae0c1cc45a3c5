"""Audio for tests, made by the project itself, once a session."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from examples.pieces import PIECES, Piece, render, tags, write_with_ffmpeg
from tracksync.audio.ffmpeg import find_ffmpeg

__all__ = ["Music"]

_OPTIONS = {"mp3": ("-b:a", "192k"), "m4a": ("-b:a", "192k")}


@dataclass(frozen=True)
class Music:
    """Pieces as files below `folder`; each is rendered once."""

    folder: Path

    def piece(self, number: int, suffix: str) -> Path:
        """A piece of `examples.pieces.PIECES`, tagged."""
        return self.write(PIECES[number], suffix)

    def write(self, piece: Piece, suffix: str, *, without: Iterable[str] = ()) -> Path:
        """Any piece, tagged; `without` leaves stems out."""
        piece = replace(piece, seconds=min(piece.seconds, 30))
        name = hashlib.sha256(repr((piece, tuple(without))).encode()).hexdigest()[:10]
        path = self.folder / f"{name}.{suffix}"
        if not path.exists():
            write_with_ffmpeg(
                path,
                render(piece, without=without),
                ffmpeg=find_ffmpeg(None).path,
                options=_OPTIONS.get(suffix, ()),
                metadata=tags(piece),
            )
        return path
