"""The library on disk: `X.library/images/<ID>.info/<name>.<ext>` beside `metadata.json`. It is only ever read.

So what Eagle imported can be held against what it was given, without taking Eagle's word for it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from tracksync.library.eagle.api import Library, library_name
from tracksync.library.eagle.item import Item
from tracksync.model import FileFact

__all__ = ["is_library", "is_readable", "item_fact", "item_file", "place_in_library", "same_library"]


_INSIDE = re.compile(r"(.+\.library)[/\\]images[/\\]([^/\\]+)\.info[/\\][^/\\]+", re.IGNORECASE)


def is_library(folder: Path) -> bool:
    """Whether a folder looks like a library of Eagle's."""
    return (folder / "images").is_dir() and (folder / "metadata.json").is_file()


def is_readable(folder: Path | None) -> bool:
    """Whether what is in the library can be looked at from here."""
    try:
        return folder is not None and (folder / "images").is_dir()
    except OSError:
        return False


def same_library(configured: Path, opened: Library) -> bool:
    """Whether the open library is the one that EAGLE_LIBRARY_PATH names.

    By its path; by its name alone only where Eagle says no path, or one that this machine does not have (a volume
    that is mounted elsewhere for Eagle).
    """
    name_agrees = _plain(library_name(str(configured))) == _plain(opened.name or library_name(opened.path))
    if not opened.path:
        return name_agrees
    path = Path(opened.path)
    try:
        if path.exists():
            return path.samefile(configured) if configured.exists() else _plain(str(path)) == _plain(str(configured))
    except OSError:
        pass
    return name_agrees


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().rstrip("/\\")


def item_file(folder: Path, item: Item) -> Path | None:
    """The item's file; None where there is none.

    Eagle leaves out of a file's name what no file may be called, so the name is a hint, and the extension counts.
    """
    place = folder / "images" / f"{item.id}.info"
    try:
        exact = place / f"{item.name}.{item.ext}"
        if exact.is_file():
            return exact
        found = [path for path in sorted(place.iterdir()) if path.suffix.lower() == f".{item.ext}" and path.is_file()]
    except (OSError, ValueError):
        return None
    return found[0] if len(found) == 1 else None


def place_in_library(path: Path) -> tuple[Path, str] | None:
    """Of a file inside a library of Eagle's: the library's folder, and the id of the item whose file it is."""
    found = _INSIDE.fullmatch(str(path))
    return (Path(found[1]), found[2]) if found else None


def item_fact(path: Path) -> FileFact | None:
    """Size and hash of an item's file; None where it can't be read now."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return FileFact(path=path, size=stream.tell(), sha256=digest)
    except OSError:
        return None
