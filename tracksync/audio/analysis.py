"""What a worker of the pool does with one file: tempo, key, fingerprint and waveform of PCM that ffmpeg has written.

A part that fails is said, and the others stand. Memory is bounded: of a long recording the middle twelve minutes are
measured, and its first twenty are fingerprinted; the waveform is of all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tracksync.model import Analysis

__all__ = ["analyse_pcm"]

_MEASURED_S = 12 * 60
_FINGERPRINTED_S = 20 * 60

T = TypeVar("T")


def analyse_pcm(wav: Path) -> Analysis:
    """Measure a WAV file of 16 or 24 bit (a float one with numbers in it too)."""
    import numpy as np
    import soundfile

    from tracksync.audio.fingerprint import fingerprint
    from tracksync.audio.key import measure_key
    from tracksync.audio.samples import read_blocks, unfit
    from tracksync.audio.tempo import measure_tempo
    from tracksync.audio.waveform import Peaks

    info = soundfile.info(wav)
    rate, frames = int(info.samplerate), int(info.frames)
    keep = min(frames, max(_MEASURED_S, _FINGERPRINTED_S) * rate)
    first = max(0, min((frames - _MEASURED_S * rate) // 2, frames))
    peaks = Peaks(frames)
    head: list[Any] = []
    middle: list[Any] = []
    place = 0
    for block in read_blocks(wav):
        peaks.add(block)
        if place < keep:
            head.append(block[: keep - place])
        if frames > keep and place + len(block) > first and place < first + _MEASURED_S * rate:
            middle.append(block[max(0, first - place) : first + _MEASURED_S * rate - place])
        place += len(block)
    start = np.concatenate(head) if head else np.zeros(0, dtype=np.float32)
    del head
    if frames <= keep:
        measured = start[first : first + _MEASURED_S * rate] if frames > _MEASURED_S * rate else start
    else:
        measured = np.concatenate(middle)
    reason = unfit(start, rate, at_least_s=0.0)
    if reason:
        return Analysis(waveform=peaks.values() if "not numbers" not in reason else (), problems=(_sentence(reason),))

    problems: list[str] = []
    tempo = _part(problems, "The tempo", lambda: measure_tempo(measured, rate))
    key = _part(problems, "The key", lambda: measure_key(measured, rate))
    print_ = _part(problems, "The fingerprint", lambda: fingerprint(start[: _FINGERPRINTED_S * rate], rate))
    if tempo and tempo.reason:
        problems.append(f"No tempo: {tempo.reason}.")
    if key and key.reason:
        problems.append(f"No key: {key.reason}.")
    return Analysis(
        bpm=_rounded(tempo.bpm, 2) if tempo else None,
        bpm_confidence=_rounded(tempo.confidence, 3) if tempo else None,
        bpm_alternatives=tuple(round(bpm, 2) for bpm in tempo.alternatives) if tempo else (),
        key=key.key if key else None,
        key_confidence=_rounded(key.confidence, 3) if key else None,
        key_alternative=key.alternative if key else None,
        beats=_shifted(tempo.beats, 0.0 if measured is start else first / rate) if tempo else (),
        fingerprint=print_,
        waveform=peaks.values(),
        problems=tuple(problems),
        versions=_versions(),
    )


def _part(problems: list[str], name: str, measure: Callable[[], T]) -> T | None:
    try:
        return measure()
    except ImportError:
        raise
    except Exception as error:
        problems.append(f"{name} could not be measured ({type(error).__name__}).")
        return None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _shifted(beats: tuple[float, ...], seconds: float) -> tuple[float, ...]:
    return tuple(round(beat + seconds, 3) for beat in beats)


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."


def _versions() -> dict[str, str]:
    import essentia

    return {"essentia": str(essentia.__version__)}
