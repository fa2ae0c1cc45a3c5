"""What a Spotify link names: one track, or the tracks of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tracksync.errors import Unsupported
from tracksync.sources.detected import Detected
from tracksync.sources.links import Link
from tracksync.sources.spotify.client import SpotifyClient
from tracksync.sources.spotify.lists import album, playlist, saved_tracks, track

__all__ = ["behind", "check_kind", "is_own"]

_WORDS = {
    "artist": "an artist's page",
    "episode": "an episode of a podcast",
    "show": "a podcast",
    "user": "a person's page",
}


def is_own(link: Link) -> bool:
    """Whether it leads to a person's own things (`open.spotify.com/collection`), so that only a login helps."""
    return _kind_and_id(link)[0] == "collection"


def behind(
    client: SpotifyClient, link: Link, *, note: Callable[[str], None] = lambda _: None
) -> tuple[str | None, Iterator[Detected]]:
    """The list's name (None where it is none that a person named), and the tracks in their order.

    Args:
        client: `open_client(settings, user=is_own(link))` gives one.
        link: one of Spotify's, as `classify` has it; a short link was resolved before.
        note: told of the entries that are no tracks.

    Raises:
        Unsupported: it names nothing that could be tracks.
        NotFound: it names nothing at all.
        TracksyncError: it can't be read.
    """
    kind, number = _kind_and_id(link)
    if kind == "track" and number:
        return None, iter([track(client, number)])
    if kind == "album" and number:
        return album(client, number, note=note)
    if kind == "playlist" and number:
        return playlist(client, number, note=note)
    if kind == "collection" and number in {"", "tracks"}:
        return None, saved_tracks(client, note=note)
    raise _unsupported(link, kind)


def check_kind(link: Link) -> None:
    """What needs no login to be refused: an artist's page, an episode.

    Raises:
        Unsupported: it names nothing that could be tracks.
    """
    kind, _ = _kind_and_id(link)
    if kind in _WORDS:
        raise _unsupported(link, kind)


def _unsupported(link: Link, kind: str) -> Unsupported:
    what = _WORDS.get(kind, "nothing that could be a track")
    return Unsupported(f"{link.canonical} is {what}.", action="Give the link of a track, an album or a playlist.")


def _kind_and_id(link: Link) -> tuple[str, str]:
    segments = [part for part in urlsplit(link.canonical).path.split("/") if part]
    kind, number = (*segments, "", "")[:2]
    return kind, number
