"""The sources that say which tracks a person likes or plays, each read the same way: lazily, newest first.

Whoever reads stops when there is enough; nothing more is then asked of the service.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracksync.errors import RateLimited
    from tracksync.settings import Settings
    from tracksync.sources.detected import Detected

__all__ = ["LIKED", "PLAYING", "SOUNDCLOUD", "not_set_up", "read_source", "service_behind"]

PLAYING = "spotify-current"
SOUNDCLOUD = "soundcloud-likes"
LIKED = "spotify-liked"


def read_source(
    name: str,
    settings: Settings,
    cancel: threading.Event,
    note: Callable[[str], None],
    held: RateLimited | None = None,
) -> Iterator[Detected]:
    """The tracks of a source, and what of its entries is no track (without `track`).

    Args:
        name: the source's.
        settings: whose account, and how it is asked.
        cancel: ends the reading.
        note: told what is passed over.
        held: why Spotify is left alone now, where it is: players on this machine are asked all the same.

    Raises:
        TracksyncError: it can't be read: never is that the same as nothing being there.
    """
    # Imported here: each brings a client of its own, and most runs need one of them.
    if name == PLAYING:
        yield from _playing(settings, note, held)
    elif name == SOUNDCLOUD:
        from tracksync.sources.soundcloud import likes

        yield from likes(settings, cancel, note)
    else:
        from tracksync.sources.spotify import open_client, saved_tracks

        with open_client(settings) as client:
            yield from saved_tracks(client, note=note)


def _playing(settings: Settings, note: Callable[[str], None], held: RateLimited | None) -> Iterator[Detected]:
    from tracksync.sources.player import current_track

    found = current_track(settings, note=note, held=held)
    if found is not None:
        yield found


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
