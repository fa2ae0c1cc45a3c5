"""Property values as Notion keeps, checks and shows them."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Invalid", "PropertyType", "shown", "stored"]

_TEXT_UNITS = 2000


class Invalid(Exception):
    """A value that Notion refuses; its text is the message of the validation error."""


@dataclass
class PropertyType:
    """A property of a data source."""

    id: str
    name: str
    type: str
    options: list[str] = field(default_factory=list)
    related: str | None = None
    """The data source that a relation leads to."""
    dual: str | None = None
    """The name of the relation there that leads back."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def stored(prop: PropertyType, raw: Any, page_of: Callable[[str], Any]) -> Any:
    """The plain value of what a client sent, checked as Notion checks it. `page_of` gives a page's data source's id.

    Raises:
        Invalid: with Notion's kind of sentence.
    """
    if not isinstance(raw, dict) or prop.type not in raw:
        raise Invalid(f"{prop.name} is expected to be {prop.type}.")
    value = raw[prop.type]
    if prop.type in ("title", "rich_text"):
        return _text(prop, value)
    if prop.type == "number":
        return _number(prop, value)
    if prop.type == "checkbox":
        if not isinstance(value, bool):
            raise Invalid(f"{prop.name} is expected to be a boolean.")
        return value
    if prop.type == "url":
        if value is not None and (not isinstance(value, str) or not value):
            raise Invalid(f"{prop.name}.url should be a non-empty string or null.")
        if value and units(value) > _TEXT_UNITS:
            raise Invalid(f"{prop.name}.url.length should be ≤ `2000`.")
        return value
    if prop.type in ("select", "status"):
        return None if value is None else _option(prop, value)
    if prop.type == "multi_select":
        _array(prop, value)
        return tuple(dict.fromkeys(_option(prop, option) for option in value))
    if prop.type == "relation":
        _array(prop, value)
        return tuple(dict.fromkeys(_related(prop, item, page_of) for item in value))
    if prop.type == "date":
        if value is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", str(value.get("start"))):
            raise Invalid(f"{prop.name}.date.start should be a valid ISO 8601 date string.")
        return value["start"] if value else None
    raise Invalid(f"{prop.name} can't be set.")


def _array(prop: PropertyType, value: Any) -> None:
    if not isinstance(value, list):
        raise Invalid(f"{prop.name}.{prop.type} should be an array.")
    if len(value) > 100:
        raise Invalid(f"{prop.name}.{prop.type}.length should be ≤ `100`, instead was `{len(value)}`.")


def _text(prop: PropertyType, value: Any) -> str:
    _array(prop, value)
    parts = []
    for index, part in enumerate(value):
        content = part.get("text", {}).get("content")
        if not isinstance(content, str):
            raise Invalid(f"{prop.name}.{prop.type}[{index}].text.content should be defined.")
        if units(content) > _TEXT_UNITS:
            where = f"{prop.name}.{prop.type}[{index}].text.content.length"
            raise Invalid(f"{where} should be ≤ `2000`, instead was `{units(content)}`.")
        parts.append(content)
    return "".join(parts)


def _number(prop: PropertyType, value: Any) -> float | None:
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    ):
        raise Invalid(f"{prop.name} is expected to be number.")
    return value


def _option(prop: PropertyType, value: Any) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name:
        raise Invalid(f"{prop.name}.{prop.type}.name should be defined.")
    if "," in name:
        raise Invalid(f"Invalid {prop.type} option, commas not allowed: {name}")
    if units(name) > 100:
        raise Invalid(f"{prop.name}.{prop.type}.name.length should be ≤ `100`.")
    if name not in prop.options:
        if prop.type == "status":
            raise Invalid(f'Status option "{name}" does not exist".')
        prop.options.append(name)
    return name


def _related(prop: PropertyType, item: Any, page_of: Callable[[str], Any]) -> str:
    page_id = str(uuid.UUID(item["id"]))
    if page_of(page_id) != prop.related:
        raise Invalid(f"{prop.name}: {page_id} is not a page of the related data source.")
    return page_id


def shown(prop: PropertyType, value: Any) -> dict[str, Any]:
    """The value as a page's JSON has it; relations stop at 25."""
    base: dict[str, Any] = {"id": prop.id, "type": prop.type}
    if prop.type in ("title", "rich_text"):
        return base | {prop.type: _rich(value or "")}
    if prop.type in ("select", "status"):
        return base | {prop.type: {"id": value, "name": value, "color": "default"} if value else None}
    if prop.type == "multi_select":
        return base | {prop.type: [{"id": name, "name": name, "color": "default"} for name in value or ()]}
    if prop.type == "relation":
        ids = value or ()
        return base | {"relation": [{"id": page} for page in ids[:25]], "has_more": len(ids) > 25}
    if prop.type == "date":
        return base | {"date": {"start": value, "end": None, "time_zone": None} if value else None}
    if prop.type == "checkbox":
        return base | {"checkbox": bool(value)}
    return base | {prop.type: value}


def _rich(text: str) -> list[dict[str, Any]]:
    parts = [text[start : start + 1000] for start in range(0, len(text), 1000)]
    return [
        {
            "type": "text",
            "text": {"content": part, "link": None},
            "annotations": {"bold": False, "code": False, "color": "default"},
            "plain_text": part,
            "href": None,
        }
        for part in parts
    ]
