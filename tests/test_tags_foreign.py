"""Frames, atoms and chunks of other programs stay as they are."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.mp4 import MP4, MP4FreeForm
from mutagen.wave import WAVE

from tests._tagging import (
    AIFF_,
    COVER,
    FACTS,
    GIVEN,
    M4A,
    WAV,
    clip,
    rendered,
    riff,
)
from tracksync.audio.tags import (
    expected_tags,
    read_back,
    tag_differences,
    write_tags,
)
from tracksync.model import AudioFormat

__all__ = ["clip", "rendered"]


def foreign_frames() -> list[Any]:
    return [
        id3.GEOB(encoding=0, mime="application/octet-stream", filename="", desc="Serato Markers2", data=b"\x01\x01cue"),
        id3.PRIV(owner="TRAKTOR4", data=bytes(range(256))),
        id3.COMM(encoding=1, lang="eng", desc="iTunNORM", text=[" 0000042 Ü"]),
        id3.COMM(encoding=0, lang="deu", desc="", text=["Kommentar"]),
        id3.TXXX(encoding=1, desc="SERATO_PLAYCOUNT", text=["7"]),
        id3.POPM(email="traktor@native-instruments.de", rating=255, count=3),
        id3.TPE2(encoding=0, text=["A", "B"]),
        id3.TRCK(encoding=0, text=["3/12"]),
        id3.TSOP(encoding=1, text=["Punk, Daft"]),
        id3.APIC(encoding=0, mime="image/png", type=4, desc="", data=b"back"),
    ]


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("fmt", [AIFF_, WAV])
def test_frames_of_other_programs_stay(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat, version: int) -> None:
    path = rendered(fmt)
    kind = AIFF if fmt is AIFF_ else WAVE
    audio = kind(path)
    audio.add_tags()
    for frame in foreign_frames():
        audio.tags.add(frame)
    audio.tags.add(id3.TPE1(encoding=1, text=["Old"]))
    audio.tags.add(id3.TDRC(encoding=0, text=["1999-01-02"]))
    audio.tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="x", data=b"old front"))
    if version == 3:
        audio.tags.update_to_v23()
        audio.tags.add(id3.TSOP(encoding=1, text=["Punk, Daft"]))
    unknown = (
        struct.pack(">4sLH" if version == 3 else ">4s4sH", b"XYZW", 5 if version == 3 else b"\0\0\0\5", 0) + b"\0mine"
    )
    audio.tags.unknown_frames = [unknown]
    audio.tags._unknown_v2_version = version
    audio.save(v2_version=version, v23_sep=None)

    write_tags(path, fmt, FACTS, **GIVEN)
    tags = kind(path, translate=False).tags
    assert tags.version == (2, 3, 0)
    for frame in foreign_frames():
        if frame.FrameID == "TPE2" and version == 4:
            assert tags["TPE2"].text == ["A/B"]
        elif frame.FrameID != "APIC":
            assert tags[frame.HashKey] == frame, frame
    assert tags.unknown_frames == [struct.pack(">4sLH", b"XYZW", 5, 0) + b"\0mine"]
    assert sorted((picture.type, picture.data) for picture in tags.getall("APIC")) == [(3, COVER), (4, b"back")]
    assert tags["TPE1"].text == ["Daft Punk, Romanthony"]
    assert (tags["TYER"].text, tags["TDAT"].text, "TDRC" in tags) == (["2000"], ["1311"], False)
    assert tag_differences(expected_tags(fmt, FACTS, **GIVEN), read_back(path, fmt)) == []


def test_atoms_of_other_programs_stay(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(M4A)
    audio = MP4(path)
    if audio.tags is None:
        audio.add_tags()
    serato, traktor = "----:com.serato.dj:markersv2", "----:com.native-instruments.traktor:data"
    audio.tags[serato] = [MP4FreeForm(b"\x01\x01cue", dataformat=0)]
    audio.tags[traktor] = [MP4FreeForm(bytes(range(256)), dataformat=0)]
    audio.tags["trkn"] = [(3, 12)]
    audio.tags["aART"] = ["Various"]
    audio.tags["\xa9nam"] = ["Old"]
    audio.save()
    write_tags(path, M4A, FACTS, **GIVEN)
    tags = MP4(path).tags
    assert tags[serato] == [b"\x01\x01cue"] and tags[serato][0].dataformat == 0
    assert tags[traktor] == [bytes(range(256))]
    assert (tags["trkn"], tags["aART"], tags["\xa9nam"]) == ([(3, 12)], ["Various"], [FACTS.title])


def test_chunks_of_other_programs_stay(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(WAV)
    body = path.read_bytes()[12:]
    extra = [
        (b"cue ", b"\1\0\0\0" + bytes(24)),
        (b"LIST", b"INFO" + b"IENG\x05\0\0\0Otto\0\0" + b"INAM\x04\0\0\0Old\0"),
        (b"odd ", b"abc"),
        (b"LIST", b"adtlnote"),
        (b"LIST", b"INFOICOP\x02\0\0\0C\0"),
    ]
    body += b"".join(struct.pack("<4sI", n, len(c)) + c + b"\0" * (len(c) % 2) for n, c in extra)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body)
    write_tags(path, WAV, FACTS, **GIVEN)
    found = riff(path)
    assert [n for n, _ in found] == [b"fmt ", b"JUNK", b"data", b"cue ", b"LIST", b"odd ", b"LIST", b"id3 "]
    assert (found[3], found[5], found[6]) == (extra[0], extra[2], extra[3])
    info = read_back(path, WAV).info
    assert (info["IENG"], info["ICOP"], info["INAM"], info["IART"]) == ("Otto", "C", FACTS.title, FACTS.artist_text)
