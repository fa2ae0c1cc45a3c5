"""The services whose links are known: how each writes the same track in many ways, and what names it.

Each recogniser takes the parts of a link and answers with its canonical form, or None where the link is not its own.
YouTube, SoundCloud and Bandcamp addresses as their own sites share them; Spotify's links and URIs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

__all__ = ["Named", "bandcamp", "soundcloud", "spotify", "spotify_uri", "youtube"]


@dataclass(frozen=True)
class Named:
    """What a service's link names. `inner` is the link inside it, where it only wraps another (player, redirect).

    A key of `url` says that the canonical link itself is the identity.
    """

    canonical: str = ""
    key: str | None = None
    is_list: bool | None = None
    inner: str | None = None


Segments = Sequence[str]
Params = Mapping[str, str]

# -- YouTube ----------------------------------------------------------------------------------------------------------

_YOUTUBE_HOSTS = frozenset({"youtube.com", "youtube-nocookie.com", "youtube.googleapis.com", "youtubekids.com"})
_VIDEO_ID = re.compile(r"([0-9A-Za-z_-]{11})(?:[^0-9A-Za-z_-].*)?", re.DOTALL)
_PLAYLIST_ID = re.compile(r"[0-9A-Za-z_-]{2,}")
_VIDEO_PATHS = frozenset({"embed", "shorts", "live", "v", "e", "vi", "watch"})
_YOUTUBE_LISTS = frozenset({"channel", "c", "user", "feed", "results", "browse", "hashtag", "podcast", "show"})


def youtube(host: str, segments: Segments, params: Params) -> Named | None:
    """A video is `watch?v=<id>` whatever the host and path, also where a playlist is named beside it."""
    bare = re.sub(r"^(?:www|m|music|gaming|kids)\.", "", host)
    short = bare == "youtu.be"
    if not short and bare not in _YOUTUBE_HOSTS:
        return None
    first = segments[0] if segments else ""
    candidate = params.get("v") or params.get("vi")
    if short and first != "watch":
        candidate = first
    elif len(segments) > 1 and first in _VIDEO_PATHS and segments[1] != "videoseries":
        candidate = segments[1]
    elif first in {"attribution_link", "redirect", "oembed"} and (inner := params.get("u") or params.get("q")):
        return Named(inner=f"https://www.youtube.com{inner}" if inner.startswith("/") else inner)
    elif first not in {"", "watch", "ytscreeningroom", "playlist"}:
        candidate = None
    if candidate and (video := _VIDEO_ID.fullmatch(candidate)):
        return Named(f"https://www.youtube.com/watch?v={video[1]}", f"youtube:video:{video[1]}", is_list=False)
    playlist = params.get("list")
    if playlist and _PLAYLIST_ID.fullmatch(playlist):
        return Named(f"https://www.youtube.com/playlist?list={playlist}", is_list=True)
    if candidate:
        return Named(f"https://www.youtube.com/watch?v={quote(candidate, safe='')}", is_list=False)
    # YouTube Music's own pages (albums) exist on its host only.
    home = "music.youtube.com" if host == "music.youtube.com" else "www.youtube.com"
    named = {"search_query", "q"} if first in {"results", "search"} else set[str]()
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(params.items()) if name in named)
    canonical = f"https://{home}/{'/'.join(segments)}" + (f"?{query}" if query else "")
    return Named(canonical, is_list=True if first.startswith("@") or first in _YOUTUBE_LISTS else None)


# -- SoundCloud -------------------------------------------------------------------------------------------------------

_SOUNDCLOUD_LISTS = frozenset({
    "albums", "comments", "followers", "following", "likes", "playlists", "popular-tracks", "reposts", "sets",
    "spotlight", "toptracks", "tracks",
})  # fmt: skip
_SOUNDCLOUD_PAGES = frozenset({"charts", "discover", "people", "search", "stations", "stream", "tags", "you"})
_SECRET = re.compile(r"s-[0-9A-Za-z]+")


def soundcloud(host: str, segments: Segments, params: Params) -> Named | None:
    """`https://soundcloud.com/<user>/<slug>`, with the secret part of a private link where there is one.

    The numeric id is the identity, and only the service knows it: a slug can be renamed. Links of the API name it.
    """
    if host in {"on.soundcloud.com", "snd.sc", "soundcloud.app.goo.gl"}:
        # A short link: where it leads is known once it was opened.
        return Named(f"https://{host}/{'/'.join(segments)}")
    if host in {"w.soundcloud.com", "player.soundcloud.com", "p.soundcloud.com"}:
        inner = params.get("url")
        if inner and (token := params.get("secret_token")) and "secret_token" not in inner:
            inner += f"{'&' if '?' in inner else '?'}secret_token={token}"
        return Named(inner=inner if "://" in inner else f"https://{inner}") if inner else None
    token = params.get("secret_token", "")
    if host in {"api.soundcloud.com", "api-v2.soundcloud.com"}:
        kind, number = (*segments, "", "")[:2]
        number = unquote(number).rpartition(":")[2]
        suffix = f"?secret_token={quote(token, safe='')}" if token else ""
        canonical = f"https://api.soundcloud.com/{kind}/{number}{suffix}"
        if kind == "tracks" and number.isdecimal():
            return Named(canonical, f"soundcloud:track:{number}", is_list=False)
        return Named(canonical, is_list=True if kind in {"playlists", "users"} else None)
    if host not in {"soundcloud.com", "www.soundcloud.com", "m.soundcloud.com"}:
        return None
    parts = list(segments)
    if _SECRET.fullmatch(token) and len(parts) in {2, 3} and token not in parts:
        parts.append(token)
    base = f"https://soundcloud.com/{'/'.join(parts)}"
    if parts[:1] == ["search"] and "q" in params:
        return Named(f"{base}?q={quote(params['q'], safe='')}", is_list=True)
    return Named(base, is_list=_is_soundcloud_list(parts))


def _is_soundcloud_list(parts: Segments) -> bool | None:
    if not parts:
        return None
    if parts[0] in _SOUNDCLOUD_PAGES:
        return True
    if len(parts) == 1 or parts[1] in _SOUNDCLOUD_LISTS or parts[-1] == "recommended":
        return True
    is_track = len(parts) == 2 or (len(parts) == 3 and _SECRET.fullmatch(parts[2]))
    return False if is_track else None


# -- Spotify ----------------------------------------------------------------------------------------------------------

_SPOTIFY_KINDS = frozenset({"track", "album", "playlist", "artist", "episode", "show"})
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
_SPOTIFY_URI = re.compile(
    r"(?i)spotify:(?:user:[^:/?#]+:)?(track|album|playlist|artist|episode|show):([^:/?#\s]+)(?:\?.*)?"
)


def spotify(host: str, segments: Segments, params: Params) -> Named | None:  # noqa: ARG001 (one signature for all)
    """`https://open.spotify.com/<kind>/<id>`; short links are known to be Spotify's and no more."""
    if host in {"spotify.link", "spotify.app.link", "spoti.fi"}:
        return Named(f"https://{host}/{'/'.join(segments)}")
    if host != "spotify.com" and not host.endswith(".spotify.com"):
        return None
    parts = [part for part in segments if not re.fullmatch(r"intl-[a-z-]+|embed(-podcast)?", part)]
    if len(parts) >= 4 and parts[0] == "user" and parts[2] == "playlist":
        parts = parts[2:]
    return _spotify(parts)


def spotify_uri(text: str) -> Named | None:
    """`spotify:track:<id>`, `spotify:user:<name>:playlist:<id>` and the like; else None. An id that is none of
    Spotify's is for Spotify to refuse, as it is in a link."""
    found = _SPOTIFY_URI.fullmatch(text)
    return _spotify((found[1].lower(), found[2])) if found else None


def _spotify(parts: Segments) -> Named:
    kind, number = (*parts, "", "")[:2]
    if kind in _SPOTIFY_KINDS and _SPOTIFY_ID.fullmatch(number):
        key = f"spotify:track:{number}" if kind == "track" else None
        return Named(f"https://open.spotify.com/{kind}/{number}", key, is_list=kind not in {"track", "episode"})
    return Named(f"https://open.spotify.com/{'/'.join(parts)}", is_list=True if kind == "collection" else None)


# -- Bandcamp ---------------------------------------------------------------------------------------------------------


def bandcamp(host: str, segments: Segments, params: Params) -> Named | None:  # noqa: ARG001 (one signature for all)
    """`https://<artist>.bandcamp.com/track/<slug>`. An artist's own domain cannot be told from any other host."""
    if host != "bandcamp.com" and not host.endswith(".bandcamp.com"):
        return None
    canonical = f"https://{host}/{'/'.join(segments)}"
    first = segments[0] if segments else ""
    if host in {"bandcamp.com", "www.bandcamp.com"}:
        return Named(canonical)
    if first == "track" and len(segments) == 2:
        return Named(canonical, "url", is_list=False)
    return Named(canonical, is_list=True if first in {"", "album", "music"} else None)
