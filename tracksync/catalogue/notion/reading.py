"""What the catalogue in Notion says: which page is whose, and what stands on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic, time
from typing import Any, TypeVar

from tracksync.catalogue.notion.api import NotionApi, Rejected
from tracksync.catalogue.notion.house import House, read_house
from tracksync.catalogue.notion.index import wanted_of
from tracksync.catalogue.notion.page import PageRead, properties_of, read_page
from tracksync.catalogue.notion.plan import differing
from tracksync.catalogue.protocol import Page, TrackRecord
from tracksync.catalogue.rules import by_priority
from tracksync.errors import NotFound
from tracksync.journal import Binding, Journal
from tracksync.model import AudioFormat, PublishReceipt, Stage, Track
from tracksync.settings import Settings

__all__ = ["LOOKED_S", "PAGE_KEY", "Reading"]

PAGE_KEY = "notion:page:"
"""What the key of a page begins with, as long as no track is known to be its."""

T = TypeVar("T")

# A complaint that was made so lately was heard.
_SAID_S = 60.0

LOOKED_S = 600.0
"""A track that was looked for is not looked for again within this time, by the process that did."""


class Reading:
    """The databases as they are, and the pages of tracks.

    Args:
        journal: keeps which page is whose, and what was written there.
        api: Notion.
        settings: the databases' ids.
        note: hears what a person should know and what ends nothing.
    """

    name = "notion"

    def __init__(
        self, journal: Journal, api: NotionApi, settings: Settings, note: Callable[[str], None] = lambda _: None
    ) -> None:
        self._journal, self._api, self._settings, self._note = journal, api, settings, note
        self._lock = threading.RLock()
        self._opened: House | None = None
        self._looked: dict[str, tuple[float, PageRead | None]] = {}

    # -- the databases -------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Read the schemas, once, and say what will not be written.

        Raises:
            Misconfigured: the token or a database is not as it has to be.
            CatalogueAway: Notion can't be asked now.
        """
        self.house()

    def house(self) -> House:
        """The databases as they are; read when they are first needed."""
        with self._lock:
            if self._opened is None:
                self._opened = read_house(self._api, self._journal, self._settings, self._note)
                self._complain(self._opened)
            return self._opened

    def _complain(self, house: House) -> None:
        """Say what will not be written, once a run, though a run is of two processes that share a journal."""
        name = f"notion complaints of {house.tracks.data_source_id}"
        told, now = self._journal.mark(name) or {}, list(house.complaints)
        if now and not (told.get("complaints") == now and time() - told["at"] < _SAID_S):
            for complaint in now:
                self._note(complaint)
            self._journal.set_mark(name, {"complaints": now, "at": time()})

    def _reread(self, before: House) -> bool:
        """Whether the Tracks database has changed since it was read; it is said once, and the new one is used."""
        with self._lock:
            if self._opened is not before:
                return True
            house = read_house(self._api, self._journal, self._settings, self._note, again=True)
            old = {prop.name: prop.type for prop in before.tracks.properties.values()}
            new = {prop.name: prop.type for prop in house.tracks.properties.values()}
            changed = sorted(name for name, kind in old.items() if new.get(name) != kind)
            self._opened = house
            if changed:
                names = ", ".join(f"“{name}”" for name in changed)
                self._note(
                    f"Notion's database {house.tracks.title} was changed during the run: {names} is not what it was, "
                    "and is left out."
                )
            return bool(changed)

    def _as_they_are(self, act: Callable[[House], T]) -> T:
        """Do something with the databases; once more where Notion refuses it because they were changed meanwhile."""
        house = self.house()
        try:
            return act(house)
        except Rejected:
            if not self._reread(house):
                raise
            return act(self.house())

    def close(self) -> None:
        """Close its connections."""
        self._api.close()

    # -- finding -------------------------------------------------------------------------------------------------------

    def formats(self) -> tuple[AudioFormat, ...]:
        """The files that a page has a place for."""
        return self.house().formats

    def look_up(self, tracks: Sequence[Track], names: Mapping[str, Sequence[tuple[str, str]]] = {}) -> dict[str, Page]:
        """The page of each track that has one, in as few requests as it takes."""
        return self._as_they_are(lambda house: self._look_up(house, tracks, names))

    def _look_up(
        self, house: House, tracks: Sequence[Track], names: Mapping[str, Sequence[tuple[str, str]]]
    ) -> dict[str, Page]:
        todo = [track for track in tracks if not self._was_looked(track.key)]
        if todo:
            wanted = [
                wanted_of(track, self._journal, names.get(track.key, ()), self._paths(track.key)) for track in todo
            ]
            found = house.index.find(wanted)
            for track in todo:
                page = self._bound(house, track.key, found.get(track.key))
                with self._lock:
                    self._looked[track.key] = (monotonic(), page)
        pages = {track.key: self._looked[track.key][1] for track in tracks}
        return {key: self._page(house, page, key) for key, page in pages.items() if page is not None}

    def _was_looked(self, key: str) -> bool:
        with self._lock:
            moment, _ = self._looked.get(key, (float("-inf"), None))
        return monotonic() - moment < LOOKED_S

    def _bound(self, house: House, key: str, found: PageRead | None) -> PageRead | None:
        """The page that the journal has for the track, where it still is; else the one that was found."""
        binding = self._binding(house, key)
        if binding is None or (found is not None and found.page_id == binding.page_id):
            return found
        page = house.index.read(binding.page_id)
        if page is None:
            self._journal.unbind(house.tracks.data_source_id, binding.track_key)
            return found
        return page

    def find(self, key: str, identities: Iterable[tuple[str, str]] = ()) -> Page | None:
        """The track's page, by its key or by another of its names."""
        house = self.house()
        keys = [self._holder(key)]
        keys += [self._holder(entry.key) for name in identities if (entry := self._journal.find_by(*name))]
        for known in keys:
            binding = self._binding(house, known)
            page = house.index.read(binding.page_id) if binding else None
            if page is not None:
                return self._page(house, page, known)
        return None

    def page_of(self, page_id: str) -> Page:
        """A page by its id, whether a track is known to be its or not.

        Raises:
            NotFound: there is no such page, or it is in the trash.
        """
        house = self.house()
        page = house.index.read(page_id)
        if page is None:
            raise NotFound(
                f"Notion has no page {page_id} that we may read, or it is in the trash.",
                action="Check the id, restore the page, or share its database with the integration.",
            )
        if page.home and page.home != house.tracks.data_source_id:
            raise NotFound(
                f"{page_id} is a page of another database than {house.tracks.title}.",
                action="Name a page of a track.",
            )
        return self._page(house, page)

    def read_back(self, page_id: str) -> Page:
        """The page as it is now."""
        return self.page_of(page_id)

    def every_page(self, progress: Callable[[int], None] = lambda _: None) -> list[Page]:
        """Every page of the database, read in bulk."""
        house = self.house()
        bound = self._journal.bindings(house.tracks.data_source_id)
        return [
            self._page(house, page, bound.get(page.page_id), names=False) for page in house.index.read_all(progress)
        ]

    def unfinished(self) -> list[Page]:
        """The pages that don't say Downloaded, by priority, then newest first."""
        return self._as_they_are(self._unfinished)

    def _unfinished(self, house: House) -> list[Page]:
        done = house.tracks.properties["downloaded"]
        raws = self._api.query(house.tracks.data_source_id, {"property": done.name, "checkbox": {"equals": False}})
        pages = [read_page(raw, house.tracks) for raw in raws]
        house.index.note(pages)
        bound = self._journal.bindings(house.tracks.data_source_id)
        return by_priority([self._page(house, page, bound.get(page.page_id), names=False) for page in pages])

    # -- the parts ---------------------------------------------------------------------------------------------------

    def _page(self, house: House, page: PageRead, key: str | None = None, *, names: bool = True) -> Page:
        binding = self._journal.binding_of(house.tracks.data_source_id, page.page_id) if names else None
        owner = binding.track_key if binding else key or f"{PAGE_KEY}{page.page_id}"
        record = None
        if binding and binding.content.get("record"):
            wrong = differing(self._whole_lists(house, page), binding.content["values"], house.tracks, frozenset())
            record = None if wrong else TrackRecord.model_validate(binding.content["record"])
        artists, playlists = (house.artist_names, house.playlist_names) if names else (_nobody, _nobody)
        return Page(
            page_id=page.page_id,
            key=owner,
            properties=properties_of(page, artists, playlists),
            record=record,
            downloaded=page.downloaded,
            created=page.created,
            edited=page.edited,
        )

    def _whole_lists(self, house: House, page: PageRead) -> PageRead:
        """The page with its relations in full: an answer stops at 25."""
        if not page.cut_short:
            return page
        whole = {
            meaning: tuple(self._api.relation(page.page_id, house.tracks.properties[meaning].id))
            for meaning in page.cut_short
        }
        return page.model_copy(update={"plain": {**page.plain, **whole}, "cut_short": ()})

    def _page_id(self, house: House, key: str) -> str | None:
        """The page that is known to be the track's, whether something was written there yet or not."""
        if key.startswith(PAGE_KEY):
            return key.removeprefix(PAGE_KEY)
        if binding := self._binding(house, key):
            return binding.page_id
        with self._lock:
            _, looked = self._looked.get(key, (0.0, None))
        named = next((value for kind, value in self._journal.identities(key) if kind == "page"), None)
        return looked.page_id if looked else named

    def _forget_looked(self, key: str) -> None:
        with self._lock:
            self._looked.pop(key, None)

    def _content(self, house: House, key: str) -> dict[str, Any]:
        binding = self._binding(house, key)
        return dict(binding.content) if binding else {}

    def _binding(self, house: House, key: str) -> Binding | None:
        return self._journal.binding(house.tracks.data_source_id, key)

    def _paths(self, key: str) -> list[str]:
        published = self._journal.receipt(self._holder(key), Stage.PUBLISH, PublishReceipt)
        return [str(published.m4a.path)] if published else []

    def _holder(self, key: str) -> str:
        entry = self._journal.find(key)
        return entry.merged_into or entry.key if entry else key


def _nobody(_: Sequence[str]) -> list[str]:
    return []
