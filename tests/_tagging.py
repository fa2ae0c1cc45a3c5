"""What the tests of the tags share: a rendered file, facts to write, and readers of their own."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from tracksync.model import AudioFormat, Facts, MusicalKey

M4A, WAV, AIFF_ = AudioFormat.M4A, AudioFormat.WAV, AudioFormat.AIFF
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
COVER = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 5 + b"\xff\xd9"
FACTS = Facts(
    title="One More Time (Radio Edit)",
    artists=("Daft Punk", "Romanthony"),
    album="Discovery",
    genre="House",
    date="2000-11-13",
    isrc="GBDUW0000053",
    link="https://soundcloud.com/daft-punk/one-more-time",
)
GIVEN: dict[str, Any] = {
    "key": "soundcloud:track:1234",
    "bpm": 122.75,
    "musical_key": MusicalKey(tonic=2, mode="major"),
    "notation": "standard",
    "comment": "Source: MP3 320 kbit/s (lossy)",
    "cover": COVER,
}
NOTHING: dict[str, Any] = {
    "key": "k", "bpm": None, "musical_key": None, "notation": "standard", "comment": None, "cover": None,
}  # fmt: skip


def ffmpeg(*args: str) -> bytes:
    done = subprocess.run(
        [FFMPEG, "-hide_banner", "-loglevel", "error", "-nostdin", *args], capture_output=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A third of a second of sound in any format, made once."""
    folder = tmp_path_factory.mktemp("clips")

    @cache
    def make(suffix: str, *options: str) -> Path:
        path = folder / f"{hashlib.sha256(repr(options).encode()).hexdigest()[:8]}.{suffix}"
        ffmpeg("-f", "lavfi", "-i", "sine=440:d=0.3", "-ac", "2", "-ar", "44100", *options, "-y", str(path))
        return path

    return make


@pytest.fixture
def rendered(tmp_path: Path, clip: Callable[..., Path]) -> Callable[[AudioFormat], Path]:
    """A fresh, untagged file as the transcoding stage leaves it."""
    options = {
        M4A: ("-c:a", "alac", "-fflags", "+bitexact", "-flags", "+bitexact"),
        WAV: ("-c:a", "pcm_s16le"),
        AIFF_: ("-c:a", "pcm_s16be"),
    }

    def make(fmt: AudioFormat) -> Path:
        return Path(shutil.copy(clip(fmt.value, *options[fmt]), tmp_path / f"song.{fmt.value}"))

    return make


def samples(path: Path) -> bytes:
    return ffmpeg("-i", str(path), "-map", "0:a", "-f", "s32le", "-")


def ffmetadata(path: Path) -> dict[str, str]:
    """The tags as ffmpeg reads them: another reader than the one that wrote."""
    text = ffmpeg("-i", str(path), "-f", "ffmetadata", "-").decode().replace("\\\n", "\n").replace("\\", "")
    return {name.lower(): value for name, mark, value in (line.partition("=") for line in text.splitlines()) if mark}


def riff(path: Path) -> list[tuple[bytes, bytes]]:
    """The chunks of a WAV, read by hand; the outer size has to be right."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE" and struct.unpack("<I", data[4:8])[0] == len(data) - 8
    found, at = [], 12
    while at < len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        found.append((name, data[at + 8 : at + 8 + size]))
        assert len(found[-1][1]) == size
        at += 8 + size + size % 2
    assert at == len(data)
    return found
