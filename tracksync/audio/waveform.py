"""The picture of a track: its waveform with the beat grid, as SVG that stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from tracksync.audio.camelot import camelot, key_name
from tracksync.audio.samples import Mono
from tracksync.model import Analysis

__all__ = ["Peaks", "svg"]

_WIDTH, _HEIGHT, _HEAD = 900, 190, 34
_BARS_AT_MOST = 150
_COUNT = 800


class Peaks:
    """Gathers the peaks of a recording block by block, so that it never has to be held whole."""

    def __init__(self, frames: int, count: int = _COUNT) -> None:
        self._edges = np.linspace(0, max(frames, 1), count + 1)
        self._peaks = np.zeros(count, dtype=np.float32)
        self._place = 0

    def add(self, block: Mono) -> None:
        """The next samples."""
        if not len(block):
            return
        places = np.searchsorted(self._edges, np.arange(self._place, self._place + len(block)), side="right") - 1
        with np.errstate(invalid="ignore"):  # what is not a number is found, and said, by others
            np.maximum.at(self._peaks, np.clip(places, 0, len(self._peaks) - 1), np.abs(block))
        self._place += len(block)

    def values(self) -> tuple[float, ...]:
        """The peaks, 0 to 1, evenly spaced."""
        return tuple(round(min(float(peak), 1.0), 3) for peak in self._peaks)


def svg(analysis: Analysis, title: str, duration_s: float) -> str:
    """The picture, readable on light and on dark ground. Nothing in it is loaded from elsewhere."""
    middle, tall = _HEAD + (_HEIGHT - _HEAD) / 2, (_HEIGHT - _HEAD) / 2 - 6
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="#16181d"/>',
        f'<text x="14" y="23" font-size="15" fill="#f2f3f5">{escape(_short(title))}</text>',
        f'<text x="{_WIDTH - 14}" y="23" font-size="15" fill="#9fd0ff" text-anchor="end">',
        f"{escape(_figures(analysis))}</text>",
    ]
    if duration_s > 0:
        parts += _grid(analysis.beats, duration_s)
    if analysis.waveform:
        step = _WIDTH / len(analysis.waveform)
        up = [f"{index * step:.1f},{middle - peak * tall:.1f}" for index, peak in enumerate(analysis.waveform)]
        down = [f"{index * step:.1f},{middle + peak * tall:.1f}" for index, peak in enumerate(analysis.waveform)]
        parts.append(f'<polygon points="{" ".join(up + down[::-1])}" fill="#4aa3ff" fill-opacity="0.85"/>')
    parts.append("</svg>")
    return "".join(parts)


def _grid(beats: tuple[float, ...], duration_s: float) -> Iterable[str]:
    """Every beat thin and every fourth strong; where that would be a hedge, only every fourth, sixteenth, …"""
    stride = 1
    while len(beats) / stride > _BARS_AT_MOST:
        stride *= 4
    for index in range(0, len(beats), stride):
        strong = index % (4 * stride) == 0
        x = beats[index] / duration_s * _WIDTH
        colour, width = ("#ffb454", 1.4) if strong else ("#6b7280", 0.7)
        yield f'<path d="M{x:.1f} {_HEAD}V{_HEIGHT - 4}" stroke="{colour}" stroke-width="{width}"/>'


def _figures(analysis: Analysis) -> str:
    parts = [f"{analysis.bpm:g} BPM" if analysis.bpm else "no tempo"]
    parts += [key_name(analysis.key), camelot(analysis.key)] if analysis.key else ["no key"]
    return " · ".join(parts)


def _short(title: str) -> str:
    # XML takes no control characters, not even as references.
    clean = "".join(character for character in title if character.isprintable())
    return clean if len(clean) <= 70 else clean[:69] + "…"
