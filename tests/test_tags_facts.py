"""Facts from tags, and from names where the tags are silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracksync.audio.tags import SourceTags, facts_from
from tracksync.model import Facts


@pytest.mark.parametrize(
    ("name", "title", "artists"),
    [
        ("Daft Punk - One More Time", "One More Time", ("Daft Punk",)),
        ("01 - Daft Punk - One More Time", "One More Time", ("Daft Punk",)),
        ("01. Daft Punk - One More Time", "One More Time", ("Daft Punk",)),
        ("07. Aerodynamic", "Aerodynamic", ()),
        ("3 - Aerodynamic", "Aerodynamic", ()),
        ("A - B - C (D - E)", "B - C (D - E)", ("A",)),
        ("112 - Only You", "Only You", ("112",)),
        ("50 Cent - In Da Club", "In Da Club", ("50 Cent",)),
        ("99 Luftballons", "99 Luftballons", ()),
        ("4.33", "4.33", ()),
        ("01 - ", "01 -", ()),
        ("some_file_name", "some_file_name", ()),
        ("Jay-Z-Encore", "Jay-Z-Encore", ()),
        ("- Title", "- Title", ()),
        ("Artist -", "Artist -", ()),
        ("夜 - 歌", "歌", ("夜",)),
    ],
)
def test_facts_from_a_name(name: str, title: str, artists: tuple[str, ...]) -> None:
    expected = Facts(title=title, artists=artists)
    assert facts_from(Path(f"/music/{name}.mp3"), SourceTags()) == expected
    assert facts_from(Path("/staging/audio.bin"), SourceTags(), name) == expected
    assert facts_from(Path("/staging/audio.bin"), SourceTags(), f"  {name} ") == expected


def test_tags_go_before_names() -> None:
    path = Path("01 - X - Y.mp3")
    assert facts_from(path, SourceTags(title="T")) == Facts(title="T")
    assert facts_from(path, SourceTags(artists=("x",), album="A")) == Facts(title="Y", artists=("x",), album="A")
    assert facts_from(path, SourceTags(artists=("Q",))) == Facts(title="X - Y", artists=("Q",))
    tags = SourceTags(
        title="T", artists=("A",), album="B", genre="C", date="2024", isrc="I", link="http://l", cover=b"c"
    )
    assert facts_from(path, tags, "P - Q") == Facts(
        title="T", artists=("A",), album="B", genre="C", date="2024", isrc="I", link="http://l"
    )


def test_facts_always_have_a_title() -> None:
    assert facts_from(Path("\udcff.mp3"), SourceTags(), "").title == "Untitled"
    assert facts_from(Path("a.mp3"), SourceTags(), " ").title == "a"
    assert facts_from(Path("X - Y\x1b[0m.mp3"), SourceTags(title="\x1b\x07")) == Facts(title="Y[0m", artists=("X",))
    assert facts_from(Path("X - Y.mp3"), SourceTags(artists=("\x1b", "\u200b"))) == Facts(title="Y", artists=("X",))
    assert facts_from(Path("\u200b.mp3"), SourceTags(title="\u200b")).title == "Untitled"
