"""Tracks that have nothing but a name: the same name, however it is written, and no other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracksync.sources.names import name_key


@pytest.mark.parametrize(
    ("title", "artists"),
    [
        ("ONE  more\ttime ", ["daft punk"]),
        ("One More Time", ["Daft Punk", "DAFT PUNK", " "]),
        ("Ｏne More Time", ["Daft\u00a0Punk"]),
    ],
)
def test_one_name_written_in_several_ways(title: str, artists: list[str]) -> None:
    assert name_key(title, artists) == name_key("One More Time", ["Daft Punk"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("A", ["B", "C"]), ("A", ["B C"])),
        (("A", ["B"]), ("B", ["A"])),
        (("A B", []), ("B", ["A"])),
        (("Song", ["X"]), ("Song (Live)", ["X"])),
        (("か", ["X"]), ("が", ["X"])),
        (("Si", ["X"]), ("Sí", ["X"])),
    ],
)
def test_two_names(one: tuple[str, list[str]], other: tuple[str, list[str]]) -> None:
    assert name_key(*one) != name_key(*other)


@settings(deadline=None)
@given(st.text(), st.lists(st.text()))
def test_any_name_has_a_key_and_the_order_of_artists_does_not_count(title: str, artists: list[str]) -> None:
    key = name_key(title, artists)
    assert re.fullmatch(r"name:[0-9a-f]{64}", key)
    assert key == name_key(f" {title}\n", [*artists[::-1], *artists])
