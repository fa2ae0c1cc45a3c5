"""Values as Notion's properties hold them, and its limits, counted as it counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracksync.catalogue.notion.schema import Property
from tracksync.catalogue.notion.values import as_text, clean, held, option_name, pieces, plain, shortened, written

ODD = "a\N{GRINNING FACE}\N{COMBINING ACUTE ACCENT}\N{ZERO WIDTH JOINER}\r\n\x00\ud83d"


def a_property(kind: str, *options: str) -> Property:
    return Property("P", "p", kind, options)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(alphabet=st.sampled_from(ODD + "bcdefgh ")), st.integers(20, 60))
def test_pieces_are_the_text_and_none_is_too_long(text: str, limit: int) -> None:
    text = clean(text)
    parts = pieces(text, limit)
    assert "".join(parts) == text
    assert all(0 < units(part) <= limit for part in parts)


def test_a_letter_is_never_cut() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    assert pieces(family * 3, 17) == [family * 2, family]
    assert shortened(family * 3, 10) == family + "…"
    assert "".join(pieces("e" + "\N{COMBINING ACUTE ACCENT}" * 5000)) == "e" + "\N{COMBINING ACUTE ACCENT}" * 5000


@given(st.text(max_size=300))
def test_an_option_s_name_is_one_that_notion_takes(text: str) -> None:
    name = option_name(text)
    assert "," not in name
    assert units(name) <= 100


def test_a_comma_becomes_a_stroke() -> None:
    assert option_name("Hip-Hop, R&B") == "Hip-Hop / R&B"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("rich_text", ("A", "B"), "A, B"),
        ("rich_text", 128.02, "128.02"),
        ("rich_text", 128.0, "128"),
        ("rich_text", "", None),
        ("rich_text", "a\0b", "ab"),
        ("url", "https://example.org/" + "a" * 2000, None),
        ("url", "", None),
        ("select", "Hip-Hop, R&B", "Hip-Hop / R&B"),
        ("status", "Nope", None),
        ("status", "Done", "Done"),
        ("multi_select", ("A", "A", ""), ("A",)),
        ("multi_select", "A", ("A",)),
        ("number", float("nan"), None),
        ("number", "12.5", 12.5),
        ("number", 3.0, 3),
        ("date", "2024", None),
        ("date", "2024-05-17", "2024-05-17"),
        ("date", "2024-05-17T10:00:00+00:00", "2024-05-17T10:00:00+00:00"),
        ("date", "2024-05-17 10:00", "2024-05-17"),
        ("date", "2024-00-00", None),
        ("date", "2024-13-45", None),
        ("date", "2024-05-17T25:00", None),
        ("select", "done", "Done"),
        ("status", "DONE", "Done"),
        ("multi_select", ("done", "New"), ("Done", "New")),
        ("relation", ("x", "x"), ("x",)),
        ("formula", "x", None),
    ],
)
def test_what_a_property_will_hold(kind: str, value: Any, expected: Any) -> None:
    assert held(a_property(kind, "Done"), value) == expected


@given(st.text(max_size=5000))
def test_a_title_is_read_as_it_was_written(text: str) -> None:
    prop = a_property("title")
    value = held(prop, text)
    sent = written(prop, value)["title"]
    assert all(units(part["text"]["content"]) <= 2000 for part in sent)
    back = [{"plain_text": part["text"]["content"]} for part in sent]
    assert (plain({"type": "title", "title": back}) or None) == value


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "select", "select": None}, None),
        ({"type": "select", "select": {"name": "A"}}, "A"),
        ({"type": "multi_select", "multi_select": [{"name": "A"}, {"name": "B"}]}, ("A", "B")),
        ({"type": "relation", "relation": [{"id": "x"}]}, ("x",)),
        ({"type": "date", "date": None}, None),
        ({"type": "number", "number": 0}, 0),
        ({"type": "people", "people": []}, None),
        ({}, None),
    ],
)
def test_reading(raw: dict[str, Any], expected: Any) -> None:
    assert plain(raw) == expected


def test_everything_has_a_text() -> None:
    assert as_text(("A", "B")) == "A, B"
    assert as_text(128.0) == "128"
    assert as_text("") is None
    assert as_text(()) is None
