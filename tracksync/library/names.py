"""The names of files and folders in the library.

One name has to hold on macOS, Windows and Linux alike, whatever a title says: NFC, no separators, no reserved names, at
most 255 bytes. What people read is kept: every script, emoji, and the marks that join them.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import regex  # type: ignore[import-untyped]
from pathvalidate import sanitize_filename

from tracksync.model import Facts

__all__ = ["STEM_BYTES", "file_stem", "folder_name", "same_name_key", "with_suffix_number"]

STEM_BYTES: Final = 255 - len("." + " (99)" + ".aiff" + ".part")
"""The longest stem in UTF-8, so that a hidden, numbered, unfinished AIFF still has a legal name.

255 bytes is the limit of ext4 and the strictest there is; 255 UTF-16 units (APFS, NTFS, exFAT) are never reached before
it, because no character takes fewer bytes in UTF-8 than it takes units in UTF-16.
"""

_UNTITLED = "Untitled"
_UNASSIGNED = "Unassigned"

# A stroke for what separates, a look-alike for quotes; what only asks or marks is left out.
_REPLACED = str.maketrans({"/": "-", "\\": "-", "|": "-", ":": "-", '"': "'", "*": "_", "?": "", "<": "", ">": ""})

# Invisible characters: bidi controls (a name that reads backwards hides its extension), zero-width spaces, fillers,
# noncharacters. What shapes visible text stays: joiners, variation selectors, the tag letters of flags.
_INVISIBLE = regex.compile(
    r"(?V1)[[\p{Default_Ignorable_Code_Point}--"
    r"[\u200C\u200D\uFE00-\uFE0F\u180B-\u180D\u180F\U000E0020-\U000E007F\U000E0100-\U000E01EF]]"
    r"\uFFF9-\uFFFB\p{Noncharacter_Code_Point}]"
)
_CONTROL = regex.compile(r"\p{Cc}")
_SPACES = regex.compile(r"\s+")
_VISIBLE = regex.compile(r"[^\s.\p{Default_Ignorable_Code_Point}]")
_CLUSTER = regex.compile(r"\X")

# Windows refuses these before any extension, with or without spaces after them.
_RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
)


def file_stem(facts: Facts) -> str:
    """`Artist - Title`, or the title alone where no artist is known. The extension is the caller's.

    The title carries its version already. Where the name is too long the artists give way first, down to a third of
    it: the end of a title tells versions apart.
    """
    title = _readable(facts.title) or _UNTITLED
    artist = _readable(facts.artist_text)
    if not artist:
        return _component(title, _UNTITLED)
    dash = " - "
    room = STEM_BYTES - len(dash)
    artist = _cut(artist, max(room // 3, room - _size(title)))
    return _component(f"{artist}{dash}{title}", _UNTITLED)


def folder_name(playlist: str | None) -> str:
    """A playlist's folder; `Unassigned` where there is no playlist, or nothing of its name can be used."""
    return _component(_readable(playlist or ""), _UNASSIGNED)


def same_name_key(stem: str) -> str:
    """What two names have in common that a disk of macOS or Windows takes for one: compare these, not the names."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", stem).casefold())


def with_suffix_number(stem: str, n: int) -> str:
    """The n-th name of a kind: `stem (2)`. The first is the stem itself; a long stem is cut to keep the limit."""
    if n < 2:
        return stem
    suffix = f" ({n})"
    return _cut(stem, STEM_BYTES + len(" (99)") - len(suffix)).rstrip(" .") + suffix


def _size(text: str) -> int:
    return len(text.encode())


def _readable(text: str) -> str:
    """The text without what no name may hold; empty where nothing is left that could be seen."""
    text = text.encode("utf-8", "ignore").decode()  # lone surrogates
    text = _SPACES.sub(" ", text)
    text = _INVISIBLE.sub("", _CONTROL.sub("", text))
    text = unicodedata.normalize("NFC", text).translate(_REPLACED)
    # Leaving a character out can bring a letter and its accent, or two spaces, together.
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return text if _VISIBLE.search(text) else ""


def _cut(text: str, limit: int) -> str:
    """At most `limit` bytes, ending between two characters as people count them."""
    if _size(text) <= limit:
        return text
    kept, size = 0, 0
    for cluster in _CLUSTER.finditer(text):
        size += _size(cluster.group())
        if size > limit:
            break
        kept = cluster.end()
    if kept == 0:  # one character with hundreds of marks
        return text.encode()[:limit].decode("utf-8", "ignore")
    return text[:kept].rstrip()


def _component(text: str, fallback: str) -> str:
    """One legal path component."""
    text = text.strip(" .")
    if text.split(".", 1)[0].rstrip().upper() in _RESERVED:
        text = f"_{text}"
    text = _cut(text, STEM_BYTES).strip(" .")
    if not _VISIBLE.search(text):
        return fallback
    return sanitize_filename(text, platform="universal") or fallback
