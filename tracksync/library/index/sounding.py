"""The fingerprint of any audio file, taken in the pool of killable processes: essentia can crash and hang."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.audio.pool import AnalysisPool
from tracksync.library.index.reading import LONGEST_FINGERPRINT_S, samples_of
from tracksync.model import Analysis

__all__ = ["fingerprint_of", "fingerprint_pool", "sound_of"]

_LIMIT_S = 300.0
_SHORTEST_S = 3.0


def fingerprint_pool(workers: int) -> AnalysisPool:
    """The processes for `sound_of`; they start with the first file."""
    return AnalysisPool(workers=workers, time_limit_s=_LIMIT_S, function=fingerprint_of)


def fingerprint_of(wav: Path) -> Analysis:
    """The fingerprint of a WAV, in a process of the pool.

    Raises:
        ImportError: there is no essentia for this machine.
    """
    import numpy as np
    import soundfile

    from tracksync.audio.fingerprint import fingerprint
    from tracksync.audio.samples import read_blocks, unfit

    rate = soundfile.info(wav).samplerate
    blocks = list(read_blocks(wav))
    mono = np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
    if problem := unfit(mono, rate, at_least_s=_SHORTEST_S):
        return Analysis(problems=(problem,))
    return Analysis(fingerprint=fingerprint(mono, rate))


def sound_of(ff: Ffmpeg, pool: AnalysisPool, path: Path, duration_s: float | None) -> str | None:
    """The file's fingerprint. An empty text where it can have none (silent, too short, too long, no essentia), None
    where it is worth another try."""
    if duration_s is None or not _SHORTEST_S <= duration_s <= LONGEST_FINGERPRINT_S:
        return ""
    with tempfile.TemporaryDirectory(prefix="tracksync-") as folder:
        wav = Path(folder) / "sound.wav"
        try:
            samples_of(ff, path, wav)
        except OSError:
            return ""
        analysis = pool.analyse(wav, duration_s)
    return None if analysis.incomplete else analysis.fingerprint or ""
