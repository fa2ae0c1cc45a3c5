"""Is it whole, which is next, and which are broken? By the files, and not by what a page says alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.journals import a_named_track, enrolled
from tests.sandbox.notion import House
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.catalogue import Page
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.errors import (
    CatalogueAway,
    MixDetected,
    NeedsPerson,
    NotFound,
    Refused,
    TracksyncError,
    Unreachable,
)
from tracksync.journal import Journal
from tracksync.model import State, Track
from tracksync.settings import Settings
from tracksync.sources.detected import Detected
from tracksync.sources.pages import from_page, next_pages, page_key, set_aside
from tracksync.stages.known import Known, judge, look_for
from tracksync.stages.recover import broken_pages, unfinished

SPOTIFY = "6rqhFgbbKwnb9MLmUQDhG6"


# Is it whole?


def a_whole_page(house: House, folder: Path, **more: Any) -> Any:
    files = {}
    for kind in ("M4A", "WAV", "AIFF"):
        path = folder / f"One.{kind.lower()}"
        path.write_bytes(b"sound")
        files[f"{kind} File Path"] = str(path)
    return house.tracks.add_page({"Title": "One", "Artist Name": "A", "Downloaded": True, **files, **more})


def judged(catalogue: NotionCatalogue, journal: Journal, track: Track) -> bool:
    entry = journal.ensure(track)
    return judge(journal, catalogue, entry, look_for(catalogue, [track])) is not None


def test_a_whole_page_from_before_is_adopted(
    house: House, catalogue: NotionCatalogue, journal: Journal, tmp_path: Path
) -> None:
    a_whole_page(house, tmp_path, Tempo=128, Key="A Minor (8A)")
    assert judged(catalogue, journal, a_named_track())
    entry = journal.find("file:00")
    assert entry is not None
    assert entry.state is State.SYNCED
    assert house.notion.writes == 0


@pytest.mark.parametrize("lacking", ["file", "name", "downloaded", "empty"])
def test_files_are_looked_at_not_just_properties(
    house: House, catalogue: NotionCatalogue, journal: Journal, tmp_path: Path, lacking: str
) -> None:
    page = a_whole_page(house, tmp_path)
    if lacking == "file":
        (tmp_path / "One.wav").unlink()
    elif lacking == "empty":
        (tmp_path / "One.wav").write_bytes(b"")
    elif lacking == "name":
        page.put({"WAV File Path": ""})
    else:
        page.put({"Downloaded": False})
    assert not judged(catalogue, journal, a_named_track())


def test_a_file_on_a_volume_that_is_not_mounted_is_there(
    house: House, catalogue: NotionCatalogue, journal: Journal, tmp_path: Path
) -> None:
    a_whole_page(house, tmp_path, **{"WAV File Path": "/Volumes/Away/One.wav"})
    assert judged(catalogue, journal, a_named_track())


def test_where_notion_is_away_the_journal_has_to_do(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    house.notion.is_down = True
    notes: list[str] = []
    known = look_for(catalogue, [a_named_track()], note=notes.append)
    assert isinstance(known.away, CatalogueAway)
    assert "What the journal knows has to do" in notes[0]
    assert judge(journal, catalogue, journal.ensure(a_named_track()), known) is None
    assert judge(journal, catalogue, journal.ensure(a_named_track()), Known()) is None


# Next.


LINK = "https://soundcloud.com/a/one"


def add_next(house: House, title: str, **more: Any) -> Any:
    minutes = more.pop("minutes", 0)
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    return house.tracks.add_page({"Title": title, "SoundCloud URL": LINK, **more}, created=created)


def the_next(catalogue: NotionCatalogue, journal: Journal, limit: int = 10) -> list[str]:
    return [page.properties.title for page in next_pages(catalogue, journal, limit)]


def test_next_is_by_priority_then_newest(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    add_next(house, "old", minutes=1)
    add_next(house, "new", minutes=2)
    add_next(house, "low", minutes=9, Priority="Low")
    add_next(house, "critical", Priority="5 - Critical")
    add_next(house, "high", Priority="High")
    assert the_next(catalogue, journal) == ["critical", "high", "low", "new", "old"]
    assert the_next(catalogue, journal, 1) == ["critical"]


@pytest.mark.parametrize(
    "values",
    [
        {"Downloaded": True},
        {"WAV File Path": "/x.wav"},
        {"Eagle File ID": "E1"},
        {"SoundCloud URL": None},
    ],
)
def test_what_is_not_eligible(
    house: House, catalogue: NotionCatalogue, journal: Journal, values: dict[str, Any]
) -> None:
    add_next(house, "no", **values)
    add_next(house, "yes")
    assert the_next(catalogue, journal) == ["yes"]


def test_a_page_with_a_spotify_id_alone_is_looked_for_elsewhere(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    house.tracks.add_page(
        {"Title": "S", "Spotify ID": SPOTIFY, "Artist Name": "Somebody", "Audio Duration (seconds)": 201.5}
    )
    (page,) = next_pages(catalogue, journal, 5)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    found = from_page(page, journal=journal, settings=settings, ffmpeg=find_ffmpeg(None))
    assert found.track is not None
    assert found.track.key == f"spotify:track:{SPOTIFY}"
    assert found.track.facts.artists == ("Somebody",)
    assert found.track.duration_s == 201.5
    assert ("page", page.page_id) in found.identities


def test_what_changed_since_it_was_listed_is_noticed(
    house: House, catalogue: NotionCatalogue, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [add_next(house, title, minutes=number) for number, title in enumerate("abcd")]
    listed = catalogue.unfinished()

    def stale() -> list[Page]:
        return listed

    monkeypatch.setattr(catalogue, "unfinished", stale)
    pages[3].trash()
    pages[2].put({"Downloaded": True})
    pages[1].put({"M4A File Path": "/x.m4a"})
    assert the_next(catalogue, journal) == ["a"]


def test_one_that_failed_is_passed_over_until_it_is_edited(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    page = add_next(house, "no")
    track = enrolled(journal, a_named_track("soundcloud:track:9"), ("page", page.id))
    journal.set_state(track.key, State.FAILED, error=NotFound("gone"))
    assert the_next(catalogue, journal) == []
    page.edited = datetime.now(UTC) + timedelta(minutes=10)
    assert the_next(catalogue, journal) == ["no"]


def test_an_edit_is_noticed_though_it_is_of_the_same_minute(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    page = add_next(house, "no")
    assert the_next(catalogue, journal) == ["no"]
    track = enrolled(journal, a_named_track("soundcloud:track:9"), ("page", page.id))
    journal.set_state(track.key, State.FAILED, error=NotFound("gone"))
    catalogue.note_states(track.key, frozenset({"SC_404"}))
    assert page.plain("Audio Processing") == ("SC_404",)
    assert the_next(catalogue, journal) == []
    page.put({"SoundCloud URL": "https://soundcloud.com/a/another"})
    assert the_next(catalogue, journal) == ["no"]


@pytest.mark.parametrize(
    ("error", "states"),
    [
        (NotFound("gone"), ("SC_404",)),
        (Refused("not here"), ("Download_Failed",)),
        (MixDetected("long"), ("Mix/Set Detected - Manual Review Required",)),
        (NeedsPerson("which?"), None),
    ],
)
def test_a_page_that_names_no_track_is_not_chosen_for_ever(
    house: House, catalogue: NotionCatalogue, journal: Journal, error: TracksyncError, states: Any
) -> None:
    first = add_next(house, "first", Priority="High")
    add_next(house, "second")
    assert the_next(catalogue, journal, 1) == ["first"]
    set_aside([Detected("first", f"notion:page:{first.id}", error=error, source="next")], catalogue, journal)
    assert first.plain("Audio Processing") == states
    assert the_next(catalogue, journal, 1) == ["second"]
    first.put({"SoundCloud URL": "https://soundcloud.com/a/another"})
    assert the_next(catalogue, journal, 1) == ["first"]


def test_a_page_whose_link_can_t_be_opened_now_is_chosen_again(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    page = add_next(house, "first")
    lost = Detected("first", f"notion:page:{page.id}", error=Unreachable("no answer"), source="next")
    set_aside([lost], catalogue, journal)
    assert the_next(catalogue, journal) == ["first"]
    assert house.notion.writes == 0


# A library of years.


def test_broken_pages_are_told_from_whole_ones_and_taken_up(
    house: House, catalogue: NotionCatalogue, journal: Journal, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    broken = tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    a_whole_page(house, whole)
    lost = a_whole_page(house, broken)
    (broken / "One.aiff").unlink()
    a_whole_page(house, whole, Downloaded=False)
    pages = catalogue.every_page()
    assert [page.page_id for page in broken_pages(pages, catalogue)] == [lost.id]
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert unfinished(journal, catalogue, settings) == [page_key(page) for page in pages if page.page_id == lost.id]


def test_a_page_of_another_database_is_no_track(catalogue: NotionCatalogue, house: House) -> None:
    artist = house.artists.add_page({"Name": "A"})
    with pytest.raises(NotFound, match="another database than “Tracks”"):
        catalogue.page_of(artist.id)


def test_a_page_that_is_not_there_is_said(catalogue: NotionCatalogue, house: House) -> None:
    with pytest.raises(NotFound, match=r"restore|trash"):
        catalogue.page_of("00000000-0000-0000-0000-000000000000")
