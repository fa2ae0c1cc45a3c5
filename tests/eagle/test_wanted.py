"""What an item says: tags are only ever added to, and of the annotation only our lines are ours."""

from __future__ import annotations

import string

from hypothesis import example, given
from hypothesis import strategies as st

from tests.sandbox.journals import a_file, a_track
from tracksync.library.eagle.item import is_key_tag, link_of
from tracksync.library.eagle.looking import own_id
from tracksync.library.eagle.wanted import MARKER, annotation_with, clean_tag, merged_tags, wanted_of
from tracksync.model import Analysis, DownloadReceipt, Facts, MusicalKey, SourceAudio

_texts = st.text(max_size=40)
_tags = st.lists(_texts, max_size=8)
_lines = st.lists(
    st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30)
    .map(str.strip)
    .filter(lambda line: line and line != MARKER),
    max_size=5,
)


@given(_tags, _tags)
def test_no_tag_is_ever_lost(standing: list[str], wanted: list[str]) -> None:
    merged = merged_tags(standing, wanted)
    assert list(merged[: len(standing)]) == standing
    assert merged_tags(merged, wanted) == merged
    folded = {" ".join(tag.casefold().split()) for tag in merged_tags(merged, wanted)}
    assert all(not tag.isascii() or " ".join(tag.casefold().split()) in folded for tag in wanted)


@given(_tags)
def test_a_tracks_key_is_there_exactly(standing: list[str]) -> None:
    key = "youtube:video:abcDEF_-123"
    assert key in merged_tags([*standing, key.upper(), key.lower()], [key])


@given(_texts)
def test_a_tag_is_one_clean_line(text: str) -> None:
    tag = clean_tag(text)
    assert tag == clean_tag(tag)
    assert tag == " ".join(tag.split())
    assert not any(ord(letter) < 32 for letter in tag)


@given(st.text(max_size=80), _lines, _lines)
@example("a\n\n" + MARKER + "\nold\n\nbelow", ["new"], ["newer"])
@example(MARKER, ["x"], [])
@example("a\r\n" + MARKER + "\r\nold\r\nolder\r\n\r\nbelow\r\n", ["new"], ["x"])
def test_an_annotation_keeps_what_a_person_wrote(standing: str, lines: list[str], later: list[str]) -> None:
    once = annotation_with(standing, lines)
    assert annotation_with(once, lines) == once
    assert "\n".join((MARKER, *lines)) in once
    again = annotation_with(once, later)
    assert annotation_with(again, lines) == once
    if MARKER not in standing:
        assert once.startswith(standing.rstrip())


def test_below_the_marker_only_our_lines_are_replaced() -> None:
    text = f"above\n\n{MARKER}\nold\nolder\n\nbelow"
    assert annotation_with(text, ["new"]) == f"above\n\n{MARKER}\nnew\n\nbelow"


def _wanted(facts: Facts, **more: object) -> tuple[str, ...]:
    audio = SourceAudio(container="flac", codec="flac", sample_rate=44_100, channels=2)
    download = DownloadReceipt(file=a_file(), source_audio=audio, facts=facts, **more)  # type: ignore[arg-type]
    analysis = Analysis(bpm=174.49, key=MusicalKey(tonic=0, mode="major"))
    track = a_track("url:" + "0" * 64, playlist=None)
    return wanted_of(track, download, None, analysis, "aiff").tags


@given(st.builds(Facts, title=_texts, artists=st.lists(_texts, max_size=4).map(tuple), genre=st.none() | _texts))
def test_tags_of_any_facts(facts: Facts) -> None:
    tags = _wanted(facts)
    assert tags[-1] == "url:" + "0" * 64
    assert all(tags)
    assert len(set(tags)) == len(tags)
    folded = {tag.casefold() for tag in tags}
    assert {"bpm174", "c major", "8b", "aiff"} <= folded


def test_the_source_is_a_tag() -> None:
    assert "bandcamp" in _wanted(Facts(title="x", link="https://a.bandcamp.com/track/b"))
    assert "file" in _wanted(Facts(title="x"))


@given(st.text(string.printable, min_size=1), st.integers(1, 9))
def test_an_id_of_our_own_looks_like_eagles(key: str, number: int) -> None:
    made = own_id(key, number)
    assert made == own_id(key, number)
    assert made != own_id(key, number + 1)
    assert len(made) == 13
    assert set(made) <= set(string.ascii_uppercase + string.digits)


def test_keys_and_links() -> None:
    assert all(is_key_tag(tag) for tag in ("file:" + "a" * 64, "soundcloud:track:1", "youtube:video:a_-bcdefghi"))
    assert not any(is_key_tag(tag) for tag in ("mood:happy", "file: x", "soundcloud", ""))
    assert link_of("https://soundcloud.com/a/b?si=1") == ("https://soundcloud.com/a/b", True)
    assert link_of("https://soundcloud.com/a/sets/b") == ("https://soundcloud.com/a/sets/b", False)
    assert link_of("no link") is None
