"""What goes wrong at Spotify, as the real spotipy meets it: each time an error of ours, in time, never a silence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.sandbox.spotify import Body, Cut, Drip, Fault, LoopbackSpotify, Reset, Slow, Status
from tests.sandbox.spotify.fixtures import log_in
from tracksync.errors import LoginNeeded, NotFound, RateLimited, Refused, Unreachable
from tracksync.settings import Settings
from tracksync.sources.spotify import SpotifyClient, open_client, playing, saved_tracks

TRACKS = "api.spotify.com/v1/me/tracks"
CURRENT = "api.spotify.com/v1/me/player/currently-playing"
TOKEN = "accounts.spotify.com/api/token"


@pytest.fixture
def short_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracksync.sources.spotify.session._TRY_S", 0.3)


def test_a_pause_of_hours_is_handed_on_at_once(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.add_fault(Status(code=429, retry_after="7200"))
    begun = time.monotonic()
    with pytest.raises(RateLimited, match="a pause of 2 hours before your saved tracks") as told:
        next(saved_tracks(client))
    assert told.value.retry_after == 7200
    assert time.monotonic() - begun < 1
    assert spotify.count(TRACKS) == 1


def test_a_pause_of_a_moment_is_waited_for(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.world.save(spotify.world.track("One"))
    spotify.add_fault(Status(code=429, retry_after="0", times=1))
    assert next(saved_tracks(client)).label == "Nobody - One"


@pytest.mark.parametrize("pause", [None, "soon"])
def test_a_pause_of_unknown_length_is_one_too(
    spotify: LoopbackSpotify, client: SpotifyClient, pause: str | None
) -> None:
    spotify.add_fault(Status(code=429, retry_after=pause))
    with pytest.raises(RateLimited) as told:
        next(saved_tracks(client))
    assert told.value.retry_after is None


def test_a_503_that_asks_for_hours_is_not_waited_for(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.add_fault(Status(code=503, retry_after="3600"))
    begun = time.monotonic()
    with pytest.raises(Unreachable) as told:
        next(saved_tracks(client))
    assert told.value.retry_after == 3600
    assert time.monotonic() - begun < 1


PASSING: list[Fault] = [
    Status(code=500),
    Status(code=502, text="<html>Bad gateway</html>"),
    Status(code=503),
    Body(body=b"<!DOCTYPE html><html></html>", kind="text/html"),
    Body(body=b""),
    Body(body=b"null"),
    Body(body=b"[]"),
    Body(body=b"not json"),
    Cut(),
    Cut(breaks_off=True),
    Reset(),
]


@pytest.fixture(params=PASSING, ids=lambda fault: f"{type(fault).__name__}-{getattr(fault, 'code', '')}")
def fault(request: pytest.FixtureRequest) -> Iterator[Fault]:
    yield request.param


def test_what_passes_by_itself_is_tried_again(spotify: LoopbackSpotify, client: SpotifyClient, fault: Fault) -> None:
    spotify.world.save(spotify.world.track("One"))
    spotify.add_fault(type(fault)(**{**vars(fault), "path": TRACKS, "times": 2}))
    assert [found.label for found in saved_tracks(client)] == ["Nobody - One"]
    assert spotify.count(TRACKS) == 3


def test_what_stays_broken_is_no_empty_list_and_no_silence(
    spotify: LoopbackSpotify, client: SpotifyClient, fault: Fault
) -> None:
    spotify.world.play(spotify.world.track("One"))
    spotify.add_fault(fault)
    with pytest.raises(Unreachable, match="your saved tracks"):
        list(saved_tracks(client))
    with pytest.raises(Unreachable, match="what is playing on Spotify"):
        playing(client)
    assert spotify.count(TRACKS) == 3


def test_no_content_is_a_silence_only_where_it_may_be(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    assert playing(client).said == "nothing is playing"
    spotify.add_fault(Status(path=TRACKS, code=204, text=""))
    with pytest.raises(Unreachable, match="an empty answer"):
        list(saved_tracks(client))


def test_a_page_that_breaks_later_keeps_what_came_before(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.world.save(*(spotify.world.track(f"Song {number}") for number in range(70)))
    spotify.add_fault(Status(path=TRACKS, code=500, skip=1))
    found = []
    with pytest.raises(Unreachable):
        for entry in saved_tracks(client):
            found.append(entry)  # noqa: PERF402 (it breaks off)
    assert len(found) == 50


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"items": null}', b'{"items": {}}', b'{"items": [], "next": 7}',
     b'{"items": [], "next": "https://evil.example/v1/me/tracks"}',
     b'{"items": [], "next": "http://api.spotify.com/v1/me/tracks"}',
     b'{"items": [], "next": "https://api.spotify.com.evil.example/v1/me/tracks"}',
     b'{"items": [], "next": "https://api.spotify.com/v1/me/tracks?offset=50"}'],
)  # fmt: skip
def test_a_page_that_is_none_or_leads_astray_is_refused(
    spotify: LoopbackSpotify, client: SpotifyClient, body: bytes
) -> None:
    spotify.add_fault(Body(path=TRACKS, body=body))
    with pytest.raises(Unreachable, match="can't be understood"):
        list(saved_tracks(client))
    assert set(spotify.proxy.asked) <= {"api.spotify.com"}


@pytest.mark.parametrize("slow", [Slow(seconds=30), Drip(every=0.1)], ids=["silence", "drip"])
def test_what_takes_too_long_is_given_up(
    spotify: LoopbackSpotify, client: SpotifyClient, slow: Fault, short_tries: None
) -> None:
    spotify.world.save(spotify.world.track("One"))
    spotify.add_fault(slow)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="does not answer in time"):
        list(saved_tracks(client))
    assert time.monotonic() - begun < 3


def test_a_source_gives_up_in_time_whatever_is_tried(
    spotify: LoopbackSpotify, settings: Settings, short_tries: None
) -> None:
    log_in(spotify, settings)
    spotify.add_fault(Slow(seconds=30))
    begun = time.monotonic()
    with open_client(settings, limit_s=0.5) as client, pytest.raises(Unreachable):
        list(saved_tracks(client))
    assert time.monotonic() - begun < 1.2


def test_nobody_there_is_unreachable(
    spotify: LoopbackSpotify, client: SpotifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="can't be reached for your saved tracks") as told:
        list(saved_tracks(client))
    assert told.value.action == "Check the connection."


def test_a_certificate_of_a_stranger_is_said(
    spotify: LoopbackSpotify, client: SpotifyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        list(saved_tracks(client))


FORBIDDEN: list[tuple[str, type[Exception], str]] = [
    ("Insufficient client scope", LoginNeeded, "tracksync login spotify"),
    ("User not registered in the Developer Dashboard", Refused, "User Management"),
    ("Active premium subscription required for the owner of the app.", Refused, "development mode"),
    ("Forbidden", Refused, "dashboard"),
]


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(("said", "kind", "helps"), FORBIDDEN)
def test_a_403_says_what_to_do(
    spotify: LoopbackSpotify, client: SpotifyClient, said: str, kind: type[Exception], helps: str, as_json: bool
) -> None:
    spotify.add_fault(Status(path=TRACKS, code=403, message=said, text=None if as_json else said))
    with pytest.raises(kind) as told:
        list(saved_tracks(client))
    assert helps in str(told.value)
    assert spotify.count(TRACKS) == 1


@pytest.mark.parametrize("body", [b'{"error": "a text"}', b"[1]", b"7", b'{"error": null}', b"<html>"])
@pytest.mark.parametrize(("code", "kind"), [(404, NotFound), (403, Refused), (418, Refused), (302, Unreachable)])
def test_an_error_of_any_shape_is_understood(
    spotify: LoopbackSpotify, client: SpotifyClient, body: bytes, code: int, kind: type[Exception]
) -> None:
    spotify.add_fault(Body(path=TRACKS, body=body, code=code))
    with pytest.raises(kind):
        list(saved_tracks(client))


# -- the login --------------------------------------------------------------------------------------------------------


def test_a_token_that_is_refused_is_renewed_once(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.world.save(spotify.world.track("One"))
    spotify.world.log_out_everywhere()
    assert [found.label for found in saved_tracks(client)] == ["Nobody - One"]
    assert spotify.count(TOKEN) == 1
    assert [seen.status for seen in spotify.requests if seen.path == TRACKS] == [401, 200]


def test_a_token_that_is_refused_again_needs_a_login(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.add_fault(Status(path=TRACKS, code=401))
    with pytest.raises(LoginNeeded) as told:
        list(saved_tracks(client))
    assert told.value.action == "Run `tracksync login spotify`."
    assert spotify.count(TRACKS) == 2
    assert spotify.count(TOKEN) == 1


def test_a_login_that_ended_is_said_and_kept(
    spotify: LoopbackSpotify, client: SpotifyClient, settings: Settings
) -> None:
    before = (settings.home / "spotify-token.json").read_bytes()
    spotify.world.log_out_everywhere()
    spotify.world.refreshes.clear()
    with pytest.raises(LoginNeeded, match="no longer accepts the login"):
        list(saved_tracks(client))
    # Services have taken such words back: the file is the person's to throw away.
    assert (settings.home / "spotify-token.json").read_bytes() == before


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (Status(path=TOKEN, code=429, retry_after="9000"), RateLimited),
        (Status(path=TOKEN, code=500), Unreachable),
        (Body(path=TOKEN, body=b"<html>", kind="text/html"), Unreachable),
        (Body(path=TOKEN, body=b"{}"), Unreachable),
        (Body(path=TOKEN, body=b'{"access_token": 7, "expires_in": 3600}'), Unreachable),
        (Body(path=TOKEN, body=b'{"access_token": "BQx", "expires_in": "an hour"}'), Unreachable),
        (Cut(path=TOKEN), Unreachable),
        (Reset(path=TOKEN), Unreachable),
        (Body(path=TOKEN, body=b'["invalid_grant"]', code=400), Unreachable),
        (Body(path=TOKEN, body=b"<html>Proxy</html>", code=403), Unreachable),
        (Body(path=TOKEN, body=b'{"error": "invalid_client"}', code=400), LoginNeeded),
    ],
)
def test_a_renewal_that_fails_is_an_error_of_ours_and_costs_no_login(
    spotify: LoopbackSpotify, client: SpotifyClient, settings: Settings, broken: Fault, kind: type[Exception]
) -> None:
    before = (settings.home / "spotify-token.json").read_bytes()
    spotify.world.log_out_everywhere()
    spotify.add_fault(broken)
    with pytest.raises(kind):
        list(saved_tracks(client))
    assert (settings.home / "spotify-token.json").read_bytes() == before


def test_a_wrong_secret_is_named(spotify: LoopbackSpotify, spotify_settings: Callable[..., Settings]) -> None:
    for secret in ("wrong", "schlüssel"):
        settings = spotify_settings(SPOTIFY_CLIENT_SECRET=secret)
        with open_client(settings, user=False) as client, pytest.raises(LoginNeeded, match="SPOTIFY_CLIENT_SECRET"):
            client.get("x", lambda spotify: spotify.track("x"))


def test_a_renewal_whose_answer_is_lost_has_spent_the_login(spotify: LoopbackSpotify, client: SpotifyClient) -> None:
    spotify.world.log_out_everywhere()
    spotify.add_fault(Cut(path=TOKEN, times=1))
    with pytest.raises(LoginNeeded, match="no longer accepts"):
        list(saved_tracks(client))
