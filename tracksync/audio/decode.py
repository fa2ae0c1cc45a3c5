"""Reading sound back: a hash of what a file holds, and its decoding from the first sample to the last."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from tracksync.audio.damage import complaints
from tracksync.audio.ffmpeg import Ffmpeg, address, input_options
from tracksync.audio.probe import probe
from tracksync.errors import Damaged, NotAudio, Unreachable
from tracksync.text import one_line

__all__ = ["Decoded", "audio_sha256", "decode_all", "hash_packets"]

_LIMIT_S = 600.0
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Decoded:
    """A file that was decoded to its end. `samples_sha256` is over its samples, interleaved, little endian."""

    samples_sha256: str
    duration_s: float
    sample_rate: int
    channels: int
    errors: tuple[str, ...]


def audio_sha256(ff: Ffmpeg, path: Path) -> str:
    """SHA-256 of the audio packets as they stand in the file: the same whatever the tags and the file's name.

    Raises:
        NotAudio: there are none.
        Unreachable: its disk does not answer.
    """
    done = hash_packets(ff, path)
    name, _, digest = done.stdout.decode(errors="replace").strip().partition("=")
    if done.returncode != 0 or name != "SHA256":
        raise NotAudio(f"{one_line(path.name)} is not audio that ffmpeg can read.", action="Give an audio file.")
    return digest.lower()


def hash_packets(ff: Ffmpeg, path: Path, *, loglevel: str = "error") -> subprocess.CompletedProcess[bytes]:
    """Let ffmpeg hash the packets of the first audio stream: `SHA256=…` is its output, what it says are its errors.

    Raises:
        Unreachable: it is not done in ten minutes.
    """
    stream = ffmpeg.input(address(path), **input_options())["a:0"]
    out = stream.output("pipe:", format="hash", hash="sha256", acodec="copy", map_metadata="-1")
    command = out.global_args("-hide_banner", "-nostdin", "-v", loglevel).compile(cmd=str(ff.path))
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise Unreachable(
            f"{one_line(path.name)} could not be read in ten minutes.", action="Look whether its disk answers."
        ) from None


def decode_all(ff: Ffmpeg, files: Mapping[str, Path], *, bits: int = 16) -> dict[str, Decoded]:
    """Decode each of the named files from end to end.

    Args:
        bits: 16 or 24: how deep the samples are that are hashed.

    Raises:
        Damaged: one of them can't be decoded at all.
    """
    return {name: _decode(ff, path, bits) for name, path in files.items()}


def _decode(ff: Ffmpeg, path: Path, bits: int) -> Decoded:
    audio = probe(ff, path)
    stream = ffmpeg.input(address(path), err_detect="crccheck", **input_options())["a:0"]
    out = stream.output("pipe:", format=f"s{bits}le", acodec=f"pcm_s{bits}le")
    words = ("-hide_banner", "-nostdin", "-loglevel", "repeat+level+warning")
    process = subprocess.Popen(
        out.global_args(*words).compile(cmd=str(ff.path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    said: list[str] = []
    errors = process.stderr
    listener = threading.Thread(
        target=lambda: said.extend(line.decode(errors="replace").rstrip() for line in errors), daemon=True
    )
    listener.start()
    watchdog = threading.Timer(_LIMIT_S, process.kill)
    watchdog.start()
    digest, size = hashlib.sha256(), 0
    try:
        while block := process.stdout.read(_BLOCK):
            digest.update(block)
            size += len(block)
        code = process.wait()
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()
        listener.join(timeout=10)
        process.stdout.close()
        process.stderr.close()
    if code != 0 and size == 0:
        raise Damaged(
            f"{one_line(path.name)} can't be decoded.", action="Run the track with --refresh to make its files again."
        )
    frames = size // (audio.channels * bits // 8)
    found = complaints(said)
    if code != 0 and not found:
        found = (f"ffmpeg ended with code {code}",)
    return Decoded(digest.hexdigest(), frames / audio.sample_rate, audio.sample_rate, audio.channels, found)
