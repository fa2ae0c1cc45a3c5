"""What a person saved, what a link names, and what is playing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from tracksync.errors import NotFound, TracksyncError, Unreachable
from tracksync.model import Facts
from tracksync.sources.detected import Detected
from tracksync.sources.playing import Playing
from tracksync.sources.spotify.client import SpotifyClient
from tracksync.sources.spotify.rows import from_row, what_is_no_track

__all__ = ["album", "completed", "current", "playing", "playlist", "saved_tracks", "track"]

Note = Callable[[str], None]

LIKED = "spotify-liked"
CURRENT = "spotify-current"
LINK = "link"

_PAGE = 50
_KINDS = ("track", "episode")
"""Asked for by name, else an episode comes dressed as a track."""


def _silent(_: str) -> None:
    pass


def saved_tracks(client: SpotifyClient, *, note: Note = _silent) -> Iterator[Detected]:
    """A person's saved tracks, newest first, as Spotify lists them; each page is asked for when it is wanted.

    Args:
        client: one that speaks for a person.
        note: told once, at the end, of the entries that are no tracks.

    Raises:
        LoginNeeded: there is no login, or one that may not read them.
        TracksyncError: a page can't be read; what came before it was given.
    """
    what = "your saved tracks"
    client.access.require(what, "user-library-read")
    pages = client.pages(what, lambda spotify: spotify.current_user_saved_tracks(limit=_PAGE, market=client.market))
    rows = (_under(entry, "track", "item") for page in pages for entry in page["items"])
    yield from _tracks(rows, LIKED, "Your saved tracks", note)


def playlist(client: SpotifyClient, playlist_id: str, *, note: Note = _silent) -> tuple[str, Iterator[Detected]]:
    """A playlist's name, and its tracks in its order; the first page has been read when this comes back.

    Raises:
        NotFound: there is none, or it is private and the login may not read it.
        Refused: Spotify keeps it from apps in development mode: it is somebody else's.
        TracksyncError: it can't be read.
    """
    what = f"the Spotify playlist {playlist_id}"
    head = client.get(what, lambda spotify: spotify.playlist(playlist_id, fields="name,id", market=client.market))
    name = _name(head, what)
    pages = _playlist_pages(client, playlist_id, what)
    first = next(pages)

    rows = (_under(entry, "item", "track") for page in chain((first,), pages) for entry in page["items"])
    return name, _tracks(rows, LINK, f"The playlist {name}", note, playlist=name, playlist_id=playlist_id)


def _playlist_pages(client: SpotifyClient, playlist_id: str, what: str) -> Iterator[dict[str, Any]]:
    """Page by page from `/items`, whose key is `item`, as since February 2026; else from `/tracks`, with `track`."""
    pages = client.pages(
        what,
        lambda spotify: spotify.playlist_items(playlist_id, limit=_PAGE, market=client.market, additional_types=_KINDS),
    )
    try:
        yield next(pages)
    except NotFound:
        market = f"&market={client.market}" if client.market else ""
        old = (
            f"https://api.spotify.com/v1/playlists/{playlist_id}/tracks"
            f"?limit={_PAGE}&additional_types={','.join(_KINDS)}{market}"
        )
        pages = client.pages(what, lambda spotify: spotify.next({"next": old}))
    yield from pages


def album(client: SpotifyClient, album_id: str, *, note: Note = _silent) -> tuple[str, Iterator[Detected]]:
    """An album's name, and its tracks in its order.

    The list has no ISRCs, and since February 2026 nothing gives several tracks at once: each is asked for by itself
    when it is wanted. Where that fails, what the list says is enough.

    Raises:
        NotFound: there is none.
        TracksyncError: it can't be read.
    """
    what = f"the Spotify album {album_id}"
    head = client.get(what, lambda spotify: spotify.album(album_id, market=client.market))
    name = _name(head, what)

    def rows() -> Iterator[object]:
        for page in client.pages(what, lambda _: head, "tracks"):
            yield from page["items"]

    found = _tracks(rows(), LINK, f"The album {name}", note, playlist=name, album=head)
    return name, _with_codes(client, found)


def _with_codes(client: SpotifyClient, found: Iterator[Detected]) -> Iterator[Detected]:
    asking = True
    for entry in found:
        if asking:
            try:
                yield completed(client, entry)
                continue
            except NotFound:
                pass
            except TracksyncError:
                asking = False
        yield entry


def track(client: SpotifyClient, track_id: str, *, source: str = LINK) -> Detected:
    """One track.

    Raises:
        NotFound: there is none.
        TracksyncError: it can't be read.
    """
    what = f"the Spotify track {track_id}"
    row = client.get(what, lambda spotify: spotify.track(track_id, market=client.market))
    no_track = what_is_no_track(row)
    if no_track:
        raise NotFound(f"Behind {what} there is only {no_track}.", action="Check the link.")
    return from_row(row, source)


def completed(client: SpotifyClient, found: Detected) -> Detected:
    """`found`, with what the Web API knows of it beyond a player or a list: every artist, album, date, ISRC.

    Key, source and playlist stay. What has no id of Spotify's comes back as it is.

    Raises:
        TracksyncError: the track can't be read.
    """
    if found.track is None or not found.key.startswith("spotify:track:"):
        return found
    full = track(client, found.key.removeprefix("spotify:track:"), source=found.source)
    assert full.track is not None  # noqa: S101 (`track` gives one or raises)
    before = found.track
    known = {name: value for name, value in before.facts.model_dump().items() if value}
    more = {name: value for name, value in full.track.facts.model_dump().items() if value}
    merged = before.model_copy(
        update={
            "facts": Facts.model_validate({**known, **more, "link": before.facts.link}),
            "duration_s": full.track.duration_s or before.duration_s,
        }
    )
    isrc = [(kind, value) for kind, value in full.identities if kind == "isrc"]
    return replace(found, track=merged, identities=tuple(dict.fromkeys([*found.identities, *isrc])))


def current(client: SpotifyClient) -> Detected | None:
    """The track that is playing on any of a person's devices, None where none plays; see `playing`."""
    return playing(client).track


def playing(client: SpotifyClient) -> Playing:
    """What is playing on a person's devices, in words where it is no track.

    A paused track does not count as playing: it may have been left days ago, and nobody listens to it.

    Raises:
        LoginNeeded: there is no login, or one that may not read it.
        Unreachable: Spotify can't be asked, or does not say what is playing.
    """
    what = "what is playing on Spotify"
    client.access.require(what, "user-read-currently-playing")
    answer = client.get_or_nothing(what, lambda spotify: spotify.current_user_playing_track())
    if answer is None:
        return Playing(None, "nothing is playing")
    kind, item, is_playing = (answer.get(name) for name in ("currently_playing_type", "item", "is_playing"))
    if not isinstance(is_playing, bool):
        raise Unreachable("Spotify does not say whether something is playing.", action="Run again later.")
    if kind in {"ad", "episode"}:
        return Playing(None, "an advert is playing" if kind == "ad" else "an episode is playing")
    no_track = what_is_no_track(item)
    if no_track == "an episode":
        return Playing(None, "an episode is playing")
    if not is_playing:
        name = from_row(item, CURRENT).label if no_track is None and isinstance(item, Mapping) else "the player"
        return Playing(None, f"{name} is paused")
    if no_track or not isinstance(item, Mapping):
        # Between two tracks, or in a private session: something plays, and Spotify keeps to itself what.
        raise Unreachable("Spotify says that something is playing, but not what.", action="Run again later.")
    found = from_row(item, CURRENT)
    return Playing(found, f"{found.label} is playing")


def _tracks(
    rows: Iterable[object],
    source: str,
    name: str,
    note: Note,
    *,
    playlist: str | None = None,
    playlist_id: str | None = None,
    album: Mapping[str, Any] | None = None,
) -> Iterator[Detected]:
    """Every track once: a list that grows while it is read moves its entries to the next page."""
    skipped: Counter[str] = Counter()
    seen: set[str] = set()
    for row in rows:
        no_track = what_is_no_track(row)
        if no_track or not isinstance(row, Mapping):
            skipped[no_track or "a hole"] += 1
            continue
        found = from_row(row, source, playlist=playlist, playlist_id=playlist_id, album=album)
        if found.key not in seen:
            seen.add(found.key)
            yield found
    if skipped:
        count = sum(skipped.values())
        kinds = ", ".join(f"{number} × {kind}" for kind, number in sorted(skipped.items()))
        entries = "1 entry is no track and is" if count == 1 else f"{count} entries are no tracks and are"
        note(f"{name}: {entries} passed over ({kinds}).")


def _under(entry: object, *names: str) -> object:
    """What a list's entry wraps, under the first of the names that is there."""
    if not isinstance(entry, Mapping):
        return None
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _name(head: Mapping[str, Any], what: str) -> str:
    name = head.get("name")
    if not isinstance(name, str):
        raise Unreachable(f"Spotify does not say what {what} is called.", action="Run again later.")
    return name.strip() or what.removeprefix("the ")
