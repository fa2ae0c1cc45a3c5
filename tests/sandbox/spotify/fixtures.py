"""Fixtures of the tests that talk to Spotify's stand-in, through the ordinary variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sandbox.net.environment import set_variables
from tests.sandbox.spotify.server import LoopbackSpotify
from tracksync.settings import Settings
from tracksync.sources.spotify.access import SCOPES
from tracksync.sources.spotify.token import Token, TokenFile

__all__ = ["log_in", "spotify", "spotify_settings"]


@pytest.fixture
def spotify(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackSpotify]:
    """A Spotify of the test's own, which this process reaches as it would reach the real one."""
    for name in list(os.environ):
        if name.startswith(("SPOTIFY_", "SPOTIPY_")):
            monkeypatch.delenv(name)
    with LoopbackSpotify() as stand_in:
        set_variables(stand_in.environment, monkeypatch)
        yield stand_in


@pytest.fixture
def spotify_settings(
    spotify: LoopbackSpotify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Settings]:
    """Settings with the stand-in's app and a home of their own; more variables by name."""
    monkeypatch.chdir(tmp_path)

    def make(**more: str | None) -> Settings:
        named = {"TRACKSYNC_HOME": str(tmp_path / "home"), "SPOTIFY_CLIENT_ID": spotify.world.client_id, **more}
        return Settings(**{name: value for name, value in named.items() if value is not None})  # type: ignore[arg-type]

    return make


def log_in(spotify: LoopbackSpotify, settings: Settings, scope: str = " ".join(SCOPES), **more: object) -> Token:
    """As after `tracksync login spotify`: a token file with a login that holds."""
    token = Token(
        client_id=spotify.world.client_id,
        refresh_token=spotify.world.refresh_token(scope),
        access_token=spotify.world.access_token(scope),
        expires_at=4e9,
        scope=scope,
        **more,  # type: ignore[arg-type]
    )
    TokenFile(settings.home).write(token)
    return token
