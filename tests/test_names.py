"""Names that hold everywhere, whatever a title says."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pathvalidate import is_valid_filename

from tracksync.library.names import STEM_BYTES, file_stem, folder_name, same_name_key, with_suffix_number
from tracksync.model import Facts

FAMILY = "👨‍👩‍👧‍👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
RESERVED = {"CON", "PRN", "AUX", "NUL", "COM1", "COM9", "LPT1", "COM¹"}


def stem(title: str, *artists: str) -> str:
    return file_stem(Facts(title=title, artists=artists))


@pytest.mark.parametrize(
    ("title", "artists", "expected"),
    [
        ("One More Time (Radio Edit)", ("Daft Punk",), "Daft Punk - One More Time (Radio Edit)"),
        ("Crave You", ("Flight Facilities", "Giselle"), "Flight Facilities, Giselle - Crave You"),
        ("Windowlicker", (), "Windowlicker"),
        ("Back in Black", ("AC/DC",), "AC-DC - Back in Black"),
        ("12:30", ("X",), "X - 12-30"),
        ('Say "Hi"', ("X",), "X - Say 'Hi'"),
        ("What? Is *this* <it>|\\", ("X",), "X - What Is _this_ it--"),
        ("...Baby One More Time", ("Britney Spears",), "Britney Spears - ...Baby One More Time"),
        ("...Baby One More Time", (), "Baby One More Time"),
        ("Wait...", ("M.I.A.",), "M.I.A. - Wait"),
        ("???", ("XXXTENTACION",), "XXXTENTACION - Untitled"),
        ("...", ("X",), "X - Untitled"),
        ("../../etc/passwd", (), "-..-etc-passwd"),
        ("..", (), "Untitled"),
        (".", (), "Untitled"),
        ("", (), "Untitled"),
        ("CON", (), "_CON"),
        ("con", (), "_con"),
        ("CON.mp3", (), "_CON.mp3"),
        ("Nul .tar", (), "_Nul .tar"),
        ("COM1", (), "_COM1"),
        ("lpt¹", (), "_lpt¹"),
        ("CONTROL", (), "CONTROL"),
        ("a\x00b\x1fc\x7fd", (), "abcd"),
        ("two\nlines\tand\u00a0more  spaces", (), "two lines and more spaces"),
        ("evil\u202egnp.exe", (), "evilgnp.exe"),
        ("\u2066isolated\u2069 \u200fx", (), "isolated x"),
        ("lone \ud83d surrogate", (), "lone surrogate"),
        ("e\u0301te\u0301", (), "été"),
        ("e\u200b\u0301", (), "é"),
        ("\u200d\u200d", (), "Untitled"),
        ("\u3164", (), "Untitled"),
        ("שלום עולם", ("עומר אדם",), "עומר אדם - שלום עולם"),
        ("می\u200cخواهم", (), "می\u200cخواهم"),
        ("夜に駆ける　(Live)", ("ヨアソビ",), "ヨアソビ - 夜に駆ける (Live)"),
        (f"We are {FAMILY} ❤️", (), f"We are {FAMILY} ❤️"),
        (ENGLAND, (), ENGLAND),
    ],
)  # fmt: skip
def test_stems(title: str, artists: tuple[str, ...], expected: str) -> None:
    assert stem(title, *artists) == expected


@pytest.mark.parametrize(
    ("playlist", "expected"),
    [
        (None, "Unassigned"),
        ("", "Unassigned"),
        (" . ", "Unassigned"),
        ("..", "Unassigned"),
        ("?", "Unassigned"),
        ("Deep House", "Deep House"),
        ("House / Techno", "House - Techno"),
        ("R.E.M.", "R.E.M"),
        (".hidden", "hidden"),
        ("aux", "_aux"),
    ],
)
def test_folders(playlist: str | None, expected: str) -> None:
    assert folder_name(playlist) == expected


def test_long_names_are_cut_between_characters() -> None:
    name = stem(FAMILY * 40)
    assert name == FAMILY * (len(name) // len(FAMILY))
    assert 200 < len(name.encode()) <= 239
    assert len(stem("é" * 500).encode()) == 238
    assert len(stem("a" + "\u0301" * 500).encode()) <= 239  # one character, of a thousand bytes


def test_many_artists_leave_the_title_its_version() -> None:
    name = stem("Song (Extended Remix)", *(f"Artist {n}" for n in range(60)))
    assert name.startswith("Artist 0, Artist 1")
    assert name.endswith(" - Song (Extended Remix)")
    assert len(name.encode()) <= 239
    both = stem("T" * 400, "A" * 400)
    assert both.count("A") == 78 and both.endswith(" - " + "T" * 158)


def test_numbers_for_names_that_are_taken() -> None:
    assert with_suffix_number("Song", 1) == "Song"
    assert with_suffix_number("Song", 2) == "Song (2)"
    long = stem("x" * 400)
    assert with_suffix_number(long, 99) == long + " (99)"
    assert len(with_suffix_number(long, 12345)) == len(long) + 5
    assert with_suffix_number(long, 12345).endswith("x (12345)")


def test_names_that_one_disk_takes_for_the_same() -> None:
    assert same_name_key("Été") == same_name_key("e\u0301TE\u0301")
    assert same_name_key("STRASSE") == same_name_key("Straße")
    assert same_name_key("Song") != same_name_key("Song (2)")


# Text of every kind: any code point, lone surrogates included, and what is known to make trouble.
TROUBLE = st.sampled_from(
    [
        *("/", "\\", "..", ".", " ", ":", "CON", "con.", "NUL", "COM¹", "\x00", "\n", "\u202e", "\u2067", "\u200d"),
        *("e\u0301", "가", "\u1112", "\u1161", "שלום", "👩🏽‍🚀", "🇨🇭", "\ufe0f", "\ud800", "\ufffe", "?", "<"),
        *("a" * 90, "漢" * 80, FAMILY * 9, "\u0301" * 99),
    ]
)
ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=300), st.lists(st.one_of(TROUBLE, st.text(max_size=5)), max_size=12).map("".join)
)


def assert_holds(name: str) -> None:
    assert name and name not in (".", "..")
    assert name == unicodedata.normalize("NFC", name)
    assert Path(name).name == name and len(Path(name).parts) == 1
    assert not set(name) & set('/\\:*?"<>|')
    assert not regex.search(r"[\p{Cc}\p{Cs}\p{Bidi_Control}]", name)
    assert name == name.strip(" .")
    assert name.split(".")[0].rstrip().upper() not in RESERVED
    assert is_valid_filename(name, platform="universal")
    for longest in (f".{with_suffix_number(name, 99)}.aiff.part", f"{name}.aiff"):
        assert len(longest.encode()) <= 255
        assert len(longest.encode("utf-16-le")) <= 2 * 255


@settings(deadline=None)
@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=3))
@example("\u0301", ["a"])
@example("<\u0338", [])
def test_any_facts_make_a_stem_that_holds(title: str, artists: list[str]) -> None:
    name = stem(title, *artists)
    assert_holds(name)
    assert stem(name) == name
    assert_holds(with_suffix_number(name, 7))


def test_a_long_name_that_windows_reserves_is_not_longer_for_its_stroke() -> None:
    name = folder_name("con." + "x" * 400)
    assert name.startswith("_con.x")
    assert len(name.encode()) == STEM_BYTES
    assert folder_name(name) == name


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_playlist_makes_a_folder_that_holds(playlist: str) -> None:
    name = folder_name(playlist)
    assert_holds(name)
    assert folder_name(name) == name
    assert same_name_key(name) == same_name_key(same_name_key(name))


@settings(deadline=None)
@given(st.lists(st.sampled_from([FAMILY, "👩🏽‍🚀", "🇨🇭", "é", "漢", "각", "x", ENGLAND]), min_size=100, max_size=200))
def test_no_character_is_torn(clusters: list[str]) -> None:
    name = stem("x" + "".join(clusters))
    assert len(name.encode()) <= 239 < len("".join(clusters).encode()) or len(name) == 1 + len("".join(clusters))
    assert name in {"x" + "".join(clusters[:n]) for n in range(len(clusters) + 1)}
