"""What a file holds, by its header. There is no ffprobe in imageio-ffmpeg's package, so ffmpeg's own words are read."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import ffmpeg

from tracksync.audio.ffmpeg import Ffmpeg, address, input_options, run
from tracksync.errors import Damaged, NotAudio, NotFound, Refused, Unsupported
from tracksync.model import SourceAudio
from tracksync.text import one_line

__all__ = ["announced_length", "described", "probe"]

_PROBE_LIMIT_S = 60.0
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"v=0", b"<?xml")
_LOSSLESS = ("flac", "alac", "ape", "wavpack", "tta", "tak", "truehd", "mlp", "shorten", "dsd")
_CONTAINER = re.compile(r"^Input #0, (\S+), from", re.MULTILINE)
# Tags are printed too, further in: a title of "Duration: 01:00:00" is none.
_STREAM = re.compile(r"^  Stream #0:\d+.*?: Audio: (?P<rest>.+)$", re.MULTILINE)
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_OVERALL = re.compile(r"^  Duration:.*?bitrate: (\d+) kb/s", re.MULTILINE)
# The other layouts are named by their counts: 5.1, 7.1.4.
_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4, "hexagonal": 6, "octagonal": 8, "cube": 8}


def probe(ff: Ffmpeg, path: Path) -> SourceAudio:
    """The first audio stream of a file, as its header describes it.

    Raises:
        NotFound, Refused: it can't be opened.
        Damaged: it is an MP4 whose index is missing.
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
    if not _CONTAINER.search(said):
        raise _no_audio(path, head)
    found = described(said)
    if found is None:
        if head[4:8] == b"ftyp" and _mp4_is_cut(path):
            raise _no_audio(path, head)
        raise NotAudio(f"{one_line(path.name)} has no audio track.", action="Give a file with sound in it.")
    return found


def described(said: str) -> SourceAudio | None:
    """The first audio stream of the input, in ffmpeg's own words; None where they name none."""
    container, found = _CONTAINER.search(said), _STREAM.search(said)
    return _described(container[1], found["rest"], said) if container and found else None


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
    except FileNotFoundError:
        raise NotFound(f"{one_line(path)} is not there.", action="Check the path.") from None
    except PermissionError:
        raise Refused(f"{one_line(path)} may not be read.", action="Give yourself the right to read it.") from None
    except IsADirectoryError:
        raise NotAudio(f"{one_line(path)} is a folder, not audio.", action="Give the files in it.") from None
    if not head:
        raise NotAudio(f"{one_line(path.name)} is empty.", action="Fetch the file again.")
    return head


def _no_audio(path: Path, head: bytes) -> NotAudio | Unsupported | Damaged:
    name = one_line(path.name)
    if head[4:8] == b"ftyp":
        return Damaged(f"{name} is truncated: its index is missing.", action="Fetch the file again.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|head|body|!--)", text):
        return NotAudio(f"{name} is a web page, not audio.", action="Give the link of the audio itself.")
    if text.startswith(tuple(mark.lower() for mark in _PLAYLISTS)):
        return Unsupported(
            f"{name} is a list that points at other files, not audio.",
            action="Give those files or links themselves.",
        )
    return NotAudio(f"{name} is not audio that ffmpeg can read.", action="Give an audio file.")


def _mp4_is_cut(path: Path) -> bool:
    """Whether the last box reaches beyond the end of the file. (ISO 14496-12: size, name, and a long size after 1.)"""
    with path.open("rb") as stream:
        end = stream.seek(0, 2)
        place = 0
        while place < end:
            stream.seek(place)
            box = stream.read(16)
            size = int.from_bytes(box[8:16] if box[:4] == b"\0\0\0\1" else box[:4], "big")
            if size < 8:  # 0 is a box up to the end of the file; less is none
                return False
            place += size
    return place > end


def _described(container: str, rest: str, said: str) -> SourceAudio:
    parts = [part.strip() for part in rest.split(", ")]
    codec = parts[0].split()[0]
    rate = next((int(part.split()[0]) for part in parts if part.endswith(" Hz")), 0)
    layout = parts[2] if len(parts) > 2 else ""
    sample = next((part for part in parts if re.match(r"(u8|s16|s32|s64|flt|dbl)p?\b", part)), "")
    bitrate = next((int(m[1]) for part in parts if (m := re.match(r"(\d+) kb/s", part))), None)
    lossless = codec.startswith(("pcm_", *_LOSSLESS)) or "lossless" in rest.lower()
    duration = _DURATION.search(said)
    overall = _OVERALL.search(said)
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
    if re.fullmatch(r"\d+(\.\d+)+", name):
        return sum(map(int, name.split(".")))
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
    if audio.container == "wav" and audio.codec.startswith("pcm_"):
        return _wav_announces(path, audio)
    if audio.container == "mp3":
        return _xing_announces(path, audio)
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


def _xing_announces(path: Path, audio: SourceAudio) -> float | None:
    """Seconds by the frame count in the first frame of an MP3 (Xing, Info or VBRI); None where it holds none.

    ffmpeg's figure is more exact, as it leaves out the encoder's padding. But where a long tag or padding follows the
    sound, it is one from the size of the file: then the count is the smaller.
    """
    with path.open("rb") as stream:
        head = stream.read(10)
        if head[:3] == b"ID3":
            size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
            stream.seek(10 + size)
        else:
            stream.seek(0)
        frame = stream.read(4096)
    for mark, flags, count in ((b"Xing", 7, 8), (b"Info", 7, 8), (b"VBRI", None, 14)):
        place = frame.find(mark)
        if place < 0:
            continue
        frames = int.from_bytes(frame[place + count : place + count + 4], "big")
        if (flags is not None and not frame[place + flags] & 1) or not frames or not audio.sample_rate:
            return audio.duration_s
        counted = frames * (1152 if audio.sample_rate >= 32_000 else 576) / audio.sample_rate
        return min(counted, audio.duration_s or counted)
    return None
