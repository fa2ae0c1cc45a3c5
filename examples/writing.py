"""Writing samples into files, for the examples, the tests and the benchmarks."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Audio", "write_wav", "write_with_ffmpeg"]

Audio = NDArray[np.float32]
"""Samples, -1 to 1: (frames,) for one channel, (frames, 2) for two."""


def write_wav(path: Path, audio: Audio, sample_rate: int = 44_100, bits: Literal[16, 24, 32] = 16) -> None:
    """Write a WAV file: 16 or 24 bit PCM, or 32 bit float."""
    import soundfile

    subtype = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}[bits]
    soundfile.write(path, audio, sample_rate, subtype=subtype, format="WAV")


def write_with_ffmpeg(
    path: Path,
    audio: Audio,
    sample_rate: int = 44_100,
    *,
    ffmpeg: Path,
    options: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write any format that the file's suffix names (mp3, m4a, flac, ogg, opus, aiff).

    Args:
        ffmpeg: the program.
        options: output options, such as `("-b:a", "128k")` or `("-c:a", "alac")`.
        metadata: tags by ffmpeg's names; `tags(piece)` gives a piece's.

    Raises:
        RuntimeError: ffmpeg could not write the file; with its last line.
    """
    command = [str(ffmpeg), "-nostdin", "-v", "error", "-y", "-f", "f32le", "-ar", str(sample_rate)]
    command += ["-ac", str(audio.shape[1] if audio.ndim == 2 else 1), "-i", "pipe:0"]
    id3 = path.suffix.lower() in (".mp3", ".aiff", ".aif")
    for name, value in (metadata or {}).items():
        # ffmpeg has no name of its own for the ISRC: ID3 calls it TSRC, Vorbis comments ISRC; MP4 would drop it.
        command += ["-metadata", f"{'TSRC' if id3 and name == 'isrc' else name}={value}"]
    if path.suffix.lower() in (".aiff", ".aif"):
        command += ["-write_id3v2", "1"]
    samples = np.ascontiguousarray(audio, dtype="<f4").tobytes()
    done = subprocess.run([*command, *options, str(path)], input=samples, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise RuntimeError(f"ffmpeg could not write {path.name}: {lines[-1] if lines else done.returncode}")
