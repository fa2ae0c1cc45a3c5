"""What is written onto a page, and what is left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.journals import a_record
from tracksync.catalogue.notion.fields import TRACK_FIELDS
from tracksync.catalogue.notion.page import PageRead, names_of, number_of, properties_of
from tracksync.catalogue.notion.plan import differing, plan, wanted
from tracksync.catalogue.notion.schema import Property, Schema
from tracksync.catalogue.protocol import Service, TrackRecord

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def a_schema(**types: str) -> Schema:
    """Every field under its first name and best type, but for those named here."""
    properties = {
        field.meaning: Property(field.names[0], field.meaning, types.get(field.meaning, field.types[0]))
        for field in TRACK_FIELDS
        if types.get(field.meaning) != ""
    }
    return Schema("“Tracks”", "ds", properties, {}, (), ())


def a_page(**plain: Any) -> PageRead:
    return PageRead(page_id="p", created=NOW, edited=NOW, plain=plain)


def the_values(record: TrackRecord) -> dict[str, Any]:
    return wanted(record, ("artist",), ("playlist",))


@pytest.fixture
def record() -> TrackRecord:
    return a_record("file:00")


def test_a_new_page_gets_all_but_downloaded(record: TrackRecord) -> None:
    payload = plan(None, {}, the_values(record), a_schema(), states=record.states).payload
    assert "Downloaded" not in payload
    assert payload["Tempo"] == {"number": 127.5}
    assert payload["Key"] == {"rich_text": [{"type": "text", "text": {"content": "A Minor (8A)"}}]}
    assert payload["Artist"] == {"relation": [{"id": "artist"}]}
    assert payload["SoundCloud URL"] == {"url": "https://soundcloud.com/a/one"}
    assert "YouTube URL" not in payload
    assert payload["Audio Processing"]["multi_select"]


def test_what_was_planned_is_what_is_expected(record: TrackRecord) -> None:
    schema = a_schema(musical_key="select", file_m4a="url", bpm="rich_text", processed_at="rich_text")
    values = the_values(record)
    made = plan(None, {}, values, schema, states=record.states)
    page = a_page(**made.values)
    assert differing(page, values, schema, record.states) == []
    assert plan(page, made.values, values, schema, states=record.states).payload == {}


def test_a_property_that_lost_its_value_is_named(record: TrackRecord) -> None:
    values = the_values(record)
    made = plan(None, {}, values, a_schema(), states=record.states)
    page = a_page(**{**made.values, "file_wav": "/elsewhere.wav", "album": None, "artist_pages": ()})
    assert differing(page, values, a_schema(), record.states) == ["Artist", "Album", "WAV File Path"]


@pytest.mark.parametrize("theirs", [{"bpm": 64}, {"musical_key": "8A"}, {"title": "Mine"}, {"album": "Mine"}])
def test_a_person_s_value_stays(record: TrackRecord, theirs: dict[str, Any]) -> None:
    change = plan(a_page(**theirs), {}, the_values(record), a_schema())
    assert not set(theirs) & set(change.values)
    assert set(theirs) <= set(plan(a_page(**theirs), {}, the_values(record), a_schema(), refresh=True).values)


def test_what_the_pipeline_wrote_it_may_correct(record: TrackRecord) -> None:
    change = plan(a_page(bpm=120), {"bpm": 120}, the_values(record), a_schema())
    assert change.values["bpm"] == 127.5


def test_where_djay_pro_knows_the_track_tempo_and_key_stay_even_if_empty(record: TrackRecord) -> None:
    for refresh in (False, True):
        change = plan(a_page(djay_id="d1"), {}, the_values(record), a_schema(), refresh=refresh)
        assert not {"bpm", "musical_key"} & set(change.values)
    assert differing(a_page(djay_id="d1", **change.values), the_values(record), a_schema(), frozenset()) == []


def test_a_tempo_of_zero_is_none(record: TrackRecord) -> None:
    assert plan(a_page(bpm=0), {}, the_values(record), a_schema()).values["bpm"] == 127.5


def test_lists_are_added_to_and_never_replaced(record: TrackRecord) -> None:
    change = plan(a_page(artist_pages=("x", "y"), playlists=("playlist",)), {}, the_values(record), a_schema())
    assert change.values["artist_pages"] == ("x", "y", "artist")
    assert "playlists" not in change.values
    named = wanted(record, (), ("Warm-up", "Peak"))
    assert plan(a_page(playlists="warm-up; X"), {}, named, a_schema(playlists="rich_text")).values["playlists"] == (
        "warm-up; X; Peak"
    )
    assert "playlists" not in plan(a_page(playlists="X"), {}, named, a_schema(playlists="select")).values


def test_a_list_is_filled_as_far_as_it_can_be_written(record: TrackRecord) -> None:
    many = tuple(f"artist-{number}" for number in range(103))
    values = wanted(record, many, ())
    assert len(plan(None, {}, values, a_schema()).values["artist_pages"]) == 100
    for standing, added in ((98, 2), (100, None), (130, None)):
        theirs = tuple(f"theirs-{number}" for number in range(standing))
        change = plan(a_page(artist_pages=theirs), {}, values, a_schema()).values.get("artist_pages")
        assert change == (None if added is None else (*theirs, *many[:added]))


def test_a_success_takes_away_its_own_failures(record: TrackRecord) -> None:
    page = a_page(states=("Download_Failed", "Eagle_Import_Failed", "Checked by me"))
    change = plan(page, {}, the_values(record), a_schema(), states=record.states)
    assert set(change.values["states"]) == {
        "Eagle_Import_Failed", "Checked by me", "Audio Analysis Complete", "Format Conversion Complete",
    }  # fmt: skip


def test_a_long_fingerprint_goes_over_its_parts(record: TrackRecord) -> None:
    parts = {2: Property("Part 2", "p2", "rich_text"), 3: Property("Part 3", "p3", "rich_text")}
    schema = Schema("“Tracks”", "ds", a_schema().properties, parts, (), ())
    values = {"fingerprint": "a" * 3000}
    payload = plan(None, {}, values, schema).payload
    lengths = {
        name: [len(part["text"]["content"]) for part in payload[name]["rich_text"]]
        for name in ("Fingerprint", "Part 2", "Part 3")
    }
    assert lengths == {"Fingerprint": [2000], "Part 2": [1000], "Part 3": []}
    payload = plan(None, {}, {"fingerprint": "a" * 9000}, schema).payload
    assert [len(part["text"]["content"]) for part in payload["Part 3"]["rich_text"]] == [2000, 2000, 1000]


def test_a_page_in_the_words_that_all_catalogues_share() -> None:
    page = a_page(
        title="One", artists="A, B", playlists="X; Y", bpm="128,5 BPM", duration_ms=200_500,
        file_m4a="file:///m/One%20Two.m4a", file_wav="", link_youtube="https://youtu.be/abcdefghijk", states=("S",),
    )  # fmt: skip
    read = properties_of(page, lambda _: [], lambda _: [])
    assert (read.artists, read.playlists, read.bpm, read.duration_s) == (("A", "B"), ("X", "Y"), 128.5, 200.5)
    assert {fmt: str(path) for fmt, path in read.files.items()} == {"m4a": "/m/One Two.m4a"}
    assert read.links == {Service.YOUTUBE: "https://youtu.be/abcdefghijk"}


def test_a_page_is_known_by_every_name_on_it() -> None:
    page = a_page(
        title="Óne", artists="B, A", isrc="gb-aye-06-01498", spotify_id="spotify:track:6rqhFgbbKwnb9MLmUQDhG6",
        link_youtube="https://youtu.be/abcdefghijk?si=x", link_soundcloud="not a link",
    )  # fmt: skip
    names = names_of(page)
    assert ("spotify", "6rqhFgbbKwnb9MLmUQDhG6") in names
    assert ("isrc", "GBAYE0601498") in names
    assert ("youtube", "abcdefghijk") in names
    assert ("link", "https://www.youtube.com/watch?v=abcdefghijk") in names
    assert ("song", "one\na, b") in names


@pytest.mark.parametrize(("value", "number"), [(True, None), ("", None), ("fast", None), ("128,5", 128.5), (3, 3.0)])
def test_a_value_of_the_wrong_type_is_no_number(value: object, number: float | None) -> None:
    assert number_of(value) == number
