"""What changes while a run is at work, and databases that are not as they might be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.journals import another_record
from tests.sandbox.notion import House, Status
from tracksync.catalogue import TrackRecord
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.errors import Busy, CatalogueAway, Misconfigured, NeedsPerson, NotFound
from tracksync.journal import Journal
from tracksync.model import AudioFormat, Facts


def test_a_property_that_vanishes_costs_one_sentence_and_no_half_written_page(
    house: House, catalogue: NotionCatalogue, journal: Journal, record: TrackRecord, notes: list[str]
) -> None:
    catalogue.prepare()
    house.tracks.source.remove_property("Tempo")
    house.tracks.source.remove_property("Key")
    notes.clear()
    catalogue.upsert(record)
    catalogue.mark_downloaded(record.key)
    catalogue.upsert(another_record(journal, "Two"))
    (said,) = [note for note in notes if "during the run" in note]
    assert "“Key”, “Tempo”" in said
    assert len(house.tracks.pages) == 2
    assert house.tracks.pages[0].plain("M4A File Path")


def test_downloaded_that_vanishes_ends_the_run(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    catalogue.prepare()
    house.tracks.source.remove_property("Downloaded")
    house.tracks.source.remove_property("Tempo")
    with pytest.raises(Misconfigured, match="Downloaded"):
        catalogue.upsert(record)
    assert house.tracks.pages == []


def test_a_page_that_is_trashed_in_mid_run_is_the_person_s_word(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    catalogue = opened()
    catalogue.upsert(record)
    house.tracks.pages[0].trash()
    with pytest.raises(NeedsPerson, match="trash"):
        catalogue.upsert(record)
    assert house.tracks.pages == []
    opened().upsert(record)
    assert len(house.tracks.pages) == 1, "the next run, which was asked for, makes a new one"


def test_a_page_that_was_found_and_then_trashed_is_not_made_again(
    house: House, catalogue: NotionCatalogue, journal: Journal, record: TrackRecord
) -> None:
    page = house.tracks.add_page({"Title": "One", "SoundCloud URL": record.facts.link})
    entry = journal.find(record.key)
    assert entry is not None
    assert set(catalogue.look_up([entry.as_track().model_copy(update={"facts": record.facts})])) == {record.key}
    page.trash()
    with pytest.raises(NeedsPerson, match="trash"):
        catalogue.upsert(record)
    assert house.tracks.pages == []


def test_a_page_that_is_trashed_right_before_it_is_written(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = record.model_copy(update={"facts": Facts(title="One", artists=()), "playlists": ()})
    catalogue.upsert(alone)
    write = catalogue._api.update_page

    def late(*args: Any) -> Any:
        house.tracks.pages[0].trash()
        return write(*args)

    monkeypatch.setattr(catalogue._api, "update_page", late)
    with pytest.raises(NeedsPerson, match="trash"):
        catalogue.upsert(alone.model_copy(update={"lufs": -3.0}))


def test_a_page_that_does_not_show_at_once_is_waited_for(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    catalogue.prepare()
    house.notion.add_fault(Status(code=404, method="GET", path="pages/", times=3))
    assert catalogue.upsert(record).record == record
    assert len(house.tracks.pages) == 1


def test_a_property_that_vanishes_before_pages_are_looked_for(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal, record: TrackRecord, notes: list[str]
) -> None:
    page = house.tracks.add_page({"Title": "One", "SoundCloud URL": record.facts.link})
    entry = journal.find(record.key)
    assert entry is not None
    catalogue = opened()
    catalogue.prepare()
    house.tracks.source.remove_property("Spotify URL")
    house.tracks.source.remove_property("ISRC")
    isrc = entry.as_track().model_copy(update={"facts": record.facts.model_copy(update={"isrc": "GBAYE0601498"})})
    assert catalogue.look_up([isrc])[record.key].page_id == page.id
    assert any("“ISRC”" in note for note in notes)


def test_the_checkbox_that_takes_another_name_is_found_again(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    catalogue = opened()
    catalogue.upsert(record)
    house.tracks.source.remove_property("Downloaded")
    house.tracks.source.add_property("DL", "checkbox")
    assert [page.page_id for page in catalogue.unfinished()] == [house.tracks.pages[0].id]
    house.tracks.source.remove_property("DL")
    house.tracks.source.add_property("Downloaded", "checkbox")
    assert catalogue.mark_downloaded(record.key).downloaded


def test_two_tracks_that_are_one_get_one_page(
    house: House, catalogue: NotionCatalogue, journal: Journal, record: TrackRecord
) -> None:
    other = another_record(journal, "Two")
    twin = other.model_copy(update={"facts": record.facts.model_copy(update={"link": None}), "files": record.files})
    entry = journal.find(twin.key)
    assert entry is not None
    track = entry.as_track().model_copy(update={"facts": twin.facts})
    assert catalogue.look_up([track]) == {}
    catalogue.upsert(record)
    lease = journal.wait_for(record.key, 60, 0)
    assert lease is not None
    with lease, pytest.raises(Busy, match="the same track"):
        catalogue.upsert(twin)
    assert len(house.tracks.pages) == 1


def test_what_a_person_edits_meanwhile_is_seen(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    catalogue.upsert(record)
    house.tracks.pages[0].put({"Album": "Mine", "Tempo": 64})
    catalogue.upsert(record.model_copy(update={"bpm": 130.0, "facts": Facts(title="x", album="New", artists=("A",))}))
    assert (house.tracks.pages[0].plain("Album"), house.tracks.pages[0].plain("Tempo")) == ("Mine", 64)


def test_when_notion_is_away_nothing_is_lost_and_it_is_written_later_once(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    house.notion.is_down = True
    catalogue = opened()
    with pytest.raises(CatalogueAway):
        catalogue.upsert(record)
    house.notion.mend()
    opened().upsert(record)
    opened().upsert(record)
    assert len(house.tracks.pages) == 1


def test_failures_are_noted_on_a_page_that_is_there(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    catalogue.note_states(record.key, frozenset({"SC_404"}))
    assert house.tracks.pages == [], "none is made for a failure"
    catalogue.upsert(record)
    catalogue.note_states(record.key, frozenset({"SC_404"}))
    assert "SC_404" in house.tracks.pages[0].plain("Audio Processing")


def test_failures_are_noted_on_a_page_that_was_only_found(
    house: House, catalogue: NotionCatalogue, journal: Journal, record: TrackRecord
) -> None:
    found = house.tracks.add_page({"Title": "One", "SoundCloud URL": record.facts.link, "Audio Processing": ("Mine",)})
    entry = journal.find(record.key)
    assert entry is not None
    catalogue.look_up([entry.as_track().model_copy(update={"facts": record.facts})])
    catalogue.note_states(record.key, frozenset({"Download_Failed"}))
    assert found.plain("Audio Processing") == ("Mine", "Download_Failed")
    other = house.tracks.add_page({"Title": "Two"})
    catalogue.note_states(f"notion:page:{other.id}", frozenset({"SC_404"}))
    assert other.plain("Audio Processing") == ("SC_404",)


def test_a_database_without_most_properties_will_do(
    house: House, journal: Journal, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    bare = house.notion.add_database("Bare", {"Track": "title", "DL": "checkbox"})
    catalogue = opened(TRACKS_DB_ID=bare.id)
    catalogue.upsert(record)
    assert catalogue.mark_downloaded(record.key).downloaded
    assert bare.pages[0].plain("DL") is True


def test_artists_that_are_not_shared_are_said_and_left_empty(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, notes: list[str]
) -> None:
    house.artists.shared = False
    catalogue.upsert(record)
    assert any("“Artist” is left empty" in note for note in notes)
    assert house.tracks.pages[0].plain("Artist Name") == "A, B"


def test_what_will_not_be_written_is_said_once_a_run_and_again_where_it_changed(
    house: House, opened: Callable[..., NotionCatalogue], notes: list[str]
) -> None:
    house.tracks.source.remove_property("Tempo")
    for _ in range(2):  # a run is of two processes
        opened().prepare()
    (said,) = notes
    assert "“Tempo”" in said
    assert "not written" in said
    house.tracks.source.remove_property("Key")
    opened().prepare()
    assert len(notes) == 2
    assert "“Key”" in notes[1]


def test_a_track_without_a_page_can_t_be_downloaded(catalogue: NotionCatalogue, record: TrackRecord) -> None:
    with pytest.raises(NotFound):
        catalogue.mark_downloaded(record.key)


def test_files_in_a_property_that_is_a_link(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    house.tracks.source.change_type("WAV File Path", "url")
    page = catalogue.upsert(record)
    assert page.properties.files[AudioFormat.WAV] == Path("/music/Warm-up/A, B - One.wav")
