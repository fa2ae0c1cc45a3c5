"""The sources that say which tracks a person likes or plays, each read the same way: lazily, newest first.

Whoever reads stops when there is enough; nothing more is then asked of the service.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracksync.settings import Settings
    from tracksync.sources.detect import Detected

__all__ = ["LIKED", "PLAYING", "SOUNDCLOUD", "not_set_up", "read_source", "service_behind"]

PLAYING = "spotify-current"
SOUNDCLOUD = "soundcloud-likes"
LIKED = "spotify-liked"


def read_source(name: str, settings: Settings, cancel: threading.Event) -> Iterator[Detected]:
    """The tracks of a source, and what of its entries is no track (without `track`).

    Raises:
        TracksyncError: it can't be read: never is that the same as nothing being there.
    """
    # Imported here: each brings a client of its own, and most runs need one of them.
    if name == PLAYING:
        from tracksync.sources.player import current_track

        playing = current_track(settings, cancel)
        return iter([playing] if playing is not None else [])
    if name == SOUNDCLOUD:
        from tracksync.sources.soundcloud import likes

        return likes(settings, cancel)
    from tracksync.sources.spotify import liked

    return liked(settings)


def not_set_up(name: str, settings: Settings) -> str | None:
    """Which setting a source lacks; None where it can be tried."""
    if name == SOUNDCLOUD and settings.soundcloud_profile is None:
        return "SOUNDCLOUD_PROFILE is not set"
    if name == LIKED and settings.spotify_client_id is None:
        return "SPOTIFY_CLIENT_ID is not set"
    return None


def service_behind(name: str) -> str:
    """Which service is left alone when the source was told to wait."""
    return {PLAYING: "spotify", LIKED: "spotify", SOUNDCLOUD: "soundcloud"}.get(name, name)
