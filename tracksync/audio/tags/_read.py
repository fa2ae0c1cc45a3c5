"""The tags of any source file. Broken ones are no error: what can be read is taken."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracksync.audio.tags._riff import read_info
from tracksync.errors import TracksyncError
from tracksync.model import Facts

__all__ = ["SourceTags", "facts_from", "read_source"]

_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_TRACK_NUMBER = re.compile(r"^\d{1,3}(?:\s*[-–.]\s+|\.\s*)(?=\S)")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

# Each fact, and the names that it goes by: ID3 frames, MP4 atoms, Vorbis comments, RIFF INFO.
_NAMES = {
    "title": ("TIT2", "\xa9nam", "title", "INAM"),
    "album": ("TALB", "\xa9alb", "album", "IPRD"),
    "genre": ("TCON", "\xa9gen", "genre", "IGNR"),
    "date": ("TDRC", "TDRL", "TDOR", "TYER", "\xa9day", "date", "year", "ICRD"),
    "isrc": ("TSRC", "----:com.apple.iTunes:ISRC", "isrc", "ISRC"),
    "link": ("WOAS", "WOAF", "----:com.apple.iTunes:WWW", "purl", "url", "website", "contact"),
}
_ARTISTS = (
    "TXXX:ARTISTS",
    "TPE1",
    "----:com.apple.iTunes:ARTISTS",
    "\xa9ART",
    "artists",
    "artist",
    "TPE2",
    "albumartist",
    "IART",
)


@dataclass(frozen=True)
class SourceTags:
    """What a file says of itself. `cover` is a picture in any format."""

    title: str | None = None
    artists: tuple[str, ...] = ()
    album: str | None = None
    genre: str | None = None
    date: str | None = None
    isrc: str | None = None
    link: str | None = None
    cover: bytes | None = None


def read_source(path: Path) -> SourceTags:
    """Read the tags of an mp3, m4a, flac, wav, aiff, ogg, opus or whatever else mutagen knows. Never raises."""
    tags = _open(path)
    values = {fact: _first(tags, names) for fact, names in _NAMES.items()}
    if not any(values.values()) and path.suffix.lower() == ".wav":
        info: dict[str, Any] = {}
        try:
            info = dict(read_info(path))
        except (TracksyncError, OSError):
            info = {}
        tags = tags or info
        values = {fact: values[fact] or _first(info, names) for fact, names in _NAMES.items()}
    return SourceTags(
        title=values["title"],
        artists=_artists(tags),
        album=values["album"],
        genre=values["genre"],
        date=_date(values["date"]),
        isrc=_isrc(values["isrc"]),
        link=_link(values["link"]),
        cover=_cover(tags),
    )


def _open(path: Path) -> Any:
    from mutagen import File

    try:
        file = File(path)
    except Exception:  # mutagen has many errors for a broken file, and some that are not its own
        return {}
    tags = getattr(file, "tags", None)
    if file is not None and getattr(file, "pictures", None):
        tags = _WithPictures(tags, file.pictures)
    return tags if tags is not None else {}


class _WithPictures:
    """FLAC keeps its pictures beside its comments."""

    def __init__(self, tags: Any, pictures: Any) -> None:
        self._tags, self.pictures = tags, pictures

    def get(self, name: str) -> Any:
        return self._tags.get(name) if self._tags is not None else None


def _values(tags: Any, name: str) -> list[str]:
    """Every text under a name, whatever kind of tag holds it."""
    try:
        found = tags.get(name)
    except (KeyError, ValueError, TypeError):
        return []
    if found is None:
        return []
    if hasattr(found, "url"):
        return [str(found.url)]
    items: Iterable[Any] = getattr(found, "text", found)
    if isinstance(items, str | bytes):
        items = [items]
    texts = []
    for item in items:
        text = bytes(item).decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
        texts += [part.strip() for part in text.split("\0")]
    return [text for text in texts if text]


def _first(tags: Any, names: Iterable[str]) -> str | None:
    return next((values[0] for name in names if (values := _values(tags, name))), None)


def _artists(tags: Any) -> tuple[str, ...]:
    """Several values are several artists; one value is split at `;` alone, for a name may hold `,`, `/` and `&`."""
    for name in _ARTISTS:
        values = _values(tags, name)
        if len(values) > 1:
            return tuple(dict.fromkeys(values))
        if values:
            return tuple(dict.fromkeys(part.strip() for part in values[0].split(";") if part.strip()))
    return ()


def _date(text: str | None) -> str | None:
    found = _DATE.match(text or "")
    if found is None or found[1] == "0000":
        return None
    parts = [part for part in found.groups() if part and part != "00"]
    return "-".join(parts)


def _isrc(text: str | None) -> str | None:
    plain = re.sub(r"[-\s]", "", text or "").upper()
    return plain if _ISRC.fullmatch(plain) else None


def _link(text: str | None) -> str | None:
    return text if text and re.match(r"https?://\S+$", text) else None


def _cover(tags: Any) -> bytes | None:
    """The front cover, else the first picture."""
    try:
        pictures = list(getattr(tags, "pictures", None) or [])
        if hasattr(tags, "getall"):
            pictures += tags.getall("APIC")
        if pictures:
            front = next((picture for picture in pictures if picture.type == 3), pictures[0])
            return bytes(front.data) or None
        if covers := tags.get("covr"):
            return bytes(covers[0])
        for block in _values(tags, "metadata_block_picture"):
            from mutagen.flac import Picture

            return bytes(Picture(base64.b64decode(block)).data)
    except Exception:  # a picture is never worth a track
        return None
    return None


def facts_from(path: Path, tags: SourceTags, fallback: str) -> Facts:
    """The facts of a recording from its tags, filled up from the file's name where they are silent.

    A name is read as `Artist - Title`, split at the first ` - `, after a leading track number.
    """
    name = _TRACK_NUMBER.sub("", fallback.strip()) or fallback.strip() or path.stem
    artist, dash, title = name.partition(" - ")
    if tags.title:
        title, artists = tags.title, tags.artists
    elif dash and artist.strip() and title.strip():
        title, artists = title.strip(), tags.artists or (artist.strip(),)
    else:
        title, artists = name, tags.artists
    return Facts(
        title=title, artists=artists, album=tags.album, genre=tags.genre, date=tags.date, isrc=tags.isrc, link=tags.link
    )
