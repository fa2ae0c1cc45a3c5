"""Samples in memory: what may be measured at all, reading them from a file, and changing their rate.

One channel of float32, -1 to 1, is what the measurements take. This module imports numpy and is imported lazily.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SILENCE_DB", "Mono", "level_db", "load_essentia", "read_blocks", "resample", "resample_blocks", "unfit"]

Mono = NDArray[np.float32]

SILENCE_DB = -60.0
"""dBFS (RMS). Below it there is nothing to measure: on digital silence essentia answers 738 BPM, surely."""

_BLOCK_FRAMES = 1 << 18  # about 6 s, 2 MB of stereo: small beside essentia, large enough that calls cost nothing


def load_essentia() -> Any:
    """essentia's standard algorithms, without its messages on the console.

    Raises:
        ImportError: there is no essentia for this machine.
    """
    import essentia

    essentia.log.infoActive = False
    essentia.log.warningActive = False
    import essentia.standard

    return essentia.standard


def level_db(samples: Mono) -> float:
    """The RMS level in dBFS; -inf for digital silence."""
    if not len(samples):
        return float("-inf")
    power = float(np.dot(samples, samples)) / len(samples)
    return 10 * float(np.log10(power)) if power > 0 else float("-inf")


def unfit(samples: Mono, sample_rate: int, *, at_least_s: float) -> str | None:
    """Why these samples cannot be measured, as a clause without a full stop; None where they can.

    essentia must never see NaN or infinity: KeyExtractor hangs, RhythmExtractor invents a tempo.
    """
    if not np.isfinite(np.dot(samples, samples)) and not np.isfinite(samples).all():
        return "the audio holds values that are not numbers"
    if len(samples) < at_least_s * sample_rate:
        return f"the audio is shorter than {at_least_s:g} s"
    if level_db(samples) < SILENCE_DB:
        return "the audio is silent"
    return None


def read_blocks(path: Path, *, start: int = 0, frames: int = -1) -> Iterator[Mono]:
    """The file's mean of channels, block by block, from frame `start` on, so that a long file needs little memory.

    Raises:
        soundfile.LibsndfileError: the file is not audio that libsndfile reads.
    """
    import soundfile

    with soundfile.SoundFile(path) as file:
        file.seek(min(start, file.frames))
        left = file.frames - file.tell() if frames < 0 else min(frames, file.frames - file.tell())
        while left > 0:
            block: NDArray[np.float32] = file.read(min(left, _BLOCK_FRAMES), dtype="float32", always_2d=True)
            if not len(block):
                return
            left -= len(block)
            yield _mean(block)


def _mean(block: NDArray[np.float32]) -> Mono:
    if block.shape[1] == 1:
        return block[:, 0]
    if block.shape[1] == 2:  # several times faster than mean(axis=1)
        return (block[:, 0] + block[:, 1]) * np.float32(0.5)
    mean: Mono = block.mean(axis=1, dtype=np.float32)
    return mean


def resample_blocks(blocks: Iterator[Mono], source_rate: int, target_rate: float) -> Iterator[Mono]:
    """Another sample rate, block by block, by Fourier transform: band-limited to the lower of the two rates.

    The transform takes long pieces with a guard on both sides, which is dropped again, so that the pieces join.
    """
    ratio = Fraction(target_rate).limit_denominator(1 << 16) / Fraction(source_rate)
    if ratio == 1:
        yield from blocks
        return
    # A piece is `unit` source samples times a number; its counterpart is a whole number of target samples.
    # Powers of two, because the transform is quickest there.
    unit = ratio.denominator
    guard = unit << max(0, (4096 // unit).bit_length())
    body = (unit << max(4, (_BLOCK_FRAMES // unit).bit_length())) - 2 * guard
    held = np.zeros(guard, dtype=np.float32)
    for block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= guard + body + guard:
            yield _resample_piece(held[: body + 2 * guard], guard, ratio)
            held = held[body:]
    last = len(held) - guard
    if last > 0:
        whole = -(-last // unit) * unit
        padded = np.concatenate((held, np.zeros(guard + whole - last, dtype=np.float32)))
        yield _resample_piece(padded, guard, ratio)[: math.ceil(last * ratio)]


def _resample_piece(piece: Mono, guard: int, ratio: Fraction) -> Mono:
    target = int(len(piece) * ratio)
    spectrum = np.fft.rfft(piece)
    keep = min(len(spectrum), target // 2 + 1)
    # The uppermost twentieth fades out: a hard edge would ring.
    fade = max(1, keep // 20)
    spectrum[keep - fade : keep] *= np.linspace(1, 0, fade, dtype=np.float32)
    result = np.fft.irfft(spectrum[:keep], target) * float(ratio)
    edge = int(guard * ratio)
    return result[edge : target - edge].astype(np.float32)


def resample(samples: Mono, source_rate: int, target_rate: int) -> Mono:
    """`samples` at another rate; see `resample_blocks`."""
    if source_rate == target_rate:
        return samples
    pieces = list(resample_blocks(iter((samples,)), source_rate, target_rate))
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)
