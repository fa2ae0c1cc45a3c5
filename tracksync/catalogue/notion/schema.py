"""The schema of the user's databases: which property has which meaning, read once a run, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tracksync.catalogue.notion.api import Rejected
from tracksync.catalogue.notion.fields import Field
from tracksync.errors import Misconfigured, NotFound
from tracksync.journal import Journal

__all__ = ["Property", "Schema", "database_id", "read_schema", "source_schema"]

_ID = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(r"(?i)^(?:fingerprint\s*[-(]?\s*)?part\s*(\d+)\)?$")


class Source(Protocol):
    """Who is asked: Notion, or what was read of it a moment ago."""

    def database(self, database_id: str, /) -> dict[str, Any]:
        """A database, with its data sources' ids."""

    def data_source(self, data_source_id: str, /) -> dict[str, Any]:
        """A data source, with its properties."""

    def page(self, page_id: str, /) -> dict[str, Any]:
        """A page."""


@dataclass(frozen=True)
class Property:
    """A property of a database. `options` are the names that a select or status has; `related` a relation's target."""

    name: str
    id: str
    type: str
    options: tuple[str, ...] = ()
    related: str | None = None
    related_database: str | None = None


@dataclass(frozen=True)
class Schema:
    """A data source, and the properties that have a meaning."""

    title: str
    """The database's name, as a person sees it."""
    data_source_id: str
    properties: Mapping[str, Property]
    """By meaning."""
    parts: Mapping[int, Property]
    """Further properties of a long fingerprint, by number: 2, 3, …"""
    absent: tuple[Field, ...]
    """What no property has."""
    odd: tuple[str, ...]
    """What is of a type that can't hold it: a clause each."""

    def __contains__(self, meaning: str) -> bool:
        return meaning in self.properties

    @property
    def complaint(self) -> str | None:
        """One sentence about what will not be written, None where all is there."""
        parts = []
        if self.absent:
            parts.append("no " + ", ".join(f"“{field.names[0]}”" for field in self.absent) + ": that is not written")
        parts += self.odd
        return f"Notion's database {self.title} has " + "; ".join(parts) + "." if parts else None


def database_id(text: str, variable: str) -> str:
    """The id in a setting: 32 hex digits with or without dashes, or the link of the database.

    Raises:
        Misconfigured: there is none in it.
    """
    plain = text.strip().split("?")[0].split("#")[0].rstrip("/").replace("-", "").lower()
    found = _ID.findall(plain[-32:]) or _ID.findall(plain)
    if not found:
        raise Misconfigured(
            f"{variable} holds no id of a Notion database.",
            action="It is 32 hex digits, with or without dashes, or the link of the database's page.",
        )
    digits = str(found[-1])
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def read_schema(api: Source, journal: Journal | None, wanted: str, variable: str, fields: Sequence[Field]) -> Schema:
    """Read the schema of a database.

    Args:
        api: to ask.
        journal: remembers which data source the database's pages are in; None to ask anew.
        wanted: the id of the database, or of one of its data sources.
        variable: the setting that names it, for messages.
        fields: the meanings to look for.

    Raises:
        Misconfigured: it is not there, not shared, several would do, or not such a database.
    """
    mark = f"notion data source of {wanted}"
    known = journal.mark(mark) if journal else None
    if known:
        try:
            return _resolved(api.data_source(known["id"]), variable, fields)
        except NotFound:
            pass  # it was moved or removed: ask for the database again
    source = _only_source(api, wanted, variable, fields)
    if journal:
        journal.set_mark(mark, {"id": source["id"]})
    return _resolved(source, variable, fields)


def source_schema(api: Source, source_id: str, variable: str, fields: Sequence[Field]) -> Schema:
    """Read the schema of a data source whose id is known, as a relation tells it.

    Raises:
        NotFound: it is not shared with the integration.
        Misconfigured: it is not such a database.
    """
    return _resolved(api.data_source(source_id), variable, fields)


def _only_source(api: Source, wanted: str, variable: str, fields: Sequence[Field]) -> dict[str, Any]:
    try:
        database = api.database(wanted)
    except (NotFound, Rejected):  # Notion tells a page from a database in either way
        return _as_data_source(api, wanted, variable)
    listed = database.get("data_sources") or []
    sources = []
    for entry in listed:
        try:
            sources.append(api.data_source(entry["id"]))
        except NotFound:  # of a linked database that is not shared
            continue
    fit = _best_of([source for source in sources if not _lacks_essentials(source, fields)], fields)
    if len(fit) == 1 or (len(listed) == 1 and sources):
        return (fit or sources)[0]
    title = _title(database)
    names = ", ".join(f"{_title(source)} ({source['id']})" for source in sources) or "none that we may read"
    if not fit:
        raise Misconfigured(
            f"None of the data sources of the Notion database {title} ({variable}) has the properties of a track "
            f"({_told(fields)}): {names}.",
            action=f"Put the id of the right database into {variable}.",
        )
    raise Misconfigured(
        f"The Notion database {title} ({variable}) has several data sources that would do: {names}.",
        action=f"Put the id of the one that is meant into {variable}.",
    )


def _best_of(sources: list[dict[str, Any]], fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Of several that would do, the one that has every expected property of the others and more; else all of them."""
    if len(sources) < 2:
        return sources
    known = [{field.meaning for field in fields if _fits(source, field)} for source in sources]
    best = [
        source
        for source, mine in zip(sources, known, strict=True)
        if all(mine > others for others in known if others is not mine)
    ]
    return best or sources


def _fits(source: dict[str, Any], field: Field) -> bool:
    there = source["properties"]
    return any(name in there and there[name]["type"] in field.types for name in field.names)


def _as_data_source(api: Source, wanted: str, variable: str) -> dict[str, Any]:
    """It may be a data source's id; else say what it is, as far as that can be told."""
    try:
        return api.data_source(wanted)
    except (NotFound, Rejected):
        pass
    try:
        page = api.page(wanted)
    except (NotFound, Rejected):
        raise Misconfigured(
            f"Notion shows us no database under the id in {variable}.",
            action="Open the database in Notion, share it with the integration (… → Connections), and check the id.",
        ) from None
    kind = "a page of a database" if (page.get("parent") or {}).get("type", "").startswith("da") else "a page"
    raise Misconfigured(
        f"The id in {variable} is that of {kind}, not of a database.",
        action="Open the database itself as a full page and copy its link.",
    )


def _resolved(source: dict[str, Any], variable: str, fields: Sequence[Field]) -> Schema:
    if source.get("in_trash") or source.get("archived"):
        raise Misconfigured(
            f"The Notion database {_title(source)} ({variable}) is in the trash.",
            action="Restore it in Notion, or put the id of another one into the setting.",
        )
    there = {name: _property(name, raw) for name, raw in source["properties"].items()}
    if lacking := _lacks_essentials(source, fields):
        raise Misconfigured(
            f"The Notion database {_title(source)} ({variable}) has no property for {lacking}.",
            action=f"Check that {variable} names the right database, or add the property.",
        )
    found: dict[str, Property] = {}
    absent: list[Field] = []
    odd: list[str] = []
    for field in fields:
        same_name = [there[name] for name in field.names if name in there]
        fitting = next((prop for prop in same_name if prop.type in field.types), None)
        if field.types == ("title",):
            fitting = next(prop for prop in there.values() if prop.type == "title")
        for prop in same_name:
            if prop is fitting:
                break
            if not _is_anothers(prop, fields, field):
                odd.append(f"“{prop.name}” as {prop.type}, which can't hold {field.told} and is left alone")
        if fitting is not None:
            found[field.meaning] = fitting
        elif not same_name or all(_is_anothers(prop, fields, field) for prop in same_name):
            absent.append(field)
    parts = {
        int(number[1]): prop
        for prop in there.values()
        if prop.type == "rich_text" and (number := _PART.match(prop.name.strip())) and int(number[1]) > 1
    }
    return Schema(_title(source), source["id"], found, parts, tuple(absent), tuple(odd))


def _is_anothers(prop: Property, fields: Sequence[Field], field: Field) -> bool:
    """Whether another meaning has the same name with this type (`Artists` is text here and a relation there)."""
    return any(other is not field and prop.name in other.names and prop.type in other.types for other in fields)


def _lacks_essentials(source: dict[str, Any], fields: Sequence[Field]) -> str:
    types = {name: raw["type"] for name, raw in source["properties"].items()}
    lacking = [
        f"{field.told} ({' or '.join(field.names)})"
        for field in fields
        if field.essential
        and field.types != ("title",)  # every database has one, under whatever name
        and not any(types.get(name) in field.types for name in field.names)
    ]
    return ", ".join(lacking)


def _told(fields: Sequence[Field]) -> str:
    return ", ".join(field.names[0] for field in fields if field.essential)


def _property(name: str, raw: dict[str, Any]) -> Property:
    content = raw.get(raw["type"]) or {}
    options = tuple(option["name"] for option in content.get("options") or ()) if isinstance(content, dict) else ()
    related = content.get("data_source_id") if raw["type"] == "relation" else None
    database = content.get("database_id") if raw["type"] == "relation" else None
    return Property(name, str(raw.get("id") or name), raw["type"], options, related, database)


def _title(thing: dict[str, Any]) -> str:
    text = "".join(part.get("plain_text", "") for part in thing.get("title") or []).strip()
    return f"“{text or thing.get('name') or 'untitled'}”"
