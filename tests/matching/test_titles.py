"""Titles taken apart, as the sites write them."""

from __future__ import annotations

import pytest

from tracksync.matching import parse
from tracksync.matching.titles import pieces_of
from tracksync.matching.tokens import name_words, words


@pytest.mark.parametrize(
    ("raw", "artists", "channel", "name", "by", "featured", "versions"),
    [
        ("deadmau5 - Strobe", (), None, "Strobe", ("deadmau5",), (), ()),
        ("Strobe", (), "deadmau5 - Topic", "Strobe", ("deadmau5",), (), ()),
        ("Strobe", (), "deadmau5VEVO", "Strobe", ("deadmau5",), (), ()),
        ("Strobe (Club Edit)", ("deadmau5",), None, "Strobe", ("deadmau5",), (), ("club", "edit")),
        ("Losing It - Extended Mix", ("FISHER",), None, "Losing It", ("FISHER",), (), ("extended",)),
        ("FISHER - Losing It - Extended Mix", (), None, "Losing It", ("FISHER",), (), ("extended",)),
        ("FISHER - Losing It (Original Mix)", (), None, "Losing It", ("FISHER",), (), ()),
        ("Kölsch - Grey (2021 Remaster) [Official Video]", (), None, "Grey", ("Kölsch",), (), ()),
        ("Opus (Four Tet Remix)", ("Eric Prydz",), None, "Opus", ("Eric Prydz",), (), ("remix by four tet",)),
        ("Disclosure - Latch ft. Sam Smith", (), None, "Latch", ("Disclosure",), ("Sam Smith",), ()),
        ("Zedd - Clarity (feat. Foxes & Moths)", (), None, "Clarity", ("Zedd",), ("Foxes", "Moths"), ()),
        ("PREMIERE: Kiasmos - Nightfall [Erased Tapes]", (), "XLR8R", "Nightfall", ("Kiasmos",), (), ()),
        ("YOASOBI「アイドル」 Official Music Video", (), None, "アイドル", ("YOASOBI",), (), ()),
        ("アイドル (カラオケ)", ("YOASOBI",), None, "アイドル", ("YOASOBI",), (), ("karaoke",)),
        ("Кино — Группа крови (концерт)", (), None, "Группа крови", ("Кино",), (), ("live",)),
        ("Blue (Da Ba Dee)", ("Eiffel 65",), None, "Blue (Da Ba Dee)", ("Eiffel 65",), (), ()),
        ("Live Forever", ("Oasis",), None, "Live Forever", ("Oasis",), (), ()),
        ("Remix to Ignition", ("R. Kelly",), None, "Remix to Ignition", ("R. Kelly",), (), ()),
        ("XO Tour Llif3 (Prod. by TM88)", (), "LIL UZI VERT", "XO Tour Llif3", ("LIL UZI VERT",), (), ()),
        ("FISHER - Losing It #techhouse #fisher", (), None, "Losing It", ("FISHER",), (), ()),
        ("The Chainsmokers - #SELFIE", (), None, "#SELFIE", ("The Chainsmokers",), (), ()),
        ("Rock &amp; Roll Queen", ("The Subways",), None, "Rock & Roll Queen", ("The Subways",), (), ()),
        ("???", ("The Mystery",), None, "???", ("The Mystery",), (), ()),
    ],
)  # fmt: skip
def test_a_title_is_taken_apart(
    raw: str,
    artists: tuple[str, ...],
    channel: str | None,
    name: str,
    by: tuple[str, ...],
    featured: tuple[str, ...],
    versions: tuple[str, ...],
) -> None:
    parsed = parse(raw, artists, channel)
    assert parsed.name == name
    assert parsed.artists == by
    assert parsed.featured == featured
    assert tuple(sorted(map(str, parsed.versions))) == versions


@pytest.mark.parametrize(
    ("raw", "pieces"),
    [
        ("A - B (C) [D]", [("A", ""), ("B", ""), ("C", "("), ("D", "[")]),
        ("A- B", [("A", ""), ("B", "")]),
        ("A–B", [("A", ""), ("B", "")]),
        ("Anti-Hero", [("Anti-Hero", "")]),
        ("A | B", [("A", ""), ("B", "")]),
        ("A (B [C] D)", [("A", ""), ("B", "("), ("C", "["), ("D", "(")]),
        ("A (B", [("A", ""), ("B", "(")]),
        ("A) B", [("A", ""), ("B", "")]),
        ("A feat. B", [("A", ""), ("feat. B", "feat")]),
        ('A "B" C', [("A", ""), ("B", ""), ("C", "")]),
        ("A_B_C", [("A B C", "")]),
        ('A (From "B 2")', [("A", ""), ("From B 2", "(")]),
        ('A ["B"]', [("A", ""), ('"B"', "[")]),
        ('A - From "B 2"', [("A", ""), ("From B 2", "")]),
        ("A　（B）", [("A", ""), ("B", "（")]),
        ("", []),
        ("   ", []),
    ],
)
def test_pieces(raw: str, pieces: list[tuple[str, str]]) -> None:
    assert [(piece.raw, piece.bracket) for piece in pieces_of(raw)] == pieces


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tiësto", "tiesto"),
        ("Rock'n'Roll", "Rock & Roll"),
        ("Rock ’n’ Roll", "Rock'n'Roll"),
        ("Røyksopp", "Royksopp"),
        ("Don’t Stop", "dont stop"),
        ("Rock 'n' Roll", "Rock & Roll"),
        ("A$AP Rocky", "ASAP Rocky"),
        ("P!nk", "Pink"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("𝐀𝐯𝐢𝐜𝐢𝐢", "avicii"),
        ("Live @ Printworks", "live at printworks"),
        ("ёлка", "елка"),
        ("أحمد", "احمد"),
        ("مُحَمَّد", "محمد"),
        ("a\u200bb\u202e", "ab"),
        ("Beyoncé\x00", "beyonce"),
    ],
)
def test_words_that_are_the_same(one: str, other: str) -> None:
    assert words(one) == words(other) != ()


def test_a_word_within_a_word_is_none() -> None:
    assert words("ナイトドライブ") == ("ナイトドライブ",)
    assert words("夜に駆けるカラオケ") == ("夜に駆ける", "カラオケ")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Rhapsody Pt. 2", "Rhapsody, Part II", True),
        ("Rhapsody Part Two", "Rhapsody Part 2", True),
        ("Rhapsody Pt. 1", "Rhapsody Pt. 2", False),
        ("Sittin' Here", "Sitting Here", True),
        ("Luv U", "Love You", True),
        ("U.N.I.T.Y.", "UNITY", True),
        ("Vol. 3", "Vol. 4", False),
        ("I Am", "You Am", False),
    ],
)
def test_names_that_are_spelled_in_two_ways(one: str, other: str, same: bool) -> None:
    assert ("".join(name_words(words(one))) == "".join(name_words(words(other)))) is same
