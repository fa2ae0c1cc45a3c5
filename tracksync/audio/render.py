"""The three files and the loudness from one ffmpeg call, and one decode.

The graph: the source is brought to the rate, depth and channels of the WAV once; those samples go to the WAV, the AIFF,
the loudness meter and, unless the M4A keeps more than the WAV, to the M4A.
"""

from __future__ import annotations

import hashlib
import re
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from tracksync.audio.damage import judge
from tracksync.audio.ffmpeg import Ffmpeg, RunResult, address, input_options, run
from tracksync.audio.probe import announced_length
from tracksync.errors import Damaged, NotAudio, Silent, TooShort, TracksyncError, Unsupported
from tracksync.model import FileFact, M4AMode, RenderReceipt, SourceAudio

__all__ = ["Heard", "decode_to_wav", "render"]

_SILENCE_DB = -60.0
_SHORTEST_S = 1.0
_WAV_LIMIT_BYTES = 0xFFFF_FFFF - (1 << 20)
_ALAC_RATE_LIMIT = 96_000
_PLAIN = {"map_metadata": "-1", "map_chapters": "-1", "fflags": "+bitexact", "flags:a": "+bitexact"}


@dataclass(frozen=True)
class Heard:
    """What a decode gave: length in seconds, EBU R128 integrated loudness in LUFS, true peak in dBTP."""

    duration_s: float
    lufs: float | None
    true_peak_db: float | None


def render(
    ff: Ffmpeg,
    source: Path,
    audio: SourceAudio,
    folder: Path,
    stem: str,
    *,
    mode: M4AMode,
    sample_rate: int,
    bits: int,
    name: str,
    progress: Callable[[float], None] | None = None,
    cancel: threading.Event | None = None,
) -> RenderReceipt:
    """Write `folder/stem.{m4a,wav,aiff}`, untagged, the same bytes each time.

    Args:
        sample_rate, bits: of WAV and AIFF: 44,100 Hz and 16, or 48,000 Hz and 24.
        name: the track, as messages name it.
        progress: hears the seconds that are done.

    Raises:
        Damaged, Silent, TooShort, NotAudio: nothing is left in `folder` then.
    """
    files = {suffix: folder / f"{stem}.{suffix}" for suffix in ("m4a", "wav", "aiff")}
    pcm, keeps_more = _graph(ff, source, audio, sample_rate, bits, mode)
    if keeps_more is None:
        split = pcm.filter_multi_output("asplit", 4)
        to_m4a = split[3]
    else:
        split, to_m4a = pcm.filter_multi_output("asplit", 3), keeps_more
    depth = {16: ("pcm_s16le", "pcm_s16be"), 24: ("pcm_s24le", "pcm_s24be")}[bits]
    m4a: dict[str, Any] = {"acodec": "aac", "b:a": "256k"} if mode is M4AMode.PORTABLE else {"acodec": "alac"}
    outputs = [
        ffmpeg.output(split[0], address(files["wav"]), format="wav", acodec=depth[0], rf64="never", **_PLAIN),
        ffmpeg.output(split[1], address(files["aiff"]), format="aiff", acodec=depth[1], write_id3v2="0", **_PLAIN),
        ffmpeg.output(to_m4a, address(files["m4a"]), format="ipod", movflags="+faststart", **m4a, **_PLAIN),
        _meter(split[2], audio),
    ]
    try:
        result = _run(ff, outputs, audio, name, progress, cancel)
        frames, digest, channels = _read_wav(files["wav"], bits)
        heard = _judge(result, source, audio, name, frames / sample_rate)
        return RenderReceipt(
            m4a=_fact(files["m4a"]),
            wav=_fact(files["wav"]),
            aiff=_fact(files["aiff"]),
            pcm_sha256=digest,
            duration_s=heard.duration_s,
            sample_rate=sample_rate,
            channels=channels,
            bits=bits,
            m4a_codec=m4a["acodec"],
            m4a_same_samples=keeps_more is None and m4a["acodec"] == "alac",
            lufs=heard.lufs,
            true_peak_db=heard.true_peak_db,
            ffmpeg=ff.version,
        )
    except TracksyncError:
        for path in files.values():
            path.unlink(missing_ok=True)
        raise


def decode_to_wav(ff: Ffmpeg, source: Path, audio: SourceAudio, wav: Path, *, name: str) -> Heard:
    """Decode into a WAV of 16 bit, 44.1 kHz, and hear its loudness: for an analysis that keeps nothing.

    Raises:
        Damaged, Silent, TooShort, NotAudio: nothing is left behind then.
    """
    pcm, _ = _graph(ff, source, audio, 44_100, 16, M4AMode.HIGH)
    split = pcm.filter_multi_output("asplit", 2)
    outputs = [
        ffmpeg.output(split[0], address(wav), format="wav", acodec="pcm_s16le", rf64="never", **_PLAIN),
        _meter(split[1], audio),
    ]
    try:
        result = _run(ff, outputs, audio, name, None, None)
        frames, _digest, _channels = _read_wav(wav, 16)
        return _judge(result, source, audio, name, frames / 44_100)
    except TracksyncError:
        wav.unlink(missing_ok=True)
        raise


def _graph(
    ff: Ffmpeg, source: Path, audio: SourceAudio, sample_rate: int, bits: int, mode: M4AMode
) -> tuple[Any, Any | None]:
    """The stream of the WAV's samples, and that of an M4A that keeps more than they hold (else None)."""
    _fits(audio, sample_rate, bits)
    stream = ffmpeg.input(address(source), err_detect="crccheck", **input_options())["a:0"]
    if audio.is_float:
        # Counts what is not a number: such samples hang analysers and come out as full-scale noise.
        stream = stream.filter("astats", measure_perchannel="none", measure_overall="Number_of_NaNs+Number_of_Infs")
    deeper = not audio.lossy and ((audio.bits or 16) > bits or audio.sample_rate > sample_rate)
    if mode is not M4AMode.LOSSLESS or not deeper:
        return _as_pcm(ff, stream, audio, sample_rate, bits), None
    split = stream.filter_multi_output("asplit", 2)
    own_rate = min(audio.sample_rate, _ALAC_RATE_LIMIT)
    own_bits = 24 if (audio.bits or 16) > 16 else 16
    return _as_pcm(ff, split[0], audio, sample_rate, bits), _as_pcm(
        ff, split[1], audio, own_rate, own_bits, planar=True
    )


def _as_pcm(ff: Ffmpeg, stream: Any, audio: SourceAudio, rate: int, bits: int, *, planar: bool = False) -> Any:
    options: dict[str, Any] = {}
    if audio.sample_rate != rate:
        options |= {"resampler": "soxr", "precision": 28} if ff.has_soxr else {"filter_size": 64, "cutoff": 0.97}
    if audio.channels > 2:
        # Down-mixed so that full scale in every channel is still no clipping.
        options |= {"rematrix_maxval": 1.0}
    exact = not audio.lossy and (audio.bits or 16) <= bits and not audio.is_float
    if bits == 16 and not (exact and audio.sample_rate == rate and audio.channels <= 2):
        options |= {"dither_method": "triangular"}
    if options:
        stream = stream.filter("aresample", **options)
    form = {"sample_fmts": ("s16" if bits == 16 else "s32") + ("p" if planar else ""), "sample_rates": rate}
    return stream.filter("aformat", channel_layouts="stereo" if audio.channels > 1 else "mono", **form)


def _meter(stream: Any, audio: SourceAudio) -> Any:
    """EBU R128 (ITU-R BS.1770). One channel is played on two: `dualmono` measures it so."""
    dual = {"dualmono": "true"} if audio.channels == 1 else {}
    metered = stream.filter("ebur128", peak="true", framelog="verbose", **dual)
    return ffmpeg.output(metered, "-", format="null")


def _fits(audio: SourceAudio, sample_rate: int, bits: int) -> None:
    length = audio.duration_s or 0.0
    if length * sample_rate * min(audio.channels, 2) * bits / 8 > _WAV_LIMIT_BYTES:
        raise Unsupported(
            f"{length / 3600:.1f} hours do not fit into a WAV file.", action="Cut it into parts of less than six hours."
        )


def _run(
    ff: Ffmpeg,
    outputs: list[Any],
    audio: SourceAudio,
    name: str,
    progress: Callable[[float], None] | None,
    cancel: threading.Event | None,
) -> RunResult:
    words = ("-hide_banner", "-nostdin", "-nostats", "-y", "-progress", "pipe:1", "-loglevel", "repeat+level+info")
    command = ffmpeg.merge_outputs(*outputs).global_args(*words).compile(cmd=str(ff.path))
    limit = 120.0 + 2.0 * (audio.duration_s or 3600.0)
    result = run(command, time_limit_s=limit, progress=progress, cancel=cancel)
    if result.returncode != 0:
        from tracksync.audio.damage import complaints

        said = complaints(result.lines)
        if said and "memory" in said[-1].lower():
            raise Damaged(f"{name} can't be decoded: {said[-1]}.", action="Give another file.")
        raise NotAudio(f"{name} can't be decoded by ffmpeg.", action="Give another file of it.")
    return result


def _judge(result: RunResult, source: Path, audio: SourceAudio, name: str, decoded_s: float) -> Heard:
    if audio.is_float and any(float(n) > 0 for n in re.findall(r"Number of (?:NaNs|Infs): ([\d.]+)", result.text)):
        raise Damaged(f"{name} has samples that are not numbers.", action="Export the file again.")
    judge(name, source, audio, result.lines, decoded_s, announced_length(source, audio))
    if decoded_s < _SHORTEST_S:
        raise TooShort(f"{name} is only {decoded_s:.2f} s long.", action="A track needs at least one second of audio.")
    lufs = _figure(r"\bI:\s+(\S+) LUFS", result.text)
    peak = _figure(r"\bPeak:\s+(\S+) dBFS", result.text)
    if peak is None or peak < _SILENCE_DB:
        raise Silent(f"{name} is silent from beginning to end.", action="Give another file of it.")
    return Heard(decoded_s, lufs if lufs is not None and lufs > -70.0 else None, peak)


def _figure(pattern: str, text: str) -> float | None:
    """The last such figure; None where it is none (`-inf`, `nan`)."""
    found = re.findall(pattern, text)
    if not found or not re.fullmatch(r"-?\d+(\.\d+)?", found[-1]):
        return None
    return float(found[-1])


def _read_wav(path: Path, bits: int) -> tuple[int, str, int]:
    """Frames, SHA-256 of the samples, and channels of a WAV that ffmpeg wrote."""
    digest, size, channels = hashlib.sha256(), 0, 0
    try:
        with path.open("rb") as stream:
            stream.seek(12)
            while len(chunk := stream.read(8)) == 8:
                length = struct.unpack("<I", chunk[4:])[0]
                if chunk[:4] == b"fmt ":
                    channels = struct.unpack("<H", stream.read(length)[2:4])[0]
                elif chunk[:4] == b"data":
                    while size < length and (block := stream.read(min(1 << 20, length - size))):
                        digest.update(block)
                        size += len(block)
                    break
                else:
                    stream.seek(length + length % 2, 1)
    except OSError:
        return 0, "", 0
    return (size // (channels * bits // 8) if channels else 0), digest.hexdigest(), channels


def _fact(path: Path) -> FileFact:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileFact(path=path, size=stream.tell(), sha256=digest)
