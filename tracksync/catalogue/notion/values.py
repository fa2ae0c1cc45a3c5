"""Values as Notion's properties hold them: reading, writing, and what a value looks like once it was written.

Limits are Notion's: 2,000 UTF-16 units a text, 100 texts a property, 2,000 units a link, 100 an option's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import regex  # type: ignore[import-untyped]

from tracksync.catalogue.notion.schema import Property

__all__ = ["as_text", "clean", "held", "option_name", "pieces", "plain", "shortened", "written"]

_TEXT_UNITS = 2000
_TEXTS = 100
_OPTION_UNITS = 100
_MANY = 100


def units(text: str) -> int:
    """The length of a text as Notion counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """A text that can be sent: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def pieces(text: str, limit: int = _TEXT_UNITS) -> list[str]:
    """Cut a text into parts of at most `limit` UTF-16 units, never inside a character as a person sees it."""
    if len(text) * 2 <= limit or units(text) <= limit:
        return [text] if text else []
    parts: list[str] = []
    current: list[str] = []
    size = 0
    for letter in _letters(text, limit):
        width = units(letter)
        if size + width > limit:
            parts.append("".join(current))
            current, size = [], 0
        current.append(letter)
        size += width
    parts.append("".join(current))
    return parts


def _letters(text: str, limit: int) -> Iterable[str]:
    for letter in regex.findall(r"\X", text):
        # A letter under a heap of accents may be longer than a text can be.
        yield from (letter,) if units(letter) <= limit else letter


def shortened(text: str, limit: int) -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    if units(text) <= limit:
        return text
    return pieces(text, limit - 1)[0] + "…"


def option_name(text: str) -> str:
    """A text as the name of an option: without commas, which Notion does not take, and not too long."""
    return shortened(re.sub(r"\s*,\s*", " / ", " ".join(clean(text).split())), _OPTION_UNITS)


def plain(raw: dict[str, Any]) -> Any:
    """What a property of a page holds: text, number, truth, names, ids; None or an empty tuple where nothing does."""
    kind = raw.get("type", "")
    value = raw.get(kind)
    if kind in ("title", "rich_text"):
        return "".join(part.get("plain_text", "") for part in value or [])
    if kind in ("select", "status"):
        return value["name"] if value else None
    if kind == "multi_select":
        return tuple(option["name"] for option in value or [])
    if kind == "relation":
        return tuple(item["id"] for item in value or [])
    if kind == "date":
        return value["start"] if value else None
    if kind in ("number", "checkbox", "url", "email", "phone_number"):
        return value
    return None


def as_text(value: object) -> str | None:
    """What `plain` gave, as one text; None where there is nothing."""
    if value is None or value in ("", ()):
        return None
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def held(prop: Property, value: Any) -> Any:
    """The value as the property will give it back once it was written, in the shape that `plain` gives.

    None where the property can't hold it: a link that is too long, an option that a status does not have.
    """
    if value is None or value in ("", ()):
        return None
    kind = prop.type
    if kind in ("title", "rich_text"):
        whole = clean(_joined(value))
        return ("".join(pieces(whole)[:_TEXTS]) if units(whole) > _TEXT_UNITS * _TEXTS else whole) or None
    if kind == "url":
        link = clean(str(value)).strip()
        return link if link and units(link) <= _TEXT_UNITS else None
    if kind == "select":
        return _option(prop, _joined(value)) or None
    if kind == "status":
        name = _option(prop, _joined(value))
        return name if name in prop.options else None
    if kind == "multi_select":
        names = [value] if isinstance(value, str) else list(value)
        return tuple(dict.fromkeys(filter(None, (_option(prop, name) for name in names))))[:_MANY]
    if kind == "relation":
        return tuple(dict.fromkeys(value))[:_MANY]
    if kind == "number":
        return _number(value)
    if kind == "checkbox":
        return bool(value)
    if kind == "date":
        return _date(str(value))
    return None


def written(prop: Property, value: Any) -> dict[str, Any]:
    """The payload that sets the property to a value that `held` gave; None empties it."""
    kind = prop.type
    if kind in ("title", "rich_text"):
        return {kind: [{"type": "text", "text": {"content": part}} for part in pieces(value or "")]}
    if kind in ("select", "status"):
        return {kind: {"name": value} if value else None}
    if kind == "multi_select":
        return {kind: [{"name": name} for name in value or ()]}
    if kind == "relation":
        return {kind: [{"id": page_id} for page_id in value or ()]}
    if kind == "date":
        return {kind: {"start": value} if value else None}
    return {kind: value}


def _option(prop: Property, text: str) -> str:
    """The option of this name: the one that there is, however it is written, else a new one."""
    name = option_name(text)
    if name in prop.options:
        return name
    return next((option for option in prop.options if option.casefold() == name.casefold()), name)


def _date(text: str) -> str | None:
    """A day, or a moment, that there is: tags have `2024-00-00`, too, and Notion refuses the whole page for it."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    text = text if text[10:11] == "T" else text[:10]
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _number(value: Any) -> float | int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
