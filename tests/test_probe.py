"""What a file holds: every kind that is read, and everything that only looks like audio."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from examples.pieces import write_with_ffmpeg
from tracksync.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tracksync.audio.probe import announced_length, probe
from tracksync.errors import Damaged, NotAudio, NotFound, Refused, TracksyncError, Unsupported
from tracksync.text import one_line

SECONDS = 3


@pytest.fixture(scope="session")
def ff() -> Ffmpeg:
    return find_ffmpeg(None)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("probe")


def noise(rate: int = 44_100, channels: int = 2, seconds: float = SECONDS) -> Any:
    return (np.random.default_rng(1).standard_normal((int(rate * seconds), channels)) * 0.1).astype(np.float32)


def encode(ff: Ffmpeg, path: Path, *options: str, rate: int = 44_100, channels: int = 2) -> Path:
    encoder = options[options.index("-c:a") + 1] if "-c:a" in options else None
    if encoder is not None and encoder not in ff.encoders:
        pytest.skip(f"this ffmpeg has no {encoder}")
    write_with_ffmpeg(path, noise(rate, channels), rate, ffmpeg=ff.path, options=options)
    return path


@pytest.fixture(scope="session")
def wav(folder: Path) -> Path:
    path = folder / "plain.wav"
    sf.write(path, noise(), 44_100, "PCM_16")
    return path


# -- sound ------------------------------------------------------------------------------------------------------------

LOSSY = [
    pytest.param("cbr.mp3", ("-b:a", "192k"), 44_100, "mp3", "mp3", id="mp3"),
    pytest.param("low.mp3", ("-b:a", "64k"), 22_050, "mp3", "mp3", id="mp3 22 kHz"),
    pytest.param("aac.m4a", ("-b:a", "192k"), 44_100, "mov,mp4,m4a,3gp,3g2,mj2", "aac", id="m4a"),
    pytest.param("bare.aac", ("-b:a", "128k"), 44_100, "aac", "aac", id="adts"),
    pytest.param("o.opus", ("-c:a", "libopus"), 48_000, "ogg", "opus", id="opus"),
    pytest.param("o.webm", ("-c:a", "libopus"), 48_000, "matroska,webm", "opus", id="webm"),
    pytest.param("v.ogg", ("-c:a", "libvorbis"), 44_100, "ogg", "vorbis", id="vorbis"),
]


@pytest.mark.parametrize(("name", "options", "rate", "container", "codec"), LOSSY)
def test_lossy(
    ff: Ffmpeg, folder: Path, name: str, options: tuple[str, ...], rate: int, container: str, codec: str
) -> None:
    audio = probe(ff, encode(ff, folder / name, *options, rate=rate))
    assert (audio.container, audio.codec) == (container, codec)
    assert (audio.sample_rate, audio.channels) == (rate, 2)
    assert (audio.lossy, audio.bits, audio.is_float) == (True, None, False)
    assert audio.duration_s == pytest.approx(SECONDS, abs=0.25)
    assert audio.bitrate_kbps


LOSSLESS = [
    pytest.param("16.wav", "PCM_16", 44_100, 2, 16, False),
    pytest.param("24.wav", "PCM_24", 48_000, 2, 24, False),
    pytest.param("8.wav", "PCM_U8", 22_050, 2, 8, False),
    pytest.param("mono.wav", "PCM_16", 44_100, 1, 16, False),
    pytest.param("float.wav", "FLOAT", 44_100, 2, 32, True),
    pytest.param("double.wav", "DOUBLE", 44_100, 2, 64, True),
    pytest.param("51.wav", "PCM_16", 44_100, 6, 16, False),
    pytest.param("16.aiff", "PCM_16", 44_100, 2, 16, False),
    pytest.param("24.aiff", "PCM_24", 96_000, 2, 24, False),
    pytest.param("16.flac", "PCM_16", 44_100, 2, 16, False),
    pytest.param("9624.flac", "PCM_24", 96_000, 2, 24, False),
    pytest.param("71.flac", "PCM_24", 44_100, 8, 24, False),
]


@pytest.mark.parametrize(
    ("name", "subtype", "rate", "channels", "bits", "is_float"),
    LOSSLESS,
    ids=[str(case.values[0]) for case in LOSSLESS],
)
def test_lossless(
    ff: Ffmpeg, folder: Path, name: str, subtype: str, rate: int, channels: int, bits: int, is_float: bool
) -> None:
    path = folder / name
    sf.write(path, noise(rate, channels), rate, subtype)
    audio = probe(ff, path)
    assert (audio.sample_rate, audio.channels, audio.bits) == (rate, channels, bits)
    assert (audio.lossy, audio.is_float) == (False, is_float)
    assert audio.duration_s == pytest.approx(SECONDS, abs=0.011)
    assert announced_length(path, audio) == pytest.approx(SECONDS, abs=0.011)


def test_alac_is_lossless(ff: Ffmpeg, folder: Path) -> None:
    audio = probe(ff, encode(ff, folder / "alac.m4a", "-c:a", "alac", "-sample_fmt", "s32p"))
    assert (audio.codec, audio.bits, audio.lossy) == ("alac", 24, False)


@pytest.mark.parametrize(
    ("layout", "channels"), [("2.1", 3), ("quad", 4), ("4.1", 5), ("5.1", 6), ("6.1", 7), ("hexagonal", 6)]
)
def test_layouts_are_counted(ff: Ffmpeg, folder: Path, wav: Path, layout: str, channels: int) -> None:
    path = folder / f"layout{layout}.wav"
    command: list[str | Path] = [
        ff.path,
        "-v",
        "error",
        "-y",
        "-i",
        wav,
        "-af",
        f"aformat=channel_layouts={layout}",
        path,
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    assert probe(ff, path).channels == channels


def test_a_tag_is_not_taken_for_the_header(ff: Ffmpeg, folder: Path) -> None:
    path = folder / "sly.flac"
    title = "Duration: 09:59:59.00, bitrate: 9 kb/s\nStream #0:0: Audio: mp3, 8000 Hz, mono, fltp, 8 kb/s"
    write_with_ffmpeg(path, noise(), ffmpeg=ff.path, metadata={"title": title, "comment": title})
    audio = probe(ff, path)
    assert audio.duration_s == pytest.approx(SECONDS)
    assert (audio.codec, audio.sample_rate, audio.channels) == ("flac", 44_100, 2)


# -- names ------------------------------------------------------------------------------------------------------------

NAMES = ["-dash.wav", "-i.wav", "con:cat%03d.wav", "concat:a|b.wav", "new\nline.wav", "quo'te\".wav", "日本 é.wav"]


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have")
@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_only_a_name(
    ff: Ffmpeg, wav: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(wav, tmp_path / name)
    assert probe(ff, tmp_path / name).channels == 2
    monkeypatch.chdir(tmp_path)
    assert probe(ff, Path(name)).channels == 2


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have")
@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"#EXTM3U\n", b"text " * 500, None], ids=["empty", "html", "list", "text", "absent"]
)
def test_messages_are_one_line_whatever_the_name(ff: Ffmpeg, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "new\nline\x1b[31m.mp3"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TracksyncError) as caught:
        probe(ff, path)
    assert caught.value.message.isprintable()
    assert "new line [31m.mp3" in caught.value.message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b.mp3", "a b.mp3"),
        ("a\r\nb", "a  b"),
        ("é日本.mp3", "é日本.mp3"),
        ("a\u2028b", "a b"),
        ("\udcff.mp3", " .mp3"),
    ],
)
def test_a_name_is_shown_on_one_line(name: str, shown: str) -> None:
    assert one_line(name) == shown
    one_line(name).encode()


# -- what only looks like audio ----------------------------------------------------------------------------------------

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001000500010d0a2db40000000049454e44ae426082"
)
NO_AUDIO = [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(b"<!DOCTYPE html><html>hi", "web page", id="html"),
    pytest.param(b"\xef\xbb\xbf\n <HTML><body>", "web page", id="html with a mark"),
    pytest.param(b"hello " * 500, "not audio", id="text"),
    pytest.param(bytes(5000), "not audio", id="zeros"),
    pytest.param(PNG, "not audio", id="picture"),
    pytest.param(b"RIFF\x24\x00\x00\x00WAVE", "(not audio|no audio track)", id="wav head"),
]


@pytest.mark.parametrize("name", ["a.mp3", "a"])
@pytest.mark.parametrize(("content", "words"), NO_AUDIO)
def test_what_is_not_audio_is_told(ff: Ffmpeg, tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotAudio, match=words):
        probe(ff, path)


def test_a_film_without_sound_is_told(ff: Ffmpeg, tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    source = ("-f", "lavfi", "-i", "color=s=64x64:d=1:r=5", "-c:v", "mpeg4")
    subprocess.run([ff.path, "-v", "error", *source, path], check=True, stdin=subprocess.DEVNULL)
    with pytest.raises(NotAudio, match="no audio track"):
        probe(ff, path)


@pytest.mark.parametrize("missing", [0.5, 700], ids=["half", "a part of the index"])
def test_an_mp4_without_its_index_is_truncated(ff: Ffmpeg, folder: Path, tmp_path: Path, missing: float) -> None:
    whole = encode(ff, folder / "end.m4a", "-c:a", "alac").read_bytes()
    path = tmp_path / "cut.m4a"
    path.write_bytes(whole[: -int(missing if missing > 1 else len(whole) * missing)])
    with pytest.raises(Damaged, match="truncated"):
        probe(ff, path)


def test_what_is_not_there_is_told(ff: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        probe(ff, tmp_path / "absent.mp3")
    with pytest.raises((NotAudio, Refused)):
        probe(ff, tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(ff: Ffmpeg, wav: Path, tmp_path: Path) -> None:
    path = tmp_path / "locked.wav"
    shutil.copy(wav, path)
    path.chmod(0)
    with pytest.raises(Refused):
        probe(ff, path)


# -- lists that point elsewhere ----------------------------------------------------------------------------------------

LISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{0}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{0}'\n",
    "pls": "[playlist]\nFile1={0}\nNumberOfEntries=1\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {1} RTP/AVP 0\n",
    "mpd": '<?xml version="1.0"?><MPD><Period><AdaptationSet><BaseURL>{0}</BaseURL></AdaptationSet></Period></MPD>',
}


@pytest.mark.parametrize("suffix", ["own", "mp3"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_is_refused_and_no_address_asked(ff: Ffmpeg, tmp_path: Path, kind: str, suffix: str) -> None:
    path = tmp_path / f"list.{kind if suffix == 'own' else suffix}"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        path.write_text(LISTS[kind].format(f"http://127.0.0.1:{port}/a.mp3", port), encoding="utf-8")
        with pytest.raises(Unsupported, match="list"):
            probe(ff, path)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("suffix", ["own", "mp3"])
@pytest.mark.parametrize("kind", ["m3u8", "ffconcat"])
def test_a_list_is_refused_and_its_file_not_opened(ff: Ffmpeg, tmp_path: Path, kind: str, suffix: str) -> None:
    # Whoever opens a pipe that nobody writes to waits for ever: the probe would end at its limit, and not be refused.
    os.mkfifo(tmp_path / "target.mp3")
    path = tmp_path / f"list.{kind if suffix == 'own' else suffix}"
    path.write_text(LISTS[kind].format("target.mp3", 0), encoding="utf-8")
    with pytest.raises(Unsupported, match="list"):
        probe(ff, path)


def test_without_the_whitelist_such_a_list_is_followed(ff: Ffmpeg, wav: Path, tmp_path: Path) -> None:
    """The tests above would fail without it: ffmpeg by itself reads the list, whatever its name."""
    shutil.copy(wav, tmp_path / "target.wav")
    path = tmp_path / "list.mp3"
    path.write_text(LISTS["ffconcat"].format("target.wav"), encoding="utf-8")
    done = subprocess.run(
        [ff.path, "-i", path, "-f", "null", "-"], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0
    assert b"Input #0, concat" in done.stderr


# -- the length that a header promises ---------------------------------------------------------------------------------


def wav_bytes(data: bytes, announced: int, *, before: bytes = b"") -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 44_100, 176_400, 4, 16)
    chunks = form + before + struct.pack("<4sI", b"data", announced) + data
    return b"RIFF" + struct.pack("<I", min(4 + len(chunks), 0xFFFFFFFF)) + b"WAVE" + chunks


ODD_CHUNK = struct.pack("<4sI", b"junk", 3) + b"abc\0"


@pytest.mark.parametrize(
    ("announced", "before", "promise"),
    [
        pytest.param(176_400 * 2, b"", 2.0, id="whole"),
        pytest.param(176_400 * 9, b"", 9.0, id="cut off"),
        pytest.param(176_400 * 9, ODD_CHUNK, 9.0, id="an odd chunk before it"),
        pytest.param(0, b"", None, id="a stream, 0"),
        pytest.param(0xFFFFFFFF, b"", None, id="a stream, largest"),
    ],
)
def test_a_wav_promises_what_its_header_says(
    ff: Ffmpeg, tmp_path: Path, announced: int, before: bytes, promise: float | None
) -> None:
    path = tmp_path / "a.wav"
    data = (noise(seconds=2) * 32767).astype("<i2").tobytes()
    path.write_bytes(wav_bytes(data, announced, before=before))
    audio = probe(ff, path)
    assert announced_length(path, audio) == (audio.duration_s if promise is None else pytest.approx(promise, abs=0.001))


@pytest.mark.parametrize("more", [(), ("-id3v2_version", "3", "-metadata", "title=Info Xing")], ids=["bare", "tagged"])
def test_an_mp3_promises_by_its_first_frame(ff: Ffmpeg, folder: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    path = encode(ff, tmp_path / "xing.mp3", "-b:a", "128k", *more)
    assert announced_length(path, probe(ff, path)) == pytest.approx(SECONDS, abs=0.06)
    path = encode(ff, tmp_path / "none.mp3", "-b:a", "128k", "-write_xing", "0", *more)
    assert announced_length(path, probe(ff, path)) is None


@pytest.mark.parametrize("rate", [44_100, 22_050])
def test_a_long_tag_behind_an_mp3_is_no_promise(ff: Ffmpeg, tmp_path: Path, rate: int) -> None:
    path = encode(ff, tmp_path / "long.mp3", "-b:a", "64k", rate=rate)
    path.write_bytes(path.read_bytes() + bytes(60_000))
    assert announced_length(path, probe(ff, path)) == pytest.approx(SECONDS, abs=0.11)


def test_a_cut_mp3_keeps_its_promise(ff: Ffmpeg, tmp_path: Path) -> None:
    path = encode(ff, tmp_path / "cut.mp3", "-b:a", "128k")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert announced_length(path, probe(ff, path)) == pytest.approx(SECONDS, abs=0.06)


def test_a_bare_stream_promises_nothing(ff: Ffmpeg, tmp_path: Path) -> None:
    path = encode(ff, tmp_path / "bare.aac", "-b:a", "128k")
    assert announced_length(path, probe(ff, path)) is None


def test_mp3_inside_a_wav_is_not_counted_in_frames(ff: Ffmpeg, tmp_path: Path) -> None:
    path = encode(ff, tmp_path / "mp3.wav", "-c:a", "libmp3lame", "-b:a", "160k", rate=16_000)
    audio = probe(ff, path)
    assert audio.codec == "mp3"
    assert announced_length(path, audio) == pytest.approx(SECONDS, abs=0.15)
