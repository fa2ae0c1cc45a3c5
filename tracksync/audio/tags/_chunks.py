"""The chunks of RIFF (WAV, little endian) and IFF (AIFF, big endian) files: a name, a length, and the content."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, Literal

__all__ = ["Chunk", "chunks", "form_of"]

_HEADER = 8


@dataclass(frozen=True)
class Chunk:
    """A chunk as it lies in the file. `start` is where its header begins; `size` is what its header says."""

    name: bytes
    start: int
    size: int

    @property
    def content(self) -> int:
        """Where the content begins."""
        return self.start + _HEADER

    @property
    def end(self) -> int:
        """Where the next chunk begins: contents of odd length are followed by one byte of padding."""
        return self.content + self.size + self.size % 2


def form_of(file: IO[bytes]) -> tuple[bytes, bytes]:
    """The file's outer name and its form: `(b"RIFF", b"WAVE")`, `(b"FORM", b"AIFF")`."""
    file.seek(0)
    header = file.read(12)
    return header[:4], header[8:12]


def chunks(file: IO[bytes], order: Literal["<", ">"]) -> list[Chunk]:
    """The chunks of the file's one form, in their order. A last one may claim more than there is.

    Args:
        file: a RIFF or IFF file; it is only read.
        order: `<` for RIFF, `>` for IFF.
    """
    length = file.seek(0, 2)
    file.seek(4)
    size = file.read(4)
    if len(size) < 4:
        return []
    end = min(length, _HEADER + struct.unpack(f"{order}I", size)[0])
    found = []
    at = 12
    while at + _HEADER <= end:
        file.seek(at)
        name, content = struct.unpack(f"{order}4sI", file.read(_HEADER))
        found.append(Chunk(name, at, content))
        at = found[-1].end
    return found
