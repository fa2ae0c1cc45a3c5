"""Which items could be a track's: an index of the library, read once a run.

A library has tens of thousands of items, and neither version of the API finds a link in all its spellings; so the list
is read once, a thousand items a request, and kept by key tag, by canonical link, and by the size of the file. What is
added afterwards, by us or by somebody else, is found by asking for the tag and the link themselves just before an item
is made.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tracksync.library.eagle.api import EagleApi
from tracksync.library.eagle.item import Item, link_of

__all__ = ["ItemIndex"]


class ItemIndex:
    """For use from any thread."""

    def __init__(self, api: EagleApi) -> None:
        self._api = api
        self._lock = threading.RLock()
        self._is_read = False
        self._items: dict[str, Item] = {}
        self._by_key: dict[str, set[str]] = defaultdict(set)
        self._by_link: dict[str, set[str]] = defaultdict(set)
        self._by_size: dict[tuple[str, int], set[str]] = defaultdict(set)

    def read(self, *, again: bool = False) -> None:
        """Read the library, unless that was done; `again`: in any case.

        Raises:
            EagleAway, Misconfigured: as the API has it.
        """
        with self._lock:
            if self._is_read and not again:
                return
            items = list(self._api.items())
            self._items.clear()
            self._by_key.clear()
            self._by_link.clear()
            self._by_size.clear()
            for item in items:
                self._put(item)
            self._is_read = True

    def forget(self) -> None:
        """Another library may be open: nothing of this one counts."""
        with self._lock:
            self._is_read = False

    def note(self, items: Iterable[Item]) -> None:
        """Items as they were seen just now."""
        with self._lock:
            for item in items:
                self._put(item)

    def drop(self, item_id: str) -> None:
        """An item that is gone."""
        with self._lock:
            old = self._items.pop(item_id, None)
            if old is not None:
                self._unlist(old)

    def get(self, item_id: str) -> Item | None:
        """The item of this id."""
        self.read()
        with self._lock:
            return self._items.get(item_id)

    def bearing(self, key: str) -> list[Item]:
        """The items with this key as a tag, trashed ones too, oldest first."""
        self.read()
        with self._lock:
            return _ordered(self._items[found] for found in self._by_key.get(key, ()))

    def of_links(self, links: Sequence[str]) -> list[Item]:
        """The audio items with one of these canonical links, oldest first."""
        self.read()
        with self._lock:
            ids = set[str]().union(*(self._by_link.get(link, set()) for link in links))
            return _ordered(self._items[found] for found in ids)

    def of_size(self, ext: str, size: int) -> list[Item]:
        """The audio items with this extension whose file has so many bytes, oldest first."""
        self.read()
        with self._lock:
            return _ordered(self._items[found] for found in self._by_size.get((ext, size), ()))

    def _put(self, item: Item) -> None:
        old = self._items.get(item.id)
        if old is not None:
            self._unlist(old)
        self._items[item.id] = item
        for key in item.keys:
            self._by_key[key].add(item.id)
        if link := _link(item):
            self._by_link[link].add(item.id)
        if item.is_audio and item.size:
            self._by_size[item.ext, item.size].add(item.id)

    def _unlist(self, item: Item) -> None:
        for key in item.keys:
            self._by_key[key].discard(item.id)
        if link := _link(item):
            self._by_link[link].discard(item.id)
        if item.is_audio and item.size:
            self._by_size[item.ext, item.size].discard(item.id)


def _link(item: Item) -> str | None:
    found = link_of(item.url) if item.is_audio and item.url else None
    return found[0] if found else None


def _ordered(items: Iterable[Item]) -> list[Item]:
    # The same one is taken whoever asks, and whenever.
    return sorted(items, key=lambda item: (item.modified, item.id))
