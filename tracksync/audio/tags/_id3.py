"""ID3v2.3, in AIFF and WAV.

Version 2.3 is what CD players and Windows read. A tag that is there is opened without translation, so that frames of
other programs (Serato's and Traktor's GEOB and PRIV, ratings, other people's comments) go back as they came.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from tracksync.audio.tags._values import Values, number
from tracksync.audio.tags._written import WrittenTags
from tracksync.model import AudioFormat

__all__ = ["front_cover", "read_id3", "write_id3"]

TRACK_KEY = "TRACKSYNC_KEY"
_FRONT = 3

# Frames of 2.4 that other programs write into 2.3 as well (sort orders above all). mutagen would drop them.
_WELCOME_V24 = ("TSOA", "TSOP", "TSOT", "TSST", "TMOO", "TDRL", "TDEN", "TDTG", "TPRO", "RVA2", "EQU2")


def write_id3(path: Path, fmt: AudioFormat, values: Values) -> None:
    """Write the values into the file's ID3 tag; make one where there is none.

    Raises:
        MutagenError, OSError: the file is broken, or can't be written.
    """
    audio = _opened(path, fmt, translate=False)
    separator = None  # several values of other programs' frames stay as they are
    if audio.tags is None:
        audio.add_tags()
    elif audio.tags.version[1] >= 4:
        _to_v23(audio.tags)
        separator = "/"
    elif audio.tags.version[1] < 3:
        audio.tags.update_to_v23()
    _apply(audio.tags, values)
    audio.save(v2_version=3, v23_sep=separator, padding=lambda _: 0)


def read_id3(path: Path, fmt: AudioFormat) -> WrittenTags:
    """What the file's ID3 tag says.

    Raises:
        MutagenError, OSError: the file is broken, or can't be read.
    """
    tags = _opened(path, fmt, translate=False).tags
    if tags is None:
        return WrittenTags()
    return WrittenTags(
        title=_text(tags, "TIT2"),
        artist=_text(tags, "TPE1"),
        album=_text(tags, "TALB"),
        genre=_text(tags, "TCON"),
        date=_date(tags),
        isrc=_text(tags, "TSRC"),
        bpm=number(_text(tags, "TBPM")),
        key_text=_text(tags, "TKEY"),
        link=tags["WOAS"].url if "WOAS" in tags else None,
        track_key=_text(tags, f"TXXX:{TRACK_KEY}"),
        comment=_text(tags, "COMM::eng"),
        cover_bytes=len(front_cover(tags) or b""),
    )


def front_cover(tags: Any) -> bytes | None:
    """The front cover, else the first picture of all."""
    pictures = tags.getall("APIC")
    fronts = [picture for picture in pictures if picture.type == _FRONT]
    return next((bytes(picture.data) for picture in [*fronts, *pictures] if picture.data), None)


def _opened(path: Path, fmt: AudioFormat, *, translate: bool) -> Any:
    from mutagen.aiff import AIFF
    from mutagen.wave import WAVE

    kind = AIFF if fmt is AudioFormat.AIFF else WAVE
    # Version 1 tags are not looked for: samples may happen to spell TAG.
    return kind(path, translate=translate, load_v1=False)


def _text(tags: Any, key: str) -> str | None:
    frame = tags.get(key)
    return str(frame.text[0]) if frame is not None and frame.text else None


def _date(tags: Any) -> str | None:
    """From 2.4's one frame, or from 2.3's year and its day and month."""
    year, day = _text(tags, "TYER"), _text(tags, "TDAT")
    if year and day and len(day) == 4:
        return f"{year}-{day[2:]}-{day[:2]}"
    return _text(tags, "TDRC") or year


def _apply(tags: Any, values: Values) -> None:
    from mutagen import id3

    texts = {
        "TIT2": values.title,
        "TPE1": values.artist,
        "TALB": values.album,
        "TCON": values.genre,
        "TSRC": values.isrc,
        "TBPM": values.bpm,
        "TKEY": values.key_text,
    }
    for name, text in texts.items():
        if text:
            tags.add(getattr(id3, name)(encoding=_encoding(text), text=[text]))
    if values.date:
        for name in ("TYER", "TDAT", "TIME", "TDRC"):
            tags.delall(name)
        year, *rest = values.date.split("-")
        tags.add(id3.TYER(encoding=0, text=[year]))
        if len(rest) == 2:
            tags.add(id3.TDAT(encoding=0, text=[rest[1] + rest[0]]))
    if values.comment:
        tags.add(id3.COMM(encoding=_encoding(values.comment), lang="eng", desc="", text=[values.comment]))
    if values.link:
        tags.add(id3.WOAS(url=values.link))
    if values.track_key:
        tags.add(id3.TXXX(encoding=_encoding(values.track_key), desc=TRACK_KEY, text=[values.track_key]))
    if values.cover:
        _put_cover(tags, values.cover)


def _put_cover(tags: Any, cover: bytes) -> None:
    """In the place of the front cover; a back cover or an artist's picture stays."""
    from mutagen import id3

    others = [picture for picture in tags.getall("APIC") if picture.type != _FRONT]
    tags.delall("APIC")
    description = ""
    while any(picture.desc == description for picture in others):  # two pictures may not share one
        description += " "
    tags.add(id3.APIC(encoding=0, mime="image/jpeg", type=_FRONT, desc=description, data=cover))
    for picture in others:
        tags.add(picture)


def _encoding(text: str) -> int:
    """ISO 8859-1 for what is ASCII anyway, else UTF-16: letters between the two are read as something else by many."""
    return 0 if text.isascii() else 1


def _to_v23(tags: Any) -> None:
    welcome = [frame for name in _WELCOME_V24 for frame in tags.getall(name)]
    unknown = [] if tags.f_unsynch else [old for frame in tags.unknown_frames if (old := _v23_frame(frame))]
    tags.update_to_v23()
    for frame in welcome:
        tags.add(frame)
    tags.unknown_frames = unknown
    tags._unknown_v2_version = 3  # else mutagen leaves them out, because they came from another version


def _v23_frame(frame: bytes) -> bytes | None:
    """An unknown frame of 2.4 with the header of 2.3; None where its flags change what the content means."""
    name, size, flags = struct.unpack(">4s4sH", frame[:10])
    if flags or any(byte & 0x80 for byte in size) or not name.isalnum():
        return None
    return bytes(struct.pack(">4sLH", name, len(frame) - 10, 0)) + frame[10:]
