"""The same facts in all three files."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.mp4 import MP4
from mutagen.wave import WAVE

from tests._tagging import (
    AIFF_,
    COVER,
    FACTS,
    GIVEN,
    M4A,
    NOTHING,
    WAV,
    clip,
    ffmetadata,
    rendered,
    samples,
)
from tracksync.audio.tags import (
    WrittenTags,
    expected_tags,
    read_back,
    tag_differences,
    write_tags,
)
from tracksync.errors import Damaged, DiskFull, Misconfigured
from tracksync.model import AudioFormat, Facts, MusicalKey

__all__ = ["clip", "rendered"]


@pytest.mark.parametrize("fmt", AudioFormat)
def test_everything_is_written_and_read_back(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat) -> None:
    path = rendered(fmt)
    sound = samples(path)
    write_tags(path, fmt, FACTS, **GIVEN)
    found = read_back(path, fmt)
    assert found == WrittenTags(
        title="One More Time (Radio Edit)",
        artist="Daft Punk, Romanthony",
        album="Discovery",
        genre="House",
        date="2000-11-13",
        isrc="GBDUW0000053",
        bpm=122.75,
        key_text="D",
        link="https://soundcloud.com/daft-punk/one-more-time",
        track_key="soundcloud:track:1234",
        comment="Source: MP3 320 kbit/s (lossy)",
        cover_bytes=len(COVER),
        info=found.info,
    )
    assert tag_differences(expected_tags(fmt, FACTS, **GIVEN), found) == []
    assert samples(path) == sound


@pytest.mark.parametrize("fmt", AudioFormat)
def test_another_reader_finds_them(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat) -> None:
    path = rendered(fmt)
    facts = FACTS.model_copy(update={"title": "שלום 夜 🎧", "artists": ("Beyoncé",)})
    write_tags(path, fmt, facts, **GIVEN)
    tags = ffmetadata(path)
    assert tags["title"] == "שלום 夜 🎧"
    assert tags["artist"] == "Beyoncé"
    assert tags["album"] == "Discovery"
    assert tags["genre"] == "House"
    assert tags["date"] == "2000-11-13"
    assert tags["comment"] == "Source: MP3 320 kbit/s (lossy)"
    if fmt is M4A:
        assert (tags["bpm"], tags["initialkey"]) == ("122.75", "D")
        # ffmpeg passes tmpo over: its atom, by hand (a 16-bit whole number, type 21).
        assert b"\0\0\0\x1atmpo\0\0\0\x12data\0\0\0\x15\0\0\0\0\0\x7b" in path.read_bytes()
        assert (tags["isrc"], tags["tracksync_key"]) == ("GBDUW0000053", "soundcloud:track:1234")
        assert tags["www"] == FACTS.link
    else:
        assert (tags["tbpm"], tags["tkey"], tags["tsrc"]) == ("122.75", "D", "GBDUW0000053")
        assert tags["tracksync_key"] == "soundcloud:track:1234"


def test_the_atoms_of_an_m4a(rendered: Callable[[AudioFormat], Path]) -> None:
    path = rendered(M4A)
    write_tags(path, M4A, FACTS, **{**GIVEN, "notation": "camelot", "bpm": 127.5})
    tags = MP4(path).tags
    assert tags["tmpo"] == [128]
    assert tags["----:com.apple.iTunes:BPM"] == [b"127.5"]
    assert tags["----:com.apple.iTunes:initialkey"] == [b"10B"]
    assert tags["covr"] == [COVER] and tags["covr"][0].imageformat == 13


@pytest.mark.parametrize("fmt", [AIFF_, WAV])
def test_the_frames_of_an_id3_tag(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat) -> None:
    path = rendered(fmt)
    write_tags(path, fmt, FACTS, **{**GIVEN, "notation": "open-key", "bpm": 128.0})
    data = path.read_bytes()
    assert data.count(b"ID3\x03\x00") == 1 and b"ID3\x04" not in data
    tags = (AIFF if fmt is AIFF_ else WAVE)(path, translate=False).tags
    assert tags.version == (2, 3, 0)
    assert (tags["TYER"].text, tags["TDAT"].text) == (["2000"], ["1311"])
    assert (tags["TBPM"].text, tags["TKEY"].text, tags["TSRC"].text) == (["128"], ["3d"], ["GBDUW0000053"])
    (picture,) = tags.getall("APIC")
    assert (picture.type, picture.mime, picture.data) == (3, "image/jpeg", COVER)
    assert all(int(frame.encoding) in (0, 1) for frame in tags.values() if hasattr(frame, "encoding"))


@pytest.mark.parametrize("fmt", AudioFormat)
def test_the_same_input_gives_the_same_bytes(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat) -> None:
    path = rendered(fmt)
    untagged = path.read_bytes()
    write_tags(path, fmt, FACTS, **GIVEN)
    first = path.read_bytes()
    write_tags(path, fmt, FACTS, **GIVEN)
    assert path.read_bytes() == first  # and tagging twice is tagging once
    path.write_bytes(untagged)
    write_tags(path, fmt, FACTS, **GIVEN)
    assert path.read_bytes() == first


@pytest.mark.parametrize("fmt", AudioFormat)
def test_what_is_not_known_is_not_written_and_what_is_there_stays(
    rendered: Callable[[AudioFormat], Path], fmt: AudioFormat
) -> None:
    path = rendered(fmt)
    write_tags(path, fmt, Facts(title="T"), **NOTHING)
    found = read_back(path, fmt)
    assert found.model_dump(exclude={"info"}) == WrittenTags(title="T", track_key="k").model_dump(exclude={"info"})
    write_tags(path, fmt, FACTS, **GIVEN)
    whole = read_back(path, fmt)
    write_tags(path, fmt, Facts(title="New"), **NOTHING)
    kept = read_back(path, fmt)
    info = {**whole.info, "INAM": "New"} if fmt is WAV else {}
    assert kept == whole.model_copy(update={"title": "New", "track_key": "k", "info": info})


@pytest.mark.parametrize("fmt", AudioFormat)
def test_values_are_replaced(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat) -> None:
    path = rendered(fmt)
    write_tags(path, fmt, FACTS, **GIVEN)
    other = Facts(
        title="B", artists=("C",), album="D", genre="E", date="2024", isrc="QZABC2400001", link="http://x.org/"
    )
    values = {**GIVEN, "key": "other", "bpm": 90.0, "musical_key": MusicalKey(tonic=0, mode="minor"), "comment": "F"}
    values["cover"] = b"\xff\xd8other"
    write_tags(path, fmt, other, **values)
    found = read_back(path, fmt)
    assert tag_differences(expected_tags(fmt, other, **values), found) == []
    assert found.date == "2024" and found.cover_bytes == 7
    assert tag_differences(expected_tags(fmt, FACTS, **GIVEN), found)[0] == (
        "title is 'B', written was 'One More Time (Radio Edit)'"
    )


@pytest.mark.parametrize(("date", "in_id3"), [("2024", "2024"), ("2024-05", "2024"), ("2024-05-17", "2024-05-17")])
@pytest.mark.parametrize("fmt", AudioFormat)
def test_dates(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat, date: str, in_id3: str) -> None:
    path = rendered(fmt)
    facts = Facts(title="T", date=date)
    write_tags(path, fmt, facts, **NOTHING)
    found = read_back(path, fmt)
    assert found.date == (date if fmt is M4A else in_id3)
    assert found.info.get("ICRD") == (date if fmt is WAV else None)
    assert tag_differences(expected_tags(fmt, facts, **NOTHING), found) == []


@pytest.mark.parametrize(
    ("bpm", "text", "whole"),
    [
        (128.0, "128", 128),
        (127.9951, "128", 128),
        (99.5, "99.5", 100),
        (174.126, "174.13", 174),
        (float("nan"), None, None),
        (float("inf"), None, None),
        (0.0, None, None),
        (-3.0, None, None),
        (0.001, None, None),
    ],
)
def test_tempo(rendered: Callable[[AudioFormat], Path], bpm: float, text: str | None, whole: int | None) -> None:
    m4a, aiff = rendered(M4A), rendered(AIFF_)
    for path, fmt in ((m4a, M4A), (aiff, AIFF_)):
        write_tags(path, fmt, Facts(title="T"), **{**NOTHING, "bpm": bpm})
        assert read_back(path, fmt).bpm == (float(text) if text else None)
    frame = AIFF(aiff).tags.get("TBPM")
    assert (frame.text[0] if frame else None) == text
    assert MP4(m4a).tags.get("tmpo") == ([whole] if whole else None)


@pytest.mark.parametrize("fmt", AudioFormat)
def test_a_link_is_ascii_and_holds_no_secret(rendered: Callable[[AudioFormat], Path], fmt: AudioFormat) -> None:
    path = rendered(fmt)
    facts = Facts(title="T", link="https://user:pw@example.org/ü a?token=abc&x=1%20y#z")
    write_tags(path, fmt, facts, **NOTHING)
    link = read_back(path, fmt).link
    assert link is not None and link.isascii() and link.startswith("https://example.org/%C3%BC%20a?token=")
    assert "pw" not in link and "abc" not in link and link.endswith("&x=1%20y#z")
    for bad in ("javascript:alert(1)", "/home/me/song.mp3", "https://", "http://[::1", "spotify:track:1"):
        write_tags(path, fmt, Facts(title="T", link=bad), **NOTHING)
        assert read_back(path, fmt).link == link


TEXTS = st.text(st.characters(), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXTS, artist=TEXTS, comment=TEXTS)
@example(title="שלום עולם", artist="ヨアソビ", comment="👨‍👩‍👧‍👦")
@example(title="a\0b\ud83dc", artist="\0", comment="\udfff")
@example(title="\ufeffx\ufffe", artist="(17)", comment="two\nlines\r\n\ttab")
@example(title="x" * 5000, artist="漢" * 5000, comment="é" * 5000)
def test_any_text(clip: Callable[..., Path], tmp_path: Path, title: str, artist: str, comment: str) -> None:
    facts = Facts(title=title, artists=(artist,), album=artist, genre=comment)
    values = {**NOTHING, "comment": comment}
    for fmt in AudioFormat:
        path = Path(shutil.copy(clip(fmt.value), tmp_path / f"any.{fmt.value}"))
        write_tags(path, fmt, facts, **values)
        found = read_back(path, fmt)
        wanted = expected_tags(fmt, facts, **values)
        assert tag_differences(wanted, found) == []
        assert (found.title, found.artist, found.comment) == (wanted.title, wanted.artist, wanted.comment)


@pytest.mark.parametrize("fmt", AudioFormat)
@pytest.mark.parametrize("content", [b"", b"not audio at all" * 9, b"RIFF\x04\0\0\0WAVE", b"FORM\0\0\0\4AIFF"])
def test_what_is_no_such_file(tmp_path: Path, fmt: AudioFormat, content: bytes) -> None:
    path = tmp_path / f"x.{fmt.value}"
    path.write_bytes(content)
    with pytest.raises(Damaged, match=r"x\."):
        write_tags(path, fmt, FACTS, **GIVEN)
    with pytest.raises(Damaged, match=r"x\."):
        read_back(path, fmt)


@pytest.mark.parametrize("fmt", AudioFormat)
def test_a_full_disk_is_told_as_one(
    rendered: Callable[[AudioFormat], Path], fmt: AudioFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rendered(fmt)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mutagen.mp4.resize_bytes", full)
    monkeypatch.setattr("mutagen.mp4.insert_bytes", full)
    monkeypatch.setattr("mutagen._iff.insert_bytes", full)
    with pytest.raises(DiskFull, match=r"song\."):
        write_tags(path, fmt, FACTS, **GIVEN)


@pytest.mark.parametrize("fmt", AudioFormat)
def test_a_file_that_is_gone(tmp_path: Path, fmt: AudioFormat) -> None:
    with pytest.raises(Misconfigured, match="removed"):
        read_back(tmp_path / f"none.{fmt.value}", fmt)
