"""Spotify's Web API: a person's saved tracks, what is playing, and what a link names. Never a stream: those are DRM."""

from __future__ import annotations

from tracksync.sources.spotify.client import SpotifyClient, has_login, open_client
from tracksync.sources.spotify.links import behind, check_kind, is_own
from tracksync.sources.spotify.lists import album, completed, current, playing, playlist, saved_tracks, track

__all__ = [
    "SpotifyClient",
    "album",
    "behind",
    "check_kind",
    "completed",
    "current",
    "has_login",
    "is_own",
    "open_client",
    "playing",
    "playlist",
    "saved_tracks",
    "track",
]
