"""What the Web API says is playing: a track, or in words why there is none, or an error."""

from __future__ import annotations

import pytest

from tests.sandbox.spotify import Body, LoopbackSpotify, an_id
from tests.sandbox.spotify.fixtures import log_in
from tracksync.errors import LoginNeeded, Unreachable
from tracksync.settings import Settings
from tracksync.sources.names import name_key
from tracksync.sources.spotify import SpotifyClient, completed, current, open_client, playing


def test_the_track_that_is_playing(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    row = spotify.world.track("Strobe", "deadmau5")
    spotify.world.play(row)
    found = current(client)
    assert found is not None
    assert found.track is not None
    assert (found.key, found.track.source) == (f"spotify:track:{row['id']}", "spotify-current")
    assert playing(client).said == "deadmau5 - Strobe is playing"


def test_paused_ad_episode_and_silence_are_told_apart(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    world = spotify.world
    said = []
    assert playing(client).track is None
    said.append(playing(client).said)
    world.play(world.track("Strobe", "deadmau5"), is_playing=False)
    said.append(playing(client).said)
    world.play(None, kind="ad")
    said.append(playing(client).said)
    world.play(None, kind="episode")
    said.append(playing(client).said)
    world.play({"type": "episode", "name": "Talk", "id": an_id("talk")}, kind="unknown")
    said.append(playing(client).said)
    world.play(None, is_playing=False)
    said.append(playing(client).said)
    assert said == [
        "nothing is playing", "deadmau5 - Strobe is paused", "an advert is playing", "an episode is playing",
        "an episode is playing", "the player is paused",
    ]  # fmt: skip
    assert current(client) is None


def test_a_local_file_is_named_by_what_it_is_called(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    local = {"id": None, "type": "track", "is_local": True, "name": "Demo", "artists": [{"name": "Me"}],
             "uri": "spotify:local:Me::Demo:120", "duration_ms": 120_000}  # fmt: skip
    spotify.world.play(local)
    found = current(client)
    assert found is not None
    assert found.track is not None
    assert found.key == found.track.key == found.track.origin == name_key("Demo", ["Me"])
    assert (found.track.facts.link, found.identities, found.track.duration_s) == (None, (), 120)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"is_playing": "yes", "item": null}',
        b'{"is_playing": true, "currently_playing_type": "track", "item": null}',
        b'{"is_playing": true, "currently_playing_type": "track", "item": {"type": "track", "id": null}}',
    ],
)
def test_an_answer_that_does_not_say_it_is_no_silence(
    spotify: LoopbackSpotify, client: SpotifyClient, body: bytes
) -> None:
    spotify.add_fault(Body(path=".*currently-playing", body=body))
    with pytest.raises(Unreachable):
        current(client)


def test_a_login_without_the_scope_is_not_asked_with(spotify: LoopbackSpotify, settings: Settings) -> None:
    log_in(spotify, settings, "user-library-read")
    with open_client(settings) as client, pytest.raises(LoginNeeded, match="user-read-currently-playing") as told:
        current(client)
    assert told.value.action == "Run `tracksync login spotify` again."
    assert spotify.requests == []


def test_what_a_player_knows_is_completed(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    from tracksync.sources.player.answers import Answer, judged

    row = spotify.world.track("Strobe", "deadmau5", "A Guest")
    heard = judged(Answer("Spotify", "playing", title="Strobe", artists=("deadmau5",), ids=(row["uri"],))).track
    assert heard is not None
    full = completed(client, heard)
    assert full.track is not None
    assert (full.key, full.track.source, full.track.duration_s) == (heard.key, "spotify-current", 215.5)
    assert full.track.facts.artists == ("deadmau5", "A Guest")
    assert full.identities[-1] == ("isrc", row["external_ids"]["isrc"])
