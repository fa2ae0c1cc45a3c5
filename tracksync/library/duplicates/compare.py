"""Are two files the same recording? Fingerprints propose, the waveforms decide, and the verdict is kept."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.audio.fingerprint import decode, similarity
from tracksync.catalogue.songs import DURATION_TOLERANCE_S
from tracksync.journal import Journal
from tracksync.library.index.reading import samples_of

__all__ = ["Alike", "Judge", "alike_pairs"]

PROPOSES = 0.80
"""Below this no re-encode was ever seen (`tracksync.stages.same` has the same bound)."""

_SAMPLED = 64
_SAMPLED_LEAST = 0.66  # a sample of the items: lower, so that chance loses none that the whole would propose
_REACH = 25
_KEPT_WAVS = 4

Items = NDArray[np.uint32]


@dataclass(frozen=True)
class Alike:
    """Two places whose fingerprints are alike: the share of equal bits."""

    one: str
    other: str
    score: float


def alike_pairs(
    fingerprints: Mapping[str, str],
    durations: Mapping[str, float],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[Alike]:
    """The pairs of places whose lengths are within two seconds and whose fingerprints are alike.

    All that are near each other in length are compared at once, on a sample of their numbers; only what is alike there
    is compared whole.
    """
    decoded: dict[str, Items] = {}
    for place, text in fingerprints.items():
        with suppress(ValueError):
            decoded[place] = decode(text)
    places = sorted(decoded, key=lambda place: durations[place])
    seconds = np.array([durations[place] for place in places])
    ends = np.searchsorted(seconds, seconds + DURATION_TOLERANCE_S, side="right")
    for number, place in enumerate(places):
        progress(number, len(places))
        near = places[number + 1 : int(ends[number])]
        for other in _sampled(decoded[place], near, decoded):
            score, _ = similarity(decoded[place], decoded[other])
            if score >= PROPOSES:
                yield Alike(place, other, score)


def _sampled(one: Items, near: Sequence[str], decoded: Mapping[str, Items]) -> list[str]:
    """Those of the near ones that a sample does not rule out."""
    if not near:
        return []
    if len(one) < 2 * _REACH + _SAMPLED:
        return list(near)
    positions = np.linspace(_REACH, len(one) - _REACH - 1, _SAMPLED).astype(np.int64)
    offsets = np.arange(-_REACH, _REACH + 1)
    places = positions[None, :] + offsets[:, None]
    stacked = np.stack([_at(decoded[place], places) for place in near])
    differing = np.bitwise_count(stacked ^ one[positions]).sum(axis=2, dtype=np.int64)
    scores = 1 - differing.min(axis=1) / (32 * _SAMPLED)
    return [place for place, score in zip(near, scores, strict=True) if score >= _SAMPLED_LEAST]


def _at(items: Items, places: NDArray[np.int64]) -> Items:
    if not len(items):
        return np.zeros(places.shape, dtype=np.uint32)
    return items[np.clip(places, 0, len(items) - 1)]


class Judge:
    """Compares waveforms; each pair of sounds once, whatever files hold them."""

    def __init__(self, journal: Journal, ffmpeg: Ffmpeg) -> None:
        self._journal, self._ffmpeg = journal, ffmpeg
        self._verdicts = journal.verdicts()
        self._wavs: OrderedDict[str, Path] = OrderedDict()

    def __enter__(self) -> Judge:
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def same(self, one: tuple[str, Path], other: tuple[str, Path]) -> tuple[bool, str]:
        """Whether they are the same recording, and on what that stands. Each is the sound's hash and a file of it."""
        import soundfile

        from tracksync.audio.sameness import same_recording

        first, second = sorted((one[0], other[0]))
        if (known := self._verdicts.get((first, second))) is not None:
            return known
        try:
            found = same_recording(self._wav(*one), self._wav(*other))
        except (OSError, soundfile.LibsndfileError) as error:
            return False, f"not compared: {error}"  # not kept: it may be possible later
        verdict = found.same, found.evidence
        self._journal.put_verdict(first, second, same=found.same, evidence=found.evidence)
        self._verdicts[first, second] = verdict
        return verdict

    def _wav(self, sha256: str, path: Path) -> Path:
        if sha256 not in self._wavs:
            while len(self._wavs) >= _KEPT_WAVS:
                self._wavs.popitem(last=False)[1].unlink(missing_ok=True)
            target = Path(self._folder.name) / f"{sha256}.wav"
            samples_of(self._ffmpeg, path, target)
            self._wavs[sha256] = target
        self._wavs.move_to_end(sha256)
        return self._wavs[sha256]
