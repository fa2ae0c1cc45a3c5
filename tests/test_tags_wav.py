"""What a WAV has beside its ID3 tag: the INFO list, and a header that every player takes."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest

from tests._tagging import (
    FACTS,
    GIVEN,
    WAV,
    clip,
    ffmetadata,
    rendered,
    riff,
    samples,
)
from tracksync.audio.tags import (
    expected_tags,
    plain_pcm_header,
    read_back,
    tag_differences,
    write_tags,
)
from tracksync.errors import Damaged
from tracksync.model import AudioFormat

__all__ = ["clip", "rendered"]


def test_the_chunks_of_a_wav(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(WAV)
    before = dict(riff(path))
    assert before[b"LIST"].startswith(b"INFOISFT")  # ffmpeg's own, in front of the samples
    write_tags(path, WAV, FACTS.model_copy(update={"title": "Ünï 夜"}), **GIVEN)
    after = riff(path)
    assert [name for name, _ in after] == [b"fmt ", b"JUNK", b"data", b"LIST", b"id3 "]
    assert dict(after)[b"data"] == before[b"data"]
    info = dict(after)[b"LIST"]
    assert info.startswith(b"INFO") and b"INAM\x0a\x00\x00\x00\xc3\x9cn\xc3\xaf \xe5\xa4\x9c\x00IART" in info
    assert read_back(path, WAV).info == {
        "ISFT": before[b"LIST"][12:].split(b"\0")[0].decode(),
        "INAM": "Ünï 夜",
        "IART": "Daft Punk, Romanthony",
        "IPRD": "Discovery",
        "IGNR": "House",
        "ICRD": "2000-11-13",
        "ICMT": "Source: MP3 320 kbit/s (lossy)",
        "ISRC": "GBDUW0000053",
        "IBPM": "122.75",
    }


def test_a_reader_that_knows_info_only(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(WAV)
    write_tags(path, WAV, FACTS, **GIVEN)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"id3 ", b"junk").replace(b"ID3\x03", b"XXX\x03"))
    tags = ffmetadata(path)
    assert (tags["title"], tags["artist"], tags["album"]) == (FACTS.title, "Daft Punk, Romanthony", "Discovery")
    assert (tags["date"], tags["genre"], tags["comment"]) == ("2000-11-13", "House", GIVEN["comment"])


def test_an_odd_number_of_sample_bytes_and_bytes_behind_the_form(tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    body = b"WAVE" + fmt + struct.pack("<4sI", b"data", 5) + b"\1\2\3\4\5"  # its padding is missing, as it often is
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    write_tags(path, WAV, FACTS, **GIVEN)
    assert dict(riff(path))[b"data"] == b"\1\2\3\4\5"
    body += b"\0"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body + b"behind")
    write_tags(path, WAV, FACTS, **GIVEN)
    data = path.read_bytes()
    assert data.endswith(b"behind") and struct.unpack("<I", data[4:8])[0] == len(data) - 8 - len(b"behind")
    assert tag_differences(expected_tags(WAV, FACTS, **GIVEN), read_back(path, WAV)) == []


def test_a_wav_that_was_cut_off(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(WAV)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(Damaged, match="does not hold the samples"):
        write_tags(path, WAV, FACTS, **GIVEN)


def test_the_plain_header(clip: Callable[..., Path], tmp_path: Path) -> None:
    path = Path(shutil.copy(clip("wav", "-ar", "96000", "-c:a", "pcm_s24le", "-bitexact"), tmp_path / "x.wav"))
    sound, before = samples(path), path.read_bytes()
    assert before[20:22] == b"\xfe\xff"
    plain_pcm_header(path)
    after = path.read_bytes()
    assert [(name, len(content)) for name, content in riff(path)][:3] == [
        (b"fmt ", 16),
        (b"JUNK", 16),
        (b"data", len(dict(riff(path))[b"data"])),
    ]
    assert struct.unpack("<HHIIHH", after[20:36]) == (1, 2, 96000, 96000 * 6, 6, 24)
    assert len(after) == len(before) and after[60:] == before[60:]
    assert samples(path) == sound
    plain_pcm_header(path)
    assert path.read_bytes() == after
    write_tags(path, WAV, FACTS, **GIVEN)
    assert samples(path) == sound
    assert mutagen.File(path).info.bits_per_sample == 24


def test_a_plain_header_is_left_as_it_is(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(WAV)
    before = path.read_bytes()
    plain_pcm_header(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("codec", ["pcm_f32le", "adpcm_ms", "pcm_f32le -ac 6"])
def test_what_is_not_pcm(clip: Callable[..., Path], tmp_path: Path, codec: str) -> None:
    path = Path(shutil.copy(clip("wav", "-c:a", *codec.split()), tmp_path / "x.wav"))
    before = path.read_bytes()
    with pytest.raises(Damaged, match="not plain PCM"):
        plain_pcm_header(path)
    assert path.read_bytes() == before


SHORT_HEADER = b"RIFF\x10\0\0\0WAVEfmt \x02\0\0\0\1\0"


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"FORM\0\0\0\4AIFF", SHORT_HEADER])
def test_no_header_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(Damaged):
        plain_pcm_header(path)
