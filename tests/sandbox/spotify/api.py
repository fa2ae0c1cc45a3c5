"""The Web API of the loopback Spotify, in development mode as it is since February 2026."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.sandbox.spotify.world import Row, World

__all__ = ["answer"]

_BASE = "https://api.spotify.com/v1/"
Answer = tuple[int, Any]


def answer(world: World, path: str, query: Mapping[str, str], authorization: str) -> Answer:
    """Status and body (None where there is none, a text where it is no JSON)."""
    access = world.accesses.get(authorization.removeprefix("Bearer "))
    if access is None or access.until < time.time():
        return _error(401, "The access token expired")
    if world.forbidden is not None:
        return 403, world.forbidden
    first, _, rest = path.strip("/").partition("/")
    if first == "me" and not access.is_user:
        return _error(401, "Invalid access token")
    handler = _HANDLERS.get(first)
    return handler(world, rest, query, access.scope) if handler else _error(404, "Service not found")


def _me(world: World, rest: str, query: Mapping[str, str], scope: str) -> Answer:
    if rest == "":
        return 200, {"id": "a.listener", "display_name": "A Listener", "type": "user"}
    if rest == "tracks":
        if "user-library-read" not in scope:
            return _error(403, "Insufficient client scope")
        return 200, _page("me/tracks", world.saved, query)
    if rest == "player/currently-playing":
        if "user-read-currently-playing" not in scope:
            return _error(403, "Insufficient client scope")
        return (204, None) if world.playing is None else (200, world.playing)
    return _error(404, "Not found")


def _tracks(world: World, rest: str, query: Mapping[str, str], scope: str) -> Answer:
    if not rest:
        return _error(403, "Forbidden")  # several at once: gone
    row = world.tracks.get(rest)
    return (200, row) if row else _error(404, "Resource not found")


def _albums(world: World, rest: str, query: Mapping[str, str], scope: str) -> Answer:
    number, _, below = rest.partition("/")
    album = world.albums.get(number)
    if album is None:
        return _error(404, "Resource not found")
    page = _page(f"albums/{number}/tracks", album["rows"], query)
    if below:
        return 200, page
    return 200, {**{name: value for name, value in album.items() if name != "rows"}, "tracks": page}


def _playlists(world: World, rest: str, query: Mapping[str, str], scope: str) -> Answer:
    number, _, below = rest.partition("/")
    if number not in world.playlists:
        return _error(404, "Resource not found")
    if not below:
        return 200, {"name": world.names[number], "id": number}
    key = "item" if world.has_items else "track"
    if below != f"{key}s" or (key == "item" and "track" not in query.get("additional_types", "track")):
        return _error(404, "Service not found")
    rows = [row if row is None else {"added_at": None, "is_local": False, key: row} for row in world.playlists[number]]
    return 200, _page(f"playlists/{number}/{below}", rows, query)


def _search(world: World, rest: str, query: Mapping[str, str], scope: str) -> Answer:
    limit = int(query.get("limit", "5"))
    if not 1 <= limit <= 10:
        return _error(400, "Invalid limit")
    words = query.get("q", "").lower()
    found = [row for row in world.tracks.values() if row["name"].lower() in words]
    return 200, {"tracks": _page("search", found, {**query, "limit": str(limit)})}


_HANDLERS: dict[str, Callable[[World, str, Mapping[str, str], str], Answer]] = {
    "me": _me,
    "tracks": _tracks,
    "albums": _albums,
    "playlists": _playlists,
    "search": _search,
}


def _page(path: str, rows: list[Any], query: Mapping[str, str]) -> Row:
    limit, offset = int(query.get("limit", "20")), int(query.get("offset", "0"))
    following = {**query, "limit": str(limit), "offset": str(offset + limit)}
    return {
        "items": rows[offset : offset + limit],
        "limit": limit,
        "offset": offset,
        "total": len(rows),
        "next": f"{_BASE}{path}?{urlencode(following)}" if offset + limit < len(rows) else None,
    }


def _error(status: int, message: str) -> Answer:
    return status, {"error": {"status": status, "message": message}}
