"""Short pieces of music of the project's own, for the examples, the tests and the benchmarks.

Everything is synthesised with numpy from a `Piece`: drums, a bass, chords in the key and a melody that a seed chooses.
The same piece gives the same samples on the same machine. Titles and artists are invented. A piece of three minutes
takes well under a second: each note and drum is made once and then laid into the bars.

    python -m examples.pieces FOLDER      writes PIECES as WAV files
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from examples.writing import Audio, write_wav, write_with_ffmpeg
from tracksync.model import MusicalKey

__all__ = ["PIECES", "STEMS", "Audio", "Piece", "Style", "render", "stems", "tags", "write_wav", "write_with_ffmpeg"]

Style = Literal["house", "breaks", "trance", "downtempo"]

STEMS = ("drums", "bass", "chords", "melody")
"""The layers of a piece, which `render` can leave out."""

_PEAK = 0.89  # about -1 dBFS: room for what a lossy encoder adds


@dataclass(frozen=True)
class Piece:
    """A piece to be rendered, and what its tags say.

    `bpm` is beats a minute in 4/4, `seconds` the length, `seed` chooses the melody, the fills and the noise,
    `style` the rhythm, the chords and the instruments.
    """

    title: str
    artists: tuple[str, ...]
    album: str
    date: str
    isrc: str
    genre: str
    bpm: float
    key: MusicalKey
    seconds: float
    seed: int
    style: Style


@dataclass(frozen=True)
class _Pattern:
    """One bar on a grid of sixteenths, and the chords of four bars as degrees of the scale (0 is the tonic).

    `chord_hits` are (sixteenth, length in sixteenths); `melody_steps` are the sixteenths at which the melody may
    play, and `density` is how often it does.
    """

    kick: tuple[int, ...]
    snare: tuple[int, ...]
    hats: tuple[int, ...]
    open_hats: tuple[int, ...]
    bass: tuple[int, ...]
    chord_hits: tuple[tuple[int, int], ...]
    melody_steps: tuple[int, ...]
    density: float
    minor: tuple[int, int, int, int]
    major: tuple[int, int, int, int]
    brightness: float


# The progressions return to the tonic every other bar or end on the dominant: a listener, and an estimator, is not
# left to choose between a key and its relative, as i-VI-III-VII would have it.
_PATTERNS: Mapping[Style, _Pattern] = {
    "house": _Pattern(
        kick=(0, 4, 8, 12),
        snare=(4, 12),
        hats=(0, 2, 4, 6, 8, 10, 12, 14),
        open_hats=(2, 6, 10, 14),
        bass=(0, 3, 6, 10, 14),
        chord_hits=((0, 4), (6, 3), (10, 4)),
        melody_steps=(0, 2, 4, 6, 8, 10, 12, 14),
        density=0.55,
        minor=(0, 3, 0, 4),
        major=(0, 4, 0, 3),
        brightness=0.8,
    ),
    "breaks": _Pattern(
        kick=(0, 6, 8, 10),
        snare=(4, 12),
        hats=(0, 2, 4, 6, 8, 10, 12, 14),
        open_hats=(14,),
        bass=(0, 4, 8, 10),
        chord_hits=((0, 8), (8, 8)),
        melody_steps=(0, 3, 6, 8, 11, 14),
        density=0.6,
        minor=(0, 5, 3, 4),
        major=(0, 4, 5, 3),
        brightness=1.0,
    ),
    "trance": _Pattern(
        kick=(0, 4, 8, 12),
        snare=(4, 12),
        hats=tuple(range(16)),
        open_hats=(2, 6, 10, 14),
        bass=(2, 6, 10, 14),
        chord_hits=((0, 16),),
        melody_steps=tuple(range(0, 16, 2)),
        density=0.9,
        minor=(0, 5, 0, 4),
        major=(0, 3, 0, 4),
        brightness=1.3,
    ),
    "downtempo": _Pattern(
        kick=(0, 8, 11),
        snare=(4, 12),
        hats=(0, 2, 4, 6, 8, 10, 12, 14),
        open_hats=(),
        bass=(0, 8, 12),
        chord_hits=((0, 12), (12, 4)),
        melody_steps=(0, 4, 6, 8, 12),
        density=0.7,
        minor=(0, 3, 4, 0),
        major=(0, 3, 4, 0),
        brightness=0.5,
    ),
}

_SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}

PIECES: tuple[Piece, ...] = (
    Piece(
        title="Île Déserte (Late Night Version)",
        artists=("Céleste Moreau-Brandt", "Nørrelys Kvartet"),
        album="Cartes d’un été lent",
        date="2024-05-17",
        isrc="ZZTSY2400001",
        genre="Deep House",
        bpm=122.0,
        key=MusicalKey(tonic=9, mode="minor"),
        seconds=40.0,
        seed=11,
        style="house",
    ),
    Piece(
        title="Zażółć Gęślą (Kōenji Dub)",
        artists=("Żółta Papierówka",),
        album="Paper Antennas",
        date="2023",
        isrc="ZZTSY2300002",
        genre="Downtempo",
        bpm=93.5,
        key=MusicalKey(tonic=3, mode="major"),
        seconds=45.0,
        seed=23,
        style="downtempo",
    ),
    Piece(
        title="Señal Verde (Extended Mix)",
        artists=("Tåkeheim", "Inês d’Aboim"),
        album="Nachtfähre",
        date="2022-11",
        isrc="ZZTSY2200003",
        genre="Trance",
        bpm=136.0,
        key=MusicalKey(tonic=6, mode="minor"),
        seconds=35.0,
        seed=37,
        style="trance",
    ),
)
"""Three pieces that differ in tempo, key, style and length."""


def _time(frames: int, rate: int) -> Audio:
    return np.arange(frames, dtype=np.float32) / np.float32(rate)


def _fade(sound: Audio, rate: int) -> Audio:
    """Two milliseconds in, eight out: no clicks where a note begins or is cut."""
    head, tail = min(len(sound) // 2, rate // 500), min(len(sound) // 2, rate // 125)
    sound[:head] *= np.linspace(0, 1, head, dtype=np.float32)
    sound[len(sound) - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)
    return sound


def _tone(pitch: int, frames: int, rate: int, *, harmonics: int, slope: float, decay_s: float) -> Audio:
    """A note: harmonics that fall with k^-slope, and a decay. `pitch` is a MIDI number (69 is A, 440 Hz)."""
    time = _time(frames, rate)
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    sound = np.zeros(frames, dtype=np.float32)
    for k in range(1, harmonics + 1):
        if frequency * k < 0.45 * rate:
            sound += np.float32(k**-slope) * np.sin(np.float32(2 * np.pi * frequency * k) * time)
    return _fade(sound * np.exp(-time / np.float32(decay_s)), rate)


def _kick(rate: int) -> Audio:
    time = _time(int(0.22 * rate), rate)
    phase = 2 * np.pi * (48.0 * time + 110.0 * 0.028 * (1 - np.exp(-time / 0.028)))
    return _fade((np.sin(phase) * np.exp(-time / 0.09)).astype(np.float32), rate)


def _snare(rate: int, noise: np.random.Generator) -> Audio:
    time = _time(int(0.18 * rate), rate)
    hiss = noise.standard_normal(len(time)).astype(np.float32) * np.exp(-time / np.float32(0.05))
    return _fade(0.45 * hiss + 0.5 * np.sin(2 * np.pi * 185 * time) * np.exp(-time / np.float32(0.03)), rate)


def _hat(rate: int, noise: np.random.Generator, decay_s: float) -> Audio:
    time = _time(int(5 * decay_s * rate), rate)
    hiss = np.diff(noise.standard_normal(len(time) + 2), n=2).astype(np.float32)  # twice differenced: highs only
    return _fade(0.25 * hiss * np.exp(-time / np.float32(decay_s)), rate)


class _Score:
    """The grid of a piece at a sample rate: lays sounds at sixteenths of bars."""

    def __init__(self, piece: Piece, rate: int) -> None:
        self.rate = rate
        self.frames = round(piece.seconds * rate)
        self.sixteenth_s = 60.0 / piece.bpm / 4
        self.bars = int(np.ceil(piece.seconds / (16 * self.sixteenth_s)))
        self.pattern = _PATTERNS[piece.style]
        self.scale = _SCALES[piece.key.mode]
        degrees = self.pattern.minor if piece.key.mode == "minor" else self.pattern.major
        self.degrees = [degrees[bar % 4] for bar in range(self.bars)]
        self.tonic = piece.key.tonic
        self.random = np.random.default_rng(piece.seed)
        self.tone = lru_cache(maxsize=512)(self._tone)

    def length(self, sixteenths: float) -> int:
        return round(sixteenths * self.sixteenth_s * self.rate)

    def pitch(self, degree: int, octave: int) -> int:
        """The MIDI number of a degree of the scale; octave 4 begins at middle C."""
        steps = len(self.scale)
        return 12 * (octave + 1 + degree // steps) + self.tonic + self.scale[degree % steps]

    def _tone(self, pitch: int, frames: int, harmonics: int, slope: float, decay_s: float) -> Audio:
        return _tone(pitch, frames, self.rate, harmonics=harmonics, slope=slope, decay_s=decay_s)

    def lay(self, layer: Audio, sound: Audio, bar: int, step: float, level: float = 1.0) -> None:
        start = round((16 * bar + step) * self.sixteenth_s * self.rate)
        end = min(start + len(sound), len(layer))
        if end > start:
            layer[start:end] += np.float32(level) * sound[: end - start]

    def blank(self) -> Audio:
        return np.zeros(self.frames, dtype=np.float32)


def _drums(score: _Score) -> Audio:
    pattern, layer = score.pattern, score.blank()
    kick, snare = _kick(score.rate), _snare(score.rate, score.random)
    hats = [_hat(score.rate, score.random, 0.012) for _ in range(4)]
    open_hat = _hat(score.rate, score.random, 0.05)
    for bar in range(score.bars):
        fill = bar % 8 == 7
        for step in pattern.kick:
            score.lay(layer, kick, bar, step, 0.95)
        for step in (*pattern.snare, *((14, 15) if fill else ())):
            score.lay(layer, snare, bar, step, 0.55 if step in pattern.snare else 0.3)
        for step in pattern.hats:
            accent = 0.5 if step % 4 == 0 else 0.32
            score.lay(layer, hats[score.random.integers(4)], bar, step, accent * score.random.uniform(0.8, 1.0))
        for step in pattern.open_hats:
            score.lay(layer, open_hat, bar, step, 0.32)
    return layer


def _bass(score: _Score) -> Audio:
    layer = score.blank()
    for bar, degree in enumerate(score.degrees):
        pitch = score.pitch(degree, 1)
        pitch += 12 if pitch < 33 else 0  # below A1 a small loudspeaker, and a chroma, hear little
        for step in score.pattern.bass:
            note = score.tone(pitch, score.length(1.8), 5, 1.3, 0.25)
            score.lay(layer, note, bar, step, 0.5)
    return layer


def _chords(score: _Score, side: int) -> Audio:
    """Triads in close position, and the tonic held softly under them; `side` changes the voicing, left or right."""
    layer, slope = score.blank(), 2.2 - score.pattern.brightness
    for bar, degree in enumerate(score.degrees):
        for step, sixteenths in score.pattern.chord_hits:
            for index, third in enumerate((0, 2, 4)):
                pitch = score.pitch(degree + third, 4)
                pitch -= 12 if pitch > 71 else 0
                note = score.tone(pitch, score.length(sixteenths), 6, slope, 0.2 * sixteenths)
                score.lay(layer, note, bar, step, 0.11 + 0.03 * (index == side))
        drone = score.tone(score.pitch(0, 3), score.length(16), 3, 1.5, 4.0)
        score.lay(layer, drone, bar, 0, 0.07)
    return layer


def _melody(score: _Score) -> Audio:
    """A walk through the scale that leans on the chord, and rests on the tonic at the end of each four bars."""
    layer, slope, degree = score.blank(), 2.0 - 0.7 * score.pattern.brightness, 0
    for bar, root in enumerate(score.degrees):
        for step in score.pattern.melody_steps:
            if score.random.random() > score.pattern.density:
                continue
            if step % 8 == 0:
                degree = root + int(score.random.choice((0, 2, 4)))
            else:
                degree = min(10, max(-2, degree + int(score.random.choice((-2, -1, 1, 2)))))
            if bar % 4 == 3 and step >= 12:
                degree = 0
            length = score.length(float(score.random.choice((1.5, 2.0, 3.0))))
            note = score.tone(score.pitch(degree, 5), length, 5, slope, 0.3)
            score.lay(layer, note, bar, step, 0.16 * score.random.uniform(0.8, 1.0))
    return layer


def _layers(piece: Piece, rate: int, names: Iterable[str]) -> dict[str, tuple[Audio, Audio]]:
    """Left and right of the named layers; the two are one array where they do not differ."""

    def layer(name: str) -> tuple[Audio, Audio]:
        if name == "chords":
            return _chords(_Score(piece, rate), 0), _chords(_Score(piece, rate), 2)
        make = {"drums": _drums, "bass": _bass, "melody": _melody}[name]
        one = make(_Score(piece, rate))
        # The melody stands a little to the right.
        return (np.float32(0.85) * one, np.float32(1.15) * one) if name == "melody" else (one, one)

    return {name: layer(name) for name in names}


def stems(piece: Piece, sample_rate: int = 44_100) -> dict[str, Audio]:
    """The layers of a piece by the names in STEMS, each (frames, 2). Their sum, mastered, is `render`."""
    return {name: np.stack(sides, axis=1) for name, sides in _layers(piece, sample_rate, STEMS).items()}


def render(piece: Piece, sample_rate: int = 44_100, *, without: Iterable[str] = ()) -> Audio:
    """The piece as float32 (frames, 2), its peak at about -1 dBFS.

    Args:
        without: names from STEMS to leave out: `("melody",)` is the instrumental of the same piece.
    """
    left_out = set(without)
    if left_out - set(STEMS):
        raise ValueError(f"no such stem: {', '.join(sorted(left_out - set(STEMS)))}; there are {', '.join(STEMS)}")
    frames = round(piece.seconds * sample_rate)
    layers = _layers(piece, sample_rate, [name for name in STEMS if name not in left_out])
    mix = np.empty((frames, 2), dtype=np.float32)
    plane = np.empty(frames, dtype=np.float32)
    for side in (0, 1):
        plane[:] = 0
        for sides in layers.values():
            plane += sides[side]
        np.tanh(plane, out=plane)
        mix[:, side] = plane
    peak = max(float(mix.max(initial=0.0)), -float(mix.min(initial=0.0)))
    if peak > 0:
        mix *= np.float32(_PEAK / peak)
    tail = min(frames, sample_rate // 2)
    mix[frames - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)[:, None]
    return mix


def tags(piece: Piece) -> dict[str, str]:
    """The piece's facts as `write_with_ffmpeg` takes them, under ffmpeg's names."""
    return {
        "title": piece.title,
        "artist": ", ".join(piece.artists),
        "album": piece.album,
        "date": piece.date,
        "genre": piece.genre,
        "isrc": piece.isrc,
    }


def main(arguments: Sequence[str]) -> int:
    """Write PIECES as WAV files into a folder."""
    if len(arguments) != 1:
        print("usage: python -m examples.pieces FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for piece in PIECES:
        path = folder / f"{piece.artists[0]} - {piece.title}.wav"
        write_wav(path, render(piece))
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
