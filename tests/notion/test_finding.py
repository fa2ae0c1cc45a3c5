"""Is this track there, and is it whole? By its names exactly, in requests that do not grow with the tracks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.journals import a_named_track, enrolled
from tests.sandbox.notion import House
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.journal import Journal
from tracksync.model import Track

SPOTIFY = "6rqhFgbbKwnb9MLmUQDhG6"


# Which page is it?


@pytest.mark.parametrize(
    ("track", "names", "page"),
    [
        (a_named_track(f"spotify:track:{SPOTIFY}", title="x"), (), {"Spotify ID": SPOTIFY}),
        (a_named_track(f"spotify:track:{SPOTIFY}", title="x"), (), {"Spotify ID": f"spotify:track:{SPOTIFY}"}),
        (
            a_named_track(f"spotify:track:{SPOTIFY}", title="x"),
            (),
            {"Spotify URL": f"https://open.spotify.com/intl-de/track/{SPOTIFY}?si=abc"},
        ),
        (a_named_track(title="x", facts={"isrc": "GBAYE0601498"}), (), {"ISRC": "gb-aye-06-01498"}),
        (a_named_track(title="x", facts={"isrc": "GB-AYE-06-01498"}), (), {"ISRC": "GBAYE0601498"}),
        (
            a_named_track("soundcloud:track:123", title="x"),
            (),
            {"SoundCloud URL": "https://api.soundcloud.com/tracks/123"},
        ),
        (
            a_named_track("soundcloud:track:123", title="x"),
            (("link", "https://soundcloud.com/a/one"),),
            {"SoundCloud URL": "https://m.soundcloud.com/a/one?utm_source=clipboard&si=1#t=0:10"},
        ),
        (
            a_named_track("youtube:video:abcdefghijk", title="x"),
            (),
            {"YouTube URL": "https://youtu.be/abcdefghijk?t=3"},
        ),
        (
            a_named_track("youtube:video:abcdefghijk", title="x"),
            (),
            {"YouTube URL": "https://music.youtube.com/watch?list=PL1&v=abcdefghijk"},
        ),
        (
            a_named_track("url:00", title="x"),
            (("link", "https://a.bandcamp.com/track/one"),),
            {"Bandcamp URL": "http://a.bandcamp.com/track/one?from=embed"},
        ),
        (a_named_track(), (), {"Artist Name": "A", "Audio Duration (seconds)": 201.9}),
        (
            a_named_track(title="Beyoncé’s  “One”"),
            (),
            {"Title": 'BEYONCE\'S "one"', "Artist Name": "a", "Duration (ms)": 1.99e5},
        ),
        (a_named_track(artists=("B", "A")), (), {"Artist Name": "A, B", "Audio Duration (seconds)": 200}),
        (a_named_track(), (), {"Artist Name": "A"}),
        (a_named_track(title="東京 (Live)", artists=("音",)), (), {"Title": "東京 (Live)", "Artist Name": "音"}),
    ],
)
def test_a_page_is_found_by(
    house: House,
    catalogue: NotionCatalogue,
    journal: Journal,
    track: Track,
    names: tuple[tuple[str, str], ...],
    page: dict[str, Any],
) -> None:
    wanted = house.tracks.add_page({"Title": "One", **page})
    house.tracks.add_page({"Title": "Other", "Artist Name": "Z", "Audio Duration (seconds)": 1})
    found = catalogue.look_up([enrolled(journal, track, *names)])
    assert [held.page_id for held in found.values()] == [wanted.id]
    queries = house.notion.count("POST")
    assert queries == 1


@pytest.mark.parametrize(
    ("track", "page"),
    [
        (a_named_track(), {"Title": "One (Remix)", "Artist Name": "A", "Audio Duration (seconds)": 200}),
        (
            a_named_track(title="One (Extended Mix)"),
            {"Title": "One", "Artist Name": "A", "Audio Duration (seconds)": 200},
        ),
        (a_named_track(), {"Artist Name": "A", "Audio Duration (seconds)": 202.5}),
        (a_named_track(), {"Artist Name": "A, B", "Audio Duration (seconds)": 200}),
        (a_named_track(), {"Artist Name": "B", "Audio Duration (seconds)": 200}),
        (a_named_track(), {"Title": "One", "Audio Duration (seconds)": 200}),
        (a_named_track(artists=()), {"Title": "One", "Audio Duration (seconds)": 200}),
        (a_named_track(title="Ones"), {"Title": "One", "Artist Name": "A", "Audio Duration (seconds)": 200}),
        (
            a_named_track("youtube:video:abcdefghijk", title="x"),
            {"YouTube URL": "https://www.youtube.com/watch?v=ABCDEFGHIJK"},
        ),
        (a_named_track("youtube:video:abcdefghijk", title="x"), {"YouTube URL": "https://www.youtube.com/watch"}),
        (a_named_track("soundcloud:track:12", title="x"), {"SoundCloud URL": "https://api.soundcloud.com/tracks/123"}),
        (a_named_track(facts={"isrc": "GBAYE0601498"}), {"Artist Name": "A", "ISRC": "GBAYE0601499"}),
    ],
)
def test_what_only_resembles_it_is_another(
    house: House, catalogue: NotionCatalogue, journal: Journal, track: Track, page: dict[str, Any]
) -> None:
    house.tracks.add_page({"Title": "One", **page})
    assert catalogue.look_up([enrolled(journal, track)]) == {}


def test_artists_that_are_only_pages_count_too(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    ids = tuple(house.artists.add_page({"Name": name}).id for name in ("A", "B"))
    page = house.tracks.add_page({"Title": "One", "Artist": ids, "Duration (ms)": 200_400})
    track = enrolled(journal, a_named_track(artists=("B", "A")))
    assert catalogue.look_up([track])[track.key].page_id == page.id
    assert catalogue.look_up([enrolled(journal, a_named_track("file:01", artists=("A",)))]) == {}


def test_a_short_link_is_followed_to_what_it_names(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    house.notion.short_links["/AbC"] = "https://soundcloud.com/a/one?utm_source=x"
    page = house.tracks.add_page({"Title": "Mine", "SoundCloud URL": "https://on.soundcloud.com/AbC"})
    track = enrolled(journal, a_named_track("soundcloud:track:1", title="x"), ("link", "https://soundcloud.com/a/one"))
    assert catalogue.look_up([track])[track.key].page_id == page.id


def test_of_several_pages_the_finished_one(house: House, catalogue: NotionCatalogue, journal: Journal) -> None:
    old = datetime(2026, 1, 1, tzinfo=UTC)
    house.tracks.add_page({"Title": "One", "ISRC": "GBAYE0601498"}, created=old)
    done = house.tracks.add_page({"Title": "One", "ISRC": "GBAYE0601498", "Downloaded": True})
    track = enrolled(journal, a_named_track(facts={"isrc": "GBAYE0601498"}))
    assert catalogue.look_up([track])[track.key].page_id == done.id


def test_a_page_in_the_trash_is_none(house: House, opened: Callable[..., NotionCatalogue], journal: Journal) -> None:
    page = house.tracks.add_page({"Title": "One", "Artist Name": "A"})
    track = enrolled(journal, a_named_track())
    assert opened().look_up([track])
    page.trash()
    assert opened().look_up([track]) == {}


# What it costs.


@pytest.mark.parametrize(("number", "most"), [(5, 1), (60, 3), (100, 5)])
def test_few_requests_for_many_tracks(
    house: House, catalogue: NotionCatalogue, journal: Journal, number: int, most: int
) -> None:
    for index in range(number):
        if index % 2:
            house.tracks.add_page({"Title": f"Track {index}", "SoundCloud URL": f"https://soundcloud.com/a/t{index}"})
    tracks = [
        enrolled(
            journal, a_named_track(f"soundcloud:track:{index}", title=f"Track {index}"),
            ("link", f"https://soundcloud.com/a/t{index}"),
        )
        for index in range(number)
    ]  # fmt: skip
    catalogue.prepare()
    house.notion.clear()
    assert len(catalogue.look_up(tracks)) == number // 2
    assert house.notion.count() <= most
    catalogue.look_up(tracks)
    assert house.notion.count() <= most, "asked once a run"


def test_the_index_is_read_once_and_then_brought_up_to_date(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal
) -> None:
    old = datetime(2026, 1, 1, tzinfo=UTC)
    for index in range(450):
        house.tracks.add_page({"Title": f"Track {index}", "ISRC": f"GBAYE06{index:05}"}, created=old)
    tracks = [
        enrolled(journal, a_named_track(f"file:{index}", title=f"Track {index}", facts={"isrc": f"GBAYE06{index:05}"}))
        for index in range(600)
    ]
    first = opened()
    first.prepare()
    house.notion.clear()
    assert len(first.look_up(tracks)) == 450
    assert house.notion.count("POST") == 5
    house.tracks.add_page({"Title": "new", "ISRC": "GBAYE0600500"})
    house.tracks.pages[0].put({"ISRC": ""})
    second = opened()
    second.prepare()
    house.notion.clear()
    found = second.look_up(tracks)
    assert house.notion.count("POST") == 2, "what was edited, and what was trashed"
    assert "file:500" in found
    assert "file:0" not in found


def test_what_was_trashed_since_is_not_found_in_bulk_either(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal
) -> None:
    tracks = []
    for number in range(300):
        house.tracks.add_page({"Title": f"T{number}", "ISRC": f"GBAYE06{number:05}", "Artist Name": "A"})
        tracks.append(a_named_track(f"file:{number}", title=f"T{number}", facts={"isrc": f"GBAYE06{number:05}"}))
    assert len(opened().look_up(tracks)) == 300
    house.tracks.pages[7].trash()
    assert set(opened().look_up(tracks)) == {track.key for track in tracks} - {"file:7"}


@pytest.mark.parametrize("title", ["東京 (Original Mix)", "I [Original Mix]", "Ça (Original Mix)", "(Original Mix)"])
def test_a_version_that_half_the_library_has_is_not_what_is_looked_for(
    house: House, catalogue: NotionCatalogue, journal: Journal, title: str
) -> None:
    house.tracks.add_pages({"Title": f"{number} (Original Mix)", "Artist Name": "B"} for number in range(350))
    wanted = house.tracks.add_page({"Title": title, "Artist Name": "A"})
    catalogue.prepare()
    house.notion.clear()
    found = catalogue.look_up([enrolled(journal, a_named_track(title=title))])
    assert [page.page_id for page in found.values()] == [wanted.id]
    assert house.notion.count() <= (4 if title.startswith("(") else 1)


def test_an_index_of_other_properties_is_no_use(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal
) -> None:
    house.tracks.add_page({"Title": "One", "Artist Name": "A"})
    opened().every_page()
    house.tracks.source.add_property("Track ISRC", "rich_text")
    house.tracks.source.remove_property("ISRC")
    house.tracks.pages[0].put({"Track ISRC": "GBAYE0601498"})
    tracks = [
        enrolled(journal, a_named_track(f"file:{n}", title=f"T{n}", facts={"isrc": f"GBAYE06{n:05}"}))
        for n in range(600)
    ]
    tracks[7] = enrolled(journal, a_named_track("file:x", title="y", facts={"isrc": "GBAYE0601498"}))
    assert set(opened().look_up(tracks)) == {"file:x"}
