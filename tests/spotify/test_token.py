"""The login that is kept: for its owner's eyes, replaced whole, renewed by one process at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.spotify import LoopbackSpotify
from tests.sandbox.spotify.fixtures import log_in
from tracksync.errors import LoginNeeded, Misconfigured, Unreachable
from tracksync.settings import Settings
from tracksync.sources.spotify import has_login, open_client, saved_tracks
from tracksync.sources.spotify.access import SCOPES
from tracksync.sources.spotify.token import Token, TokenFile, ends_at

TOKEN = "accounts.spotify.com/api/token"
SCOPE = " ".join(SCOPES)

Make = Callable[..., Settings]


def read_once(settings: Settings) -> None:
    with open_client(settings) as client:
        list(saved_tracks(client))


def test_the_file_is_the_owners_alone_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        modes.append(os.fstat(descriptor).st_mode & 0o777)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    before = os.umask(0)
    try:
        kept = TokenFile(tmp_path / "deep" / "home")
        kept.write(Token("app", "refresh", "access", 4e9, SCOPE))
    finally:
        os.umask(before)
    assert modes == [0o600]
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.read() == Token("app", "refresh", "access", 4e9, SCOPE)
    assert [path.name for path in kept.path.parent.iterdir()] == ["spotify-token.json"]


def test_a_file_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    kept = TokenFile(tmp_path)
    kept.write(Token("app", "refresh"))
    kept.path.chmod(0o644)
    assert kept.read() is not None
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = TokenFile(tmp_path)
    kept.write(Token("app", "first"))
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(Misconfigured, match="No space left on device"):
        kept.write(Token("app", "second"))
    assert kept.read() == Token("app", "first")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"refresh_token": ""}', '{"refresh_token": 7}', "\xff"])
def test_a_file_that_is_no_login_asks_for_one(settings: Settings, content: str) -> None:
    kept = TokenFile(settings.home)
    kept.path.parent.mkdir(parents=True)
    kept.path.write_text(content, encoding="latin-1")
    assert has_login(settings)
    with pytest.raises(LoginNeeded, match="can't be read") as told:
        open_client(settings)
    assert told.value.action == "Run `tracksync login spotify`."


def test_the_secrets_of_a_token_are_not_in_its_text() -> None:
    text = repr(Token("app", "REFRESH", "ACCESS", given="GIVEN"))
    assert "app" in text
    assert not any(secret in text for secret in ("REFRESH", "ACCESS", "GIVEN"))


def test_another_apps_login_is_none(spotify: LoopbackSpotify, settings: Settings, spotify_settings: Make) -> None:
    log_in(spotify, settings)
    with pytest.raises(LoginNeeded, match="another app"):
        open_client(spotify_settings(SPOTIFY_CLIENT_ID="other"))


def test_a_login_that_may_too_little_names_the_command(spotify: LoopbackSpotify, settings: Settings) -> None:
    log_in(spotify, settings, "playlist-read-private")
    with pytest.raises(LoginNeeded, match="lacks user-library-read") as told:
        read_once(settings)
    assert told.value.action == "Run `tracksync login spotify` again."
    assert spotify.requests == []


def test_what_spotify_gives_in_exchange_is_kept(spotify: LoopbackSpotify, settings: Settings) -> None:
    first = log_in(spotify, settings, consented_at=1e9)
    spotify.world.lasts_s = 30  # used up before it is used: each run renews
    for _ in range(3):
        spotify.world.log_out_everywhere()
        read_once(settings)
    last = TokenFile(settings.home).read()
    assert last is not None
    assert last.refresh_token != first.refresh_token
    assert last.refresh_token in spotify.world.refreshes
    assert (last.consented_at, last.scope) == (1e9, SCOPE)
    end = ends_at(last)
    assert end is not None
    assert f"{end:%Y-%m-%d}" == "2002-03-10"


def test_an_access_token_is_used_until_its_end(spotify: LoopbackSpotify, settings: Settings) -> None:
    log_in(spotify, settings)
    read_once(settings)
    read_once(settings)
    assert spotify.count(TOKEN) == 0


# -- SPOTIFY_REFRESH_TOKEN --------------------------------------------------------------------------------------------


def test_a_refresh_token_of_the_environment_needs_no_login(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings(SPOTIFY_REFRESH_TOKEN=spotify.world.refresh_token(SCOPE))
    assert has_login(settings)
    read_once(settings)
    read_once(settings)
    assert spotify.count(TOKEN) == 1
    spotify.world.log_out_everywhere()
    read_once(settings)  # the variable's own token is spent: the one in its place is used
    assert spotify.count(TOKEN) == 2


def test_a_refresh_token_that_was_made_with_the_secret(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    given = spotify.world.refresh_token(SCOPE, pkce=False)
    settings = spotify_settings(SPOTIFY_REFRESH_TOKEN=given, SPOTIFY_CLIENT_SECRET=spotify.world.secret)
    read_once(settings)
    spotify.world.log_out_everywhere()
    read_once(settings)
    kept = TokenFile(settings.home).read()
    assert kept is not None
    assert kept.refresh_token == given


def test_a_refresh_token_of_pkce_beside_a_secret(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    given = spotify.world.refresh_token(SCOPE)
    settings = spotify_settings(SPOTIFY_REFRESH_TOKEN=given, SPOTIFY_CLIENT_SECRET=spotify.world.secret)
    read_once(settings)
    spotify.world.log_out_everywhere()
    read_once(settings)


def test_a_new_refresh_token_takes_the_place_of_the_old_ones(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    read_once(spotify_settings(SPOTIFY_REFRESH_TOKEN=spotify.world.refresh_token(SCOPE)))
    spotify.world.refreshes.clear()
    spotify.world.log_out_everywhere()
    read_once(spotify_settings(SPOTIFY_REFRESH_TOKEN=spotify.world.refresh_token(SCOPE)))


def test_a_login_goes_before_a_variable_that_is_spent(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings(SPOTIFY_REFRESH_TOKEN="AQspent")
    with pytest.raises(LoginNeeded):
        read_once(settings)
    log_in(spotify, settings)
    read_once(settings)


def test_a_variable_helps_out_where_the_login_ended(spotify: LoopbackSpotify, spotify_settings: Make) -> None:
    settings = spotify_settings()
    log_in(spotify, settings)
    spotify.world.refreshes.clear()
    spotify.world.log_out_everywhere()
    read_once(spotify_settings(SPOTIFY_REFRESH_TOKEN=spotify.world.refresh_token(SCOPE)))


# -- several at once --------------------------------------------------------------------------------------------------

_READER = """
from tracksync.settings import load_settings
from tracksync.sources.spotify import open_client, saved_tracks
with open_client(load_settings()) as client:
    print(len(list(saved_tracks(client))))
"""


def test_processes_that_renew_at_once_renew_once(spotify: LoopbackSpotify, settings: Settings, tmp_path: Path) -> None:
    spotify.world.save(spotify.world.track("One"))
    log_in(spotify, settings)
    data = json.loads(TokenFile(settings.home).path.read_text())
    TokenFile(settings.home).path.write_text(json.dumps({**data, "expires_at": 0}))
    environment = {
        **os.environ,
        "TRACKSYNC_HOME": str(settings.home),
        "SPOTIFY_CLIENT_ID": spotify.world.client_id,
        "HOME": str(tmp_path),
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", _READER], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[0] for process in processes] == ["1\n"] * 3
    assert spotify.count(TOKEN) == 1


def test_a_renewal_that_hangs_elsewhere_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    kept = TokenFile(tmp_path)
    begun = time.monotonic()
    with kept.lock(1), pytest.raises(Unreachable, match="Another run"), TokenFile(tmp_path).lock(0.1):
        pass
    assert time.monotonic() - begun < 1
    with kept.lock(0):
        pass
