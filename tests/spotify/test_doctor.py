"""`tracksync doctor`, Spotify: what is not set, what does not hold, and what does because it was tried."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.sandbox.house import House
from tests.sandbox.spotify import LoopbackSpotify, Status
from tests.sandbox.spotify.fixtures import log_in
from tracksync.cli.doctor_spotify import spotify_findings
from tracksync.settings import Settings

Make = Callable[..., Settings]


def held(settings: Settings) -> dict[str, bool]:
    return {finding.name: finding.ok for finding in spotify_findings(settings)}


def test_nothing_set_is_not_used(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    (found,) = spotify_findings(spotify_settings(SPOTIFY_CLIENT_ID=None))
    assert found.ok
    assert "not used" in found.detail
    assert spotify.requests == []


@pytest.mark.parametrize("name", ["SPOTIFY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN"])
def test_half_of_it_is_said(spotify: LoopbackSpotify, spotify_settings: Make, name: str) -> None:
    (found,) = spotify_findings(spotify_settings(**{"SPOTIFY_CLIENT_ID": None, name: "x"}))
    assert not found.ok
    assert name in found.detail
    assert "SPOTIFY_CLIENT_ID" in found.action


def test_no_login_names_the_command(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    (found,) = spotify_findings(spotify_settings())
    assert (found.name, found.ok) == ("spotify login", False)
    assert found.action == "Run `tracksync login spotify`."


def test_what_holds_was_tried(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings(SPOTIFY_CLIENT_SECRET=spotify.world.secret)
    log_in(spotify, settings, consented_at=time.time())
    spotify.world.save(spotify.world.track("One"))
    findings = {finding.name: finding for finding in spotify_findings(settings)}
    assert all(finding.ok for finding in findings.values()), findings
    assert list(findings) == [
        "spotify app", "spotify login", "spotify scopes", "spotify account", "spotify saved tracks", "spotify current",
    ]  # fmt: skip
    assert findings["spotify account"].detail == "A Listener"
    assert findings["spotify saved tracks"].detail == "1 of them can be read"
    assert "it ends about" in findings["spotify login"].detail
    assert spotify.count("accounts") == 2
    told = " ".join(f"{finding.detail} {finding.action}" for finding in findings.values())
    assert not any(secret in told for secret in [*spotify.world.given, spotify.world.secret])
    spotify_findings(settings)  # and the login that it renewed was kept
    assert all(held(settings).values())


def test_a_login_that_soon_ends_is_said_in_time(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings()
    log_in(spotify, settings, consented_at=time.time() - 175 * 86_400)
    found = {finding.name: finding for finding in spotify_findings(settings)}["spotify login"]
    assert not found.ok
    assert "before that day" in found.action


def test_what_does_not_hold_is_said(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings(SPOTIFY_CLIENT_SECRET="wrong", SPOTIFY_REDIRECT_URI="http://localhost/x")
    log_in(spotify, settings, "user-library-read")
    assert held(settings) == {
        "SPOTIFY_REDIRECT_URI": False,
        "spotify app": False,
        "spotify login": True,
        "spotify scopes": False,
        "spotify account": True,
        "spotify saved tracks": True,
        "spotify current": False,
    }
    spotify.world.forbidden = "User not registered in the Developer Dashboard"
    assert held(settings)["spotify account"] is False
    spotify.add_fault(Status(code=429, retry_after="7200"))
    assert held(settings)["spotify login"] is False


def test_the_command_has_it(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings()
    house = House(settings.home.parent, {"SPOTIFY_CLIENT_ID": spotify.world.client_id, **spotify.environment})
    done = house.do("doctor", "--json")
    checks = {event["name"]: event for event in done.events}
    assert checks["spotify login"]["ok"] is False
    assert checks["spotify login"]["action"] == "Run `tracksync login spotify`."
