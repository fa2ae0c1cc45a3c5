"""Filters and sorts of a query, on plain values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sandbox.notion.databases import DataSource, StandInPage, minute
from tests.sandbox.notion.values import Invalid

__all__ = ["matcher", "sorter"]

Test = Callable[[StandInPage], bool]


def matcher(source: DataSource, filter_: Any, depth: int = 0) -> Test:
    """Whether a page passes the filter.

    Raises:
        Invalid: the filter is not one for these properties.
    """
    if not filter_:
        return lambda _: True
    for word, whole in (("and", all), ("or", any)):
        if word in filter_:
            if depth >= 2:
                raise Invalid("body.filter: compound filters can be nested two levels deep.")
            if len(filter_[word]) > 100:
                raise Invalid(f"body.filter.{word}.length should be ≤ `100`, instead was `{len(filter_[word])}`.")
            tests = [matcher(source, part, depth + 1) for part in filter_[word]]
            return lambda page, tests=tests, whole=whole: whole(test(page) for test in tests)  # type: ignore[misc]
    if "timestamp" in filter_:
        return _moment_test(filter_)
    name = filter_.get("property")
    prop = source.properties.get(name) or next((p for p in source.properties.values() if p.id == name), None)
    if prop is None:
        raise Invalid(f"Could not find property with name or id: {name}")
    if prop.type not in filter_:
        raise Invalid(f"body.filter: the property {name} is {prop.type}, which the filter is not for.")
    ((how, wanted),) = filter_[prop.type].items()
    if isinstance(wanted, str) and len(wanted) > 2000:
        raise Invalid("body.filter: the text is too long.")
    return _value_test(prop.name, prop.type, how, wanted)


def _value_test(name: str, kind: str, how: str, wanted: Any) -> Test:
    empty: Test = lambda page: page.values.get(name) in (None, "", ())  # noqa: E731
    if how == "is_empty":
        return empty
    if how == "is_not_empty":
        return lambda page: not empty(page)
    if kind == "checkbox" and how == "equals":
        return lambda page: bool(page.values.get(name)) is wanted
    if kind in ("multi_select", "relation") and how == "contains":
        return lambda page: wanted in (page.values.get(name) or ())
    if kind == "number":
        compare = {"equals": lambda v: v == wanted, "greater_than": lambda v: v > wanted}.get(how)
        if compare is not None:
            return lambda page: page.values.get(name) is not None and compare(page.values[name])
    if kind in ("select", "status") and how == "equals":
        return lambda page: page.values.get(name) == wanted
    if kind in ("title", "rich_text", "url"):
        low = str(wanted).casefold()
        text_tests: dict[str, Callable[[str], bool]] = {
            "equals": lambda text: text == low,
            "does_not_equal": lambda text: text != low,
            "contains": lambda text: low in text,
            "does_not_contain": lambda text: low not in text,
            "starts_with": lambda text: text.startswith(low),
        }
        if how in text_tests:
            test = text_tests[how]
            return lambda page: test(str(page.values.get(name) or "").casefold())
    raise Invalid(f"body.filter: {kind} has no condition {how}.")


def _moment_test(filter_: dict[str, Any]) -> Test:
    which = filter_["timestamp"]
    ((how, text),) = filter_[which].items()
    limit = datetime.fromisoformat(text)
    if limit.tzinfo is None:
        limit = limit.replace(tzinfo=UTC)
    if how not in ("on_or_after", "after", "before", "on_or_before"):
        raise Invalid(f"body.filter: {which} has no condition {how}.")

    def test(page: StandInPage) -> bool:
        moment = page.created if which == "created_time" else page.edited
        shown = datetime.fromisoformat(minute(moment))
        return {
            "on_or_after": shown >= limit,
            "after": shown > limit,
            "before": shown < limit,
            "on_or_before": shown <= limit + timedelta(0),
        }[how]

    return test


def sorter(pages: list[StandInPage], sorts: Any) -> list[StandInPage]:
    """The pages in the order that is asked for."""
    for sort in reversed(sorts or []):
        backwards = sort.get("direction") == "descending"
        if "timestamp" in sort:
            moment = "created" if sort["timestamp"] == "created_time" else "edited"
            pages = sorted(pages, key=lambda page: minute(getattr(page, moment)), reverse=backwards)
        else:
            name = sort["property"]
            pages = sorted(pages, key=lambda page: str(page.values.get(name) or ""), reverse=backwards)
    return pages
