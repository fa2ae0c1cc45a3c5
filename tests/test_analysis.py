"""Tempo, key, fingerprint and sameness, on music of known making."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.pieces import PIECES, Audio, Piece, render, write_wav, write_with_ffmpeg
from tracksync.audio.analysis import analyse_pcm
from tracksync.audio.camelot import camelot
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.audio.fingerprint import ITEM_S, decode, similarity
from tracksync.audio.probe import probe
from tracksync.audio.render import decode_to_wav
from tracksync.audio.sameness import same_recording
from tracksync.audio.waveform import Peaks, svg
from tracksync.model import Analysis, MusicalKey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("analysis")


def _wav(folder: Path, name: str, audio: Audio) -> Path:
    path = folder / f"{name}.wav"
    write_wav(path, audio)
    return path


@cache
def _short(piece: Piece) -> Audio:
    """The piece's first 24 seconds."""
    audio = render(replace(piece, seconds=24))
    audio.setflags(write=False)  # several tests have it
    return audio


@pytest.fixture(scope="module", params=range(len(PIECES)), ids=[piece.title for piece in PIECES])
def piece(request: pytest.FixtureRequest) -> Iterator[Piece]:
    yield PIECES[request.param]


def test_the_pieces_are_measured_right(piece: Piece, folder: Path) -> None:
    analysis = analyse_pcm(_wav(folder, "whole", render(piece)))
    assert analysis.bpm == pytest.approx(piece.bpm, abs=0.05)
    assert analysis.key == piece.key
    assert analysis.key is not None
    assert camelot(analysis.key) == camelot(piece.key)
    assert analysis.bpm_confidence is not None
    assert analysis.bpm_confidence > 0.5
    assert analysis.bpm_alternatives
    assert analysis.problems == ()
    assert analysis.fingerprint is not None
    assert len(decode(analysis.fingerprint)) == pytest.approx(piece.seconds / ITEM_S, abs=25)
    assert len(analysis.waveform) == 800
    assert max(analysis.waveform) == pytest.approx(0.89, abs=0.02)


@pytest.mark.parametrize(
    ("audio", "problem"),
    [
        (np.zeros((44_100 * 12, 2), dtype=np.float32), "silent"),
        (np.full((44_100 * 12, 2), np.nan, dtype=np.float32), "not numbers"),
        (np.where(np.arange(44_100 * 12)[:, None] == 5000, np.inf, np.float32(0.1)).astype(np.float32), "not numbers"),
    ],
    ids=["silence", "nan", "inf"],
)
def test_what_crashes_and_hangs_analysers_never_reaches_them(folder: Path, audio: Audio, problem: str) -> None:
    path = folder / "odd.wav"
    write_wav(path, audio, bits=32)
    analysis = analyse_pcm(path)
    assert (analysis.bpm, analysis.key, analysis.fingerprint) == (None, None, None)
    assert problem in analysis.problems[0]


def test_a_short_piece_has_a_key_and_no_tempo(folder: Path) -> None:
    analysis = analyse_pcm(_wav(folder, "short", render(replace(PIECES[0], seconds=8))))
    assert analysis.bpm is None
    assert analysis.key == PIECES[0].key
    assert any("shorter than 10 s" in problem for problem in analysis.problems)


def test_noise_has_no_sure_tempo(folder: Path) -> None:
    noise = np.random.default_rng(4).standard_normal((44_100 * 20, 2)).astype(np.float32) * np.float32(0.1)
    analysis = analyse_pcm(_wav(folder, "noise", noise))
    assert analysis.bpm is None or (analysis.bpm_confidence or 0) < 0.5


# -- fingerprints -----------------------------------------------------------------------------------------------------


def _packed(items: list[int]) -> str:
    """Chromaprint's packing, written from its description: the other way round than the code under test."""
    small: list[int] = []
    large: list[int] = []
    before = 0
    for item in items:
        last = 0
        for place in range(32):
            if (item ^ before) >> place & 1:
                distance = place + 1 - last
                last = place + 1
                small.append(min(distance, 7))
                if distance >= 7:
                    large.append(distance - 7)
        small.append(0)
        before = item

    def bits(numbers: list[int], width: int) -> bytes:
        whole = sum(number << (index * width) for index, number in enumerate(numbers))
        return whole.to_bytes((len(numbers) * width + 7) // 8, "little")

    data = bytes([1]) + len(items).to_bytes(3, "big") + bits(small, 3) + bits(large, 5)
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_a_fingerprint_is_unpacked_to_what_was_packed(items: list[int]) -> None:
    assert decode(_packed(items)).tolist() == items


@given(st.text(max_size=40))
def test_anything_else_is_a_value_error_or_numbers(text: str) -> None:
    try:
        decode(text)
    except ValueError:
        return


def test_similarity_finds_the_offset() -> None:
    random = np.random.default_rng(1)
    items = random.integers(0, 2**32, 200, dtype=np.uint32)
    assert similarity(items, items[5:]) == (1.0, 5)
    assert similarity(items[7:], items) == (1.0, -7)
    score, _ = similarity(items, random.integers(0, 2**32, 200, dtype=np.uint32))
    assert score < 0.55


# -- the same recording -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("mp3", ("-b:a", "64k")), ("mp3", ("-b:a", "128k")), ("m4a", ("-b:a", "128k")), ("opus", ("-b:a", "96k"))],
)
def test_an_encoding_is_the_same_recording(piece: Piece, folder: Path, suffix: str, options: tuple[str, ...]) -> None:
    ff = find_ffmpeg(None)
    audio = _short(piece)
    encoded, decoded = folder / f"e.{suffix}", folder / "e.wav"
    write_with_ffmpeg(encoded, audio, ffmpeg=ff.path, options=options)
    decode_to_wav(ff, encoded, probe(ff, encoded), decoded, name="e")
    verdict = same_recording(_wav(folder, "base", audio), decoded)
    assert verdict.same, verdict.evidence
    assert verdict.correlation > 0.99


def test_a_later_start_and_another_level_are_the_same_recording(folder: Path) -> None:
    audio = _short(PIECES[0])
    later = np.concatenate((np.zeros((33_333, 2), dtype=np.float32), audio * np.float32(0.4)))
    verdict = same_recording(_wav(folder, "base", audio), _wav(folder, "later", later))
    assert verdict.same, verdict.evidence
    assert verdict.offset_s == pytest.approx(33_333 / 44_100, abs=0.001)


def _silenced(audio: Audio, start_s: float, seconds: float) -> Audio:
    edited = audio.copy()
    edited[int(start_s * 44_100) : int((start_s + seconds) * 44_100)] = 0
    return edited


def test_look_alikes_are_not(piece: Piece, folder: Path) -> None:
    audio = _short(piece)
    base = _wav(folder, "base", audio)
    faster = np.arange(0, len(audio) / 1.01 - 2) * 1.01
    sped_up = np.stack([np.interp(faster, np.arange(len(audio)), audio[:, side]) for side in (0, 1)], axis=1)
    others = {
        "instrumental": render(replace(piece, seconds=24), without=("melody",)),
        "without drums": render(replace(piece, seconds=24), without=("drums",)),
        "another melody": render(replace(piece, seconds=24, seed=piece.seed + 1)),
        "another tempo": render(replace(piece, seconds=24, bpm=piece.bpm + 0.5)),
        "sped up": sped_up.astype(np.float32),
        "clean edit": _silenced(audio, 11.3, 0.4),
        "edit": render(replace(piece, seconds=20)),
    }
    for name, other in others.items():
        verdict = same_recording(base, _wav(folder, "other", other))
        assert not verdict.same, f"{name}: {verdict.evidence}"


def test_tones_do_not_fool_it(folder: Path) -> None:
    time = np.arange(44_100 * 15) / 44_100

    def tone(hertz: float) -> Audio:
        return np.stack([0.3 * np.sin(2 * np.pi * hertz * time)] * 2, axis=1).astype(np.float32)

    assert not same_recording(_wav(folder, "a", tone(440)), _wav(folder, "b", tone(441))).same
    silence = np.zeros((44_100 * 15, 2), dtype=np.float32)
    assert not same_recording(_wav(folder, "a", silence), _wav(folder, "b", silence)).same


# -- the picture ------------------------------------------------------------------------------------------------------


@given(st.text(max_size=90))
def test_the_picture_is_well_formed_whatever_the_title(title: str) -> None:
    from xml.etree import ElementTree

    analysis = Analysis(bpm=120.0, key=MusicalKey(tonic=9, mode="minor"), beats=(0.5, 1.0), waveform=(0.1, 0.9))
    picture = svg(analysis, title, 2.0)
    assert ElementTree.fromstring(picture).tag.endswith("svg")  # noqa: S314 (our own)
    assert "120 BPM · A Minor · 8A" in picture


def test_peaks_do_not_depend_on_the_blocks() -> None:
    samples = (np.random.default_rng(2).standard_normal(10_007) / 5).astype(np.float32)
    whole, pieces = Peaks(len(samples), 80), Peaks(len(samples), 80)
    whole.add(samples)
    for start in range(0, len(samples), 333):
        pieces.add(samples[start : start + 333])
    assert whole.values() == pieces.values()
    assert max(whole.values()) == pytest.approx(min(1.0, float(np.abs(samples).max())), abs=0.001)
