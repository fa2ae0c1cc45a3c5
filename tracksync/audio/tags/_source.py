"""The tags of any audio file that a person brings along.

Nothing here is trusted and nothing is fatal: what can be read is taken, the rest is left. Texts stay as they are
written; an encoding that was broken before is not guessed at.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tracksync.audio.tags._chunks import chunks, form_of
from tracksync.audio.tags._id3 import front_cover
from tracksync.audio.tags._mp4 import FREEFORM
from tracksync.audio.tags._riff import info_text, read_info
from tracksync.audio.tags._values import clean_link, clean_text, iso_date, iso_isrc
from tracksync.model import Facts
from tracksync.sources.secrets import redact
from tracksync.text import visible

__all__ = ["SourceTags", "facts_from", "read_source"]

T = TypeVar("T")
Raw = dict[str, list[str]]
Found = tuple[Raw, bytes | None]

_ARTISTS = re.compile(r"\0|; | / ")
_TRACK_NUMBER = re.compile(r"\d{1,2}(?: - |\. )\s*(?=\S)")
_LINK = re.compile(r"https?://\S+")

# The names of each kind of tag for the same thing, best first.
_ID3 = {
    "title": ("TIT2",),
    "artist": ("TPE1",),
    "artists": ("TXXX:ARTISTS", "TXXX:Artists"),
    "albumartist": ("TPE2",),
    "album": ("TALB",),
    "date": ("TDRC", "TDRL", "TDOR"),
    "isrc": ("TSRC",),
    "link": ("TXXX:purl", "TXXX:WWW", "TXXX:URL"),
}
_MP4 = {
    "title": ("\xa9nam",),
    "artist": ("\xa9ART",),
    "artists": (f"{FREEFORM}ARTISTS",),
    "albumartist": ("aART",),
    "album": ("\xa9alb",),
    "genre": ("\xa9gen",),
    "date": ("\xa9day",),
    "isrc": (f"{FREEFORM}ISRC",),
    "link": (f"{FREEFORM}WWW", f"{FREEFORM}URL", "purl", "\xa9cmt"),
}
# Vorbis comments (FLAC, Ogg, Opus) and APEv2: names without case.
_COMMENTS = {
    "title": ("title",),
    "artist": ("artist",),
    "artists": ("artists",),
    "albumartist": ("albumartist", "album artist"),
    "album": ("album",),
    "genre": ("genre",),
    "date": ("date", "year", "releasedate", "originaldate"),
    "isrc": ("isrc",),
    "link": ("www", "url", "purl", "website", "comment", "description"),
}
_INFO = {
    "title": ("INAM",),
    "artist": ("IART",),
    "album": ("IPRD",),
    "genre": ("IGNR",),
    "date": ("ICRD",),
    "isrc": ("ISRC",),
    "link": ("ICMT",),
}
# Whose albums these are says nothing of who plays.
_NOBODY = frozenset({"various artists", "various", "va", "v.a.", "unknown artist"})
_AIFF_TEXTS = {b"NAME": "title", b"AUTH": "artist"}


@dataclass(frozen=True)
class SourceTags:
    """What the tags of a source file say. Nothing is made up: None and () where they say nothing."""

    title: str | None = None
    artists: tuple[str, ...] = ()
    album: str | None = None
    genre: str | None = None
    date: str | None = None
    """ISO 8601, as precise as known."""
    isrc: str | None = None
    """Twelve characters, without dashes."""
    link: str | None = None
    """http or https, and never one with a secret in it."""
    cover: bytes | None = field(default=None, repr=False)
    """The front cover as it is embedded, in whatever format."""


def read_source(path: Path) -> SourceTags:
    """Read the tags of an MP3, M4A, FLAC, WAV, AIFF, Ogg or Opus file, and of what else mutagen knows.

    Several artists are several where the file has them as several values; a single value is split at NUL, at `; ` and
    at ` / `, which taggers join with. It is not split at `,`, `&` or a bare `/`: `Tyler, The Creator`, `Simon &
    Garfunkel` and `AC/DC` are one. Where there is no artist the album's counts, if it is one. Of several genres the
    first counts.

    Never raises: of a file that is broken, or no audio at all, what can be read is returned.
    """
    raw: Raw = {}
    cover: bytes | None = None
    nothing: Found = ({}, None)
    for reader in _READERS:
        if reader is _bare_id3 and raw:
            continue
        found, picture = _quietly(partial(reader, path), nothing)
        for name, texts in found.items():
            raw.setdefault(name, texts)
        cover = cover or picture
    return SourceTags(
        title=_first(raw.get("title")),
        artists=_artists(raw.get("artist", []), raw.get("artists", [])) or _album_artists(raw.get("albumartist", [])),
        album=_first(raw.get("album")),
        genre=_first(raw.get("genre")),
        date=_date(raw.get("date", [])),
        isrc=next((code for text in raw.get("isrc", []) if (code := iso_isrc(text))), None),
        link=next((link for text in raw.get("link", []) if (link := _public_link(text))), None),
        cover=cover,
    )


def facts_from(path: Path, tags: SourceTags, fallback: str | None = None) -> Facts:
    """Facts from tags, and from the file's name where there is no title tag.

    Args:
        path: the file; its name without the extension stands in for the title.
        tags: what `read_source` gave.
        fallback: a name to be taken instead of the file's, where that one means nothing (a temporary file).

    A track number in front (`01 - `, `01. `) is dropped, and `Artist - Title` is parted at the first ` - `. Where the
    tags name an artist and the name begins with something else, the whole name is the title. Underscores stay.
    """
    title, artists = visible(tags.title or "") and tags.title, tuple(name for name in tags.artists if visible(name))
    if not title:
        names = (visible(text or "") for text in (fallback, path.stem))
        name = next(filter(None, names), "Untitled")
        name = _TRACK_NUMBER.sub("", name, count=1) if _TRACK_NUMBER.match(name) else name
        artist, dash, rest = (part.strip() for part in name.partition(" - "))
        title = name
        if dash and artist and rest:
            if not artists:
                title, artists = rest, (artist,)
            elif artist.casefold() in {artists[0].casefold(), ", ".join(artists).casefold()}:
                title = rest
    return Facts(
        title=title,
        artists=artists,
        album=tags.album,
        genre=tags.genre,
        date=tags.date,
        isrc=tags.isrc,
        link=tags.link,
    )


def _quietly(attempt: Callable[[], T], otherwise: T) -> T:
    with suppress(Exception):  # mutagen raises whatever a broken file makes it stumble over
        return attempt()
    return otherwise


def _by_mutagen(path: Path) -> Found:
    import mutagen
    from mutagen.id3 import ID3Tags
    from mutagen.mp4 import MP4Tags

    audio = mutagen.File(path)
    tags = None if audio is None else audio.tags
    if isinstance(tags, ID3Tags):
        return _from_id3(tags)
    if isinstance(tags, MP4Tags):
        raw = {name: _mp4_texts(tags, keys) for name, keys in _MP4.items()}
        return _filled(raw), _quietly(lambda: bytes(tags["covr"][0]), None)
    if tags is None:
        return {}, None
    raw = {name: _comment_texts(tags, keys) for name, keys in _COMMENTS.items()}
    return _filled(raw), _comment_cover(audio, tags)


def _bare_id3(path: Path) -> Found:
    """The tag alone, where the audio behind it could not be made out."""
    from mutagen.id3 import ID3

    return _from_id3(ID3(path))


def _from_id3(tags: Any) -> Found:
    def texts(keys: Sequence[str]) -> list[str]:
        return [str(text) for key in keys if key in tags for text in tags[key].text]

    def addresses() -> list[str]:
        frames = [frame for name in ("WOAS", "WOAF", "WXXX") for frame in tags.getall(name)]
        comments = [str(text) for frame in tags.getall("COMM") for text in frame.text]
        return [str(frame.url) for frame in frames] + texts(_ID3["link"]) + comments

    none: list[str] = []
    raw: Raw = {name: _quietly(partial(texts, keys), none) for name, keys in _ID3.items()}
    raw["genre"] = _quietly(lambda: [str(genre) for genre in tags["TCON"].genres], none)
    raw["link"] = _quietly(addresses, none)
    return _filled(raw), _quietly(lambda: front_cover(tags), None)


def _mp4_texts(tags: Any, keys: Sequence[str]) -> list[str]:
    values = [value for key in keys for value in tags.get(key, [])]
    return [value if isinstance(value, str) else bytes(value).decode("utf-8", "replace") for value in values]


def _comment_texts(tags: Any, keys: Sequence[str]) -> list[str]:
    found: list[str] = []
    for key in keys:
        values = tags[key] if key in tags else ()  # noqa: SIM401 (not every kind of tag has a `get`)
        found += [str(value) for value in ([values] if isinstance(values, str) else values)]
    return found


def _comment_cover(audio: Any, tags: Any) -> bytes | None:
    from mutagen.flac import Picture

    def embedded() -> list[Any]:
        return [Picture(base64.b64decode(text)) for text in tags["metadata_block_picture"]]

    none: list[Any] = []
    pictures = _quietly(lambda: list(audio.pictures), none) or _quietly(embedded, none)
    best = sorted(pictures, key=lambda picture: picture.type != 3)
    if best:
        return bytes(best[0].data) or None
    # APEv2: a file name, NUL, and the picture.
    return _quietly(lambda: bytes(tags["cover art (front)"].value).split(b"\0", 1)[1], None)


def _by_info(path: Path) -> Found:
    entries = read_info(path)
    return _filled({name: [entries[key] for key in keys if key in entries] for name, keys in _INFO.items()}), None


def _by_aiff_texts(path: Path) -> Found:
    raw: Raw = {}
    with path.open("rb") as file:
        if form_of(file) in ((b"FORM", b"AIFF"), (b"FORM", b"AIFC")):
            for chunk in chunks(file, ">"):
                if chunk.name in _AIFF_TEXTS:
                    file.seek(chunk.content)
                    raw.setdefault(_AIFF_TEXTS[chunk.name], [info_text(file.read(chunk.size))])
    return _filled(raw), None


_READERS: tuple[Callable[[Path], Found], ...] = (_by_mutagen, _bare_id3, _by_info, _by_aiff_texts)


def _filled(raw: Raw) -> Raw:
    """Without what is empty, so that another kind of tag in the same file can fill it."""
    return {name: kept for name, texts in raw.items() if (kept := [text for text in texts if text.strip(" \0")])}


def _first(texts: Iterable[str] | None) -> str | None:
    for text in texts or ():
        if plain := clean_text(text.split("\0", 1)[0].strip()):
            return plain
    return None


def _artists(shown: Sequence[str], listed: Sequence[str]) -> tuple[str, ...]:
    """The names one by one. A list kept for programs beside the text that is shown counts where it has several."""
    names = list(listed) if len(listed) > 1 else list(shown) or list(listed)
    if len(names) == 1:
        names = _ARTISTS.split(names[0])
    plain = [text for name in names if (text := clean_text(name.strip(" \0")))]
    return tuple(dict.fromkeys(plain))


def _album_artists(shown: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in _artists(shown, []) if name.casefold() not in _NOBODY)


def _date(texts: Iterable[str]) -> str | None:
    """The first date, or a later one that only says the same more precisely."""
    dates = [found for text in texts if (found := iso_date(text))]
    return max((found for found in dates if found.startswith(dates[0])), key=len, default=None)


def _public_link(text: str) -> str | None:
    plain = text.strip(" \0")
    return clean_link(plain) if _LINK.fullmatch(plain) and redact(plain) == plain else None
