"""What a WAV has beside its ID3 tag: the header that players insist on, and the INFO list that Windows reads.

INFO: a `LIST` chunk of the form `INFO`, whose entries have four letters and a text that ends in NUL (Multimedia
Programming Interface and Data Specifications 1.0, chapter 2). Texts are written in UTF-8, as current programs do.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, Final

from tracksync.audio.tags._chunks import Chunk, chunks, form_of
from tracksync.errors import Damaged

__all__ = ["info_text", "plain_pcm_header", "read_info", "write_info"]

_PCM: Final = 0x0001
_EXTENSIBLE: Final = 0xFFFE
# KSDATAFORMAT_SUBTYPE_PCM: the format tag 1 in the frame that all such GUIDs share.
_PCM_GUID: Final = bytes.fromhex("0100000000001000800000aa00389b71")
_LARGEST = 0xFFFFFFFF

Entries = dict[bytes, bytes]


def plain_pcm_header(path: Path) -> None:
    """Give a PCM file the plain 16-byte `fmt ` chunk with the format tag 1.

    ffmpeg writes WAVE_FORMAT_EXTENSIBLE (0xFFFE) for more than 16 bit or 48 kHz, and CD players refuse that. The 24
    bytes that become free are a `JUNK` chunk, so that nothing else in the file moves. A plain header stays as it is.

    Raises:
        Damaged: it is no WAV, or its samples are not PCM.
    """
    with path.open("r+b") as file:
        found = [chunk for chunk in _wave_chunks(file, path) if chunk.name == b"fmt "]
        if not found:
            raise Damaged(f"{path.name} has no format chunk.")
        fmt = found[0]
        file.seek(fmt.content)
        content = file.read(fmt.size)
        tag = int.from_bytes(content[:2], "little")
        if len(content) >= 16 and tag == _PCM:
            return
        if tag != _EXTENSIBLE or len(content) < 40 or len(content) % 2 or content[24:40] != _PCM_GUID:
            raise Damaged(f"{path.name} is not plain PCM (format tag {tag:#06x}).")
        file.seek(fmt.start)
        file.write(struct.pack("<4sIH", b"fmt ", 16, _PCM) + content[2:16])
        freed = len(content) - 16
        file.write(struct.pack("<4sI", b"JUNK", freed - 8) + bytes(freed - 8))


def write_info(path: Path, entries: dict[str, str]) -> None:
    """Put these entries into the INFO list, behind the samples. Further entries and chunks stay as they are.

    A list that lies before the samples becomes `JUNK` there, so that the samples stay where they are.

    Raises:
        Damaged: it is no WAV, or one that is larger than a WAV can be.
    """
    with path.open("r+b") as file:
        found = _wave_chunks(file, path)
        data = next((chunk for chunk in found if chunk.name == b"data"), None)
        length = file.seek(0, 2)
        if data is None or data.content + data.size > length:
            raise Damaged(f"{path.name} does not hold the samples that its header announces.")
        file.seek(4)
        whole = min(length, 8 + int.from_bytes(file.read(4), "little"))
        merged: Entries = {}
        for chunk in reversed(found):
            merged |= _entries(file, chunk)
        merged |= {name.encode("ascii"): text.encode("utf-8", "ignore") + b"\0" for name, text in entries.items()}
        tail = _tail(file, [chunk for chunk in found if chunk.start > data.start], merged)
        file.seek(whole)
        beyond = file.read()  # what follows the form belongs to somebody else
        if data.end + len(tail) - 8 > _LARGEST:
            raise Damaged(f"{path.name} would become larger than a WAV file can be.")
        for chunk in found:
            if chunk.start < data.start and _is_info(file, chunk):
                file.seek(chunk.start)
                file.write(struct.pack("<4sI", b"JUNK", chunk.size) + bytes(chunk.size))
        file.seek(data.content + data.size)
        file.write(b"\0" * (data.size % 2) + tail)
        end = file.tell()
        file.write(beyond)
        file.truncate()
        file.seek(4)
        file.write(struct.pack("<I", end - 8))


def read_info(path: Path) -> dict[str, str]:
    """The entries of the INFO lists; the first of a name counts. Empty where there are none, or it is no WAV.

    Texts that are not UTF-8 are taken for Windows-1252.
    """
    with path.open("rb") as file:
        if form_of(file) not in ((b"RIFF", b"WAVE"), (b"RF64", b"WAVE")):
            return {}
        merged: Entries = {}
        for chunk in reversed(chunks(file, "<")):
            merged |= _entries(file, chunk)
    return {name.decode("latin-1"): text for name, value in merged.items() if (text := info_text(value))}


def info_text(value: bytes) -> str:
    """The text of an entry, up to its NUL."""
    text = value.split(b"\0", 1)[0]
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def _wave_chunks(file: IO[bytes], path: Path) -> list[Chunk]:
    if form_of(file) != (b"RIFF", b"WAVE"):
        raise Damaged(f"{path.name} is not a WAV file.")
    return chunks(file, "<")


def _is_info(file: IO[bytes], chunk: Chunk) -> bool:
    if chunk.name != b"LIST" or chunk.size < 4:
        return False
    file.seek(chunk.content)
    return file.read(4) == b"INFO"


def _entries(file: IO[bytes], chunk: Chunk) -> Entries:
    if not _is_info(file, chunk):
        return {}
    body = file.read(chunk.size - 4)
    found: Entries = {}
    at = 0
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        found.setdefault(name, body[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return found


def _packed(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def _tail(file: IO[bytes], behind: list[Chunk], entries: Entries) -> bytes:
    """Everything behind the samples, with the one INFO list where one was, else at the end."""
    info = _packed(b"LIST", b"INFO" + b"".join(_packed(name, value) for name, value in entries.items()))
    parts: list[bytes] = []
    placed = not entries
    for chunk in behind:
        if not _is_info(file, chunk):
            file.seek(chunk.content)
            parts.append(_packed(chunk.name, file.read(chunk.size)))
        elif not placed:
            parts.append(info)
            placed = True
    return b"".join(parts if placed else [*parts, info])
