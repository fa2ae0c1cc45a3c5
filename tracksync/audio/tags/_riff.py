"""The chunks of a WAV file that mutagen does not write: the plain PCM header, and RIFF INFO.

(Microsoft's "Multimedia Programming Interface and Data Specifications 1.0", and `mmreg.h` for the extensible header.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from tracksync.errors import Damaged

__all__ = ["plain_pcm_header", "read_info", "write_info"]

_PCM, _EXTENSIBLE = 1, 0xFFFE
_PCM_GUID_TAIL = b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
_LIMIT = 0xFFFF_FFFF


def plain_pcm_header(path: Path) -> None:
    """Make the header of a WAV plain PCM (format 1), in place; nothing moves. No-op where it is so already.

    ffmpeg writes the extensible header (0xFFFE, 40 bytes) for more than 16 bit or 48 kHz, and players refuse it. The
    24 bytes that a plain header (16) leaves free become a JUNK chunk.

    Raises:
        Damaged: the file is no WAV, or holds something else than PCM.
    """
    with path.open("r+b") as stream:
        for name, place, size in _chunks(stream, path):
            if name != b"fmt ":
                continue
            stream.seek(place)
            body = stream.read(size)
            kind = int.from_bytes(body[:2], "little")
            if kind == _PCM:
                return
            if kind != _EXTENSIBLE or size != 40 or body[24:26] != b"\x01\x00" or body[26:40] != _PCM_GUID_TAIL:
                break
            stream.seek(place - 4)
            stream.write(struct.pack("<IH", 16, _PCM) + body[2:16] + b"JUNK" + struct.pack("<I", 16) + bytes(16))
            return
    raise Damaged(f"{path.name} is not a WAV file of PCM.")


def write_info(path: Path, values: Mapping[str, str]) -> None:
    """Write a `LIST` chunk of kind `INFO` at the end, instead of one that is there. What it holds beside ours stays.

    Args:
        values: by four-letter name (`INAM`, `IART`, …).
    """
    merged = {**read_info(path), **values}
    body = b"INFO"
    for name, value in merged.items():
        text = value.encode("utf-8", "ignore") + b"\0"
        body += name.encode("ascii") + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    with path.open("r+b") as stream:
        _drop_info(stream, path)
        end = stream.seek(0, 2)
        if end % 2:
            stream.write(b"\0")
        stream.write(b"LIST" + struct.pack("<I", len(body)) + body)
        size = stream.tell()
        if size - 8 > _LIMIT:
            raise Damaged(f"{path.name} is too large for a WAV file.")
        stream.seek(4)
        stream.write(struct.pack("<I", size - 8))


def read_info(path: Path) -> dict[str, str]:
    """The values of the `INFO` list; empty where there is none."""
    found: dict[str, str] = {}
    with path.open("rb") as stream:
        for name, place, size in _chunks(stream, path):
            stream.seek(place)
            if name != b"LIST" or stream.read(4) != b"INFO":
                continue
            data = stream.read(size - 4)
            offset = 0
            while offset + 8 <= len(data):
                key = data[offset : offset + 4].decode("ascii", "replace")
                length = struct.unpack_from("<I", data, offset + 4)[0]
                raw = data[offset + 8 : offset + 8 + length].split(b"\0", 1)[0]
                found[key] = raw.decode("utf-8", "replace")
                offset += 8 + length + length % 2
    return found


def _drop_info(stream: BinaryIO, path: Path) -> None:
    """Remove every INFO list by moving what stands behind it forward."""
    while True:
        place = next(
            (
                (start - 8, start + size + size % 2)
                for name, start, size in _chunks(stream, path)
                if name == b"LIST" and _kind(stream, start) == b"INFO"
            ),
            None,
        )
        if place is None:
            return
        begin, after = place
        stream.seek(after)
        rest = stream.read()  # tags stand behind the sound: this is small
        stream.seek(begin)
        stream.write(rest)
        stream.truncate()


def _kind(stream: BinaryIO, start: int) -> bytes:
    stream.seek(start)
    return stream.read(4)


def _chunks(stream: BinaryIO, path: Path) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the body and size of each chunk."""
    stream.seek(0)
    head = stream.read(12)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise Damaged(f"{path.name} is not a WAV file.")
    place = 12
    while True:
        stream.seek(place)
        chunk = stream.read(8)
        if len(chunk) < 8:
            return
        size = struct.unpack("<I", chunk[4:])[0]
        yield chunk[:4], place + 8, size
        place += 8 + size + size % 2
