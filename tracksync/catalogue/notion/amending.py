"""Small changes to a page that stands: a property or two, read back; what was recorded of the page follows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracksync.catalogue.notion.fields import FILES
from tracksync.catalogue.notion.house import House
from tracksync.catalogue.notion.page import PageRead
from tracksync.catalogue.notion.reading import Reading
from tracksync.catalogue.notion.summary import tell_summary
from tracksync.catalogue.notion.values import as_text, held, written
from tracksync.catalogue.protocol import Page, TrackRecord
from tracksync.catalogue.rules import states_in_eagle, states_with
from tracksync.errors import Interrupted, NeedsPerson, NotFound, TracksyncError, Transient
from tracksync.model import AudioFormat, as_json

__all__ = ["Amending", "not_held"]


class Amending(Reading):
    """Writes without a record of the track: no other property than the one that is meant is touched."""

    def note_states(self, key: str, states: frozenset[str]) -> None:
        """Add options to the state of the track's page, where it has one: what failed is to be seen there."""
        self._as_they_are(lambda house: self._note_states(house, key, states))

    def _note_states(self, house: House, key: str, states: frozenset[str]) -> None:
        prop = house.tracks.properties.get("states")
        page_id = self._page_id(house, self._holder(key))
        page = house.index.read(page_id) if page_id else None
        if prop is None or page is None:
            return
        old = tuple(page.plain.get("states") or ())
        stays = states_with(frozenset(old), states)
        new = held(prop, (*(state for state in old if state in stays), *sorted(stays - set(old)))) or ()
        if set(new) != set(old):
            self._api.update_page(page.page_id, {prop.name: written(prop, new)})
            self._again(house, page.page_id)

    def move_files(self, page_id: str, files: Mapping[AudioFormat, Path]) -> Page:
        """Let the page name its files where they are now."""
        house = self.house()
        named = {
            prop.name: written(prop, held(prop, str(path)))
            for fmt, path in files.items()
            if (prop := house.tracks.properties.get(FILES[fmt]))
        }
        if named:
            self._api.update_page(page_id, named)
            self._note_moved(house, page_id, files)
        page = self.page_of(page_id)
        if any(
            page.properties.files.get(fmt) != path
            for fmt, path in files.items()
            if FILES[fmt] in house.tracks.properties
        ):
            raise not_held(page.properties.title, list(named))
        return page

    def _note_moved(self, house: House, page_id: str, files: Mapping[AudioFormat, Path]) -> None:
        """What was recorded of the page follows its files, and so does our block on it, where it has one."""
        home = house.tracks.data_source_id
        binding = self._journal.binding_of(home, page_id)
        if binding is None or not binding.content.get("record"):
            return
        places = {FILES[fmt]: str(path) for fmt, path in files.items()}
        record = TrackRecord.model_validate(binding.content["record"])
        record = record.model_copy(update={"files": {**record.files, **files}})
        moved = {name: {**binding.content.get(name, {}), **places} for name in ("own", "values")}
        content = {**binding.content, **moved, "record": as_json(record)}
        self._journal.update_binding(home, binding.track_key, content)
        if not content.get("summary_text"):
            return
        try:
            self._summarise(house, binding.track_key, page_id, content, record)
        except Interrupted:
            raise
        except TracksyncError as error:
            # The block is for a person's eyes, and the next writing of the page mends it.
            self._note(f"The block on {page_id} still names the files' old places: {error.message}")

    def _summarise(self, house: House, key: str, page_id: str, content: Mapping[str, Any], record: TrackRecord) -> None:
        """Let our block of the page say what the record says; `content` is what is kept of the page."""
        told = tell_summary(self._api, page_id, content, record)
        if told != content:
            self._journal.update_binding(house.tracks.data_source_id, key, told)

    def has_place_for_item(self) -> bool:
        """Whether there is an Eagle File ID."""
        return "eagle_id" in self.house().tracks

    def name_item(self, page_id: str, item_id: str) -> Page:
        """Let the page name its item in Eagle, where it names none yet."""
        return self._as_they_are(lambda house: self._name_item(house, page_id, item_id))

    def _name_item(self, house: House, page_id: str, item_id: str) -> Page:
        page = house.index.read(page_id)
        if page is None:
            raise NotFound(
                f"The page {page_id} is gone, or was put into Notion's trash meanwhile.",
                action="Restore it, or name the track's link to bring it in all the same.",
            )
        payload: dict[str, Any] = {}
        prop = house.tracks.properties.get("eagle_id")
        if prop is not None and as_text(page.plain.get("eagle_id")) is None:
            payload[prop.name] = written(prop, held(prop, item_id))
        payload |= self._in_eagle_payload(house, page)
        if payload:
            self._api.update_page(page_id, payload)
            page = self._again(house, page_id)
        if prop is not None and as_text(page.plain.get("eagle_id")) is None:
            raise not_held(page.title, [prop.name])
        if wrong := self._in_eagle_payload(house, page):
            raise not_held(page.title, list(wrong))
        return self._page(house, page)

    def _in_eagle_payload(self, house: House, page: PageRead) -> dict[str, Any]:
        """The states of a page whose files are in Eagle, where they say it otherwise."""
        prop = house.tracks.properties.get("states")
        old = tuple(page.plain.get("states") or ())
        wanted = states_in_eagle(frozenset(old))
        kept = tuple(option for option in old if option in wanted)
        added = sorted(wanted - set(old))
        new = (held(prop, (*kept, *added)) or ()) if prop else ()
        return {prop.name: written(prop, new)} if prop and set(new) != set(old) else {}

    def _again(self, house: House, page_id: str) -> PageRead:
        page = house.index.read(page_id)
        if page is None:
            raise NeedsPerson(
                "Its page was put into Notion's trash while it was written.",
                action="Restore it, or sync the track again to make a new one.",
            )
        return page


def not_held(name: str, wrong: list[str]) -> Transient:
    """What is raised where a page does not read back right: its title, and the properties."""
    return Transient(
        f"The Notion page of {name} does not hold what was written: {', '.join(wrong)}.",
        action="Run the same command again.",
    )
