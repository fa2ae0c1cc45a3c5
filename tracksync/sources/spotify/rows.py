"""The Web API's objects, as tracks that are wanted. Pure: nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tracksync.model import Facts, Track
from tracksync.sources.detected import Detected
from tracksync.sources.names import name_key

__all__ = ["from_row", "link_of", "what_is_no_track"]

_ID = re.compile(r"[0-9A-Za-z]{22}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_DATE = re.compile(r"(?!0000)\d{4}(-(?!00)\d{2}(-(?!00)\d{2})?)?")


def link_of(track_id: str) -> str:
    """The canonical link of a track."""
    return f"https://open.spotify.com/track/{track_id}"


def what_is_no_track(row: object) -> str | None:
    """What an entry of a list is where it is no track: `a hole`, `an episode`; None where it is one."""
    if not isinstance(row, Mapping) or not row:
        return "a hole"
    kind = row.get("type", "track")
    if kind == "episode":
        return "an episode"
    if kind != "track" or not _text(row.get("name")):
        # A track that was taken down keeps its row, with nothing in it.
        return "a hole"
    if row.get("is_local") or not _saved_id(row):
        return None if _artists(row) else "a local file without a name"
    return None


def from_row(
    row: Mapping[str, Any],
    source: str,
    *,
    playlist: str | None = None,
    playlist_id: str | None = None,
    album: Mapping[str, Any] | None = None,
) -> Detected:
    """A track object as a track that is wanted; `what_is_no_track` must have passed it.

    Its identity is the id that the person saved: where Spotify plays another release of it in a country
    (`linked_from`), the facts are that one's and the id is not. A local file has no id and no page: its name is its
    key, and `origin` is that key, because there is nothing to fetch.

    Args:
        row: the Web API's track object, or the simplified one of an album's list.
        source: `spotify-liked`, `spotify-current` or `link`.
        playlist: the list that it stands in.
        playlist_id: Spotify's id of that list, where it is a playlist.
        album: the album's object, where the row does not hold it.
    """
    album = album if album is not None else _mapping(row.get("album"))
    artists, title = _artists(row), _text(row.get("name"))
    track_id = None if row.get("is_local") else _saved_id(row)
    isrc = _isrc(row)
    link = link_of(track_id) if track_id else None
    facts = Facts(
        title=title,
        artists=artists,
        album=_text(album.get("name")) or None,
        date=_date(album.get("release_date")),
        isrc=isrc,
        link=link,
        artist_ids=_artist_ids(row),
    )
    key = f"spotify:track:{track_id}" if track_id else name_key(title, artists)
    track = Track(
        key=key,
        source=source,
        origin=link or key,
        facts=facts,
        duration_s=_seconds(row),
        playlist=playlist,
        playlist_spotify_id=playlist_id,
    )
    names = [("link", link), ("spotify", track_id), ("isrc", isrc)]
    identities = tuple((kind, value) for kind, value in names if value)
    return Detected(facts.display, key, track=track, source=source, identities=identities)


def _saved_id(row: Mapping[str, Any]) -> str | None:
    for found in (_mapping(row.get("linked_from")).get("id"), row.get("id")):
        if isinstance(found, str) and _ID.fullmatch(found):
            return found
    return None


def _artists(row: Mapping[str, Any]) -> tuple[str, ...]:
    artists = row.get("artists")
    names = [_text(_mapping(artist).get("name")) for artist in artists] if isinstance(artists, list) else []
    return tuple(dict.fromkeys(name for name in names if name))


def _artist_ids(row: Mapping[str, Any]) -> dict[str, str]:
    """The artists' ids by their names. Of two that share a name, the first's: by name alone nobody tells them apart."""
    ids: dict[str, str] = {}
    artists = row.get("artists")
    for artist in map(_mapping, artists if isinstance(artists, list) else []):
        name, found = _text(artist.get("name")), artist.get("id")
        if name and isinstance(found, str) and _ID.fullmatch(found):
            ids.setdefault(name, found)
    return ids


def _isrc(row: Mapping[str, Any]) -> str | None:
    code = re.sub(r"[\s-]", "", _text(_mapping(row.get("external_ids")).get("isrc"))).upper()
    return code if _ISRC.fullmatch(code) else None


def _date(value: object) -> str | None:
    text = _text(value)
    return text if _DATE.fullmatch(text) else None


def _seconds(row: Mapping[str, Any]) -> float | None:
    length = row.get("duration_ms")
    return length / 1000 if isinstance(length, int | float) and length > 0 else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
