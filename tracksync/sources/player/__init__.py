"""What is playing right now: the Spotify app on macOS, the players on the D-Bus on Linux, else Spotify's Web API."""

from __future__ import annotations

from tracksync.sources.player.current import current_track

__all__ = ["current_track"]
