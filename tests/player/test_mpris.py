"""Players on a D-Bus: what Spotify and others say there, right and wrong."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from dbus_fast import Variant

from tests.sandbox.dbus import PrivateBus
from tests.sandbox.spotify import an_id
from tracksync.errors import Unreachable
from tracksync.sources.links import url_key
from tracksync.sources.names import name_key
from tracksync.sources.player import mpris
from tracksync.sources.player.mpris import answer_from

ID = an_id("Strobe")


def facts(**more: Variant) -> dict[str, Variant]:
    return {
        "mpris:trackid": Variant("s", f"/com/spotify/track/{ID}"),
        "mpris:length": Variant("t", 215_500_000),
        "xesam:title": Variant("s", "Strobe"),
        "xesam:artist": Variant("as", ["deadmau5"]),
        "xesam:album": Variant("s", "For Lack of a Better Name"),
        "xesam:url": Variant("s", f"https://open.spotify.com/track/{ID}"),
        **{name.replace("__", ":"): value for name, value in more.items()},
    }


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"mpris__trackid": Variant("s", f"spotify:track:{ID}")},
        {"mpris__trackid": Variant("o", f"/com/spotify/track/{ID}"), "xesam__url": Variant("s", "")},
        {"mpris__trackid": Variant("o", "/org/mpris/MediaPlayer2/TrackList/NoTrack")},
        {"mpris__length": Variant("x", 215_500_000)},
        {"mpris__length": Variant("d", 215_500_000.0)},
        {"mpris__length": Variant("s", "215500000")},
        {"xesam__artist": Variant("s", "deadmau5")},
        {"xesam__artist": Variant("as", []), "xesam__albumArtist": Variant("as", ["deadmau5"])},
    ],
)
def test_spotifys_track_in_all_its_forms(bus: PrivateBus, changed: dict[str, Variant]) -> None:
    bus.add_player("spotify", facts(**changed))
    found = mpris.read().track
    assert found is not None
    assert found.track is not None
    link = f"https://open.spotify.com/track/{ID}"
    assert (found.key, found.track.origin, found.track.duration_s) == (f"spotify:track:{ID}", link, 215.5)
    assert found.track.facts.artists == ("deadmau5",)
    assert found.identities == (("link", link), ("spotify", ID))


@pytest.mark.parametrize(
    "changed",
    [
        {"mpris__trackid": Variant("s", "spotify:ad:000001")},
        {"mpris__trackid": Variant("s", "/com/spotify/ad/000001"), "xesam__url": Variant("s", "")},
        {"mpris__trackid": Variant("s", ""), "xesam__url": Variant("s", "https://open.spotify.com/ad/000001")},
    ],
)
def test_an_advert_is_no_track(bus: PrivateBus, changed: dict[str, Variant]) -> None:
    bus.add_player("spotify", facts(**changed))
    found = mpris.read()
    assert (found.track, found.said, found.sure) == (None, "an advert is playing in spotify", True)


def test_a_pause_in_spotify_settles_it_and_elsewhere_does_not(bus: PrivateBus) -> None:
    bus.add_player("vlc", {"xesam:title": Variant("s", "Film")}, "Paused")
    assert (mpris.read().said, mpris.read().sure) == ("Film is paused in vlc", False)
    bus.add_player("spotify", facts(), "Paused")
    assert (mpris.read().said, mpris.read().sure) == ("deadmau5 - Strobe is paused in spotify", True)


def test_spotify_goes_first_among_those_that_play(bus: PrivateBus) -> None:
    link = "https://soundcloud.com/somebody/a-track?utm_source=x"
    other = {"xesam:title": Variant("s", "A Track"), "xesam:url": Variant("s", link)}
    bus.add_player("aaa", other)
    bus.add_player("playerctld", facts(xesam__title=Variant("s", "An echo")))
    found = mpris.read().track
    assert found is not None
    assert found.track is not None
    canonical = "https://soundcloud.com/somebody/a-track"
    assert (found.key, found.track.facts.link) == (url_key(canonical), canonical)
    assert (found.identities, found.track.source) == ((("link", canonical),), "spotify-current")
    bus.add_player("ncspot.instance7", facts())
    found = mpris.read().track
    assert found is not None
    assert found.key == f"spotify:track:{ID}"


def test_a_youtube_link_is_known_by_its_video(bus: PrivateBus) -> None:
    bus.add_player("chromium", {"xesam:url": Variant("s", "https://music.youtube.com/watch?v=abcdefghijk&list=x")})
    found = mpris.read().track
    assert found is not None
    assert found.key == "youtube:video:abcdefghijk"


def test_a_file_is_its_path_where_it_is_there(bus: PrivateBus, tmp_path: Path) -> None:
    song = tmp_path / "Söng #1.mp3"
    song.write_bytes(b"x")
    bus.add_player("vlc", {"xesam:url": Variant("s", song.as_uri()), "mpris:length": Variant("x", -1)})
    found = mpris.read().track
    assert found is not None
    assert found.track is not None
    assert (found.track.origin, found.track.facts.title, found.track.duration_s) == (str(song), "Söng #1", None)
    assert found.key.startswith("path:")
    song.unlink()
    assert mpris.read().track is None


def test_a_track_with_a_name_alone_is_its_name(bus: PrivateBus) -> None:
    named = {"xesam:title": Variant("s", "Demo"), "xesam:artist": Variant("as", ["Me", "You"])}
    bus.add_player("spotify", {**named, "mpris:trackid": Variant("s", "spotify:local:Me:::120")})
    found = mpris.read().track
    assert found is not None
    assert found.key == name_key("demo", ["You", "Me"])


def test_what_has_neither_name_nor_link_is_no_track(bus: PrivateBus) -> None:
    bus.add_player("firefox", {"xesam:title": Variant("s", "A page"), "xesam:url": Variant("s", "about:blank")})
    found = mpris.read()
    assert (found.track, found.sure) == (None, False)


def test_nobody_on_the_bus_settles_nothing(bus: PrivateBus) -> None:
    assert (mpris.read().said, mpris.read().sure) == ("no player is open", False)


def test_a_player_that_hangs_does_not_hide_another(bus: PrivateBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpris, "_ONE_PLAYER_S", 0.2)
    bus.add_player("hung", facts(), answers=False)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="The player hung did not answer"):
        mpris.read()
    assert time.monotonic() - begun < 1
    bus.add_player("spotify", facts())
    found = mpris.read().track
    assert found is not None


def test_odd_answers_are_no_reason_to_fail(bus: PrivateBus) -> None:
    bus.add_odd_player("one", None)
    bus.add_odd_player("two", {})
    bus.add_odd_player("three", {"PlaybackStatus": Variant("i", 7), "Metadata": Variant("s", "none")})
    bus.add_odd_player("four", {"PlaybackStatus": Variant("s", "Playing"), "Metadata": Variant("a{sv}", {})})
    assert mpris.read().track is None
    bus.add_player("spotify", facts())
    assert mpris.read().track is not None


@pytest.mark.parametrize("address", ["unix:path=/nowhere/at/all", "tcp:host=127.0.0.1,port=9"])
def test_nobody_at_the_buss_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert mpris.is_there()
    with pytest.raises(mpris.NoBus):
        mpris.read()


def test_a_bus_that_cannot_be_asked_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "nonsense")
    assert mpris.is_there()
    with pytest.raises(Unreachable, match="D-Bus can't be asked") as told:
        mpris.read()
    assert not isinstance(told.value, mpris.NoBus)


def test_it_can_be_asked_from_within_a_loop(bus: PrivateBus) -> None:
    async def within() -> bool:
        return mpris.read().track is None

    assert asyncio.run(within())


def test_without_a_bus_there_is_nothing_to_ask() -> None:
    assert not mpris.is_there()


@pytest.mark.parametrize("properties", [None, [], "x", {"Metadata": None}, {"Metadata": {"xesam:title": 7}}])
def test_properties_of_any_type_are_read(properties: object) -> None:
    answer = answer_from("p", properties)
    assert (answer.title, answer.artists, answer.seconds, answer.plays) == ("", (), None, False)
