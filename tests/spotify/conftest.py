"""What the tests of Spotify share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.sandbox.spotify import LoopbackSpotify
from tests.sandbox.spotify.fixtures import log_in, spotify, spotify_settings
from tracksync.settings import Settings
from tracksync.sources.spotify import SpotifyClient, open_client

__all__ = ["spotify", "spotify_settings"]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries only a moment."""
    monkeypatch.setattr("tracksync.sources.spotify.session._WAITS_S", (0.01, 0.02))


@pytest.fixture
def settings(spotify_settings: Callable[..., Settings]) -> Settings:
    return spotify_settings()


@pytest.fixture
def client(spotify: LoopbackSpotify, settings: Settings) -> Iterator[SpotifyClient]:
    """One that speaks for a person who is logged in."""
    log_in(spotify, settings)
    with ExitStack() as stack:
        yield stack.enter_context(open_client(settings))
