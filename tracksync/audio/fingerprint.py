"""Chromaprint fingerprints: computed by essentia, read and compared here.

A fingerprint is a row of 32-bit numbers, one for each 0.1238 s (4096 samples at 11,025 Hz, two thirds overlapping),
packed as AcoustID packs them. The form, as the Chromaprint project describes it: base64url without padding; a byte
that names the algorithm, three bytes with the count of numbers, big endian; then, each number XORed with the one before
it, the distances between its set bits from the lowest up, in 3 bits each, least significant bit first, a 0 ending the
number; a distance of 7 or more is a 7, and what it has beyond 7 follows, for all of them, in 5 bits each behind the
padded first part.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from tracksync.audio.samples import Mono, load_essentia, resample

__all__ = ["ITEM_S", "decode", "fingerprint", "similarity"]

ITEM_S = 4096 / 3 / 11_025
"""Seconds between two numbers of a fingerprint."""

_RATE = 44_100
_REACH_S = 3.0

Items = NDArray[np.uint32]


def fingerprint(mono: Mono, sample_rate: int) -> str:
    """The fingerprint of the whole of `mono` (float32, -1 to 1), as `fpcalc -length 0` prints it.

    Raises:
        ImportError: there is no essentia for this machine.
    """
    samples = np.ascontiguousarray(resample(mono, sample_rate, _RATE))
    return str(load_essentia().Chromaprinter(sampleRate=_RATE)(samples))


def decode(text: str) -> Items:
    """The numbers of a packed fingerprint.

    Raises:
        ValueError: it is none.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
    if len(data) < 4:
        raise ValueError("shorter than its header")
    count = int.from_bytes(data[1:4])
    bits = np.unpackbits(np.frombuffer(data[4:], dtype=np.uint8), bitorder="little")
    small = _numbers(bits, 3)
    ends = np.flatnonzero(small == 0)
    if len(ends) < count:
        raise ValueError("it ends before its last number")
    used = int(ends[count - 1]) + 1 if count else 0
    distances = small[:used].astype(np.int64)
    large = np.flatnonzero(distances == 7)
    begin = -(-used * 3 // 8) * 8
    beyond = _numbers(bits[begin:], 5)
    if len(beyond) < len(large):
        raise ValueError("it ends before its last distance")
    distances[large] += beyond[: len(large)]
    items = np.zeros(count, dtype=np.uint32)
    start, before = 0, 0
    for index, end in enumerate(ends[:count]):
        places = np.cumsum(distances[start:end]) - 1
        if len(places) and places[-1] > 31:
            raise ValueError("a bit beyond the 32nd")
        before ^= int(sum(1 << int(place) for place in places))
        items[index] = before
        start = int(end) + 1
    return items


def _numbers(bits: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """The bits read as numbers of `width` bits, least significant first."""
    whole = len(bits) // width * width
    weights = (1 << np.arange(width)).astype(np.uint8)
    numbers: NDArray[np.uint8] = (bits[:whole].reshape(-1, width) * weights).sum(axis=1, dtype=np.uint8)
    return numbers


def similarity(one: Items, other: Items) -> tuple[float, int]:
    """How many of their bits agree, 0.5 (strangers) to 1 (the same), at the best offset within three seconds, and that.

    The offset is in items: `one[offset + i]` lies on `other[i]`. Fingerprints that hardly overlap are strangers.
    """
    best, best_offset = 0.5, 0
    reach = round(_REACH_S / ITEM_S)
    for offset in range(-reach, reach + 1):
        left = one[max(0, offset) :]
        right = other[max(0, -offset) :]
        length = min(len(left), len(right))
        if length < 8 or length < 0.5 * min(len(one), len(other)):
            continue
        differing = int(np.bitwise_count(left[:length] ^ right[:length]).sum())
        score = 1 - differing / (32 * length)
        if score > best:
            best, best_offset = score, offset
    return best, best_offset
