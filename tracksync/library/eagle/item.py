"""An item of Eagle's library, as either version of its API shows it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from tracksync.errors import Unsupported
from tracksync.sources.links import classify

__all__ = ["AUDIO", "FIELDS", "Item", "is_key_tag", "link_of"]

FIELDS = ("id", "name", "ext", "url", "tags", "folders", "annotation", "star", "size", "isDeleted", "modificationTime")
"""What is asked of the second version, which gives only the properties that are named."""

AUDIO = frozenset(
    {"aac", "aif", "aifc", "aiff", "alac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav", "wave", "wma"}
)
"""Extensions of audio. A picture that was saved from a track's page has its link too, and is not the track."""

_KEY = re.compile(r"(?:file|url|soundcloud:track|spotify:track|youtube:video):\S+|name:[0-9a-f]{64}")


def is_key_tag(tag: str) -> bool:
    """Whether a tag is a track's key."""
    return _KEY.fullmatch(tag) is not None


def link_of(text: str) -> tuple[str, bool] | None:
    """A link's canonical form, and whether it names one track and nothing else. None for what is no link.

    A shop's or an artist's page stands on many items; a track's own page on those of the track.
    """
    try:
        link = classify(text)
    except Unsupported:
        return None
    return link.canonical, link.is_list is False


@dataclass(frozen=True)
class Item:
    """One item. `folders` are ids; `size` is in bytes, 0 where Eagle does not say."""

    id: str
    name: str
    ext: str
    url: str
    tags: tuple[str, ...]
    folders: tuple[str, ...]
    annotation: str
    star: int
    size: int
    is_deleted: bool
    modified: int

    @classmethod
    def read(cls, raw: object) -> Item | None:
        """From Eagle's JSON; None for what is no item."""
        if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not raw["id"]:
            return None
        return cls(
            id=raw["id"],
            name=_text(raw.get("name")),
            ext=_text(raw.get("ext")).lower().lstrip("."),
            url=_text(raw.get("url")) or _text(raw.get("website")),
            tags=_texts(raw.get("tags")),
            folders=_texts(raw.get("folders")),
            annotation=_text(raw.get("annotation")),
            star=_number(raw.get("star")),
            size=_number(raw.get("size")),
            is_deleted=raw.get("isDeleted") is True,
            modified=_number(raw.get("modificationTime")),
        )

    @property
    def is_audio(self) -> bool:
        return self.ext in AUDIO

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of tracks among its tags."""
        return tuple(tag for tag in self.tags if is_key_tag(tag))

    @property
    def plain_name(self) -> str:
        return unicodedata.normalize("NFC", self.name).strip()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
