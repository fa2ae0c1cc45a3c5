"""The key notations, held against a table that was written by hand."""

from __future__ import annotations

import pytest

from tracksync.audio.camelot import camelot, key_name, open_key, parse_key, render, standard
from tracksync.model import MusicalKey

# Around the wheel, by hand: Camelot, Open Key, short name, name, pitch class (C = 0), mode.
WHEEL = [
    ("1A", "6m", "G#m", "G# Minor", 8, "minor"),
    ("2A", "7m", "Ebm", "Eb Minor", 3, "minor"),
    ("3A", "8m", "Bbm", "Bb Minor", 10, "minor"),
    ("4A", "9m", "Fm", "F Minor", 5, "minor"),
    ("5A", "10m", "Cm", "C Minor", 0, "minor"),
    ("6A", "11m", "Gm", "G Minor", 7, "minor"),
    ("7A", "12m", "Dm", "D Minor", 2, "minor"),
    ("8A", "1m", "Am", "A Minor", 9, "minor"),
    ("9A", "2m", "Em", "E Minor", 4, "minor"),
    ("10A", "3m", "Bm", "B Minor", 11, "minor"),
    ("11A", "4m", "F#m", "F# Minor", 6, "minor"),
    ("12A", "5m", "C#m", "C# Minor", 1, "minor"),
    ("1B", "6d", "B", "B Major", 11, "major"),
    ("2B", "7d", "F#", "F# Major", 6, "major"),
    ("3B", "8d", "Db", "Db Major", 1, "major"),
    ("4B", "9d", "Ab", "Ab Major", 8, "major"),
    ("5B", "10d", "Eb", "Eb Major", 3, "major"),
    ("6B", "11d", "Bb", "Bb Major", 10, "major"),
    ("7B", "12d", "F", "F Major", 5, "major"),
    ("8B", "1d", "C", "C Major", 0, "major"),
    ("9B", "2d", "G", "G Major", 7, "major"),
    ("10B", "3d", "D", "D Major", 2, "major"),
    ("11B", "4d", "A", "A Major", 9, "major"),
    ("12B", "5d", "E", "E Major", 4, "major"),
]


@pytest.mark.parametrize(("wheel", "open_", "short", "name", "tonic", "mode"), WHEEL)
def test_every_key_in_every_notation(wheel: str, open_: str, short: str, name: str, tonic: int, mode: str) -> None:
    key = MusicalKey(tonic=tonic, mode=mode)
    assert (camelot(key), open_key(key), standard(key), key_name(key)) == (wheel, open_, short, name)
    assert [render(key, n) for n in ("standard", "camelot", "open-key")] == [short, wheel, open_]
    for text in (wheel, open_, short, name, f"{name} ({wheel})", wheel.lower(), name.lower(), f"0{open_}"[-3:]):
        assert parse_key(text) == key, text


def test_the_table_has_each_key_once() -> None:
    assert len({(tonic, mode) for *_, tonic, mode in WHEEL}) == 24
    assert len({row[0] for row in WHEEL}) == len({row[1] for row in WHEEL}) == 24


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("Gb", 6, "major"),
        ("F#m", 6, "minor"),
        ("G♯ minor", 8, "minor"),
        ("A♭ Major", 8, "major"),
        ("A-flat major", 8, "major"),
        ("F sharp minor", 6, "minor"),
        ("Cb", 11, "major"),
        ("E# minor", 5, "minor"),
        ("Amin", 9, "minor"),
        ("A MINOR", 9, "minor"),
        ("CM", 0, "major"),
        ("Cmaj", 0, "major"),
        ("bb minor", 10, "minor"),
        ("  Am  ", 9, "minor"),
        ("8A - Am", 9, "minor"),
        ("Am / 8A", 9, "minor"),
        ("A Minor (5A)", 9, "minor"),
        ("08A", 9, "minor"),
    ],
)
def test_ways_of_writing(text: str, tonic: int, mode: str) -> None:
    assert parse_key(text) == MusicalKey(tonic=tonic, mode=mode)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "H",
        "a",
        "13A",
        "0A",
        "8C",
        "Amazing",
        "A minor 7",
        "o",
        "All",
        "128",
        "()",
        "A / B side",
        "Am/Em",
        "8A 9A",
    ],
)
def test_what_is_no_key(text: str) -> None:
    assert parse_key(text) is None


@pytest.mark.parametrize(("tonic", "mode"), [(12, "major"), (-1, "minor"), (0, "dorian")])
def test_no_such_key(tonic: int, mode: str) -> None:
    with pytest.raises(ValueError, match="no such key"):
        camelot(MusicalKey(tonic=tonic, mode=mode))
    with pytest.raises(ValueError, match="no such key"):
        standard(MusicalKey(tonic=tonic, mode=mode))


def test_no_such_notation() -> None:
    with pytest.raises(ValueError, match="no such key notation"):
        render(MusicalKey(tonic=0, mode="major"), "roman")
