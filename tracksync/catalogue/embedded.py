"""The catalogue that needs no account: a view on the journal. The default, for good, for people without Notion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tracksync.catalogue.protocol import Page, Properties, TrackRecord
from tracksync.catalogue.rules import (
    by_priority,
    changes,
    differences,
    noted,
    states_in_eagle,
    states_when_downloaded,
    states_with,
)
from tracksync.errors import NotFound, Transient
from tracksync.journal import Journal, StoredPage
from tracksync.model import AudioFormat, Check, Frozen, PublishReceipt, Stage, Track, as_json
from tracksync.sources.whole import is_there

__all__ = ["EmbeddedCatalogue"]


class _Content(Frozen):
    """What is stored of a page."""

    record: TrackRecord | None = None
    """As it was recorded last, whatever became of it."""
    properties: Properties = Properties()
    written: Properties = Properties()
    """What the pipeline wrote of them: where it stands there still, nobody else did."""
    downloaded: bool = False


class EmbeddedCatalogue:
    """Pages in the journal's own database; every change is one transaction."""

    name = "embedded"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def prepare(self) -> None:
        """The journal is open: there is nothing else."""

    def close(self) -> None:
        """The journal is its owner's to close."""

    def formats(self) -> tuple[AudioFormat, ...]:
        """All three."""
        return tuple(AudioFormat)

    def look_up(
        self,
        tracks: Sequence[Track],
        names: Mapping[str, Sequence[tuple[str, str]]] = {},
    ) -> dict[str, Page]:
        """The page of each track that has one."""
        found = {track.key: self.find(track.key, names.get(track.key, ())) for track in tracks}
        return {key: page for key, page in found.items() if page is not None}

    def page_of(self, page_id: str) -> Page:
        """A page by its id."""
        return self.read_back(page_id)

    def every_page(self, progress: Callable[[int], None] = lambda _: None) -> list[Page]:
        """Every page, newest first."""
        pages = [_page(stored) for stored in self._journal.pages()]
        progress(len(pages))
        return pages

    def find(self, key: str, identities: Iterable[tuple[str, str]] = ()) -> Page | None:
        """The track's page, by its key or by another of its names."""
        stored = self._journal.page(self._holder(key))
        if stored is not None:
            return _page(stored)
        for kind, value in identities:
            entry = self._journal.find_by(kind, value)
            stored = self._journal.page(entry.merged_into or entry.key) if entry else None
            if stored is not None:
                return _page(stored)
        return None

    def upsert(self, record: TrackRecord, *, refresh: bool = False) -> Page:
        """Make or update the page; it stops saying Downloaded where its record changes."""

        def change(stored: dict[str, Any]) -> dict[str, Any]:
            content = _Content.model_validate(stored)
            new = changes(content.properties, content.written, record, refresh=refresh)
            return as_json(
                _Content(
                    record=record,
                    properties=content.properties.model_copy(update=new),
                    written=noted(content.properties, content.written, new),
                    downloaded=content.downloaded and content.record == record,
                )
            )

        page_id = self._journal.change_page(self._holder(record.key), change).page_id
        page = self.read_back(page_id)
        if page.record != record:
            raise _not_held(record, differences(page.properties, record))
        return page

    def read_back(self, page_id: str) -> Page:
        """The page as it is now."""
        stored = self._journal.page_by_id(page_id)
        if stored is None:
            raise NotFound(f"The catalogue has no page {page_id}.")
        return _page(stored)

    def edit(self, page_id: str, properties: Mapping[str, object]) -> Page:
        """What a person writes onto the page: it stays theirs.

        Args:
            page_id: the page.
            properties: their new values by the names of `Properties`; None or an empty value empties one.

        Raises:
            NotFound: there is no such page.
            ValueError: there is no such property, or it can't have this value.
        """
        unknown = set(properties) - set(Properties.model_fields)
        if unknown:
            raise ValueError(f"no such property: {', '.join(sorted(unknown))}")

        def change(stored: dict[str, Any]) -> dict[str, Any]:
            content = _Content.model_validate(stored)
            standing = as_json(content.properties) | dict(properties)
            written = as_json(content.written)
            for name in properties:
                written.pop(name, None)
            return as_json(
                content.model_copy(
                    update={
                        "properties": Properties.model_validate(standing),
                        "written": Properties.model_validate(written),
                    }
                )
            )

        return _page(self._journal.change_page(self.read_back(page_id).key, change))

    def mark_downloaded(self, key: str) -> Page:
        """Say Downloaded."""
        page = self.find(key)
        if page is None:
            raise NotFound(f"The track {key} has no page in the catalogue.", action="Run it again with --refresh.")

        def change(stored: dict[str, Any]) -> dict[str, Any]:
            content = _Content.model_validate(stored)
            wrong = _wrong(content)
            if content.record is None or wrong:
                raise _not_held(content.record, wrong)
            states = states_when_downloaded(content.properties.states)
            properties = content.properties.model_copy(update={"states": states})
            return as_json(content.model_copy(update={"properties": properties, "downloaded": True}))

        return self.read_back(self._journal.change_page(page.key, change).page_id)

    def note_states(self, key: str, states: frozenset[str]) -> None:
        """Add options to the state of the track's page, where it has one."""
        stored = self._journal.page(self._holder(key))
        if stored is None:
            return

        def change(content: dict[str, Any]) -> dict[str, Any]:
            page = _Content.model_validate(content)
            states_now = states_with(page.properties.states, states)
            properties = page.properties.model_copy(update={"states": states_now})
            return as_json(page.model_copy(update={"properties": properties}))

        self._journal.change_page(stored.track_key, change)

    def move_files(self, page_id: str, files: Mapping[AudioFormat, Path]) -> Page:
        """Let the page name its files where they are now."""

        def change(stored: dict[str, Any]) -> dict[str, Any]:
            page = _Content.model_validate(stored)
            named = page.properties.model_copy(update={"files": {**page.properties.files, **files}})
            record = page.record and page.record.model_copy(update={"files": {**page.record.files, **files}})
            return as_json(page.model_copy(update={"properties": named, "record": record}))

        return _page(self._journal.change_page(self.read_back(page_id).key, change))

    def has_place_for_item(self) -> bool:
        """It can."""
        return True

    def name_item(self, page_id: str, item_id: str) -> Page:
        """Let the page name its item in Eagle, where it names none yet."""

        def change(stored: dict[str, Any]) -> dict[str, Any]:
            page = _Content.model_validate(stored)
            named, states = page.properties.eagle_id or item_id, states_in_eagle(page.properties.states)
            properties = page.properties.model_copy(update={"eagle_id": named, "states": states})
            return as_json(page.model_copy(update={"properties": properties}))

        return _page(self._journal.change_page(self.read_back(page_id).key, change))

    def check(self, key: str) -> list[Check]:
        """Whether the page is there, holds what was recorded, and names files that are."""
        stored = self._journal.page(self._holder(key))
        if stored is None:
            return [Check(name="catalogue", ok=False, detail="the track has no page")]
        content = _Content.model_validate(stored.content)
        wrong = [f"{name} is not as it was recorded" for name in _wrong(content)]
        named = [*content.properties.files.values(), *content.properties.copies]
        wrong += [f"names {path}, which is not there" for path in named if not is_there(path)]
        published = self._journal.receipt(stored.track_key, Stage.PUBLISH, PublishReceipt)
        if published is not None:
            places = [published.m4a.path, published.wav.path, published.aiff.path, *(f.path for f in published.copies)]
            wrong += [f"does not name {path}" for path in places if path not in named]
        return [Check(name="catalogue", ok=not wrong, detail="; ".join(wrong) or "page is right")]

    def unfinished(self) -> list[Page]:
        """The pages that don't say Downloaded."""
        pages = [_page(stored) for stored in self._journal.pages()]
        return by_priority([page for page in pages if not page.downloaded])

    def _holder(self, key: str) -> str:
        entry = self._journal.find(key)
        return entry.merged_into or entry.key if entry else key


def _wrong(content: _Content) -> list[str]:
    return differences(content.properties, content.record) if content.record else ["everything"]


def _page(stored: StoredPage) -> Page:
    content = _Content.model_validate(stored.content)
    return Page(
        page_id=stored.page_id,
        key=stored.track_key,
        properties=content.properties,
        record=None if _wrong(content) else content.record,
        downloaded=content.downloaded,
        created=stored.created,
        edited=stored.edited,
    )


def _not_held(record: TrackRecord | None, wrong: list[str]) -> Transient:
    name = record.facts.display if record else "the track"
    return Transient(
        f"The catalogue's page of {name} does not hold what was recorded: {', '.join(wrong)}.",
        action="Run the same command again.",
    )
