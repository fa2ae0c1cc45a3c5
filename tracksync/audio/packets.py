"""What a file holds and the hash of its sound, for very many files: as `probe` and `audio_sha256` say, but cheaper.

A plain WAV or AIFF is read here: its packets are the bytes of its data chunk, so no program need be started. Anything
else, and whatever looks the least bit odd, is read by one ffmpeg instead of two.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from tracksync.audio.decode import audio_sha256, hash_packets
from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.audio.probe import described, probe
from tracksync.audio.tags._chunks import Chunk, chunks, form_of
from tracksync.model import SourceAudio

__all__ = ["Packets", "read_packets", "read_plain_pcm"]

_BLOCK = 1 << 20
_HASH = re.compile(r"^SHA256=([0-9a-fA-F]{64})$", re.MULTILINE)
_TIME = re.compile(r"time=(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_HEAD = 1 << 16
# Dolby and DTS are hidden in PCM at times, and ffmpeg takes them out: sync words of IEC 61937 and of DTS, both ways.
_NOT_PLAIN = re.compile(
    rb"\x72\xf8\x1f\x4e|\xf8\x72\x4e\x1f|\x7f\xfe\x80\x01|\xfe\x7f\x01\x80|\x1f\xff\xe8\x00|\xff\x1f\x00\xe8"
)


@dataclass(frozen=True)
class Packets:
    """A file's first audio stream, and what its packets come to."""

    audio: SourceAudio
    sha256: str
    """As `audio_sha256` has it."""
    length_s: float | None
    """How far the packets reach, whatever the header says; None where ffmpeg does not tell."""


def read_packets(ff: Ffmpeg, path: Path) -> Packets:
    """Describe and hash the first audio stream; nothing is decoded.

    Raises:
        NotFound, Refused, Damaged, NotAudio, Unsupported: as `probe`.
        Unreachable: its disk does not answer.
    """
    plain = read_plain_pcm(path)
    if plain is not None:
        return plain
    done = hash_packets(ff, path, loglevel="info")
    said = done.stderr.decode("utf-8", "replace")
    audio, digest = described(said), _HASH.search(done.stdout.decode("ascii", "replace"))
    if audio is None or digest is None or done.returncode != 0:
        # Asked one by one, they say what is wrong.
        return Packets(probe(ff, path), audio_sha256(ff, path), None)
    times = _TIME.findall(said)
    reached = sum(float(part) * unit for part, unit in zip(times[-1], (3600, 60, 1), strict=True)) if times else None
    return Packets(audio, digest[1].lower(), reached)


def read_plain_pcm(path: Path) -> Packets | None:
    """The same of a WAV or AIFF of whole numbers that is complete and in order; None for any other file."""
    try:
        with path.open("rb") as file:
            match form_of(file):
                case (b"RIFF", b"WAVE"):
                    return _wav(file, chunks(file, "<"))
                case (b"FORM", b"AIFF"):
                    return _aiff(file, chunks(file, ">"))
    except (OSError, struct.error):
        pass  # ffmpeg's words for it are better
    return None


def _wav(file: IO[bytes], found: Sequence[Chunk]) -> Packets | None:
    names = [chunk.name for chunk in found]
    if names.count(b"fmt ") != 1 or names.count(b"data") != 1 or names.index(b"data") < names.index(b"fmt "):
        return None
    head, data = found[names.index(b"fmt ")], found[names.index(b"data")]
    if head.size < 16:
        return None
    file.seek(head.content)
    kind, channels, rate, _, block, bits = struct.unpack("<HHIIHH", file.read(16))
    if kind != 1 or bits not in (16, 24, 32) or block != channels * bits // 8:
        return None
    return _hashed(file, "wav", "le", channels, rate, bits, data.content, data.size)


def _aiff(file: IO[bytes], found: Sequence[Chunk]) -> Packets | None:
    names = [chunk.name for chunk in found]
    if names.count(b"COMM") != 1 or names.count(b"SSND") != 1 or names.index(b"SSND") < names.index(b"COMM"):
        return None
    head, data = found[names.index(b"COMM")], found[names.index(b"SSND")]
    if head.size < 18 or data.size < 8:
        return None
    file.seek(head.content)
    channels, frames, bits, exponent, mantissa = struct.unpack(">HIHHQ", file.read(18))
    file.seek(data.content)
    offset, _ = struct.unpack(">II", file.read(8))
    # An 80-bit float: 15 bits of exponent, and a mantissa with its point behind the first bit.
    shift = 63 - (exponent - 16383)
    if bits not in (16, 24, 32) or offset or not 0 <= shift < 64 or mantissa & ((1 << shift) - 1):
        return None
    if frames * channels * bits // 8 != data.size - 8:
        return None
    return _hashed(file, "aiff", "be", channels, mantissa >> shift, bits, data.content + 8, data.size - 8)


def _hashed(
    file: IO[bytes], container: str, order: Literal["le", "be"], channels: int, rate: int, bits: int,
    start: int, size: int,
) -> Packets | None:  # fmt: skip
    block = channels * bits // 8
    if not (1 <= channels <= 8 and rate) or size == 0 or size % block or file.seek(0, 2) < start + size:
        return None
    file.seek(start)
    digest, left = hashlib.sha256(), size
    while left:
        piece = file.read(min(left, _BLOCK))
        if not piece or (left == size and _NOT_PLAIN.search(piece[:_HEAD])):
            return None
        digest.update(piece)
        left -= len(piece)
    seconds = size // block / rate
    audio = SourceAudio(
        container=container,
        codec=f"pcm_s{bits}{order}",
        sample_rate=rate,
        channels=channels,
        bits=bits,
        bitrate_kbps=rate * block * 8 // 1000,
        duration_s=round(seconds, 2),
    )
    return Packets(audio, digest.hexdigest(), seconds)
