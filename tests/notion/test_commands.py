"""The commands with Notion for their catalogue, where no engine is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sandbox.eagle.fixtures import a_published_track
from tests.sandbox.house import House
from tests.sandbox.music import Music
from tests.sandbox.notion import House as Databases
from tests.sandbox.notion import LoopbackNotion, standard_house
from tracksync.journal import Journal
from tracksync.model import State


@pytest.fixture
def databases(notion: LoopbackNotion) -> Databases:
    return standard_house(notion)


@pytest.fixture
def house(tmp_path: Path, databases: Databases) -> House:
    return House(tmp_path, databases.environment)


def test_of_a_library_of_years_only_as_many_pages_are_opened_as_are_taken_up(
    house: House, databases: Databases, music: Music
) -> None:
    kept = music.piece(0, "wav")
    for number in range(120):
        databases.tracks.add_page(
            {
                "Downloaded": True,
                "WAV File Path": str(kept),
                "M4A File Path": f"/nowhere/{number}.m4a",
                "Title": f"T{number}",
            }
        )
    databases.notion.clear()
    done = house.do("recover", "--limit", "2", "--dry-run", "--json")
    assert done.code == 0, done.err
    assert databases.notion.count("GET", "pages/") <= 2
    assert databases.notion.writes == 0


@pytest.mark.parametrize("wrong", ["token", "unshared", "page", "kind", "nonsense"])
def test_a_configuration_that_is_wrong_is_said_before_anything(
    house: House, databases: Databases, music: Music, wrong: str
) -> None:
    if wrong == "token":
        house.more["NOTION_TOKEN"] = "ntn_another_token_entirely"
    elif wrong == "unshared":
        databases.tracks.shared = False
    elif wrong == "page":
        house.more["TRACKS_DB_ID"] = databases.tracks.add_page({"Title": "x"}).id
    elif wrong == "kind":
        house.more["TRACKS_DB_ID"] = databases.playlists.id
    else:
        house.more["TRACKS_DB_ID"] = "my database"
    done = house.do("sync", music.piece(0, "flac"))
    assert done.code == 2, done.out + done.err
    assert "ntn_another" not in done.out + done.err
    assert "TRACKS_DB_ID" in done.err or "NOTION_TOKEN" in done.err
    assert house.files() == {}
    assert databases.notion.writes == 0


def test_doctor_looks_at_each_database(house: House, databases: Databases) -> None:
    databases.artists.shared = False
    databases.tracks.source.remove_property("Tempo")
    said = house.do("doctor", "--json")
    assert said.code == 1
    checks = {event["name"]: event for event in said.events}
    assert checks["notion token"]["ok"]
    assert checks["TRACKS_DB_ID"]["ok"]
    assert not checks["ARTISTS_DB_ID"]["ok"]
    assert "share" in checks["ARTISTS_DB_ID"]["action"]
    assert "Tempo" in checks["notion schema"]["detail"]
    assert databases.notion.token not in said.out


def test_status_tells_pages_whose_files_are_away_from_those_that_are_broken(
    house: House, databases: Databases, journal: Journal, sqlite_address: str, tmp_path: Path
) -> None:
    def a_page(title: str, folder: Path) -> None:
        named = {f"{kind.upper()} File Path": str(folder / f"{title}.{kind}") for kind in ("m4a", "wav", "aiff")}
        databases.tracks.add_page({"Title": title, "Downloaded": True, **named})

    track = a_published_track(journal, tmp_path / "music")
    journal.set_state(track.key, State.SYNCED)
    a_page("Away", Path("/Volumes/NOT HERE"))
    a_page("Lost", tmp_path)
    a_page("Odd", Path("/", "x" * 300))
    gone = a_published_track(journal, tmp_path / "gone")
    journal.set_state(gone.key, State.SYNCED)
    shutil.rmtree(tmp_path / "gone")
    house.more |= {"EAGLE_API_BASE": "http://127.0.0.1:9", "TRACKSYNC_DATABASE_URL": sqlite_address}
    done = house.do("status", "--all")
    assert "Lost.m4a is not there" in done.out
    assert "NOT HERE" not in done.out
    assert "3 pages: 1 away, 2 broken." in " ".join(done.err.split())
    assert "1 page names files on /Volumes/NOT HERE, which is not mounted." in done.err
    assert "1 of what is whole has no item in Eagle yet" in done.err, "what was made here, and has no page"
