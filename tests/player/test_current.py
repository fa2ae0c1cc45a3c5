"""Who is asked what is playing, in which order, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dbus_fast import Variant

from tests.sandbox.dbus import PrivateBus
from tests.sandbox.spotify import LoopbackSpotify, Status, an_id
from tests.sandbox.spotify.fixtures import log_in
from tracksync.errors import LoginNeeded, RateLimited, Unreachable
from tracksync.settings import Settings
from tracksync.sources.names import name_key
from tracksync.sources.player import current_track, playerctl

StandIn = Callable[[str, str], Path]
Make = Callable[..., Settings]

ID = an_id("Strobe")


def line(*fields: str) -> str:
    return "\x1f".join(fields) + "\x1e\n"


def prints(text: str) -> str:
    return f"cat <<'EOF'\n{text}EOF"


PLAYING = line(
    "spotify", "Playing", f"/com/spotify/track/{ID}", "", "Strobe", "deadmau5, A Guest", "Album", "215500000"
)


def test_playerctl_is_asked_where_there_is_no_bus(stand_in: StandIn, settings: Settings) -> None:
    stand_in("playerctl", prints(line("vlc", "Playing", "", "", "Two\nlines", "X", "", "") + PLAYING))
    notes: list[str] = []
    found = current_track(settings, note=notes.append)
    assert found is not None
    assert found.track is not None
    assert (found.key, found.track.duration_s) == (f"spotify:track:{ID}", 215.5)
    assert found.track.facts.artists == ("deadmau5", "A Guest")
    assert notes == ["Asked through playerctl: deadmau5, A Guest - Strobe is playing in spotify."]


def test_playerctls_other_answers(stand_in: StandIn) -> None:
    stand_in("playerctl", prints(line("vlc", "Playing", "", "", "Two\nlines", "X", "", "nonsense")))
    found = playerctl.read().track
    assert found is not None
    assert found.key == name_key("Two lines", ["X"])
    stand_in("playerctl", "echo 'No players found' >&2; exit 1")
    assert (playerctl.read().track, playerctl.read().sure) == (None, False)
    for script in ("echo 'Could not connect to the bus' >&2; exit 1", prints("spotify\x1fPlaying\x1e\n")):
        stand_in("playerctl", script)
        with pytest.raises(Unreachable):
            playerctl.read()


def test_the_bus_goes_before_playerctl(bus: PrivateBus, stand_in: StandIn, settings: Settings) -> None:
    stand_in("playerctl", "touch asked")
    assert current_track(settings) is None
    bus.add_player("spotify", {"mpris:trackid": Variant("s", f"spotify:track:{ID}")})
    found = current_track(settings)
    assert found is not None
    assert not Path("asked").exists()


def test_playerctl_helps_out_where_the_bus_does_not_answer(
    stand_in: StandIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    stand_in("playerctl", prints(PLAYING))
    assert current_track(settings) is not None


def test_a_pause_here_is_the_answer_and_the_web_is_not_asked(
    spotify: LoopbackSpotify, spotify_settings: Make, stand_in: StandIn
) -> None:
    settings = spotify_settings()
    log_in(spotify, settings)
    stand_in("playerctl", prints(PLAYING.replace("Playing", "Paused")))
    notes: list[str] = []
    assert current_track(settings, note=notes.append) is None
    assert notes == ["Asked through playerctl: deadmau5, A Guest - Strobe is paused in spotify."]
    assert spotify.requests == []


def test_the_web_is_asked_where_no_player_here_has_spotify(
    spotify: LoopbackSpotify, spotify_settings: Make, stand_in: StandIn
) -> None:
    settings = spotify_settings()
    log_in(spotify, settings)
    stand_in("osascript", "echo closed")
    notes: list[str] = []
    assert current_track(settings, note=notes.append) is None
    spotify.world.play(spotify.world.track("Strobe", "deadmau5"))
    found = current_track(settings, note=notes.append)
    assert found is not None
    assert found.key == f"spotify:track:{ID}"
    assert notes == [
        "Asked through Spotify's Web API: nothing is playing.",
        "Asked through Spotify's Web API: deadmau5 - Strobe is playing.",
    ]


def test_nobody_to_ask_is_an_error_that_says_what_helps(settings: Settings) -> None:
    with pytest.raises(LoginNeeded, match="No player can be asked on this machine") as told:
        current_track(settings)
    assert told.value.action == "Run `tracksync login spotify`."


@pytest.mark.parametrize("playerctl_is_there", [False, True])
def test_an_address_that_outlived_its_bus_is_no_bus(
    spotify: LoopbackSpotify,
    spotify_settings: Make,
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    playerctl_is_there: bool,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    if playerctl_is_there:
        stand_in("playerctl", "echo 'Could not connect to the bus' >&2; exit 1")
    settings = spotify_settings()
    with pytest.raises(LoginNeeded, match="No player can be asked on this machine"):
        current_track(settings)
    log_in(spotify, settings)
    notes: list[str] = []
    assert current_track(settings, note=notes.append) is None
    assert notes == ["Asked through Spotify's Web API: nothing is playing."]


def test_a_player_that_is_closed_is_a_silence(settings: Settings, stand_in: StandIn) -> None:
    stand_in("osascript", "echo closed")
    notes: list[str] = []
    assert current_track(settings, note=notes.append) is None
    assert notes == ["Asked here: the Spotify app is closed. There is no Spotify login to ask for other devices."]


def test_a_player_that_fails_is_no_silence(settings: Settings, stand_in: StandIn) -> None:
    stand_in("osascript", "exit 1")
    with pytest.raises(Unreachable, match=r"^The Spotify app could not be asked"):
        current_track(settings)


def test_the_web_settles_what_a_player_could_not_say(
    spotify: LoopbackSpotify, spotify_settings: Make, stand_in: StandIn
) -> None:
    settings = spotify_settings()
    log_in(spotify, settings)
    stand_in("osascript", "exit 1")
    notes: list[str] = []
    assert current_track(settings, note=notes.append) is None
    assert "was asked instead" in notes[0]
    spotify.add_fault(Status(code=429, retry_after="7200"))
    with pytest.raises(RateLimited) as told:
        current_track(settings)
    assert told.value.retry_after == 7200
    assert "osascript failed" in told.value.message
    assert "a pause of 2 hours" in told.value.message


def test_a_login_that_is_broken_is_said(spotify: LoopbackSpotify, spotify_settings: Make, stand_in: StandIn) -> None:
    settings = spotify_settings()
    settings.home.mkdir()
    (settings.home / "spotify-token.json").write_text("{")
    stand_in("osascript", "echo closed")
    with pytest.raises(LoginNeeded, match="can't be read"):
        current_track(settings)
