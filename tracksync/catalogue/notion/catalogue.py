"""The catalogue in Notion: one page a track, written so that it can be trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time
from typing import Any

from tracksync.catalogue.notion.amending import Amending, not_held
from tracksync.catalogue.notion.api import Rejected
from tracksync.catalogue.notion.house import House
from tracksync.catalogue.notion.index import wanted_of
from tracksync.catalogue.notion.page import PageRead
from tracksync.catalogue.notion.plan import Plan, differing, plan, wanted
from tracksync.catalogue.notion.reading import LOOKED_S, PAGE_KEY
from tracksync.catalogue.notion.related import look_again
from tracksync.catalogue.notion.summary import summary_block, summary_text
from tracksync.catalogue.notion.values import written
from tracksync.catalogue.protocol import Page, TrackRecord
from tracksync.catalogue.rules import states_when_downloaded
from tracksync.catalogue.songs import remixers, split_names
from tracksync.errors import Busy, NeedsPerson, NotFound, Transient
from tracksync.model import Check, PublishReceipt, Stage, Track, as_json
from tracksync.sources.whole import is_there

__all__ = ["PAGE_KEY", "NotionCatalogue"]

# A page that was just made may not be there yet for whoever asks: how long to wait before each look.
_SHOWS_AFTER_S = (0.0, 1.0, 2.0, 4.0)


class NotionCatalogue(Amending):
    """Pages in the user's own database.

    Who wrote a value is told by what was written last: what stands as the pipeline wrote it is its own.
    """

    # -- writing -------------------------------------------------------------------------------------------------------

    def upsert(self, record: TrackRecord, *, refresh: bool = False) -> Page:
        """Make or update the one page of the track, and give it as it was read back.

        Raises:
            NeedsPerson: its page was put into the trash while the track was worked on.
            CatalogueAway: Notion can't be asked now.
        """
        key = self._holder(record.key)
        if self._journal.find(key) is None:
            raise NotFound(f"The journal has no track {key}.")
        for attempt in (1, 2, 3):
            house = self.house()
            try:
                return self._upsert(house, key, record, refresh=refresh)
            except (Rejected, NotFound):
                self._standing(house, key)  # a page in the trash can't be edited: then it is said so
                # Either the database is not what it was, or a page that was to be related to is gone.
                if attempt == 3 or not (self._reread(house) or self._forget_related(house, record)):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _upsert(self, house: House, key: str, record: TrackRecord, *, refresh: bool) -> Page:
        page = self._standing(house, key)
        values = self._values(house, record)
        if page is None:
            with self._journal.alone(f"notion {house.tracks.data_source_id}"):
                page = self._standing(house, key) or self._found(house, key, record)
                if page is None:
                    page = self._make(house, key, record, values)
        page = self._write(house, key, page, values, record, refresh=refresh)
        self._summarise(house, key, page.page_id, self._content(house, key), record)
        return self._page(house, page, key)

    def _standing(self, house: House, key: str) -> PageRead | None:
        binding = self._binding(house, key)
        if binding is None:
            return None
        page = house.index.read(binding.page_id)
        if page is None:
            self._journal.unbind(house.tracks.data_source_id, key)
            raise self._trashed(key)
        return page

    def _trashed(self, key: str) -> NeedsPerson:
        self._forget_looked(key)
        return NeedsPerson(
            "Its page was put into Notion's trash while the track was worked on.",
            action=f"Restore it, or run `tracksync sync {key}` to make a new one.",
        )

    def _found(self, house: House, key: str, record: TrackRecord) -> PageRead | None:
        """A page that was there before us, or that an interrupted run made."""
        entry = self._journal.find(key)
        assert entry is not None  # noqa: S101 (looked at before)
        paths = [str(path) for path in record.files.values()]
        track = _as_recorded(entry.as_track(), record)
        begun = self._journal.mark(_intent(key))
        with self._lock:
            moment, page = self._looked.get(key, (float("-inf"), None))
        wanted_track = wanted_of(track, self._journal, paths=paths)
        if page is None and (begun or monotonic() - moment > LOOKED_S):
            if begun:
                # A page that was just made may not show yet.
                self._api.sleep(max(0.0, min(10.0, begun["at"] + 10.0 - time())))
            page = house.index.find([wanted_track]).get(key)
        elif page is None:
            # It was asked for a moment ago; one that was made since then, by us or beside us, the journal knows.
            page = house.index.known(wanted_track)
        if page is None:
            return None
        fresh = house.index.read(page.page_id)
        if fresh is None:
            raise self._trashed(key)
        self._bind(house, key, fresh.page_id)
        return fresh

    def _make(self, house: House, key: str, record: TrackRecord, values: dict[str, Any]) -> PageRead:
        first = plan(None, {}, values, house.tracks, states=record.states)
        blocks = [summary_block(summary_text(record))]
        self._journal.set_mark(_intent(key), {"at": time()})

        def make() -> str:
            return str(self._api.create_page(house.tracks.data_source_id, first.payload, blocks)["id"])

        def look() -> str | None:
            entry = self._journal.find(key)
            assert entry is not None  # noqa: S101
            track = _as_recorded(entry.as_track(), record)
            found = house.index.find(
                [wanted_of(track, self._journal, paths=[str(path) for path in record.files.values()])]
            )
            return found[key].page_id if key in found else None

        page_id = look_again(self._api, make, look)
        self._bind(house, key, page_id)
        self._note_written(house, key, first, values, record, summary_text=summary_text(record))
        self._journal.drop_mark(_intent(key))
        for pause in _SHOWS_AFTER_S:
            self._api.sleep(pause)
            if page := house.index.read(page_id):
                return page
        raise Transient(f"The page of {record.facts.display} was made but can't be read.")

    def _write(
        self,
        house: House,
        key: str,
        page: PageRead,
        values: dict[str, Any],
        record: TrackRecord,
        *,
        refresh: bool,
    ) -> PageRead:
        page = self._whole_lists(house, page)
        own = self._content(house, key).get("own", {})
        change = plan(page, own, values, house.tracks, states=record.states, refresh=refresh)
        if change.payload:
            done = house.tracks.properties["downloaded"]
            if page.downloaded:
                change.payload[done.name] = {"checkbox": False}
            self._api.update_page(page.page_id, change.payload)
            page = self._whole_lists(house, self._again(house, page.page_id))
        wrong = differing(page, values, house.tracks, frozenset(map(str, record.states)))
        if wrong:
            raise not_held(record.facts.display, wrong)
        self._note_written(house, key, change, values, record)
        return page

    def mark_downloaded(self, key: str) -> Page:
        """Say Downloaded."""
        return self._as_they_are(lambda house: self._mark_downloaded(house, key))

    def _mark_downloaded(self, house: House, key: str) -> Page:
        binding = self._binding(house, self._holder(key))
        if binding is None:
            raise NotFound(f"The track {key} has no page in Notion.", action="Run it again with --refresh.")
        page = self._whole_lists(house, self._again(house, binding.page_id))
        values = binding.content.get("values", {})
        wrong = differing(page, values, house.tracks, frozenset())
        if wrong or not values:
            raise not_held(page.title, wrong or ["everything"])
        payload: dict[str, Any] = {}
        if not page.downloaded:
            payload[house.tracks.properties["downloaded"].name] = {"checkbox": True}
        payload |= self._states_payload(house, page)
        if payload:
            self._api.update_page(page.page_id, payload)
            page = self._again(house, page.page_id)
        if not page.downloaded:
            raise not_held(page.title, [house.tracks.properties["downloaded"].name])
        return self._page(house, page, binding.track_key)

    def _states_payload(self, house: House, page: PageRead) -> dict[str, Any]:
        """What is failed on the page did not, in the end."""
        prop = house.tracks.properties.get("states")
        old = tuple(page.plain.get("states") or ())
        kept = states_when_downloaded(frozenset(old))
        if prop is None or kept == frozenset(old):
            return {}
        return {prop.name: written(prop, tuple(option for option in old if option in kept))}

    # -- checking ------------------------------------------------------------------------------------------------------

    def check(self, key: str) -> list[Check]:
        """Whether the page is there, holds what was recorded, and names files that are."""
        house = self.house()
        binding = self._binding(house, self._holder(key))
        if binding is None:
            return [Check(name="catalogue", ok=False, detail="the track has no page")]
        page = house.index.read(binding.page_id)
        if page is None:
            return [Check(name="catalogue", ok=False, detail="its page is gone, or in Notion's trash")]
        page = self._whole_lists(house, page)
        values = binding.content.get("values")
        wrong = differing(page, values, house.tracks, frozenset()) if values else ["everything"]
        told = [f"{name} is not as it was recorded" for name in wrong]
        named = list(page.files.values())
        told += [f"names {path}, which is not there" for path in named if not is_there(path)]
        published = self._journal.receipt(binding.track_key, Stage.PUBLISH, PublishReceipt)
        if published is not None:
            for fmt in house.formats:
                path: Path = getattr(published, fmt.value).path
                if path not in named:
                    told.append(f"does not name {path}")
        return [Check(name="catalogue", ok=not told, detail="; ".join(told) or f"page {page.page_id} is right")]

    # -- the parts -----------------------------------------------------------------------------------------------------

    def _values(self, house: House, record: TrackRecord) -> dict[str, Any]:
        """The record's values, its artists and playlists found or made."""
        artists = house.artists.ids_of(_people(record), record.facts.artist_ids) if house.artists else ()
        prop = house.tracks.properties.get("playlists")
        playlists = record.playlists
        if prop is not None and prop.type == "relation":
            ids = record.playlist_ids
            playlists = house.playlists.ids_of(record.playlists, ids) if house.playlists else ()
        return wanted(record, artists, playlists)

    def _forget_related(self, house: House, record: TrackRecord) -> bool:
        """Whether there was anything kept of the related pages that could be out of date."""
        forgotten = False
        for pages, names, ids in (
            (house.artists, _people(record), record.facts.artist_ids),
            (house.playlists, record.playlists, record.playlist_ids),
        ):
            if pages and names:
                forgotten = pages.forget(names, ids) or forgotten
        return forgotten

    def _note_written(
        self,
        house: House,
        key: str,
        change: Plan,
        values: dict[str, Any],
        record: TrackRecord,
        **more: str,
    ) -> None:
        before = self._content(house, key)
        content = {
            **before,
            **more,
            "own": {**before.get("own", {}), **change.values},
            "values": values,
            "record": as_json(record),
        }
        if content != before:
            self._journal.update_binding(house.tracks.data_source_id, key, content)

    def _bind(self, house: House, key: str, page_id: str) -> None:
        home = house.tracks.data_source_id
        standing = self._journal.bind(home, key, page_id)
        if standing.page_id == page_id and standing.track_key != key:
            other = self._journal.find(standing.track_key)
            if other and other.lease_until and other.lease_until > datetime.now(UTC) and not other.merged_into:
                raise Busy(
                    f"{other.facts.display} is the same track, and is being brought in right now.",
                    action="Run the same command again: the two are then made one.",
                )
            # Another track of ours had it, and is not whole (or this one would have been merged into it).
            self._journal.unbind(home, standing.track_key)
            self._journal.bind(home, key, page_id)


def _as_recorded(track: Track, record: TrackRecord) -> Track:
    return track.model_copy(update={"facts": record.facts, "duration_s": record.duration_s or track.duration_s})


def _people(record: TrackRecord) -> tuple[str, ...]:
    """Who has a part in it: each artist, and the remixer. A name with a comma is one artist's where Spotify says so."""
    known = record.facts.artist_ids
    artists = [
        name for artist in record.facts.artists for name in ((artist,) if artist in known else split_names(artist))
    ]
    return tuple(dict.fromkeys((*artists, *remixers(record.facts.title))))


def _intent(key: str) -> str:
    return f"notion page begun for {key}"
