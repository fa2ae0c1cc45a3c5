"""The tags of files that people bring along: read what is there, make nothing up, never fail."""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import mutagen
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

from tracksync.audio.tags import SourceTags, facts_from, read_source, write_tags
from tracksync.model import AudioFormat, Facts

KINDS = ["mp3", "m4a", "flac", "wav", "aiff", "ogg", "opus"]
PICTURE = b"\x89PNG picture"
WHOLE = SourceTags(
    title="Windowlicker",
    artists=("Aphex Twin", "夜"),
    album="Windowlicker EP",
    genre="Electronic",
    date="1999-03-22",
    isrc="GBBPW9900001",
    link="https://example.org/windowlicker?x=1",
    cover=PICTURE,
)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A tenth of a second of sound, made once, with tags of ffmpeg's where asked for."""
    folder = tmp_path_factory.mktemp("sources")

    @cache
    def make(suffix: str, *options: str) -> Path:
        path = folder / f"{abs(hash(options))}.{suffix}"
        source = ["-f", "lavfi", "-i", "sine=440:d=0.1", "-ar", "48000"]
        subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *source, *options, "-y", str(path)], check=True
        )
        return path

    return make


@pytest.fixture
def file(tmp_path: Path, clip: Callable[..., Path]) -> Callable[..., Path]:
    return lambda kind, *options: Path(shutil.copy(clip(kind, *options), tmp_path / f"file.{kind}"))


def pictures() -> list[Picture]:
    """A back cover, and then the front."""
    both = [Picture(), Picture()]
    both[0].type, both[0].mime, both[0].data = 4, "image/png", b"back"
    both[1].type, both[1].mime, both[1].data = 3, "image/png", PICTURE
    return both


def tag(path: Path) -> None:
    """Several artists as several values, and everything else, each container in its own way."""
    audio = mutagen.File(path)
    if path.suffix in (".mp3", ".wav", ".aiff"):
        if audio.tags is None:
            audio.add_tags()
        for frame in (
            id3.TIT2(encoding=3, text=["Windowlicker"]),
            id3.TPE1(encoding=3, text=["Aphex Twin", "夜"]),
            id3.TALB(encoding=0, text=["Windowlicker EP"]),
            id3.TCON(encoding=0, text=["(52)"]),
            id3.TDRC(encoding=0, text=["1999-03-22T00:00:00"]),
            id3.TSRC(encoding=0, text=["GB-BPW-99-00001"]),
            id3.WOAF(url="https://example.org/windowlicker?x=1"),
            id3.APIC(encoding=0, mime="image/png", type=4, desc="back", data=b"back"),
            id3.APIC(encoding=0, mime="image/png", type=3, desc="front", data=PICTURE),
        ):
            audio.tags.add(frame)
    elif path.suffix == ".m4a":
        audio["\xa9nam"], audio["\xa9ART"], audio["\xa9alb"] = (
            ["Windowlicker"],
            ["Aphex Twin", "夜"],
            ["Windowlicker EP"],
        )
        audio["\xa9gen"], audio["\xa9day"] = ["Electronic"], ["1999-03-22T07:00:00Z"]
        audio["----:com.apple.iTunes:ISRC"] = [MP4FreeForm(b"gbbpw9900001")]
        audio["----:com.apple.iTunes:WWW"] = [MP4FreeForm(b"https://example.org/windowlicker?x=1")]
        audio["covr"] = [MP4Cover(PICTURE, imageformat=MP4Cover.FORMAT_PNG)]
    else:
        audio.update(
            {
                "TITLE": ["Windowlicker"],
                "artist": ["Aphex Twin", "夜"],
                "Album": ["Windowlicker EP"],
                "genre": ["Electronic", "IDM"],
                "date": ["1999-03-22"],
                "isrc": ["GBBPW9900001"],
                "comment": ["Nice.", "https://example.org/windowlicker?x=1"],
            }
        )
        if isinstance(audio, FLAC):
            for picture in pictures():
                audio.add_picture(picture)
        else:
            audio["metadata_block_picture"] = [base64.b64encode(picture.write()).decode() for picture in pictures()]
    audio.save()


@pytest.mark.parametrize("kind", KINDS)
def test_every_container(file: Callable[..., Path], kind: str) -> None:
    path = file(kind)
    tag(path)
    assert read_source(path) == WHOLE


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_tags(file: Callable[..., Path], kind: str) -> None:
    path = file(kind, "-map_metadata", "-1")
    assert read_source(path) == SourceTags()
    assert facts_from(path, read_source(path)) == Facts(title="file")


@pytest.mark.parametrize("kind", [*KINDS, "wv"])
def test_tags_that_another_program_wrote(file: Callable[..., Path], kind: str) -> None:
    names = {"title": "Tïtle", "author" if kind == "aiff" else "artist": "AC/DC", "album": "Ålbum", "date": "2003"}
    path = file(kind, *(part for name, value in names.items() for part in ("-metadata", f"{name}={value}")))
    found = read_source(path)
    assert (found.title, found.artists) == ("Tïtle", ("AC/DC",))
    # AIFF's own text chunks know a name and an author, no more.
    assert (found.album, found.date) == ((None, None) if kind == "aiff" else ("Ålbum", "2003"))


@pytest.mark.parametrize("fmt", AudioFormat)
def test_our_own_files(file: Callable[..., Path], fmt: AudioFormat) -> None:
    path = file(fmt.value)
    facts = Facts(
        title="T",
        artists=("A, B",),
        album="C",
        genre="D",
        date="2024-05-17",
        isrc="QZABC2400001",
        link="https://x.org/t",
    )
    write_tags(
        path,
        fmt,
        facts,
        key="k",
        bpm=99.0,
        musical_key=None,
        notation="standard",
        comment="Source: FLAC",
        cover=b"jpeg",
    )
    tags = read_source(path)
    assert facts_from(path, tags) == facts
    assert tags.cover == b"jpeg"


@pytest.mark.parametrize(
    ("shown", "artists"),
    [
        (["AC/DC"], ("AC/DC",)),
        (["Simon & Garfunkel"], ("Simon & Garfunkel",)),
        (["Tyler, The Creator"], ("Tyler, The Creator",)),
        (["Earth, Wind & Fire"], ("Earth, Wind & Fire",)),
        (["A; B"], ("A", "B")),
        (["A / B; C"], ("A", "B", "C")),
        (["A;B"], ("A;B",)),
        (["A", "B, C"], ("A", "B, C")),
        (["A", "A", " "], ("A",)),
        ([" A "], ("A",)),
        (["A feat. B"], ("A feat. B",)),
        ([], ()),
        ([""], ()),
    ],
)
def test_artists(file: Callable[..., Path], shown: list[str], artists: tuple[str, ...]) -> None:
    path = file("flac")
    audio = FLAC(path)
    audio["artist"] = shown
    audio.save()
    assert read_source(path).artists == artists


def test_a_list_of_artists_beside_the_text(file: Callable[..., Path]) -> None:
    path = file("mp3")
    tags = id3.ID3()
    tags.add(id3.TPE1(encoding=0, text=["A feat. B"]))
    tags.add(id3.TXXX(encoding=0, desc="ARTISTS", text=["A", "B"]))
    tags.save(path)
    assert read_source(path).artists == ("A", "B")


@pytest.mark.parametrize(("album_artist", "artists"), [("Orbital", ("Orbital",)), ("Various Artists", ()), ("VA", ())])
def test_the_albums_artist_stands_in(file: Callable[..., Path], album_artist: str, artists: tuple[str, ...]) -> None:
    path = file("m4a")
    audio = MP4(path)
    audio["aART"] = [album_artist]
    audio.save()
    assert read_source(path).artists == artists


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-17", "2024-05-17"),
        ("2024-5-7", "2024-05-07"),
        ("2024/05/17", "2024-05-17"),
        ("20240517", "2024-05-17"),
        ("2024-05-17T12:00:00Z", "2024-05-17"),
        ("2024-00-00", "2024"),
        ("2024-05-00", "2024-05"),
        ("2024-13-01", "2024"),
        ("2023-02-29", "2023"),
        ("17.05.2024", "2024"),
        ("0000", None),
        ("unknown", None),
        ("99", None),
        ("20245", None),
        ("", None),
    ],
)
def test_dates(file: Callable[..., Path], text: str, date: str | None) -> None:
    path = file("ogg")
    audio = mutagen.File(path)
    audio["date"] = [text]
    audio.save()
    assert read_source(path).date == date


def test_the_more_precise_of_two_dates(file: Callable[..., Path]) -> None:
    path = file("flac")
    audio = FLAC(path)
    audio["date"], audio["year"], audio["releasedate"] = ["2024"], ["1999-01-01"], ["2024-05-17"]
    audio.save()
    assert read_source(path).date == "2024-05-17"


@pytest.mark.parametrize(
    ("text", "isrc"),
    [
        ("GB-BPW-99-00001", "GBBPW9900001"),
        ("gbbpw9900001", "GBBPW9900001"),
        ("ISRC GB BPW 99 00001", "GBBPW9900001"),
        ("GBBPW990000", None),
        ("1234", None),
        ("GBBPW99000011", None),
    ],
)
def test_isrcs(file: Callable[..., Path], text: str, isrc: str | None) -> None:
    path = file("flac")
    audio = FLAC(path)
    audio["isrc"] = [text]
    audio.save()
    assert read_source(path).isrc == isrc


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://a.bandcamp.com/track/b", "https://a.bandcamp.com/track/b"),
        ("http://x.org/ü", "http://x.org/%C3%BC"),
        ("Visit https://a.bandcamp.com", None),
        ("ftp://x.org/a", None),
        ("file:///home/me", None),
        ("https://me:secret@x.org/a", None),
        ("https://x.org/a?access_token=abc", None),
        ("https://", None),
        ("https://x.org/" + "a" * 3000, None),
    ],
)
@pytest.mark.parametrize("kind", ["mp3", "flac", "m4a"])
def test_links(file: Callable[..., Path], kind: str, text: str, link: str | None) -> None:
    path = file(kind)
    audio = mutagen.File(path)
    if kind == "mp3":
        audio.tags.add(id3.COMM(encoding=1, lang="eng", desc="", text=[text]))
    else:
        audio["comment" if kind == "flac" else "\xa9cmt"] = [text]
    audio.save()
    assert read_source(path).link == link


def wav_with(tmp_path: Path, *info: tuple[bytes, bytes]) -> Path:
    entries = b"".join(struct.pack("<4sI", n, len(v)) + v + b"\0" * (len(v) % 2) for n, v in info)
    body = b"WAVE" + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    body += struct.pack("<4sI", b"LIST", len(entries) + 4) + b"INFO" + entries
    body += struct.pack("<4sI", b"data", 0xFFFFFFFF) + bytes(800)  # a stream's header: the length was not known
    path = tmp_path / "info.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + body)
    return path


def test_a_wav_with_info_only(tmp_path: Path) -> None:
    path = wav_with(
        tmp_path,
        (b"INAM", b"W\xc3\xbcrfel\0"),
        (b"IART", b"Caf\xe9\0\0\0"),  # Windows-1252
        (b"ICRD", b"2001-02-03"),
        (b"IGNR", b"\0"),
        (b"ISRC", b"GBBPW9900001\0"),
        (b"ICMT", b"https://x.org/a\0"),
    )
    assert read_source(path) == SourceTags(
        title="Würfel", artists=("Café",), date="2001-02-03", isrc="GBBPW9900001", link="https://x.org/a"
    )


def test_info_fills_what_the_id3_tag_leaves_open(file: Callable[..., Path]) -> None:
    path = file("wav", "-metadata", "title=Info title", "-metadata", "album=Info album")
    audio = mutagen.File(path)
    audio.add_tags()
    audio.tags.add(id3.TIT2(encoding=0, text=["ID3 title"]))
    audio.save()
    found = read_source(path)
    assert (found.title, found.album) == ("ID3 title", "Info album")


def test_mojibake_is_left_as_it_is(file: Callable[..., Path]) -> None:
    path = file("mp3")
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=0, text=["BjÃ¶rk"]))
    tags.save(path)
    assert read_source(path).title == "BjÃ¶rk"


def test_an_id3_tag_with_no_audio_that_could_be_made_out(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=0, text=["Still here"]))
    tags.save(path)
    path.write_bytes(path.read_bytes() + b"\0" * 500)
    assert read_source(path).title == "Still here"


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"ID3\x03\0\0\x7f\x7f\x7f\x7f", b"fLaC\0\0\0\x22", b"RIFF", b"FORM"]
)
@pytest.mark.parametrize("suffix", ["mp3", "wav", "flac", "aiff", "m4a"])
def test_what_is_no_audio(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(content)
    assert read_source(path) == SourceTags()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert read_source(tmp_path / "none.mp3") == SourceTags()
    assert read_source(tmp_path) == SourceTags()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), noise=st.binary(min_size=1, max_size=60), at=st.floats(0, 1), cut=st.booleans())
def test_broken_tags_never_raise(
    tmp_path: Path, clip: Callable[..., Path], kind: str, noise: bytes, at: float, cut: bool
) -> None:
    whole = tmp_path / f"whole.{kind}"
    if not whole.exists():
        shutil.copy(clip(kind), whole)
        tag(whole)
    data = whole.read_bytes()
    place = int(at * min(len(data), 6000))
    path = tmp_path / f"broken.{kind}"
    path.write_bytes(data[:place] + noise + (b"" if cut else data[place + len(noise) :]))
    found = read_source(path)
    assert facts_from(path, found).title
    for text in (found.title, *found.artists, found.album, found.genre, found.link):
        assert text is None or (text and "\0" not in text and text.encode())


def test_the_cover_is_not_printed() -> None:
    data: Any = SourceTags(title="T", cover=b"x" * 10)
    assert "xxx" not in repr(data)
