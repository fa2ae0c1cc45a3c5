"""The tempo of a recording.

essentia's RhythmExtractor2013 (method "degara": Degara et al., "Reliability-Informed Beat Tracking of Musical
Signals", IEEE TASLP 2012) finds the beats and decides the octave. Its figure is then refined on the periodicity of an
onset envelope over up to 32 beats, to a few hundredths of a BPM.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracksync.audio.samples import Mono, load_essentia, resample, unfit

__all__ = ["MINIMUM_S", "Tempo", "measure_tempo"]

MINIMUM_S = 10.0
"""Seconds. Under about ten there is no tempo to be had."""

_ESSENTIA_RATE = 44_100  # RhythmExtractor2013 takes nothing else
_SLOWEST, _FASTEST = 40.0, 260.0  # BPM, of the alternatives
_RATIOS = (1 / 2, 2 / 3, 3 / 4, 4 / 3, 3 / 2, 2.0)
_ALTERNATIVES = 3
_SNAP_KEEPS = 0.97  # a whole or half BPM is taken when this part of the comb's height remains

# The onset envelope, at half of the sample rate.
_FFT, _HOP = 1024, 128
_BANDS = 8
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 9000.0
_RISE = 4  # frames over which a rise in loudness counts
_FLAT = 0.05  # a band whose loudness moves less than this (music: about 0.5) must not be blown up

# Confidence: the height of the comb (an autocorrelation, 1 for exact repetition) that counts for nothing and for all.
_NO_PULSE, _CLEAR_PULSE = 0.06, 0.35

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Tempo:
    """A tempo in beats a minute, or the reason why there is none.

    `confidence` is 0 to 1: how regularly the onsets repeat at the beat (0 where they do so no more than noise does, 1
    from a clear pulse on), times the part of the tracked beats that keep the distance. It says that there is a steady
    pulse at this tempo or at a multiple of it, not that the octave is right. `alternatives` are other readings of the
    same pulse, best first; `beats` are seconds from the first sample.
    """

    bpm: float | None = None
    confidence: float | None = None
    alternatives: tuple[float, ...] = ()
    beats: tuple[float, ...] = ()
    reason: str | None = None


def measure_tempo(mono: Mono, sample_rate: int) -> Tempo:
    """Measure the tempo of one channel of float32 samples.

    There is none, with a reason, for less than ten seconds, for silence, for samples that are not numbers, and where
    no beats were found.

    Raises:
        ImportError: there is no essentia for this machine.
    """
    reason = unfit(mono, sample_rate, at_least_s=MINIMUM_S)
    if reason:
        return Tempo(reason=reason)
    essentia = load_essentia()
    samples = np.ascontiguousarray(resample(mono, sample_rate, _ESSENTIA_RATE))
    coarse, ticks, _, _, _ = essentia.RhythmExtractor2013(method="degara")(samples)
    coarse = float(coarse)
    if not math.isfinite(coarse) or coarse <= 0 or len(ticks) < 4:
        return Tempo(reason="no beats were found in the audio")
    comb = _Comb(onset_envelope(samples, _ESSENTIA_RATE), _ESSENTIA_RATE / 2 / _HOP)
    bpm = comb.refine(coarse)
    pulse = (comb.height(bpm, 8) - _NO_PULSE) / (_CLEAR_PULSE - _NO_PULSE)
    confidence = min(1.0, max(0.0, pulse)) * _regularity(np.asarray(ticks, dtype=np.float64), 60 / bpm)
    others = [bpm * ratio for ratio in _RATIOS if _SLOWEST <= bpm * ratio <= _FASTEST]
    others.sort(key=lambda other: comb.height(other, 4) * _prior(other), reverse=True)
    beats = tuple(round(float(tick), 3) for tick in ticks)
    return Tempo(bpm, confidence, tuple(others[:_ALTERNATIVES]), beats)


def onset_envelope(mono: Mono, sample_rate: int) -> Curve:
    """How much louder the sound becomes, in eight bands together, `sample_rate` / 256 values a second."""
    even = len(mono) // 2 * 2
    half = (mono[:even:2] + mono[1:even:2]) * np.float32(0.5)
    frames = np.lib.stride_tricks.sliding_window_view(half, _FFT)[::_HOP]
    window = np.hanning(_FFT).astype(np.float32)
    hertz = sample_rate / 2 / _FFT
    edges = np.unique(np.geomspace(_LOWEST_HZ / hertz, _HIGHEST_HZ / hertz, _BANDS + 1).round().astype(int))
    energy = np.empty((len(frames), len(edges) - 1), dtype=np.float32)
    for first in range(0, len(frames), 512):  # 512 frames fit the processor's cache
        spectrum = np.fft.rfft(frames[first : first + 512] * window, axis=1)[:, : edges[-1]]
        power = spectrum.real**2 + spectrum.imag**2
        energy[first : first + 512] = np.add.reduceat(power, edges[:-1], axis=1)
    loud = np.percentile(energy, 95, axis=0)
    loud = np.maximum(loud, max(1e-6 * loud.max(), 1e-12))  # 60 dB under the loudest band there is only rounding
    level = np.log1p(100 * energy / loud)
    rise = np.maximum(level[_RISE:] - level[:-_RISE], 0)
    rise /= np.maximum(rise.std(axis=0), _FLAT)
    envelope: Curve = rise.sum(axis=1, dtype=np.float64)
    return envelope


class _Comb:
    """The autocorrelation of an onset envelope, read at the multiples of a beat's length."""

    def __init__(self, envelope: Curve, rate: float) -> None:
        self.rate = rate
        centred = envelope - envelope.mean()
        size = 1 << (2 * len(centred) - 1).bit_length()
        spectrum = np.fft.rfft(centred, size)
        correlation = np.fft.irfft(np.abs(spectrum) ** 2, size)[: len(centred)]
        # A steady tone has an envelope that is all but flat: what ripples there is not a pulse.
        unit = max(correlation[0], float(len(centred)))
        overlap = np.arange(len(centred), 0, -1) / len(centred)
        # Beyond three quarters of the recording too little overlaps to say anything.
        self.values: Curve = (correlation / overlap / unit)[: len(centred) * 3 // 4]

    def heights(self, bpm: Curve, multiples: int) -> Curve:
        """The mean of the autocorrelation at the beat's length and its multiples, for each tempo."""
        lags = 60 * self.rate / bpm[:, None] * np.arange(1, multiples + 1)
        inside = lags < len(self.values) - 1
        lags = np.where(inside, lags, 0)
        lower = lags.astype(int)
        part = lags - lower
        read = self.values[lower] * (1 - part) + self.values[lower + 1] * part
        mean: Curve = (read * inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
        return mean

    def height(self, bpm: float, multiples: int) -> float:
        return float(self.heights(np.array([bpm]), multiples)[0])

    def refine(self, bpm: float) -> float:
        """The tempo at the top of the comb near `bpm`: first over 8 beats, then over 32; whole or half if it may be."""
        for reach, multiples in ((0.012, 8), (0.004, 32)):
            grid = bpm * np.linspace(1 - reach, 1 + reach, 81)
            bpm = _top(grid, self.heights(grid, multiples))
        for step in (1.0, 0.5):
            snapped = round(bpm / step) * step
            if abs(snapped / bpm - 1) <= 0.004 and self.height(snapped, 32) >= _SNAP_KEEPS * self.height(bpm, 32):
                return snapped
        return bpm


def _top(grid: Curve, heights: Curve) -> float:
    """Where a parabola through the highest point and its neighbours has its top."""
    best = int(np.argmax(heights))
    if best in (0, len(grid) - 1):
        return float(grid[best])
    left, middle, right = heights[best - 1 : best + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(grid[best] + shift * (grid[1] - grid[0]))


def _regularity(ticks: Curve, period: float) -> float:
    """The part of the distances between beats that are within 5 % of the period."""
    return float(np.mean(np.abs(np.diff(ticks) / period - 1) < 0.05))


def _prior(bpm: float) -> float:
    """How usual a tempo is: a wide bell about 120 BPM, one octave to either side."""
    return math.exp(-0.5 * (math.log2(bpm / 120)) ** 2)
