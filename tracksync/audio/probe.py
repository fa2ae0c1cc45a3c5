"""What a file holds, by its header. There is no ffprobe in imageio-ffmpeg's package, so ffmpeg's own words are read."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import ffmpeg

from tracksync.audio.ffmpeg import Ffmpeg, address, input_options, run
from tracksync.errors import Damaged, NotAudio, NotFound, Refused, Unsupported
from tracksync.model import SourceAudio

__all__ = ["announced_length", "probe"]

_PROBE_LIMIT_S = 60.0
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"v=0", b"<?xml")
_LOSSLESS = ("flac", "alac", "ape", "wavpack", "tta", "tak", "truehd", "mlp", "shorten", "dsd")
_STREAM = re.compile(r"Stream #0:\d+.*?: Audio: (?P<rest>.+)$", re.MULTILINE)
_LAYOUTS = {"mono": 1, "stereo": 2, "2.1": 3, "3.0": 3, "4.0": 4, "quad": 4, "5.0": 5, "5.1": 6, "6.1": 7, "7.1": 8}


def probe(ff: Ffmpeg, path: Path) -> SourceAudio:
    """The first audio stream of a file, as its header describes it.

    Raises:
        NotFound, Refused: it can't be opened.
        NotAudio: it is empty, a web page, or nothing that ffmpeg can read, or it has no audio stream.
        Unsupported: it is a playlist or a script that points at other files.
    """
    head = _head(path)
    stream = ffmpeg.input(address(path), **input_options())
    # An output is needed for ffmpeg to end without an error; nothing is decoded into it.
    command = (
        stream.output("pipe:", format="null", t="0").global_args("-hide_banner", "-nostdin").compile(cmd=str(ff.path))
    )
    said = run([*command, "-nostats"], time_limit_s=_PROBE_LIMIT_S).text
    container = re.search(r"^Input #0, (\S+), from", said, re.MULTILINE)
    if container is None:
        raise _no_audio(path, head)
    found = _STREAM.search(said)
    if found is None:
        raise NotAudio(f"{path.name} has no audio track.", action="Give a file with sound in it.")
    return _described(container[1], found["rest"], said)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
    except FileNotFoundError:
        raise NotFound(f"{path} is not there.", action="Check the path.") from None
    except PermissionError:
        raise Refused(f"{path} may not be read.", action="Give yourself the right to read it.") from None
    if not head:
        raise NotAudio(f"{path.name} is empty.", action="Fetch the file again.")
    return head


def _no_audio(path: Path, head: bytes) -> NotAudio | Unsupported | Damaged:
    if head[4:8] == b"ftyp":
        return Damaged(f"{path.name} is truncated: its index is missing.", action="Fetch the file again.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|head|body|!--)", text):
        return NotAudio(f"{path.name} is a web page, not audio.", action="Give the link of the audio itself.")
    if text.startswith(tuple(mark.lower() for mark in _PLAYLISTS)):
        return Unsupported(
            f"{path.name} is a list that points at other files, not audio.",
            action="Give those files or links themselves.",
        )
    return NotAudio(f"{path.name} is not audio that ffmpeg can read.", action="Give an audio file.")


def _described(container: str, rest: str, said: str) -> SourceAudio:
    parts = [part.strip() for part in rest.split(", ")]
    codec = parts[0].split()[0]
    rate = next((int(part.split()[0]) for part in parts if part.endswith(" Hz")), 0)
    layout = parts[2] if len(parts) > 2 else ""
    sample = next((part for part in parts if re.match(r"(u8|s16|s32|s64|flt|dbl)p?\b", part)), "")
    bitrate = next((int(m[1]) for part in parts if (m := re.match(r"(\d+) kb/s", part))), None)
    lossless = codec.startswith(("pcm_", *_LOSSLESS)) or "lossless" in rest.lower()
    duration = re.search(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", said)
    overall = re.search(r"Duration:.*?bitrate: (\d+) kb/s", said)
    return SourceAudio(
        container=container,
        codec=codec,
        sample_rate=rate,
        channels=_channels(layout),
        bits=_bits(codec, sample) if lossless else None,
        bitrate_kbps=bitrate or (int(overall[1]) if overall else None),
        duration_s=int(duration[1]) * 3600 + int(duration[2]) * 60 + float(duration[3]) if duration else None,
        lossy=not lossless,
        is_float=codec.startswith(("pcm_f32", "pcm_f64")),
    )


def _channels(layout: str) -> int:
    name = layout.split("(")[0].strip()
    if name in _LAYOUTS:
        return _LAYOUTS[name]
    counted = re.match(r"(\d+) channels?", layout)
    return int(counted[1]) if counted else 2


def _bits(codec: str, sample: str) -> int:
    if told := re.search(r"\((\d+) bit\)", sample):
        return int(told[1])
    if told := re.search(r"pcm_[suf](\d+)", codec):
        return int(told[1])
    return {"u8": 8, "s16": 16, "s32": 32, "flt": 32, "dbl": 64}.get(sample.removesuffix("p"), 16)


def announced_length(path: Path, audio: SourceAudio) -> float | None:
    """The length that the file's own header promises, in seconds; None where it promises none.

    ffmpeg's figure is the header's for FLAC, MP4, AIFF, Matroska and for MP3 with a Xing or Info frame. For a WAV it is
    what is there, so the header is read here. An MP3 without such a frame and a bare stream announce nothing: there the
    figure is an estimate from the bit rate.
    """
    if audio.container == "wav":
        return _wav_announces(path, audio)
    if audio.container == "mp3" and not _has_xing(path):
        return None
    return None if audio.container in ("aac", "ac3", "eac3", "amr", "dts") else audio.duration_s


def _wav_announces(path: Path, audio: SourceAudio) -> float | None:
    with path.open("rb") as stream:
        head = stream.read(12)
        if head[:4] != b"RIFF":
            return audio.duration_s
        block = 0
        while len(chunk := stream.read(8)) == 8:
            name, size = chunk[:4], struct.unpack("<I", chunk[4:])[0]
            if name == b"fmt ":
                block = struct.unpack("<H", stream.read(16)[12:14])[0]
                stream.seek(size - 16 + size % 2, 1)
            elif name == b"data":
                # A recorder that was cut off, or one that streams, leaves 0 or the largest number: no promise.
                if not block or not audio.sample_rate or size in (0, 0xFFFFFFFF):
                    return audio.duration_s
                return float(size // block / audio.sample_rate)
            else:
                stream.seek(size + size % 2, 1)
    return audio.duration_s


def _has_xing(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(10)
        if head[:3] == b"ID3":
            size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            stream.seek(10 + size)
        else:
            stream.seek(0)
        frame = stream.read(4096)
    return b"Xing" in frame or b"Info" in frame or b"VBRI" in frame
