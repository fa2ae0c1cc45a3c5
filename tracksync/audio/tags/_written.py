"""The tags of one of our files, as they are read back, and how they differ from what was to be written."""

from __future__ import annotations

from pydantic import Field

from tracksync.audio.tags._values import Values
from tracksync.model import AudioFormat, Frozen

__all__ = ["WrittenTags", "expectation", "tag_differences"]

INFO_FIELDS = {
    "INAM": "title",
    "IART": "artist",
    "IPRD": "album",
    "IGNR": "genre",
    "ICRD": "date",
    "ICMT": "comment",
    "ISRC": "isrc",
    "IBPM": "bpm",
}
"""The entries of a WAV's INFO list that are written, and what goes into them.

`ISRC` was registered for the source of a recording and is what taggers write ISRCs to; `IKEY` was registered for
keywords, so the musical key is left to the ID3 tag.
"""


class WrittenTags(Frozen):
    """What a file's tags say."""

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
    """The length of the front cover; 0 where there is none."""
    info: dict[str, str] = Field(default_factory=dict)
    """The entries of a WAV's INFO list, by their four letters."""


def expectation(values: Values, fmt: AudioFormat) -> WrittenTags:
    """What `read_back` has to find after these values were written into a file without tags."""
    released = values.date
    if fmt is not AudioFormat.M4A and released and len(released) == len("2024-05"):
        released = released[:4]  # ID3v2.3 has a frame for the year and one for day and month, none for the month
    info = {entry: text for entry, name in INFO_FIELDS.items() if (text := getattr(values, name))}
    return WrittenTags(
        title=values.title,
        artist=values.artist,
        album=values.album,
        genre=values.genre,
        date=released,
        isrc=values.isrc,
        bpm=float(values.bpm) if values.bpm else None,
        key_text=values.key_text,
        link=values.link,
        track_key=values.track_key,
        comment=values.comment,
        cover_bytes=len(values.cover or b""),
        info=info if fmt is AudioFormat.WAV else {},
    )


def tag_differences(expected: WrittenTags, found: WrittenTags) -> list[str]:
    """What is expected and not found, a short sentence each; further tags in the file are nobody's mistake."""
    wanted = expected.model_dump(exclude={"info"})
    there = found.model_dump(exclude={"info"})
    pairs = [(name.replace("_", " "), said, there[name]) for name, said in wanted.items()]
    pairs += [(f"INFO {entry}", said, found.info.get(entry)) for entry, said in expected.info.items()]
    return [f"{name} is {_short(is_)}, written was {_short(said)}" for name, said, is_ in pairs if said and said != is_]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
