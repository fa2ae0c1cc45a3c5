"""Databases, data sources and pages, and a person who edits them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.sandbox.notion.values import PropertyType, shown

__all__ = ["DataSource", "Database", "Space", "StandInPage"]


@dataclass
class StandInPage:
    """A page. `values` are plain: texts, numbers, names, tuples of names or page ids, ISO dates."""

    id: str
    source: DataSource
    values: dict[str, Any]
    created: datetime
    edited: datetime
    trashed: bool = False
    blocks: list[dict[str, Any]] = field(default_factory=list)
    born: float = field(default_factory=time.monotonic)

    def plain(self, name: str) -> Any:
        """The plain value of a property."""
        return self.values.get(name)

    def set(self, **values: Any) -> None:
        """A person edits it; names with other letters than a keyword has go through `put`."""
        self.put(values)

    def put(self, values: Mapping[str, Any]) -> None:
        """A person edits it."""
        unknown = set(values) - set(self.source.properties)
        assert not unknown, f"no such property: {unknown}"
        self.values |= values
        self.edited = datetime.now(UTC)

    def trash(self) -> None:
        """A person moves it to the trash."""
        self.trashed = True
        self.edited = datetime.now(UTC)

    def json(self, version: str) -> dict[str, Any]:
        """As Notion answers."""
        gone = {"in_trash": self.trashed} if version >= "2026" else {"archived": self.trashed, "in_trash": self.trashed}
        return {
            "object": "page",
            "id": self.id,
            "created_time": minute(self.created),
            "last_edited_time": minute(self.edited),
            "parent": {
                "type": "data_source_id",
                "data_source_id": self.source.id,
                "database_id": self.source.database.id,
            },
            "url": f"https://www.notion.so/{self.id.replace('-', '')}",
            "properties": {name: shown(prop, self.values.get(name)) for name, prop in self.source.properties.items()},
            **gone,
        }


@dataclass
class DataSource:
    """A data source: its properties by name, and its pages by id."""

    id: str
    title: str
    database: Database
    properties: dict[str, PropertyType] = field(default_factory=dict)
    pages: dict[str, StandInPage] = field(default_factory=dict)

    def json(self, version: str) -> dict[str, Any]:
        """As Notion answers."""
        return {
            "object": "data_source",
            "id": self.id,
            "title": [{"type": "text", "plain_text": self.title, "text": {"content": self.title}}],
            "parent": {"type": "database_id", "database_id": self.database.id},
            "properties": {name: self._property(prop) for name, prop in self.properties.items()},
            "in_trash": False,
        } | ({} if version >= "2026" else {"archived": False})

    def _property(self, prop: PropertyType) -> dict[str, Any]:
        content: dict[str, Any] = {}
        if prop.type in ("select", "multi_select", "status"):
            content = {"options": [{"id": name, "name": name, "color": "default"} for name in prop.options]}
        elif prop.type == "relation":
            related = self.database.space.sources[str(prop.related)]
            content = {"data_source_id": related.id, "database_id": related.database.id, "type": "single_property"}
        elif prop.type == "number":
            content = {"format": "number"}
        return {"id": prop.id, "name": prop.name, "type": prop.type, "description": None, prop.type: content}

    def add_property(self, name: str, kind: Any) -> None:
        """A person adds one: a type's name, `{"select": [options]}` or `{"relation": database}`."""
        if isinstance(kind, str):
            kind = {kind: []}
        ((type_, detail),) = ((key, value) for key, value in kind.items() if key != "dual")
        # Notion's own ids are short, and percent-encoded where they are told.
        prop = PropertyType(f"%3A{len(self.properties)}{uuid.uuid4().hex[:3]}", name, type_)
        if type_ == "relation":
            prop.related, prop.dual = detail.source.id, kind.get("dual")
        else:
            prop.options = list(detail)
        self.properties[name] = prop

    def remove_property(self, name: str) -> None:
        """A person removes one, and its values with it."""
        del self.properties[name]
        for page in self.pages.values():
            page.values.pop(name, None)

    def change_type(self, name: str, kind: Any) -> None:
        """A person changes a property's type; its values go."""
        self.remove_property(name)
        self.add_property(name, kind)


@dataclass
class Database:
    """A database; most have one data source."""

    id: str
    title: str
    space: Space
    sources: list[DataSource] = field(default_factory=list)
    shared: bool = True

    @property
    def source(self) -> DataSource:
        """Its first data source."""
        return self.sources[0]

    @property
    def pages(self) -> list[StandInPage]:
        """The pages of its first data source that are not in the trash, oldest first."""
        return [page for page in self.source.pages.values() if not page.trashed]

    def add_page(
        self, values: Mapping[str, Any], *, created: datetime | None = None, edited: datetime | None = None
    ) -> StandInPage:
        """A page that is there before."""
        unknown = set(values) - set(self.source.properties)
        assert not unknown, f"no such property: {unknown}"
        made = created or datetime.now(UTC)
        page = StandInPage(str(uuid.uuid4()), self.source, dict(values), made, edited or made)
        page.born -= 3600
        with self.space.lock:
            self.source.pages[page.id] = page
            self.space.pages[page.id] = page
        return page

    def add_pages(self, rows: Iterable[Mapping[str, Any]]) -> list[StandInPage]:
        """Many of them."""
        return [self.add_page(row) for row in rows]

    def json(self, version: str) -> dict[str, Any]:
        """As Notion answers."""
        return {
            "object": "database",
            "id": self.id,
            "title": [{"type": "text", "plain_text": self.title, "text": {"content": self.title}}],
            "data_sources": [{"id": source.id, "name": source.title} for source in self.sources],
            "in_trash": False,
        } | ({} if version >= "2026" else {"archived": False})


@dataclass
class Space:
    """Everything that there is."""

    databases: dict[str, Database] = field(default_factory=dict)
    sources: dict[str, DataSource] = field(default_factory=dict)
    pages: dict[str, StandInPage] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add_database(
        self, title: str, properties: Mapping[str, Any], *, more: Iterable[Mapping[str, Any]] = (), shared: bool = True
    ) -> Database:
        """A database with a data source of these properties, and further ones of `more`."""
        database = Database(str(uuid.uuid4()), title, self, shared=shared)
        for number, columns in enumerate((properties, *more)):
            name = title if number == 0 else f"{title} {number + 1}"
            source = DataSource(str(uuid.uuid4()), name, database)
            for column, kind in columns.items():
                source.add_property(column, kind)
            database.sources.append(source)
            self.sources[source.id] = source
        self.databases[database.id] = database
        return database


def minute(moment: datetime) -> str:
    """A moment as Notion shows it: whole minutes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")
