"""The tags of an M4A: iTunes' atoms, and the freeform ones that Traktor, Serato and Mixed In Key read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracksync.audio.tags._values import Values, number
from tracksync.audio.tags._written import WrittenTags

__all__ = ["read_mp4", "write_mp4"]

FREEFORM = "----:com.apple.iTunes:"
# Room for DJ software to write its tags without moving the samples. Always the same, so that the same file comes out.
_PADDING = 2048


def write_mp4(path: Path, values: Values) -> None:
    """Write the values into the file's atoms; atoms that are not ours stay.

    Raises:
        MutagenError, OSError: the file is broken, or can't be written.
    """
    from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm

    audio = MP4(path)
    if audio.tags is None:
        audio.add_tags()
    tags = audio.tags
    texts = {
        "\xa9nam": values.title,
        "\xa9ART": values.artist,
        "\xa9alb": values.album,
        "\xa9gen": values.genre,
        "\xa9day": values.date,
        "\xa9cmt": values.comment,
    }
    tags.update({atom: [text] for atom, text in texts.items() if text})
    if values.bpm:
        tags["tmpo"] = [int(float(values.bpm) + 0.5)]
    freeform = {
        "BPM": values.bpm,
        "initialkey": values.key_text,
        "ISRC": values.isrc,
        "WWW": values.link,
        "TRACKSYNC_KEY": values.track_key,
    }
    for name, text in freeform.items():
        if text:
            tags[FREEFORM + name] = [MP4FreeForm(text.encode(), dataformat=AtomDataType.UTF8)]
    if values.cover:
        tags["covr"] = [MP4Cover(values.cover, imageformat=MP4Cover.FORMAT_JPEG)]
    audio.save(padding=lambda _: _PADDING)


def read_mp4(path: Path) -> WrittenTags:
    """What the file's atoms say. The tempo with its decimals where it has them.

    Raises:
        MutagenError, OSError: the file is broken, or can't be read.
    """
    from mutagen.mp4 import MP4

    tags = MP4(path).tags or {}
    bpm = _freeform(tags, "BPM") or next((str(number) for number in tags.get("tmpo", []) if number > 0), None)
    covers = tags.get("covr", [])
    return WrittenTags(
        title=_text(tags, "\xa9nam"),
        artist=_text(tags, "\xa9ART"),
        album=_text(tags, "\xa9alb"),
        genre=_text(tags, "\xa9gen"),
        date=_text(tags, "\xa9day"),
        isrc=_freeform(tags, "ISRC"),
        bpm=number(bpm),
        key_text=_freeform(tags, "initialkey"),
        link=_freeform(tags, "WWW"),
        track_key=_freeform(tags, "TRACKSYNC_KEY"),
        comment=_text(tags, "\xa9cmt"),
        cover_bytes=len(covers[0]) if covers else 0,
    )


def _text(tags: Any, atom: str) -> str | None:
    return next((str(text) for text in tags.get(atom, []) if text), None)


def _freeform(tags: Any, name: str) -> str | None:
    return next((bytes(text).decode("utf-8", "replace") for text in tags.get(FREEFORM + name, []) if text), None)
