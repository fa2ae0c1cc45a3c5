"""Artists and playlists: found by Spotify's id first, by their exact name second, else made; and nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.journals import a_record, a_track, another_record
from tests.sandbox.notion import House
from tests.sandbox.spotify import an_id
from tracksync.catalogue import TrackRecord
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.journal import Journal
from tracksync.model import Facts

ZED, OTHER, LIST = an_id("Zed"), an_id("another Zed"), an_id("a list")


def by_zed(journal: Journal, title: str = "One", spotify_id: str | None = ZED, **more: Any) -> TrackRecord:
    """A record of a track by one artist."""
    facts = Facts(title=title, artists=("Zed",), artist_ids={"Zed": spotify_id} if spotify_id else {})
    return another_record(journal, title, "Zed").model_copy(update={"facts": facts, "playlists": (), **more})


def artists(house: House) -> dict[str, tuple[Any, ...]]:
    """Name, id and link of each artist's page."""
    columns = ("Name", "Spotify ID", "Spotify URL")
    return {page.id: tuple(page.plain(name) or None for name in columns) for page in house.artists.pages}


def test_what_is_made_has_its_id_and_link(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    catalogue.upsert(by_zed(journal, playlists=("Warm-up",), playlist_ids={"Warm-up": LIST}))
    assert [*artists(house).values()] == [("Zed", ZED, f"https://open.spotify.com/artist/{ZED}")]
    (made,) = house.playlists.pages
    assert (made.plain("Name"), made.plain("Spotify ID")) == ("Warm-up", LIST)
    assert made.plain("Spotify URL") == f"https://open.spotify.com/playlist/{LIST}"


def test_the_id_counts_before_the_name(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    house.artists.add_page({"Name": "Zed"})
    renamed = house.artists.add_page({"Name": "Zed (official)", "Spotify ID": ZED})
    catalogue.upsert(by_zed(journal))
    assert house.tracks.pages[0].plain("Artist") == (renamed.id,)
    assert renamed.plain("Name") == "Zed (official)", "a person's name for it stays"
    assert len(house.artists.pages) == 2


def test_a_page_that_was_found_by_its_name_gets_the_id(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    mine = house.artists.add_page({"Name": "zed", "Spotify URL": "https://open.spotify.com/artist/mine"})
    catalogue.upsert(by_zed(journal, spotify_id=None))
    assert mine.plain("Spotify ID") is None, "nobody told it"
    catalogue.upsert(by_zed(journal, "Two"))
    assert artists(house) == {mine.id: ("zed", ZED, "https://open.spotify.com/artist/mine")}
    assert [page.plain("Artist") for page in house.tracks.pages] == [(mine.id,)] * 2


def test_an_id_that_a_person_wrote_meanwhile_stays(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    catalogue.upsert(by_zed(journal, spotify_id=None))
    (mine,) = house.artists.pages
    mine.put({"Name": "Zed the First", "Spotify ID": OTHER})
    catalogue.upsert(by_zed(journal, "Two"))
    assert mine.plain("Spotify ID") == OTHER
    assert {row[:2] for row in artists(house).values()} == {("Zed the First", OTHER), ("Zed", ZED)}


def test_another_id_is_another_artist_of_the_same_name(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    catalogue.upsert(by_zed(journal, spotify_id=OTHER))
    catalogue.upsert(by_zed(journal, "Two"))
    assert sorted(row[1] for row in artists(house).values()) == sorted([ZED, OTHER])
    assert len({page.plain("Artist") for page in house.tracks.pages}) == 2


def test_a_page_that_is_gone_is_not_filled(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    catalogue.upsert(by_zed(journal, spotify_id=None))
    house.artists.pages[0].trash()
    catalogue.upsert(by_zed(journal, "Two"))
    (made,) = house.artists.pages
    assert made.plain("Spotify ID") == ZED
    assert made.id in house.tracks.pages[1].plain("Artist")


def test_a_known_id_costs_no_request(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    catalogue.upsert(by_zed(journal))
    house.notion.clear()
    catalogue.upsert(by_zed(journal, "Two"))
    assert house.notion.count("POST", f"data_sources/{house.artists.source.id}") == 0
    assert house.notion.count("PATCH", f"pages/{house.artists.pages[0].id}") == 0


def test_many_artists_are_asked_for_at_once(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    names = tuple(f"Artist {number}" for number in range(40))
    for name in names[:20]:
        house.artists.add_page({"Name": name.upper(), "Spotify ID": an_id(name)})
    facts = Facts(title="All", artists=names, artist_ids={name: an_id(name) for name in names})
    catalogue.upsert(a_record(journal.ensure(a_track()).key, facts=facts))
    assert house.notion.count("POST", f"data_sources/{house.artists.source.id}") == 1
    assert len(house.artists.pages) == 40
    assert set(house.tracks.pages[0].plain("Artist")) == {page.id for page in house.artists.pages}


def test_a_name_with_a_comma_is_one_artist_s_where_spotify_says_so(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    name = "Tyler, The Third"
    facts = Facts(title="One", artists=(name, "A, B"), artist_ids={name: ZED})
    catalogue.upsert(a_record(journal.ensure(a_track()).key, facts=facts))
    assert [page.plain("Name") for page in house.artists.pages] == [name, "A", "B"]


def test_two_ways_to_write_a_new_name_are_one_artist(
    house: House, catalogue: NotionCatalogue, journal: Journal
) -> None:
    catalogue.upsert(another_record(journal, "One (ZED Remix)", "Zed"))
    assert [page.plain("Name") for page in house.artists.pages] == ["Zed"]


@pytest.mark.parametrize("gone", ["Spotify ID", "Spotify URL"])
def test_a_database_without_a_place_for_them(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal, gone: str
) -> None:
    house.artists.source.remove_property(gone)
    catalogue = opened()
    catalogue.upsert(by_zed(journal))
    (made,) = house.artists.pages
    kept = {"Spotify ID": ZED, "Spotify URL": f"https://open.spotify.com/artist/{ZED}"}
    # Without an id to go by, a link is not written either.
    assert {name: made.plain(name) for name in kept if name != gone} == (
        {"Spotify ID": ZED} if gone == "Spotify URL" else {"Spotify URL": None}
    )


def test_a_place_for_them_that_goes_in_mid_run(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    catalogue.upsert(by_zed(journal, spotify_id=None))
    house.artists.source.remove_property("Spotify ID")
    house.artists.source.remove_property("Spotify URL")
    facts = Facts(title="Two", artists=("Zed", "New"), artist_ids={"Zed": ZED, "New": OTHER})
    catalogue.upsert(another_record(journal, "Two").model_copy(update={"facts": facts}))
    assert [page.plain("Name") for page in house.artists.pages] == ["Zed", "New"]
    assert set(house.tracks.pages[1].plain("Artist")) == {page.id for page in house.artists.pages}


def test_two_that_need_the_same_id_at_once_make_one_page(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal
) -> None:
    records = [by_zed(journal, f"T{number}") for number in range(4)]
    threads = [threading.Thread(target=opened().upsert, args=(record,)) for record in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row[1] for row in artists(house).values()] == [ZED]
    assert len(house.tracks.pages) == 4
