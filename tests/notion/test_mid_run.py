"""What changes while a run is at work, and databases that are not as they might be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.journals import another_record
from tests.sandbox.notion import (
    House,
)  # fmt: skip
from tracksync.catalogue import TrackRecord
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.errors import CatalogueAway, Misconfigured, NeedsPerson, NotFound
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


def test_a_track_without_a_page_can_t_be_downloaded(catalogue: NotionCatalogue, record: TrackRecord) -> None:
    with pytest.raises(NotFound):
        catalogue.mark_downloaded(record.key)


def test_files_in_a_property_that_is_a_link(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    house.tracks.source.change_type("WAV File Path", "url")
    page = catalogue.upsert(record)
    assert page.properties.files[AudioFormat.WAV] == Path("/music/Warm-up/A, B - One.wav")
