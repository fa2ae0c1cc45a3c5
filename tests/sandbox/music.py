"""Audio for tests, made by the project itself, once a session."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from examples.pieces import PIECES, Piece, render, tags, write_with_ffmpeg
from tracksync.audio.ffmpeg import find_ffmpeg

__all__ = ["LENGTH_S", "Music"]

LENGTH_S = 20.0
"""Of each piece: enough for its tempo and its key, and two thirds of the time that half a minute takes."""

_OPTIONS = {"mp3": ("-b:a", "192k"), "m4a": ("-b:a", "192k")}


@dataclass(frozen=True)
class Music:
    """Pieces as files below `folder`, which workers may share; each is rendered once."""

    folder: Path

    def piece(self, number: int, suffix: str) -> Path:
        """A piece of `examples.pieces.PIECES`, tagged."""
        return self.write(PIECES[number], suffix)

    def write(self, piece: Piece, suffix: str, *, without: Iterable[str] = ()) -> Path:
        """Any piece, tagged; `without` leaves stems out."""
        piece = replace(piece, seconds=min(piece.seconds, LENGTH_S))
        name = hashlib.sha256(repr((piece, tuple(without))).encode()).hexdigest()[:10]

        def write(path: Path) -> None:
            write_with_ffmpeg(
                path,
                render(piece, without=without),
                ffmpeg=find_ffmpeg(None).path,
                options=_OPTIONS.get(suffix, ()),
                metadata=tags(piece),
            )

        return self.once(f"{name}.{suffix}", write)

    def once(self, name: str, write: Callable[[Path], None]) -> Path:
        """A file of this name, written where nobody has written it yet."""
        path = self.folder / name
        if not path.exists():
            # Beside its place first: another worker must not find half of it, nor another one in place of it.
            fresh = path.with_name(f"{os.getpid()}-{name}")
            write(fresh)
            with suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        return path
