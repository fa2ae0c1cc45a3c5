"""Which item is the track's? Exactly, never by a likeness.

By id, by the track's key among the tags, by its link; of a track whose files were there before us also by those files:
one may be an item's own file, or have the very same bytes.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracksync.library.eagle.api import Library
from tracksync.library.eagle.disk import item_fact, item_file, place_in_library, same_library
from tracksync.library.eagle.house import EagleHouse
from tracksync.library.eagle.item import Item, link_of
from tracksync.library.eagle.wanted import Wanted
from tracksync.model import EagleReceipt, FileFact

__all__ = ["Found", "Hints", "Looking", "own_id"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Hints:
    """What else a track may be known by.

    `links` are all its links, canonical or not; `item_id` is what the catalogue says; of several items the one of the
    extension `ext` is taken; `files` are its files, where an item may have been made of one of them.
    """

    links: tuple[str, ...] = ()
    item_id: str | None = None
    ext: str = "wav"
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Found:
    """The item, or else one of the track's in the trash, or one that has its file and is another track's."""

    item: Item | None = None
    trashed: Item | None = None
    taken: Item | None = None


class Looking:
    """Looks, and changes nothing."""

    def __init__(self, house: EagleHouse) -> None:
        self._house = house
        self._api = house.api
        self._read: dict[Path, tuple[tuple[int, int], FileFact | None]] = {}

    def find(self, wanted: Wanted, hints: Hints, receipt: EagleReceipt | None, library: Library) -> Found:
        """The track's item.

        Raises:
            EagleAway, Misconfigured: as the API has it.
        """
        trashed: Item | None = None
        if receipt is not None:
            item = self._api.item(receipt.item_id)
            if item is not None and not item.is_deleted:
                return Found(item)
            trashed = item
        candidates = self._bearing(wanted.key)
        if item := _best(candidates, hints.ext):
            return Found(item)
        trashed = trashed or next((item for item in candidates if item.is_deleted), None)
        if trashed is not None:
            return Found(None, trashed)
        if item := self._named(wanted, hints):
            return Found(item)
        of_file = self._of_files(wanted, hints, library)
        if of_file.item or of_file.trashed:
            return of_file
        return Found(self._linked(wanted, hints), None, of_file.taken)

    def everywhere(self, wanted: Wanted, hints: Hints) -> Item | None:
        """Read the whole library again: the last look before something is asked for a second time."""
        self._house.index.read(again=True)
        live = [item for item in self._house.index.bearing(wanted.key) if not item.is_deleted]
        return _best(live, hints.ext) or self._linked(wanted, hints)

    def asked_for(self, key: str, item_id: str, told_id: str | None) -> Item | None:
        """The item that was asked for, if it shows."""
        for known in (told_id, item_id if self._api.app().api == 2 else None):
            if known and (item := self._api.item(known)) and not item.is_deleted:
                return item
        found = self._api.tagged(key)
        self._house.index.note(found)
        return next((item for item in found if not item.is_deleted), None)

    def _bearing(self, key: str) -> list[Item]:
        """The items with the key, as they are now: those of the index, and those that came since."""
        fresh = {item.id: item for item in self._api.tagged(key)}
        if any(not item.is_deleted for item in fresh.values()):
            # No need of the whole library for that.
            return sorted(fresh.values(), key=lambda item: (item.modified, item.id))
        own = self._house.index.get(own_id(key, 1))  # its key may have been taken off
        for known in [*self._house.index.bearing(key), *([own] if own else [])]:
            if known.id in fresh:
                continue
            item = self._api.item(known.id)
            if item is None:
                self._house.index.drop(known.id)
            elif key in item.tags or item.id == own_id(key, 1):
                fresh[item.id] = item
        self._house.index.note(fresh.values())
        return sorted(fresh.values(), key=lambda item: (item.modified, item.id))

    def _named(self, wanted: Wanted, hints: Hints) -> Item | None:
        """The one that the catalogue names."""
        item = self._api.item(hints.item_id) if hints.item_id else None
        return item if item is not None and _is_free(item, wanted.key) else None

    def _of_files(self, wanted: Wanted, hints: Hints, library: Library) -> Found:
        """The one whose own file is the track's, else one whose file has the same bytes."""
        taken: Item | None = None
        for path in hints.files:
            place = place_in_library(path)
            item = self._api.item(place[1]) if place and same_library(place[0], library) else None
            if item is not None and item.is_audio:
                if item.is_deleted:
                    return Found(None, item)
                if _is_free(item, wanted.key):
                    return Found(item)
                taken = taken or item
        for candidate in self._of_same_bytes(wanted, hints):
            item = self._api.item(candidate.id)
            if item is None:
                self._house.index.drop(candidate.id)
            elif _is_free(item, wanted.key):
                return Found(item)
            elif not item.is_deleted:
                taken = taken or item
        return Found(None, None, taken)

    def _of_same_bytes(self, wanted: Wanted, hints: Hints) -> Iterator[Item]:
        """Those with a file of the same bytes as one of the track's, by preference.

        Where the library's files can't be read the same size and the very same name have to do, together.
        """
        of_size: dict[str, tuple[Item, Path]] = {}
        for path in hints.files:
            size = _size(path)
            for item in self._house.index.of_size(path.suffix.lower().lstrip("."), size) if size else ():
                of_size.setdefault(item.id, (item, path))
        folder = self._house.settings.eagle_library if self._house.can_read_files else None
        for item in _by_preference((item for item, _ in of_size.values() if not item.is_deleted), hints.ext):
            path = of_size[item.id][1]
            if folder is None:
                if item.plain_name in (_plain(path.stem), _plain(wanted.name)):
                    yield item
                continue
            theirs = item_file(folder, item)
            fact, mine = self._fact(theirs) if theirs else None, self._fact(path)
            if fact is not None and mine is not None and (fact.size, fact.sha256) == (mine.size, mine.sha256):
                yield item

    def _fact(self, path: Path) -> FileFact | None:
        """Size and hash of a file, read once a run unless it changed: many files may be of one size."""
        try:
            stat = path.stat()
        except OSError:
            return None
        looks = (stat.st_size, stat.st_mtime_ns)
        known = self._read.get(path)
        if known is None or known[0] != looks:
            known = self._read[path] = (looks, item_fact(path))
        return known[1]

    def _linked(self, wanted: Wanted, hints: Hints) -> Item | None:
        """One with the track's link.

        A link that leads to one track and nothing else is enough. On any other page (a shop's, an artist's) there may
        be many tracks: there the name has to be the very same, too.
        """
        links = dict(found for text in hints.links if (found := link_of(text)))
        if not links:
            return None
        if wanted.link:
            self._house.index.note(self._api.linked(wanted.link))
        candidates = [
            item
            for link, is_tracks_own in links.items()
            for item in self._house.index.of_links([link])
            if _is_free(item, wanted.key) and (is_tracks_own or item.plain_name == _plain(wanted.name))
        ]
        for candidate in _by_preference(candidates, hints.ext):
            item = self._api.item(candidate.id)
            if item is None:
                self._house.index.drop(candidate.id)
            elif _is_free(item, wanted.key):
                return item
        return None


def own_id(key: str, number: int) -> str:
    """An id for a track's item that every run and machine comes to: 13 letters and digits, as Eagle's own have."""
    value = int.from_bytes(hashlib.sha256(f"{key}\n{number}".encode()).digest())
    letters = ""
    for _ in range(11):
        value, digit = divmod(value, 36)
        letters += _DIGITS[digit]
    return f"TS{letters}"


def _is_free(item: Item, key: str) -> bool:
    """Whether it could be the track's: there, audio, and not another track's."""
    return not item.is_deleted and item.is_audio and all(known == key for known in item.keys)


def _best(items: Iterable[Item], ext: str) -> Item | None:
    return next(iter(_by_preference((item for item in items if not item.is_deleted), ext)), None)


def _by_preference(items: Iterable[Item], ext: str) -> list[Item]:
    return sorted(items, key=lambda item: (item.ext != ext, item.modified, item.id))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
