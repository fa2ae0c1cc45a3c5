"""What the index keeps of a file: read once, and again only when it has changed."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracksync.audio.ffmpeg import Ffmpeg, address, input_options
from tracksync.audio.packets import read_packets
from tracksync.audio.probe import announced_length
from tracksync.audio.tags import SourceTags, WrittenTags, facts_from, read_back, read_source
from tracksync.catalogue.songs import fold, normal_isrc, song
from tracksync.errors import TracksyncError, Transient
from tracksync.model import AudioFormat, Facts, SourceAudio
from tracksync.text import one_line

__all__ = ["LONGEST_FINGERPRINT_S", "Reading", "read_file", "samples_of", "song_key"]

LONGEST_FINGERPRINT_S = 3600.0
"""Longer files are mixes: no other quality of them is looked for, and an hour is 600 MB of samples."""

_DECODE_LIMIT_S = 600.0
_RATE = 44_100
# Off by more than ffmpeg's rounding, an encoder's padding, or a frame that is cut short.
_MISSING_S, _MISSING_SHARE = 2.0, 0.02
_OURS = {
    ".m4a": AudioFormat.M4A,
    ".wav": AudioFormat.WAV,
    ".wave": AudioFormat.WAV,
    ".aiff": AudioFormat.AIFF,
    ".aif": AudioFormat.AIFF,
}


@dataclass(frozen=True)
class Reading:
    """One file, read. `content` is what is shown and never searched for."""

    problem: str | None = None
    again: bool = False
    duration_s: float | None = None
    isrc: str | None = None
    track_key: str | None = None
    audio_sha256: str | None = None
    song: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    fingerprint: str | None = None


def read_file(ff: Ffmpeg, path: Path) -> Reading:
    """Read the sound's hash and the tags. Never raises for the file's sake: what is wrong stands in `problem`."""
    try:
        packets = read_packets(ff, path)
    except Transient as error:
        return Reading(problem=error.message, again=True)
    except TracksyncError as error:
        # It may be allowed to be read later, or come back; what is broken stays so until it changes.
        return Reading(problem=error.message, again=error.kind in ("refused", "not-found"))
    except OSError as error:
        return Reading(problem=f"{one_line(path.name)} could not be read: {error.strerror or error}.", again=True)
    audio = packets.audio
    duration = audio.duration_s or packets.length_s
    tags = read_source(path)
    facts = facts_from(path, tags)
    written = _written(path)
    return Reading(
        problem=_missing(path, audio, packets.length_s),
        duration_s=duration,
        isrc=normal_isrc(facts.isrc),
        track_key=written.track_key,
        audio_sha256=packets.sha256,
        song=song_key(facts.title, facts.artists),
        content=_content(audio, facts, tags, written),
    )


def song_key(title: str, artists: tuple[str, ...]) -> str | None:
    """By what a title with its version and its artists are found; None where nobody is named: a title is not enough."""
    named = [artist for artist in artists if fold(artist)]
    return song(title, named) if named and fold(title) else None


def samples_of(ff: Ffmpeg, path: Path, target: Path) -> None:
    """Write the whole of a file's sound as a WAV of 44.1 kHz and one or two channels, to be listened to here.

    Raises:
        OSError: it can't be decoded, or not be written.
    """
    import ffmpeg

    stream = ffmpeg.input(address(path), **input_options())["a:0"]
    out = stream.output(address(target), format="wav", acodec="pcm_s16le", ar=_RATE, ac=2, map_metadata="-1")
    command = out.global_args("-hide_banner", "-nostdin", "-v", "error", "-y").compile(cmd=str(ff.path))
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_DECODE_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{one_line(path.name)} took longer than ten minutes to decode") from error
    if done.returncode != 0 or not target.is_file():
        raise OSError(f"{one_line(path.name)} can't be decoded")


def _missing(path: Path, audio: SourceAudio, length_s: float | None) -> str | None:
    """A sentence where the packets end before the length that the header promises."""
    with suppress(OSError):
        announced = announced_length(path, audio)
        if announced and length_s is not None and announced - length_s > max(_MISSING_S, _MISSING_SHARE * announced):
            return f"{one_line(path.name)} is truncated: {length_s:.1f} s of {announced:.1f} s are there."
    if not (audio.duration_s or length_s):
        return f"{one_line(path.name)} holds no sound."
    return None


def _written(path: Path) -> WrittenTags:
    """The tags as this program writes them: the track's key, and where the sound came from."""
    fmt = _OURS.get(path.suffix.lower())
    if fmt is not None:
        with suppress(Exception):  # mutagen raises whatever a broken file makes it stumble over
            return read_back(path, fmt)
    return WrittenTags()


def _content(audio: SourceAudio, facts: Facts, tags: SourceTags, written: WrittenTags) -> dict[str, Any]:
    there = (tags.title, tags.artists, facts.album, facts.genre, facts.date, facts.isrc, tags.cover)
    # What was made from a lossy source says so in its comment: its container alone would promise too much.
    from_lossy = bool(written.track_key) and (written.comment or "").rstrip().endswith("(lossy)")
    return {
        "format": audio.describe,
        "lossless": not audio.lossy and not from_lossy,
        "bitrate_kbps": audio.bitrate_kbps,
        "sample_rate": audio.sample_rate,
        "bits": audio.bits,
        "title": facts.title,
        "artists": list(facts.artists),
        "title_cleaned": fold(facts.title),
        "artist_cleaned": ", ".join(fold(artist) for artist in facts.artists),
        "tags": sum(map(bool, there)),
    }
