"""Files of every kind, cut, overwritten and padded: what is told as damage, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examples.pieces import write_with_ffmpeg
from tracksync.audio.damage import complaints, judge, length_matches, mp3_gaps, ogg_is_cut
from tracksync.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tracksync.audio.probe import probe
from tracksync.audio.render import decode_to_wav
from tracksync.errors import Damaged
from tracksync.model import SourceAudio

SECONDS = 6

KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "wav": ("wav", ()),
    "aiff": ("aiff", ()),
    "flac": ("flac", ()),
    "aac": ("m4a", ("-b:a", "192k", "-movflags", "+faststart")),
    "aac_index_last": ("m4a", ("-b:a", "192k")),
    "alac": ("m4a", ("-c:a", "alac")),
    "mp3_cbr": ("mp3", ("-b:a", "192k")),
    "mp3_cbr_bare": ("mp3", ("-b:a", "192k", "-write_xing", "0")),
    "mp3_vbr": ("mp3", ("-q:a", "2")),
    "mp3_vbr_bare": ("mp3", ("-q:a", "2", "-write_xing", "0")),
    "opus": ("opus", ("-c:a", "libopus", "-b:a", "128k")),
    "vorbis": ("ogg", ("-c:a", "libvorbis", "-q:a", "5")),
    "ogg_flac": ("ogg", ("-c:a", "flac")),
    "webm": ("webm", ("-c:a", "libopus", "-b:a", "128k")),
}


def noise(seed: int, size: int) -> bytes:
    return np.random.default_rng(seed).bytes(size)


def over(data: bytes, new: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + new + data[middle + len(new) :]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a third": lambda data: data[: len(data) // 3],
    "nine tenths": lambda data: data[: len(data) * 9 // 10],
    "less 700 bytes": lambda data: data[:-700],
    "less a byte": lambda data: data[:-1],
    "noise inside": lambda data: over(data, noise(3, 2000)),
    "zeros inside": lambda data: over(data, bytes(8000)),
    "a piece missing": lambda data: data[: len(data) // 2] + data[len(data) // 2 + 5000 :],
    "a bit flipped": lambda data: over(data, bytes([data[len(data) // 2] ^ 0x10])),
    "padding behind": lambda data: data + bytes(20_000),
    "junk behind": lambda data: data + noise(4, 3000),
    "a tag behind": lambda data: data + b"TAG" + bytes(125),
    "junk before": lambda data: noise(5, 3000) + data,
}

BROKEN: dict[str, tuple[str, ...]] = {
    "wav": ("nine tenths",),
    "aiff": ("nine tenths",),
    "flac": ("a third", "less a byte", "noise inside", "a bit flipped", "a piece missing"),
    "aac": ("nine tenths", "noise inside", "a piece missing"),
    "aac_index_last": ("nine tenths", "zeros inside"),
    "alac": ("a third", "noise inside"),
    "mp3_cbr": ("nine tenths", "noise inside", "a piece missing"),
    "mp3_cbr_bare": ("zeros inside",),
    "mp3_vbr": ("a third", "noise inside"),
    "mp3_vbr_bare": ("a piece missing",),
    "opus": ("less a byte", "noise inside", "a bit flipped"),
    "vorbis": ("less a byte", "a bit flipped"),
    "ogg_flac": ("less 700 bytes", "a bit flipped"),
    "webm": ("nine tenths", "noise inside"),
}
# What nobody hears, and what nothing in the file tells: noise in PCM, a lone bit in MP3 and AAC, the end of a bare MP3.
WHOLE: dict[str, tuple[str, ...]] = {
    "wav": ("less a byte", "noise inside", "padding behind"),
    "aiff": ("less 700 bytes", "a tag behind"),
    "flac": ("padding behind", "a tag behind", "junk before"),
    "aac": ("padding behind",),
    "aac_index_last": ("a tag behind",),
    "alac": ("junk behind",),
    "mp3_cbr": ("less 700 bytes", "padding behind", "junk behind", "a tag behind", "a bit flipped"),
    "mp3_cbr_bare": ("junk before", "nine tenths"),
    "mp3_vbr": ("padding behind",),
    "mp3_vbr_bare": ("junk behind",),
    "opus": ("padding behind",),
    "vorbis": ("junk behind",),
    "ogg_flac": ("padding behind",),
    "webm": ("padding behind",),
}


@dataclass
class Workshop:
    """Makes each kind of file once, and changed copies of it."""

    ff: Ffmpeg
    folder: Path
    made: dict[str, bytes] = field(default_factory=dict)

    def changed(self, kind: str, change: str) -> Path:
        suffix, options = KINDS[kind]
        if kind not in self.made:
            encoder = options[options.index("-c:a") + 1] if "-c:a" in options else None
            if encoder is not None and encoder not in self.ff.encoders:
                pytest.skip(f"this ffmpeg has no {encoder}")
            whole = self.folder / f"{kind}.{suffix}"
            write_with_ffmpeg(whole, self._sound(), ffmpeg=self.ff.path, options=options)
            self.made[kind] = whole.read_bytes()
        path = self.folder / f"changed.{suffix}"
        path.write_bytes(CHANGES[change](self.made[kind]))
        return path

    def decode(self, path: Path) -> float:
        wav = self.folder / "decoded.wav"
        return decode_to_wav(self.ff, path, probe(self.ff, path), wav, name="A - B").duration_s

    @staticmethod
    def _sound() -> Any:
        time = np.arange(SECONDS * 44_100) / 44_100
        notes = 0.3 * np.sin(2 * np.pi * 220 * time) * np.exp(-3 * (time % 0.5))
        hiss = np.random.default_rng(7).standard_normal((len(time), 2)) * 0.05
        return (hiss + notes[:, None]).astype(np.float32)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(find_ffmpeg(None), tmp_path_factory.mktemp("damage"))


@pytest.mark.parametrize(("kind", "change"), [(kind, change) for kind, all_of in BROKEN.items() for change in all_of])
def test_damage_is_told(workshop: Workshop, kind: str, change: str) -> None:
    path = workshop.changed(kind, change)
    with pytest.raises(Damaged, match=r"truncated|damaged") as caught:
        workshop.decode(path)
    assert "\n" not in caught.value.message
    assert caught.value.action
    assert not (workshop.folder / "decoded.wav").exists()


@pytest.mark.parametrize(("kind", "change"), [(kind, change) for kind, some in WHOLE.items() for change in some])
def test_what_is_whole_is_left_alone(workshop: Workshop, kind: str, change: str) -> None:
    length = workshop.decode(workshop.changed(kind, change))
    assert length == pytest.approx(SECONDS * 0.9 if change == "nine tenths" else SECONDS, abs=0.06)


# -- complaints -------------------------------------------------------------------------------------------------------

VERSION_5 = """\
[info] Input #0, mp3, from 'file:a.mp3':
[mp3 @ 0x55d0c8a3f2c0] [warning] Estimating duration from bitrate, this may be inaccurate
[mp3float @ 0x55d0c8a44a80] [error] Header missing
[error] Error while decoding stream #0:0: Invalid data found when processing input
[flac @ 0x5581] [error] invalid residual
[flac @ 0x5581] [error] decode_frame() failed
[alac @ 0x5581] [warning] Syntax element 5 is not implemented. Update your FFmpeg version to the newest one from Git
[error] Error while decoding stream #0:0: Not yet implemented in FFmpeg, patches welcome
[warning] file:a.caf: corrupt input packet in stream 0
[caf @ 0x55d0] [warning] Packet corrupt (stream = 0, dts = 39).
""".splitlines()
VERSION_9 = """\
[info] Input #0, mp3, from 'file:a.mp3':
[in#0/mp3 @ 0x562a5c0d1e40] [warning] Estimating duration from bitrate, this may be inaccurate
[mp3float @ 0x562a5c0d4a00] [error] Header missing
[aist#0:0/mp3 @ 0x562a5c0d3b80] [dec:mp3float @ 0x562a5c0d5d40] [error] Error submitting packet to decoder: Invalid data
[flac @ 0x562a] [error] invalid residual
[flac @ 0x562a] [error] decode_frame() failed
[aist#0:0/flac @ 0x562a] [dec:flac @ 0x562b] [error] Decoding error: Invalid data found when processing input
[alac @ 0x562a] [warning] Syntax element 5 is not implemented. Update your FFmpeg version to the newest one from Git
[aist#0:0/alac @ 0x562a] [dec:alac @ 0x562b] [error] Error submitting packet to decoder: Not yet implemented in FFmpeg
[in#0/caf @ 0x562a] [warning] corrupt input packet in stream 0
[in#0/caf @ 0x562a] [warning] Packet corrupt (stream = 0, dts = 39).
""".splitlines()


@pytest.mark.parametrize("lines", [VERSION_5, VERSION_9], ids=["5", "9"])
def test_each_event_is_one_complaint(lines: list[str]) -> None:
    said = complaints(lines)
    assert [line.removeprefix("file:a.caf: ") for line in said] == [
        "Header missing",
        "invalid residual",
        "Syntax element 5 is not implemented. Update your FFmpeg version to the newest one from Git",
        "corrupt input packet in stream 0",
    ]
    assert not any("0x" in line for line in said)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[info]     title           : corrupt input packet, not implemented",
        "[info] Input #0, wav, from 'file:not implemented.wav':",
        "[warning] Guessed Channel Layout for Input Stream #0.0 : stereo",
        "[in#0 @ 0x1f] [warning] filesize and duration do not match (growing file?)",
        "[flac @ 0x1f] [error] invalid frame header",
    ],
)
def test_other_words_are_none(line: str) -> None:
    assert complaints([line]) == ()


# -- the rules by themselves -------------------------------------------------------------------------------------------


def audio(container: str = "flac", codec: str = "flac") -> SourceAudio:
    return SourceAudio(container=container, codec=codec, sample_rate=44_100, channels=2)


def errors(count: int, words: str = "invalid residual") -> list[str]:
    return [f"[flac @ 0x1] [error] {words}"] * count


@pytest.mark.parametrize(
    ("lines", "decoded", "announced", "words"),
    [
        pytest.param([], 180.0, 200.0, r"X is truncated: its header says 3:20\.00, only 3:00\.00", id="cut"),
        pytest.param(errors(1, "CRC error at PTS 5"), 200.0, 200.0, r"broken in one place", id="checksum"),
        pytest.param(errors(3, "CRC mismatch!"), 200.0, None, r"broken in 3 places", id="checksum, no promise"),
        pytest.param(errors(1), 199.95, 200.0, r"broken in one place", id="lost and complained"),
        pytest.param(errors(8), 200.0, None, r"broken in 8 places", id="many"),
    ],
)
def test_rules_that_tell(tmp_path: Path, lines: list[str], decoded: float, announced: float | None, words: str) -> None:
    with pytest.raises(Damaged, match=words):
        judge("X", tmp_path / "absent", audio(), lines, decoded, announced)


@pytest.mark.parametrize(
    ("lines", "decoded", "announced"),
    [
        pytest.param([], 200.0, 200.0, id="exact"),
        pytest.param([], 200.0, None, id="no promise"),
        pytest.param([], 199.85, 200.0, id="less within a thousandth"),
        pytest.param([], 260.0, 200.0, id="more"),
        pytest.param(errors(7), 200.0, 200.0, id="complaints without loss"),
        pytest.param(errors(7), 200.0, None, id="complaints without a promise"),
    ],
)
def test_rules_that_do_not(tmp_path: Path, lines: list[str], decoded: float, announced: float | None) -> None:
    judge("X", tmp_path / "absent", audio(), lines, decoded, announced)


def test_a_frame_that_an_mp3s_end_refers_to_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(FRAME * 10)
    judge("X", path, audio("mp3", "mp3"), errors(2), 199.97, 200.0)
    with pytest.raises(Damaged):
        judge("X", path, audio("mp3", "mp3"), errors(3), 199.97, 200.0)
    with pytest.raises(Damaged):
        judge("X", path, audio("mp3", "mp3"), errors(2), 199.94, 200.0)


@pytest.mark.parametrize(
    ("got", "announced", "matches"),
    [(200, 202, True), (200, 202.1, True), (300, 294.2, True), (10, 12, True), (10, 12.01, False), (30, 200, False)],
)
def test_a_pages_length_is_rounded(got: float, announced: float, matches: bool) -> None:
    assert length_matches(got, announced) is matches


# -- MP3 frames -------------------------------------------------------------------------------------------------------


def frame(header: str, length: int) -> bytes:
    head = bytes.fromhex(header)
    return head + bytes(length - len(head))


FRAME = frame("fffb9000", 417)
"""MPEG 1, layer III, 128 kbit/s, 44.1 kHz."""


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(FRAME, id="128k"),
        pytest.param(frame("fffb9200", 418), id="128k padded"),
        pytest.param(frame("fffbe400", 960), id="320k 48 kHz"),
        pytest.param(frame("fff38000", 208), id="MPEG 2, 64k 22.05 kHz"),
        pytest.param(frame("ffe38000", 417), id="MPEG 2.5, 64k 11.025 kHz"),
        pytest.param(frame("fffd6000", 313), id="layer II, 96k"),
        pytest.param(frame("ffff1000", 32), id="layer I, 32k"),
        pytest.param(frame("ffff1200", 36), id="layer I, padded by four bytes"),
    ],
)
def test_a_whole_chain_has_no_gaps(tmp_path: Path, one: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(one * 12)
    assert mp3_gaps(path) == 0
    path.write_bytes(one * 6 + bytes(50) + one * 6)
    assert mp3_gaps(path) == 1


ID3 = b"ID3\x04\x00\x00" + bytes([0, 0, 2, 44]) + FRAME[:4] + bytes(296)
"""A tag of 300 bytes, with what looks like a frame in it."""


@pytest.mark.parametrize(
    ("data", "gaps"),
    [
        pytest.param(b"", 0, id="empty"),
        pytest.param(bytes(5000), 0, id="no frames"),
        pytest.param(FRAME, 0, id="one frame"),
        pytest.param(ID3 + FRAME * 8, 0, id="a tag before"),
        pytest.param(bytes(700) + FRAME * 8, 0, id="junk before"),
        pytest.param(FRAME * 8 + b"TAG" + bytes(125), 0, id="a tag behind"),
        pytest.param(FRAME * 8 + bytes(5000), 0, id="padding behind"),
        pytest.param(FRAME * 8 + FRAME[:200], 0, id="last frame cut"),
        pytest.param(FRAME * 8 + FRAME[:2], 0, id="last header cut"),
        pytest.param(FRAME * 8 + FRAME[:300] + FRAME * 8, 1, id="a frame in the middle cut"),
        pytest.param((FRAME * 5 + bytes(99)) * 3 + FRAME * 5, 3, id="three places"),
        pytest.param(frame("fffb0000", 417) * 8, 0, id="free format is not followed"),
        pytest.param((FRAME + frame("fffbe000", 1044)) * 8, 0, id="variable bit rate"),
    ],
)
def test_gaps(tmp_path: Path, data: bytes, gaps: int) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(data)
    assert mp3_gaps(path) == gaps


# -- Ogg pages --------------------------------------------------------------------------------------------------------


def page(*segments: int) -> bytes:
    return b"OggS" + bytes(22) + bytes([len(segments), *segments]) + b"\x01" * sum(segments)


@pytest.mark.parametrize(
    ("data", "cut"),
    [
        pytest.param(page(100), False, id="one page"),
        pytest.param(page(255, 255, 10) * 3, False, id="three pages"),
        pytest.param(page(), False, id="an empty page"),
        pytest.param(page(100)[:-1], True, id="less a byte"),
        pytest.param(page(100) + page(200)[:-150], True, id="half of the last"),
        pytest.param(page(100) + page(255, 255, 9)[:28], True, id="in the lacing table"),
        pytest.param(page(100) + page(100)[:27], True, id="before the lacing table"),
        pytest.param(page(100) + page(100)[:10], True, id="in the header"),
        pytest.param(page(100) + page(100)[:4], True, id="after the mark"),
        pytest.param(page(100) + bytes(2000), False, id="padded"),
        pytest.param(page(100) + bytes(200_000), False, id="padded by more than two pages"),
        pytest.param(page(*[255] * 255) * 3, False, id="the largest pages"),
        pytest.param(page(100) + page(*[255] * 255)[:-1], True, id="the largest page, cut"),
        pytest.param(b"", False, id="empty"),
    ],
)
def test_the_last_page(tmp_path: Path, data: bytes, cut: bool) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(data)
    assert ogg_is_cut(path) is cut
