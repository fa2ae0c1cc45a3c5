"""The three files: the samples that they hold, their bytes, their loudness, and what is left when it fails."""

from __future__ import annotations

import cmath
import math
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile as sf

from examples.pieces import write_with_ffmpeg
from tracksync.audio.decode import decode_all
from tracksync.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tracksync.audio.probe import probe
from tracksync.audio.render import decode_to_wav, render
from tracksync.errors import Damaged, Interrupted, NotAudio, Silent, TooShort, TracksyncError, Unsupported
from tracksync.model import M4AMode, RenderReceipt, SourceAudio

SUFFIXES = ("aiff", "m4a", "wav")


@pytest.fixture(scope="session")
def ff() -> Ffmpeg:
    return find_ffmpeg(None)


def noise(rate: int = 44_100, channels: int = 2, seconds: float = 3.0) -> Any:
    return (np.random.default_rng(1).standard_normal((int(rate * seconds), channels)) * 0.1).astype(np.float32)


def write(path: Path, samples: Any, rate: int = 44_100, subtype: str = "PCM_16") -> Path:
    sf.write(path, samples, rate, subtype)
    return path


def rendered(
    ff: Ffmpeg,
    source: Path,
    folder: Path,
    mode: M4AMode = M4AMode.HIGH,
    sample_rate: int = 44_100,
    bits: int = 16,
    **more: Any,
) -> RenderReceipt:
    folder.mkdir(exist_ok=True)
    settings: dict[str, Any] = {"mode": mode, "sample_rate": sample_rate, "bits": bits, "name": "A - B"}
    return render(ff, source, probe(ff, source), folder, "x", **settings, **more)


def paths(receipt: RenderReceipt) -> dict[str, Path]:
    return {"m4a": receipt.m4a.path, "wav": receipt.wav.path, "aiff": receipt.aiff.path}


def pcm_is_the_same(receipt: RenderReceipt, rate: int, channels: int, subtype: str) -> None:
    """WAV and AIFF, read by another library, are of this form and hold the same two seconds."""
    samples = [sf.read(path, dtype="int32")[0] for path in (receipt.wav.path, receipt.aiff.path)]
    assert (samples[0] == samples[1]).all()
    assert len(samples[0]) == pytest.approx(2 * rate, abs=100)
    for path in (receipt.wav.path, receipt.aiff.path):
        info = sf.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (rate, channels, subtype)


# -- samples ----------------------------------------------------------------------------------------------------------


def test_16_bit_44_kHz_stays_as_it_is_in_all_three(ff: Ffmpeg, tmp_path: Path) -> None:  # noqa: N802
    samples = np.random.default_rng(2).integers(-32768, 32768, (44_100 * 2, 2), dtype=np.int16)
    receipt = rendered(ff, write(tmp_path / "a.wav", samples), tmp_path / "out")
    for path in (receipt.wav.path, receipt.aiff.path):
        assert (sf.read(path, dtype="int16")[0] == samples).all()
    found = decode_all(ff, paths(receipt))
    assert {decoded.samples_sha256 for decoded in found.values()} == {receipt.pcm_sha256}
    assert all(not decoded.errors for decoded in found.values())
    assert (receipt.m4a_codec, receipt.m4a_same_samples) == ("alac", True)
    assert (receipt.sample_rate, receipt.bits, receipt.channels, receipt.duration_s) == (44_100, 16, 2, 2.0)
    assert receipt.ffmpeg == ff.version
    for fact in (receipt.m4a, receipt.wav, receipt.aiff):
        assert fact.size == fact.path.stat().st_size
    # Players refuse a WAV that is not plain PCM (1).
    assert receipt.wav.path.read_bytes()[20:22] == b"\x01\x00"


SOURCES = {
    "mono": (44_100, 1, "PCM_16"),
    "8 bit": (22_050, 2, "PCM_U8"),
    "48 24": (48_000, 2, "PCM_24"),
    "96 24": (96_000, 2, "PCM_24"),
    "192 32": (192_000, 2, "PCM_32"),
    "5.1": (44_100, 6, "PCM_16"),
    "7.1": (44_100, 8, "PCM_24"),
    "float": (44_100, 2, "FLOAT"),
}
# What the M4A holds when it may hold all of it: rate, bits, and whether these are the WAV's samples.
KEPT = {
    "mono": (44_100, 16, True),
    "8 bit": (44_100, 16, True),
    "48 24": (48_000, 24, False),
    "96 24": (96_000, 24, False),
    "192 32": (96_000, 24, False),
    "5.1": (44_100, 16, True),
    "7.1": (44_100, 24, False),
    "float": (44_100, 24, False),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_lossless_keeps_what_is_deeper(ff: Ffmpeg, tmp_path: Path, kind: str) -> None:
    rate, channels, subtype = SOURCES[kind]
    source = write(tmp_path / "a.wav", noise(rate, channels, 2.0), rate, subtype)
    receipt = rendered(ff, source, tmp_path / "out", M4AMode.LOSSLESS)
    pcm_is_the_same(receipt, 44_100, min(channels, 2), "PCM_16")
    m4a = probe(ff, receipt.m4a.path)
    decoded = decode_all(ff, {"m4a": receipt.m4a.path})["m4a"]
    assert decoded.duration_s == pytest.approx(2.0, abs=0.002)
    kept_rate, kept_bits, same = KEPT[kind]
    assert (m4a.codec, m4a.sample_rate, m4a.bits) == ("alac", kept_rate, kept_bits)
    assert receipt.m4a_same_samples is same
    assert (decoded.samples_sha256 == receipt.pcm_sha256) is same


@pytest.mark.parametrize("kind", ["mono", "5.1", "96 24"])
def test_portable_and_24_bit_48_kHz(ff: Ffmpeg, tmp_path: Path, kind: str) -> None:  # noqa: N802
    rate, channels, subtype = SOURCES[kind]
    source = write(tmp_path / "a.wav", noise(rate, channels, 2.0), rate, subtype)
    receipt = rendered(ff, source, tmp_path / "out", M4AMode.PORTABLE, 48_000, 24)
    pcm_is_the_same(receipt, 48_000, min(channels, 2), "PCM_24")
    wav = decode_all(ff, {"wav": receipt.wav.path}, bits=24)["wav"]
    assert wav.samples_sha256 == receipt.pcm_sha256
    m4a = probe(ff, receipt.m4a.path)
    assert (m4a.codec, m4a.sample_rate, m4a.channels) == ("aac", 48_000, min(channels, 2))
    assert not receipt.m4a_same_samples


def test_full_scale_in_all_channels_does_not_clip(ff: Ffmpeg, tmp_path: Path) -> None:
    tone = 0.99 * np.sin(2 * np.pi * 440 * np.arange(44_100 * 2) / 44_100)
    source = write(tmp_path / "a.wav", np.repeat(tone[:, None], 6, axis=1))
    receipt = rendered(ff, source, tmp_path / "out")
    samples = sf.read(receipt.wav.path)[0][4410:-4410]
    assert np.abs(samples).max() < 1.0
    # A clipped tone has overtones: all but 440 Hz must be silence.
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    peak = int(spectrum.argmax())
    spectrum[peak - 5 : peak + 6] = 0
    assert spectrum.max() < 1e-3 * np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples)))).max()


def test_resampling_leaves_a_tone_alone(ff: Ffmpeg, tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(96_000 * 3) / 96_000)
    above = 0.5 * np.sin(2 * np.pi * 30_000 * np.arange(96_000 * 3) / 96_000)
    source = write(tmp_path / "a.wav", np.stack([tone, above], axis=1), 96_000, "PCM_24")
    samples = sf.read(rendered(ff, source, tmp_path / "out").wav.path)[0][4410:-4410]
    assert np.sqrt(np.mean(samples[:, 0] ** 2)) == pytest.approx(0.5 / math.sqrt(2), rel=1e-3)
    # What lies above the new rate's half is gone, not folded back: only dither is left.
    assert np.abs(samples[:, 1]).max() < 10 / 32768


def test_two_renders_are_the_same_bytes(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.flac", noise(96_000), 96_000, "PCM_24")
    for mode in (M4AMode.LOSSLESS, M4AMode.PORTABLE):
        first = rendered(ff, source, tmp_path / f"{mode}1", mode)
        again = rendered(ff, source, tmp_path / f"{mode}2", mode)
        for one, other in zip(paths(first).values(), paths(again).values(), strict=True):
            assert one.read_bytes() == other.read_bytes()
        assert first.pcm_sha256 == again.pcm_sha256


def test_no_metadata_is_carried_over(ff: Ffmpeg, tmp_path: Path) -> None:
    source = tmp_path / "a.flac"
    tags = {"title": "Sekrit", "artist": "Sekrit", "comment": "Sekrit", "TBPM": "Sekrit"}
    write_with_ffmpeg(source, noise(), ffmpeg=ff.path, metadata=tags)
    assert mutagen.File(source).tags
    for mode in (M4AMode.HIGH, M4AMode.PORTABLE):
        for path in paths(rendered(ff, source, tmp_path / mode, mode)).values():
            said = subprocess.run(
                [ff.path, "-i", path], capture_output=True, stdin=subprocess.DEVNULL, check=False
            ).stderr
            words = said.decode().lower()
            assert "stream #0:0" in words
            assert not any(word in words for word in ("sekrit", "title", "artist", "comment", "encoder", "chapter"))
            assert b"Sekrit" not in path.read_bytes()
            assert b"Lavf" not in path.read_bytes()
            assert not mutagen.File(path).tags


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have")
@pytest.mark.parametrize("name", ["-dash", "con:cat%03d", "concat:a|b", "new\nline"])
def test_any_name_is_only_a_name(ff: Ffmpeg, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / f"{name}.wav", noise(seconds=1.5))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    here = Path(source.name)
    receipt = render(
        ff, here, probe(ff, here), Path("out"), name, mode=M4AMode.HIGH, sample_rate=44_100, bits=16, name="A - B"
    )
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(f"{name}.{suffix}" for suffix in SUFFIXES)
    assert receipt.duration_s == pytest.approx(1.5, abs=0.001)


# -- loudness ---------------------------------------------------------------------------------------------------------

# ITU-R BS.1770-4, tables 1 and 2: the two stages of the K-weighting at 48 kHz.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def lufs_of_a_sine(peak_db: float, hertz: float, channels: int = 2) -> float:
    """-0.691 + 10 log10 of the sum over the channels of (amplitude² / 2), weighted by the filters' gain at `hertz`."""
    z = cmath.exp(-2j * math.pi * hertz / 48_000)
    gain = 1.0
    for above, below in (_SHELF, _HIGH_PASS):
        gain *= abs(sum(b * z**n for n, b in enumerate(above)) / sum(a * z**n for n, a in enumerate(below)))
    return -0.691 + 10 * math.log10(channels * (gain * 10 ** (peak_db / 20)) ** 2 / 2)


def sine(peak_db: float, hertz: float, channels: int = 2, phase: float = 0.0) -> Any:
    tone = 10 ** (peak_db / 20) * np.sin(2 * np.pi * hertz * np.arange(48_000 * 6) / 48_000 + phase)
    # Faded, as a hard begin and end would have peaks of their own.
    tone *= np.minimum(1.0, np.minimum(np.arange(len(tone)), np.arange(len(tone))[::-1]) / 480)
    return np.repeat(tone[:, None], channels, axis=1)


def test_the_figures_are_the_standards() -> None:
    # BS.1770: 0 dBFS at 997 Hz in one channel is -3.01 LKFS. EBU Tech 3341, case 1: -23 dBFS in two is -23 LUFS.
    assert lufs_of_a_sine(0.0, 997, channels=1) == pytest.approx(-3.01, abs=0.01)
    assert lufs_of_a_sine(-23.0, 997) == pytest.approx(-23.0, abs=0.01)


@pytest.mark.parametrize(("peak_db", "hertz"), [(-23.0, 997), (-6.0, 60), (-12.0, 6000)])
def test_loudness_of_a_sine(ff: Ffmpeg, tmp_path: Path, peak_db: float, hertz: float) -> None:
    source = write(tmp_path / "a.wav", sine(peak_db, hertz), 48_000, "PCM_24")
    receipt = rendered(ff, source, tmp_path / "out", sample_rate=48_000, bits=24)
    assert receipt.lufs == pytest.approx(lufs_of_a_sine(peak_db, hertz), abs=0.11)
    assert receipt.true_peak_db == pytest.approx(peak_db, abs=0.11)


def test_one_channel_is_as_loud_as_the_same_in_two(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", sine(-20.0, 997, channels=1), 48_000, "PCM_24")
    receipt = rendered(ff, source, tmp_path / "out", sample_rate=48_000, bits=24)
    assert receipt.channels == 1
    assert receipt.lufs == pytest.approx(lufs_of_a_sine(-20.0, 997, channels=2), abs=0.11)
    assert receipt.true_peak_db == pytest.approx(-20.0, abs=0.11)


def test_the_peak_between_the_samples_is_found(ff: Ffmpeg, tmp_path: Path) -> None:
    samples = sine(-3.0, 12_000, phase=math.pi / 4)
    assert 20 * math.log10(np.abs(samples).max()) == pytest.approx(-6.01, abs=0.01)
    source = write(tmp_path / "a.wav", samples, 48_000, "PCM_24")
    receipt = rendered(ff, source, tmp_path / "out", sample_rate=48_000, bits=24)
    assert receipt.true_peak_db == pytest.approx(-3.0, abs=0.3)


def test_a_decode_that_keeps_nothing_hears_the_same(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise())
    receipt = rendered(ff, source, tmp_path / "out")
    heard = decode_to_wav(ff, source, probe(ff, source), tmp_path / "b.wav", name="A - B")
    assert (heard.duration_s, heard.lufs, heard.true_peak_db) == (
        receipt.duration_s,
        receipt.lufs,
        receipt.true_peak_db,
    )
    assert (tmp_path / "b.wav").read_bytes() == receipt.wav.path.read_bytes()


# -- failures ---------------------------------------------------------------------------------------------------------


def odd(value: float) -> Any:
    samples = noise()
    samples[1000, 0] = value
    return samples


FAILURES = [
    pytest.param(odd(math.nan), "FLOAT", Damaged, "not numbers", id="NaN"),
    pytest.param(odd(math.inf), "FLOAT", Damaged, "not numbers", id="Inf"),
    pytest.param(odd(-math.inf), "DOUBLE", Damaged, "not numbers", id="-Inf, double"),
    pytest.param(np.zeros((44_100 * 2, 2)), "PCM_16", Silent, "silent", id="silence"),
    pytest.param(noise() * 1e-3, "PCM_24", Silent, "silent", id="nearly silent"),
    pytest.param(noise(seconds=0.9), "PCM_16", TooShort, r"only 0\.90 s", id="too short"),
]


@pytest.mark.parametrize(("samples", "subtype", "error", "words"), FAILURES)
def test_nothing_is_left_of_a_failure(
    ff: Ffmpeg, tmp_path: Path, samples: Any, subtype: str, error: type[TracksyncError], words: str
) -> None:
    source = write(tmp_path / "a.wav", samples, subtype=subtype)
    with pytest.raises(error, match=words) as caught:
        rendered(ff, source, tmp_path / "out")
    assert caught.value.message.startswith("A - B ")
    assert caught.value.action
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(error, match=words):
        decode_to_wav(ff, source, probe(ff, source), tmp_path / "out" / "b.wav", name="A - B")
    assert list((tmp_path / "out").iterdir()) == []


def test_just_a_second_is_enough_and_loud_floats_are_no_fault(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise(seconds=1.0) * 30, subtype="FLOAT")
    receipt = rendered(ff, source, tmp_path / "out")
    assert receipt.duration_s == 1.0


def test_random_bytes_leave_nothing(ff: Ffmpeg, tmp_path: Path) -> None:
    source = tmp_path / "a.mp3"
    source.write_bytes(np.random.default_rng(2).bytes(300_000))
    with pytest.raises((NotAudio, Damaged)):
        rendered(ff, source, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_truncated_file_leaves_nothing(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.flac", noise())
    source.write_bytes(source.read_bytes()[:-90_000])
    with pytest.raises(Damaged, match="truncated"):
        rendered(ff, source, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_cancel_leaves_nothing(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise(seconds=40.0))
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        rendered(ff, source, tmp_path / "out", M4AMode.PORTABLE, cancel=cancel)
    assert list((tmp_path / "out").iterdir()) == []


def test_progress_is_heard(ff: Ffmpeg, tmp_path: Path) -> None:
    heard: list[float] = []
    rendered(ff, write(tmp_path / "a.wav", noise(seconds=8.0)), tmp_path / "out", progress=heard.append)
    assert heard == sorted(set(heard))
    assert heard[-1] == pytest.approx(8.0, abs=0.3)


def test_what_no_wav_can_hold_is_refused_before_the_work(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise())
    long = SourceAudio(container="flac", codec="flac", sample_rate=44_100, channels=2, bits=16, duration_s=7 * 3600)
    with pytest.raises(Unsupported, match=r"7\.0 hours"):
        render(ff, source, long, tmp_path, "x", mode=M4AMode.HIGH, sample_rate=44_100, bits=16, name="A - B")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_source_that_is_gone_is_told(ff: Ffmpeg, tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise())
    audio = probe(ff, source)
    shutil.move(source, tmp_path / "b.wav")
    (tmp_path / "out").mkdir()
    with pytest.raises(TracksyncError):
        render(ff, source, audio, tmp_path / "out", "x", mode=M4AMode.HIGH, sample_rate=44_100, bits=16, name="A - B")
    assert list((tmp_path / "out").iterdir()) == []
