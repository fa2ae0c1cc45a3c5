"""Lists as files: text, Exportify's tables, other people's tables, and what is none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracksync.errors import NotFound, Unsupported
from tracksync.sources.lists import is_list_file, read_list

ID = "0VjIjW4GlUZAMYd2vXMi3b"

EXPORTIFY = (
    '"Track URI","Track Name","Album Name","Artist Name(s)","Release Date","Duration (ms)","Popularity","ISRC"\n'
    f'"spotify:track:{ID}","One, Two (Club Mix)","Numbers","First;Second","2020-03-20","200040","90","GBUM71029604"\n'
    '"spotify:local:Somebody:Album:Title:181","Title","Album","Somebody","","181000","",""\n'
    '"","","","","","","",""\n'
)


def listed(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_text_of_links_and_names(tmp_path: Path) -> None:
    text = (
        "# for Friday\n\n"
        "https://soundcloud.com/a/b\n"
        "First, Second - One – Two (Live)\n"
        "Someone\tSomething\n"
        "no idea\n"
        "  youtu.be/abcdefghijk  \n"
    )
    lines = read_list(listed(tmp_path, "friday.txt", text))
    assert [line.number for line in lines] == [3, 4, 5, 6, 7]
    assert lines[0].link == "https://soundcloud.com/a/b"
    assert lines[1].facts is not None
    assert (lines[1].facts.artists, lines[1].facts.title) == (("First", "Second"), "One – Two (Live)")
    assert lines[2].facts is not None
    assert (lines[2].facts.artists, lines[2].facts.title) == (("Someone",), "Something")
    assert lines[3].problem
    assert lines[4].link == "youtu.be/abcdefghijk"
    assert {line.playlist for line in lines} == {None}


def test_exportifys_table(tmp_path: Path) -> None:
    one, local = read_list(listed(tmp_path, "warm_up.csv", EXPORTIFY))
    assert one.link == f"spotify:track:{ID}"
    assert one.facts is not None
    assert one.facts.title == "One, Two (Club Mix)"
    assert one.facts.artists == ("First", "Second")
    assert (one.facts.album, one.facts.date, one.facts.isrc) == ("Numbers", "2020-03-20", "GBUM71029604")
    assert one.duration_s == pytest.approx(200.04)
    assert one.playlist == "warm_up"
    assert local.link is None
    assert local.facts is not None
    assert local.facts.artists == ("Somebody",)


@pytest.mark.parametrize(
    ("name", "text", "link", "seconds"),
    [
        ("a.csv", f"Artist;Title;Duration;Spotify ID\nA;T;3:21;{ID}\n", f"https://open.spotify.com/track/{ID}", 201.0),
        ("a.tsv", "title\tartist\turl\nT\tA\thttps://youtu.be/abcdefghijk\n", "https://youtu.be/abcdefghijk", None),
        ("a.csv", "Track Name,Artist Name(s)\nT,A\n", None, None),
        ("a.csv", f"URI\n{ID}\n", f"https://open.spotify.com/track/{ID}", None),
    ],
)
def test_other_tables(tmp_path: Path, name: str, text: str, link: str | None, seconds: float | None) -> None:
    (line,) = read_list(listed(tmp_path, name, text))
    assert (line.link, line.duration_s, line.problem) == (link, seconds, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_whatever_a_program_writes_it_in(tmp_path: Path, encoding: str) -> None:
    (line,) = read_list(listed(tmp_path, "x.txt", "Björk – Jóga\n".encode(encoding)))
    assert line.facts is not None
    assert line.facts.display == "Björk - Jóga"


def test_a_table_without_headings_is_a_list_of_lines(tmp_path: Path) -> None:
    links = "https://soundcloud.com/a/b\nhttps://soundcloud.com/a/c\n"
    assert [line.link for line in read_list(listed(tmp_path, "x.csv", links))] == links.split()


def test_a_name_of_nothing_that_can_be_seen_is_none(tmp_path: Path) -> None:
    for name, text in (
        ("x.txt", "0\t\x1b\n\x1b - T\nA - \u200b\nA\x1b - T\x7f\n"),
        ("x.csv", "Artist,Title\n0,\x1b\n\x1b,T\nA,\u200b\nA\x1b,T\x7f\n"),
    ):
        lines = read_list(listed(tmp_path, name, text))
        assert [bool(line.problem) for line in lines] == [True, True, True, False]
        assert lines[3].facts is not None
        assert lines[3].facts.display == "A - T"


def test_a_row_that_lacks_what_it_needs_is_said(tmp_path: Path) -> None:
    lines = read_list(listed(tmp_path, "x.csv", "Artist,Title\n,Only a title\nOnly an artist,\nA\n"))
    assert [(line.number, bool(line.problem)) for line in lines] == [(2, True), (3, True), (4, True)]


def test_a_quotation_that_nothing_closes_makes_no_track_of_the_rows_below(tmp_path: Path) -> None:
    table = 'Track Name,Artist Name(s)\nT,A\n"Broken,B\nU,C\nV,D\n'
    first, broken = read_list(listed(tmp_path, "x.csv", table))
    assert (first.facts and first.facts.title, first.problem) == ("T", None)
    assert broken.problem is not None
    assert "nothing closes" in broken.problem
    with pytest.raises(Unsupported, match="cell without end in line 2"):
        read_list(listed(tmp_path, "y.csv", f"Track Name,Artist Name(s)\n{'x' * 200_000},A\n"))


def test_a_table_with_the_line_ends_of_old_macs(tmp_path: Path) -> None:
    (line,) = read_list(listed(tmp_path, "x.csv", "Track Name,Artist Name(s)\rT,A\r"))
    assert line.facts is not None
    assert line.facts.display == "A - T"


def test_what_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_list(tmp_path / "missing.txt")
    with pytest.raises(Unsupported, match="no text"):
        read_list(listed(tmp_path, "x.txt", b"\x00\x01binary"))
    with pytest.raises(Unsupported, match="no text"):
        read_list(listed(tmp_path, "x.csv", bytes(range(1, 255)) * 20))
    assert read_list(listed(tmp_path, "empty.csv", "")) == []
    assert is_list_file(Path("A.CSV"))
    assert not is_list_file(Path("a.mp3"))


@given(st.text(max_size=300), st.sampled_from(["x.txt", "x.csv", "x.tsv"]))
def test_no_text_is_too_odd(tmp_path_factory: pytest.TempPathFactory, text: str, name: str) -> None:
    path = listed(tmp_path_factory.mktemp("odd"), name, text.encode("utf-8", "surrogatepass"))
    try:
        lines = read_list(path)
    except Unsupported:
        return
    for line in lines:
        assert line.problem or line.link or (line.facts and line.facts.title and line.facts.artists)
