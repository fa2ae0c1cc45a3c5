"""Saved tracks, playlists, albums and tracks, as the real spotipy brings them from a loopback Spotify."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest

from tests.sandbox.spotify import LoopbackSpotify, an_id
from tests.sandbox.spotify.faults import Status
from tests.sandbox.spotify.fixtures import log_in
from tracksync.errors import LoginNeeded, Misconfigured, NotFound, Refused, Unsupported
from tracksync.settings import Settings
from tracksync.sources.links import classify
from tracksync.sources.spotify import (
    SpotifyClient,
    album,
    behind,
    is_own,
    open_client,
    playlist,
    saved_tracks,
    track,
)


def test_a_saved_track_is_what_spotify_says_of_it(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    row = spotify.world.track("Strobe - Radio Edit", "deadmau5", "A Guest")
    spotify.world.save(row)
    (found,) = saved_tracks(client)
    link = f"https://open.spotify.com/track/{row['id']}"
    isrc = row["external_ids"]["isrc"]
    assert found.track is not None
    assert found.key == found.track.key == f"spotify:track:{row['id']}"
    assert (found.track.source, found.track.origin, found.track.duration_s) == ("spotify-liked", link, 215.5)
    facts = found.track.facts
    assert (facts.title, facts.artists) == ("Strobe - Radio Edit", ("deadmau5", "A Guest"))
    assert (facts.album, facts.date, facts.isrc, facts.link) == ("An Album", "2021-03-05", isrc, link)
    assert facts.artist_ids == {"deadmau5": an_id("deadmau5"), "A Guest": an_id("A Guest")}
    assert found.track.playlist_spotify_id is None
    assert found.identities == (("link", link), ("spotify", row["id"]), ("isrc", isrc))


def test_saved_tracks_come_page_by_page_and_only_as_wanted(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.world.save(*(spotify.world.track(f"Song {number}") for number in range(120)))
    first = [found.label for found in islice(saved_tracks(client), 5)]
    assert first == [f"Nobody - Song {number}" for number in range(5)]
    assert spotify.count("api.spotify.com/v1/me/tracks") == 1
    assert len(list(saved_tracks(client))) == 120
    pages = [seen.query for seen in spotify.requests if seen.path.endswith("/me/tracks")][1:]
    assert [(page["limit"], page.get("offset", "0")) for page in pages] == [("50", "0"), ("50", "50"), ("50", "100")]
    assert all("market" not in page for page in pages)


def test_holes_and_episodes_are_passed_over_and_said(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    world = spotify.world
    gone: dict[str, object] = {"id": None, "type": "track", "name": "", "artists": []}
    episode = {"id": an_id("talk"), "type": "episode", "name": "Talk", "artists": None}
    world.save(None, world.track("One"), gone, episode, world.track("Two", is_playable=False), world.track("One"))
    world.saved.append(None)
    notes: list[str] = []
    found = list(saved_tracks(client, note=notes.append))
    assert [entry.label for entry in found] == ["Nobody - One", "Nobody - Two"]
    assert notes == ["Your saved tracks: 4 entries are no tracks and are passed over (3 × a hole, 1 × an episode)."]


def test_the_id_that_was_saved_counts_not_the_one_that_is_played(
    spotify: LoopbackSpotify, client: SpotifyClient
) -> None:
    saved = an_id("saved once")
    spotify.world.save(spotify.world.track("Moved", linked_from={"id": saved, "type": "track"}))
    (found,) = saved_tracks(client)
    assert found.key == f"spotify:track:{saved}"
    assert ("spotify", saved) in found.identities
    assert an_id("Moved") not in str(found)


@pytest.mark.parametrize(
    ("date", "kept"),
    [("1999", "1999"), ("1999-04", "1999-04"), ("0000", None), ("1999-00-00", None), (None, None), ("soon", None)],
)
def test_a_date_is_as_precise_as_it_is_known(
    spotify: LoopbackSpotify, client: SpotifyClient, date: str | None, kept: str | None
) -> None:
    spotify.world.save(spotify.world.track("One", album={"name": "", "release_date": date}))
    (found,) = saved_tracks(client)
    assert found.track is not None
    assert (found.track.facts.date, found.track.facts.album) == (kept, None)


def test_a_row_of_other_types_than_expected_is_no_reason_to_fail(
    spotify: LoopbackSpotify, client: SpotifyClient
) -> None:
    row = spotify.world.track("One", artists=None, album=None, external_ids={"isrc": "no isrc"}, duration_ms=None)
    spotify.world.save(row, "text", 7, {"track": []})
    (found,) = saved_tracks(client)
    assert found.track is not None
    assert (found.track.facts.artists, found.track.duration_s, found.track.facts.isrc) == ((), None, None)


@pytest.mark.parametrize("has_items", [True, False])
def test_a_playlist_gives_its_name_to_its_tracks(
    spotify: LoopbackSpotify, client: SpotifyClient, has_items: bool
) -> None:
    world = spotify.world
    world.has_items = has_items
    local = {"id": None, "type": "track", "is_local": True, "name": "Demo", "artists": [{"name": "Me"}]}
    rows = [world.track(f"Song {number}") for number in range(60)]
    number = world.playlist("Friday", None, *rows, local)
    name, tracks = playlist(client, number)
    found = list(tracks)
    assert name == "Friday"
    assert [entry.label for entry in found] == [f"Nobody - Song {n}" for n in range(60)] + ["Me - Demo"]
    assert {entry.track.playlist for entry in found if entry.track} == {"Friday"}
    assert {entry.track.playlist_spotify_id for entry in found if entry.track} == {number}
    assert {entry.track.source for entry in found if entry.track} == {"link"}
    assert found[-1].key.startswith("name:")
    assert found[-1].identities == ()


def test_a_playlist_of_somebody_elses_is_refused_with_what_helps(
    spotify: LoopbackSpotify, client: SpotifyClient
) -> None:
    number = spotify.world.playlist("Theirs")
    spotify.add_fault(Status(path=".*/items", code=403, message="Forbidden"))
    with pytest.raises(Refused, match="only playlists that the account which is logged in owns") as told:
        playlist(client, number)
    assert "CSV" in told.value.action


def test_an_albums_tracks_have_their_codes_though_its_list_has_none(
    spotify: LoopbackSpotify, client: SpotifyClient
) -> None:
    rows = [spotify.world.track(f"Part {number}", "A", "B") for number in range(3)]
    number = spotify.world.album("Parts", *rows)
    name, tracks = album(client, number)
    found = list(tracks)
    assert name == "Parts"
    assert [e.track.facts.isrc for e in found if e.track] == [row["external_ids"]["isrc"] for row in rows]
    assert [e.identities[-1] for e in found] == [("isrc", row["external_ids"]["isrc"]) for row in rows]
    assert {e.track.playlist for e in found if e.track} == {"Parts"}


def test_an_album_is_read_without_codes_where_they_cannot_be_had(
    spotify: LoopbackSpotify, client: SpotifyClient
) -> None:
    number = spotify.world.album("Parts", *(spotify.world.track(f"Part {n}") for n in range(4)))
    spotify.add_fault(Status(path=".*/v1/tracks/", code=429, retry_after="7200"))
    found = list(album(client, number)[1])
    assert [e.label for e in found] == [f"Nobody - Part {n}" for n in range(4)]
    assert [(e.track.facts.date, e.track.facts.album) for e in found if e.track] == [("2020", "Parts")] * 4
    assert spotify.count(".*/v1/tracks/") == 1


def test_a_link_is_read_with_the_app_alone(spotify: LoopbackSpotify, spotify_settings: Callable[..., Settings]) -> None:
    row = spotify.world.track("Public")
    settings = spotify_settings(SPOTIFY_CLIENT_SECRET=spotify.world.secret, SPOTIFY_MARKET="DE")
    with open_client(settings, user=False) as client:
        found = track(client, row["id"])
        assert found.key == f"spotify:track:{row['id']}"
        assert spotify.requests[-1].query["market"] == "DE"
        with pytest.raises(LoginNeeded, match="only to a person who is logged in") as told:
            next(saved_tracks(client))
    assert "tracksync login spotify" in told.value.action
    assert not (settings.home / "spotify-token.json").exists()


def test_a_login_that_ended_does_not_keep_a_public_link_away(
    spotify: LoopbackSpotify, spotify_settings: Callable[..., Settings]
) -> None:
    row = spotify.world.track("Public")
    settings = spotify_settings(SPOTIFY_CLIENT_SECRET=spotify.world.secret)
    log_in(spotify, settings)
    spotify.world.refreshes.clear()
    spotify.world.log_out_everywhere()
    with open_client(settings, user=False) as client:
        assert track(client, row["id"]).label == "Nobody - Public"


def test_without_anything_it_is_said_what_is_needed(spotify_settings: Callable[..., Settings]) -> None:
    with pytest.raises(Misconfigured, match="SPOTIFY_CLIENT_ID is not set") as told:
        open_client(spotify_settings(SPOTIFY_CLIENT_ID=None), user=False)
    assert "developer.spotify.com" in told.value.action
    with pytest.raises(LoginNeeded, match="the app's secret is not set") as told:
        open_client(spotify_settings(), user=False)
    assert "SPOTIFY_CLIENT_SECRET" in told.value.action
    with pytest.raises(LoginNeeded, match="There is no Spotify login") as told:
        open_client(spotify_settings())
    assert told.value.action == "Run `tracksync login spotify`."


def test_what_is_not_there_is_not_found(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.world.tracks[an_id("talk")] = {"id": an_id("talk"), "type": "episode", "name": "Talk"}
    for ask in (
        lambda: track(client, an_id("nothing")),
        lambda: track(client, an_id("talk")),
        lambda: album(client, an_id("nothing")),
        lambda: playlist(client, an_id("nothing")),
        lambda: track(client, "no-id"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_every_link_of_tracks_is_read(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    world = spotify.world
    row = world.track("One")
    world.save(row)
    links = {
        f"spotify:track:{row['id']}": None,
        f"https://open.spotify.com/intl-de/album/{world.album('Album', row)}?si=x": "Album",
        f"https://open.spotify.com/playlist/{world.playlist('List', row)}": "List",
        "https://open.spotify.com/collection/tracks": None,
    }
    for text, name in links.items():
        named, found = behind(client, classify(text))
        assert (named, [entry.key for entry in found]) == (name, [f"spotify:track:{row['id']}"])
        assert is_own(classify(text)) is ("collection" in text)


@pytest.mark.parametrize("path", ["artist/{}", "episode/{}", "show/{}", "user/somebody", "", "track/short"])
def test_a_link_of_something_else_is_refused(spotify: LoopbackSpotify, client: SpotifyClient, path: str) -> None:
    link = classify(f"https://open.spotify.com/{path.format(an_id('x'))}")
    with pytest.raises((Unsupported, NotFound)):
        behind(client, link)


def test_what_is_private_needs_a_login(spotify: LoopbackSpotify, spotify_settings: Callable[..., Settings]) -> None:
    settings = spotify_settings(SPOTIFY_CLIENT_SECRET=spotify.world.secret)
    with open_client(settings, user=False) as client, pytest.raises(NotFound) as told:
        playlist(client, an_id("private"))
    assert "tracksync login spotify" in told.value.action
