"""The same facts in all three files, as DJ programs and players read them.

- M4A: iTunes atoms; `tmpo` takes whole numbers only, so the exact tempo stands beside it; the key where Traktor, Serato
  and Mixed In Key look for it (`initialkey`).
- AIFF: an ID3v2.3 chunk. WAV: the same in an `id3 ` chunk, and RIFF INFO, which is all that Windows and some players
  read.

Frames and atoms of others stay as they are: DJ programs keep their cues there. Version 2.3 knows one text in a frame,
so several artists are one text. A tempo is written with two decimals where it is not whole: Traktor, Serato and
rekordbox all read that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracksync.audio.camelot import render
from tracksync.audio.tags._riff import read_info, write_info
from tracksync.errors import Damaged
from tracksync.model import AudioFormat, Facts, MusicalKey

__all__ = ["WrittenTags", "read_back", "write_tags"]

_ITUNES = "----:com.apple.iTunes:"
_KEY_FRAME = "TRACKSYNC_KEY"
_LONGEST = 4000


@dataclass(frozen=True)
class WrittenTags:
    """What one of our files says of itself."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    genre: str | None = None
    date: str | None = None
    isrc: str | None = None
    bpm: float | None = None
    key_text: str | None = None
    link: str | None = None
    track_key: str | None = None
    comment: str | None = None
    cover_bytes: int = 0
    info: tuple[tuple[str, str], ...] = ()


def write_tags(
    path: Path,
    fmt: AudioFormat,
    facts: Facts,
    *,
    key: str,
    bpm: float | None,
    musical_key: MusicalKey | None,
    notation: str,
    comment: str | None,
    cover: bytes | None,
) -> None:
    """Write our tags into a file and leave everybody else's. The same facts give the same bytes.

    Args:
        key: the track's key.
        bpm, musical_key: nothing is written for None, and what is there stays.
        notation: how the key is written: `standard` (Am), `camelot` (8A) or `open-key` (1m).
        cover: JPEG.

    Raises:
        Damaged: the file can't be opened as what it should be.
    """
    plain = _Plain(facts, key, bpm, render(musical_key, notation) if musical_key else None, comment, cover)
    try:
        if fmt is AudioFormat.M4A:
            _write_mp4(path, plain)
        else:
            _write_id3(path, fmt, plain)
    except _mutagen_error() as error:
        raise Damaged(f"The tags of {path.name} can't be written ({error}).") from error
    if fmt is AudioFormat.WAV:
        write_info(path, plain.info())


class _Plain:
    """The facts as texts that every tag can hold."""

    def __init__(
        self, facts: Facts, key: str, bpm: float | None, key_text: str | None, comment: str | None, cover: bytes | None
    ) -> None:
        self.title = _text(facts.title)
        self.artist = _text(facts.artist_text)
        self.album = _text(facts.album)
        self.genre = _text(facts.genre)
        self.date = _text(facts.date)
        self.isrc = _text(facts.isrc)
        self.link = _text(facts.link)
        self.comment = _text(comment)
        self.key, self.key_text, self.cover = key, key_text, cover
        self.bpm = bpm
        self.bpm_text = None if bpm is None else f"{bpm:.2f}".rstrip("0").rstrip(".")

    def info(self) -> dict[str, str]:
        values = {
            "INAM": self.title,
            "IART": self.artist,
            "IPRD": self.album,
            "IGNR": self.genre,
            "ICRD": self.date,
            "ISRC": self.isrc,
            "ICMT": self.comment,
            "IBPM": self.bpm_text,
            "IKEY": self.key_text,
        }
        return {name: value for name, value in values.items() if value}


def _text(value: str | None) -> str:
    """Without what no tag can hold: NULs, halves of surrogate pairs, and anything beyond a few thousand characters."""
    return (value or "").replace("\0", "").encode("utf-8", "ignore").decode()[:_LONGEST]


def _mutagen_error() -> type[Exception]:
    from mutagen import MutagenError

    error: type[Exception] = MutagenError
    return error


def _write_id3(path: Path, fmt: AudioFormat, plain: _Plain) -> None:
    from mutagen import id3
    from mutagen.aiff import AIFF
    from mutagen.wave import WAVE

    file = (AIFF if fmt is AudioFormat.AIFF else WAVE)(path)
    if file.tags is None:
        file.add_tags()
    tags: Any = file.tags

    def put(frame: str, text: str | None) -> None:
        if text:
            tags.setall(frame, [getattr(id3, frame)(encoding=_encoding(text), text=[text])])

    put("TIT2", plain.title)
    put("TPE1", plain.artist)
    put("TALB", plain.album)
    put("TCON", plain.genre)
    put("TSRC", plain.isrc)
    put("TBPM", plain.bpm_text)
    put("TKEY", plain.key_text)
    if plain.date:
        tags.setall("TDRC", [id3.TDRC(encoding=0, text=[plain.date])])
    if plain.link:
        tags.setall("WOAS", [id3.WOAS(url=plain.link)])
    if plain.comment:
        tags.add(id3.COMM(encoding=_encoding(plain.comment), lang="eng", desc="", text=[plain.comment]))
    tags.setall(f"TXXX:{_KEY_FRAME}", [id3.TXXX(encoding=0, desc=_KEY_FRAME, text=[plain.key])])
    if plain.cover:
        tags.delall("APIC:")
        tags.add(id3.APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=plain.cover))
    tags.update_to_v23()
    file.save(v2_version=3)


def _encoding(text: str) -> int:
    """Latin-1 where it suffices, else UTF-16: version 2.3 has no UTF-8."""
    return 0 if text.isascii() else 1


def _write_mp4(path: Path, plain: _Plain) -> None:
    from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm

    file = MP4(path)
    if file.tags is None:
        file.add_tags()
    tags: Any = file.tags
    for atom, text in {
        "\xa9nam": plain.title,
        "\xa9ART": plain.artist,
        "\xa9alb": plain.album,
        "\xa9gen": plain.genre,
        "\xa9day": plain.date,
        "\xa9cmt": plain.comment,
    }.items():
        if text:
            tags[atom] = [text]
    own: dict[str, str | None] = {
        "ISRC": plain.isrc,
        "BPM": plain.bpm_text,
        "initialkey": plain.key_text,
        "WWW": plain.link,
        _KEY_FRAME: plain.key,
    }
    for name, value in own.items():
        if value:
            tags[_ITUNES + name] = [MP4FreeForm(value.encode(), dataformat=AtomDataType.UTF8)]
    if plain.bpm is not None:
        tags["tmpo"] = [round(plain.bpm)]
    if plain.cover:
        tags["covr"] = [MP4Cover(plain.cover, imageformat=MP4Cover.FORMAT_JPEG)]
    file.save()


def read_back(path: Path, fmt: AudioFormat) -> WrittenTags:
    """What the file says now.

    Raises:
        Damaged: it can't be opened as what it should be.
    """
    try:
        return _read_mp4(path) if fmt is AudioFormat.M4A else _read_id3(path, fmt)
    except _mutagen_error() as error:
        raise Damaged(f"The tags of {path.name} can't be read ({error}).") from error


def _read_id3(path: Path, fmt: AudioFormat) -> WrittenTags:
    from mutagen.aiff import AIFF
    from mutagen.wave import WAVE

    tags: Any = (AIFF if fmt is AudioFormat.AIFF else WAVE)(path).tags
    if tags is None:
        return WrittenTags()

    def text(frame: str) -> str | None:
        found = tags.getall(frame)
        return str(found[0].text[0]) if found and found[0].text else None

    links, covers = tags.getall("WOAS"), tags.getall("APIC")
    comments = [frame for frame in tags.getall("COMM") if frame.desc == ""]
    return WrittenTags(
        title=text("TIT2"),
        artist=text("TPE1"),
        album=text("TALB"),
        genre=text("TCON"),
        date=text("TDRC"),
        isrc=text("TSRC"),
        bpm=_number(text("TBPM")),
        key_text=text("TKEY"),
        link=links[0].url if links else None,
        track_key=text(f"TXXX:{_KEY_FRAME}"),
        comment=str(comments[0].text[0]) if comments else None,
        cover_bytes=len(covers[0].data) if covers else 0,
        info=tuple(sorted(read_info(path).items())) if fmt is AudioFormat.WAV else (),
    )


def _read_mp4(path: Path) -> WrittenTags:
    from mutagen.mp4 import MP4

    tags: Any = MP4(path).tags or {}

    def text(atom: str) -> str | None:
        found = tags.get(atom)
        if not found:
            return None
        return bytes(found[0]).decode("utf-8", "replace") if atom.startswith("----") else str(found[0])

    covers = tags.get("covr")
    return WrittenTags(
        title=text("\xa9nam"),
        artist=text("\xa9ART"),
        album=text("\xa9alb"),
        genre=text("\xa9gen"),
        date=text("\xa9day"),
        isrc=text(_ITUNES + "ISRC"),
        bpm=_number(text(_ITUNES + "BPM")),
        key_text=text(_ITUNES + "initialkey"),
        link=text(_ITUNES + "WWW"),
        track_key=text(_ITUNES + _KEY_FRAME),
        comment=text("\xa9cmt"),
        cover_bytes=len(covers[0]) if covers else 0,
    )


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
