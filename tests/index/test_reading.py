"""What is read of a file agrees with what the rest of the program reads of it; what is broken is said to be."""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from examples.pieces import PIECES
from tests.index.shelf import a_wav
from tests.sandbox.music import LENGTH_S, Music
from tracksync.audio.decode import audio_sha256
from tracksync.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tracksync.audio.packets import read_packets, read_plain_pcm
from tracksync.audio.probe import probe
from tracksync.library.index.reading import read_file, song_key


@pytest.fixture(scope="module")
def ffmpeg() -> Ffmpeg:
    return find_ffmpeg(None)


@pytest.mark.parametrize("suffix", ["wav", "aiff", "mp3", "m4a", "flac", "ogg"])
def test_one_look_says_what_two_say(music: Music, ffmpeg: Ffmpeg, suffix: str) -> None:
    path = music.piece(0, suffix)
    found = read_packets(ffmpeg, path)
    assert (found.audio, found.sha256) == (probe(ffmpeg, path), audio_sha256(ffmpeg, path))
    assert found.length_s == pytest.approx(LENGTH_S, abs=0.1)


@pytest.mark.parametrize("kind", ["WAV", "AIFF"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (2, 44_100), (2, 96_000), (6, 48_000)])
def test_plain_pcm_is_read_as_ffmpeg_reads_it(
    tmp_path: Path, ffmpeg: Ffmpeg, kind: str, subtype: str, channels: int, rate: int
) -> None:
    path = tmp_path / f"x.{kind.lower()}"
    noise = np.random.default_rng(channels).standard_normal((rate // 7, channels)) * 0.1
    soundfile.write(path, noise, rate, subtype=subtype, format=kind)
    found = read_plain_pcm(path)
    if found is None:  # an extensible header: ffmpeg reads it
        found = read_packets(ffmpeg, path)
    told = probe(ffmpeg, path)
    assert found.sha256 == audio_sha256(ffmpeg, path)
    assert (found.audio.codec, found.audio.sample_rate, found.audio.channels, found.audio.bits) == (
        told.codec, told.sample_rate, told.channels, told.bits,
    )  # fmt: skip


def test_the_common_ones_need_no_ffmpeg(music: Music) -> None:
    assert read_plain_pcm(music.piece(0, "wav")) is not None
    assert read_plain_pcm(music.piece(0, "aiff")) is not None
    assert read_plain_pcm(music.piece(0, "mp3")) is None


def _changed(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: os.truncate(path, 400),
        lambda path: _changed(path, 40, struct.pack("<I", 0xFFFF_FFFF)),
        lambda path: _changed(path, 40, struct.pack("<I", 0)),
        lambda path: _changed(path, 20, struct.pack("<H", 3)),
        lambda path: _changed(path, 22, struct.pack("<H", 0)),
        lambda path: _changed(path, 32, struct.pack("<H", 4)),
        lambda path: _changed(path, 44, b"\x72\xf8\x1f\x4e"),
        lambda path: _changed(path, 0, b"RF64"),
    ],
)
def test_what_is_odd_is_left_to_ffmpeg(tmp_path: Path, damage: object) -> None:
    path = a_wav(tmp_path / "x.wav")
    assert read_plain_pcm(path) is not None
    assert callable(damage)
    damage(path)
    assert read_plain_pcm(path) is None


def test_bad_files_have_a_problem(bad_files: dict[str, Path], ffmpeg: Ffmpeg) -> None:
    problems = {name: read_file(ffmpeg, path).problem for name, path in bad_files.items()}
    for name in ("empty.mp3", "text.mp3", "page.mp3", "random.mp3", "list.mp3"):
        assert problems[name], name
        assert not read_file(ffmpeg, bad_files[name]).again
    assert problems["cut.wav"] is not None
    assert "truncated" in problems["cut.wav"]
    assert problems["silent.wav"] is problems["short.wav"] is problems["nan.wav"] is None


@pytest.mark.parametrize("suffix", ["mp3", "flac"])
def test_a_cut_file_is_known_without_decoding(tmp_path: Path, music: Music, ffmpeg: Ffmpeg, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    shutil.copyfile(music.piece(0, suffix), path)
    assert read_file(ffmpeg, path).problem is None
    os.truncate(path, path.stat().st_size // 2)
    assert "truncated" in (read_file(ffmpeg, path).problem or "")


def test_a_missing_file_may_come_back(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    reading = read_file(ffmpeg, tmp_path / "x.mp3")
    assert reading.problem
    assert reading.again


def test_the_tags_are_read(music: Music, ffmpeg: Ffmpeg) -> None:
    piece = PIECES[0]
    for suffix in ("mp3", "m4a", "flac"):
        reading = read_file(ffmpeg, music.piece(0, suffix))
        assert reading.content["title"] == piece.title
        assert reading.song == song_key(piece.title, tuple(reading.content["artists"]))
        assert reading.content["lossless"] is (suffix == "flac")


@pytest.mark.skipif(os.name == "nt", reason="names are text")
def test_names_that_are_no_text(tmp_path: Path, music: Music, ffmpeg: Ffmpeg) -> None:
    path = tmp_path / os.fsdecode(b"o\xffd.mp3")
    shutil.copyfile(music.piece(0, "mp3"), path)
    assert read_file(ffmpeg, path).audio_sha256 == audio_sha256(ffmpeg, music.piece(0, "mp3"))


def test_a_title_alone_is_no_song() -> None:
    assert song_key("Intro", ()) is None
    assert song_key("Intro", ("  ",)) is None
    assert song_key("", ("A",)) is None
    assert song_key("Intro", ("B", "A")) == song_key("INTRO", ("a, b",))
