"""Is it the same song by its name? Exact, but for how it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracksync.catalogue.songs import fold, normal_isrc, remixers, same_length, song, split_names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beyoncé", "BEYONCE"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("Don’t Stop", "Don't stop"),
        ("A – B", "A - B"),
        ("Straße", "STRASSE"),
        ("  two   words ", "Two Words"),
        ("ﬁn", "fin"),
    ],
)
def test_writing_it_differently_changes_nothing(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("がき", "かき"),
        ("мой", "мои"),
        ("One (Extended Mix)", "One"),
        ("One (Remix)", "One (Dub)"),
        ("Part 1", "Part 2"),
        ("Mø", "Mo"),
    ],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_artists_in_any_order_and_written_together_are_the_same() -> None:
    assert song("One", ["A", "B"]) == song("ONE", ["b, a"])
    assert song("One", ["A"]) != song("One", ["A", "B"])
    assert split_names("A, B,, A ") == ("A", "B")


def test_lengths_are_the_same_within_two_seconds() -> None:
    assert same_length(200.0, 202.0)
    assert same_length(200.0, 202.1) is False
    assert same_length(200.0, None) is None
    assert same_length(0, 200.0) is None, "no length was ever 0"


def test_an_isrc_is_one_however_it_is_written() -> None:
    assert normal_isrc("gb-aye-06-01498") == "GBAYE0601498"
    assert normal_isrc("GB AYE 06 01498") == "GBAYE0601498"
    for text in ("", None, "GBAYE060149", "12AYE0601498", "unknown"):
        assert normal_isrc(text) is None


@pytest.mark.parametrize(
    ("title", "who"),
    [
        ("One (Someone Remix)", ("Someone",)),
        ("One [Someone's Rework]", ("Someone",)),
        ("One (A & B Remix) (Extended)", ("A & B",)),
        ("One (Extended Mix)", ()),
        ("One (Original Remix)", ()),
        ("One (Club Remix)", ()),
        ("One (2019 Remix)", ()),
        ("Remix", ()),
    ],
)
def test_a_remix_is_by_its_remixer_too(title: str, who: tuple[str, ...]) -> None:
    assert remixers(title) == who
