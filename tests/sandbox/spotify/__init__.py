"""A loopback Spotify: its token endpoint and its Web API over TLS, met by the real spotipy through a proxy."""

from __future__ import annotations

from tests.sandbox.spotify.faults import Body, Cut, Drip, Fault, Reset, Slow, Status
from tests.sandbox.spotify.server import LoopbackSpotify
from tests.sandbox.spotify.world import World, an_id

__all__ = ["Body", "Cut", "Drip", "Fault", "LoopbackSpotify", "Reset", "Slow", "Status", "World", "an_id"]
