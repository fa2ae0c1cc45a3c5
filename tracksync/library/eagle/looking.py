"""Which item is the track's? By id, by the track's key among the tags, by its link: exactly, never by a likeness."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from tracksync.library.eagle.house import EagleHouse
from tracksync.library.eagle.item import Item, link_of
from tracksync.library.eagle.wanted import Wanted
from tracksync.model import EagleReceipt

__all__ = ["Found", "Hints", "Looking", "own_id"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Hints:
    """What else a track may be known by.

    `links` are all its links, canonical or not; `item_id` is what the catalogue says; of several items the one of the
    extension `ext` is taken.
    """

    links: tuple[str, ...] = ()
    item_id: str | None = None
    ext: str = "wav"


@dataclass(frozen=True)
class Found:
    """The item, or else one of the track's in the trash."""

    item: Item | None = None
    trashed: Item | None = None


class Looking:
    """Looks, and changes nothing."""

    def __init__(self, house: EagleHouse) -> None:
        self._house = house
        self._api = house.api

    def find(self, wanted: Wanted, hints: Hints, receipt: EagleReceipt | None) -> Found:
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
        return Found(self._named(wanted, hints) or self._linked(wanted, hints))

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


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
