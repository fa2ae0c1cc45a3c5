"""Artists: one name in several ways, and who is credited."""

from __future__ import annotations

import pytest

from tracksync.matching.names import (
    credited,
    is_own_channel,
    is_performer,
    is_topic,
    named_in_part,
    names_of,
    own_channel,
    same_name,
)
from tracksync.matching.tokens import words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Weeknd", "Weeknd", True),
        ("AC/DC", "ACDC", True),
        ("JAY-Z", "Jay Z", True),
        ("Florence + The Machine", "Florence and the Machine", True),
        ("Earth, Wind & Fire", "Earth Wind and Fire", True),
        ("BTS (방탄소년단)", "방탄소년단", True),
        ("米津玄師 Kenshi Yonezu", "Kenshi Yonezu", True),
        ("Кино", "Kino", True),
        ("Ke$ha", "Kesha", True),
        ("DJ Snake", "Snake", True),
        ("DJ 1", "1", False),
        ("Justice", "Justice Crew", False),
        ("Moon", "Moon Boots", False),
        ("Adele", "Adele Adams", False),
        ("", "", False),
        ("Various Artists", "Various Artists", False),
    ],
)
def test_one_artist(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same


@pytest.mark.parametrize(
    ("text", "known", "found", "extra"),
    [
        ("Disclosure ft. Sam Smith", ["Disclosure", "Sam Smith"], {0, 1}, ()),
        ("A x B & C", ["C", "A"], {0, 1}, ("b",)),
        ("Above and Beyond", ["Above & Beyond"], {0}, ()),
        ("Paul & Fritz Kalkbrenner", ["Paul Kalkbrenner", "Fritz Kalkbrenner"], {1}, ()),
        ("Bob Marley", ["Bob Marley & The Wailers"], {0}, ()),
        ("Jon Hopkns", ["Jon Hopkins"], {0}, ()),
        ("Somebody Else", ["Jon Hopkins"], set(), ("somebody", "else")),
        ("DJ 2", ["DJ 1"], set(), ("dj", "2")),
        ("DJ Tiësto", ["Tiësto"], {0}, ()),
        ("DJ Somebody Tiësto", ["Tiësto"], {0}, ("dj", "somebody")),
    ],
)
def test_who_is_credited(text: str, known: list[str], found: set[int], extra: tuple[str, ...]) -> None:
    credit = credited(words(text), names_of(known))
    assert credit.found == found
    assert credit.extra == extra


@pytest.mark.parametrize(
    ("channel", "own"),
    [
        ("deadmau5", True),
        ("deadmau5VEVO", True),
        ("deadmau5 - Topic", True),
        ("deadmau5 Official", True),
        ("officialdeadmau5", True),
        ("Deadmau5 Music", True),
        ("deadmau5 fans", False),
        ("Not deadmau5", False),
        ("Ultra Records", False),
        ("", False),
        (None, False),
    ],
)
def test_an_artists_own_channel(channel: str | None, own: bool) -> None:
    assert is_own_channel(channel, names_of(["deadmau5"])) is own


def test_a_topic_is_the_artists() -> None:
    assert own_channel("Justice - Topic") == "Justice"
    assert is_topic("Justice - Topic")
    assert not is_topic("Justice")
    assert not is_topic(None)


def test_a_list_may_be_a_text_or_nothing() -> None:
    assert [name.raw for name in names_of("A & B")] == ["A & B"]
    assert names_of(None) == ()
    assert names_of(["", " ", "?"]) == names_of(["?"])


@pytest.mark.parametrize(
    ("text", "number"),
    [("Conrad", 1), ("Sewell", 1), ("Conrad Black", None), ("kai", None), ("", None)],
)
def test_a_guest_by_a_part_of_the_name(text: str, number: int | None) -> None:
    assert named_in_part(words(text), names_of(["Kai", "Conrad Sewell"])) == number


def test_who_is_on_a_stage_is_no_label() -> None:
    assert is_performer(words("DJ Marlon"))
    assert not is_performer(words("DJ"))
    assert not is_performer(words("Mad Decent"))
