"""The tracks behind a Spotify link. Only what they are is asked of Spotify: their audio is looked for elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tracksync.errors import Unsupported
from tracksync.sources.secrets import redact

if TYPE_CHECKING:
    from tracksync.settings import Settings
    from tracksync.sources.detect import Detected
    from tracksync.sources.links import Link

__all__ = ["behind_link"]


def behind_link(link: Link, settings: Settings, note: Callable[[str], None] = lambda _: None) -> list[Detected]:
    """The tracks of a track's, an album's or a playlist's link, in its order, with the list's name as playlist.

    Raises:
        Unsupported: it names none of these.
        Misconfigured, LoginNeeded: there is no app, or no login where one is needed.
        TracksyncError: Spotify can't be asked.
    """
    from tracksync.sources.spotify.client import open_client
    from tracksync.sources.spotify.lists import album, playlist, track

    _, kind, number = ("", *link.canonical.removeprefix("https://open.spotify.com/").split("/"), "", "")[:3]
    if kind not in ("track", "album", "playlist") or not number:
        raise Unsupported(
            f"{redact(link.text)} names no track, album or playlist of Spotify's.",
            action="Give the link of one; for your own saved tracks, `tracksync sync --source spotify-liked`.",
        )
    with open_client(settings, user=False) as client:
        if kind == "track":
            return [track(client, number)]
        _, tracks = (album if kind == "album" else playlist)(client, number, note=note)
        return list(tracks)
