"""`tracksync doctor`, Spotify: the app, the login, what it may do and whose it is, by asking Spotify itself."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tracksync.cli.finding import Finding
from tracksync.errors import TracksyncError
from tracksync.settings import Settings

if TYPE_CHECKING:
    from tracksync.sources.spotify.client import SpotifyClient
    from tracksync.sources.spotify.token import Token

__all__ = ["spotify_findings"]

_SOON = timedelta(days=14)
_LOG_IN = "Run `tracksync login spotify`."


def spotify_findings(settings: Settings) -> list[Finding]:
    """Every check that Spotify's settings ask for; one that says so where nothing of Spotify is set."""
    from tracksync.sources.spotify.token import TokenFile

    token_file = TokenFile(settings.home).path
    there = {
        "SPOTIFY_CLIENT_SECRET": settings.spotify_client_secret is not None,
        "SPOTIFY_REFRESH_TOKEN": settings.spotify_refresh_token is not None,
        f"the login in {token_file}": token_file.exists(),
    }
    found = [name for name, is_there in there.items() if is_there]
    if settings.spotify_client_id is None:
        if not found:
            return [Finding("spotify", True, "not used (SPOTIFY_CLIENT_ID is not set, and nobody is logged in)")]
        told = f"{' and '.join(found)} can't be used: SPOTIFY_CLIENT_ID is not set"
        return [Finding("spotify", False, told, "Set SPOTIFY_CLIENT_ID to the app's Client ID.")]
    return [*_redirect(settings), *_app(settings), *_login(settings)]


def _redirect(settings: Settings) -> Iterator[Finding]:
    from tracksync.sources.spotify.consent import redirect_of

    try:
        redirect_of(settings)
    except TracksyncError as error:
        yield Finding("SPOTIFY_REDIRECT_URI", False, error.message, error.action)


def _app(settings: Settings) -> Iterator[Finding]:
    """The app's own credentials, where they are given: a login needs no secret."""
    from tracksync.sources.spotify.access import AppAccess, hush_spotipy
    from tracksync.sources.spotify.session import Ask

    if settings.spotify_client_secret is None:
        return
    hush_spotipy()
    ask = Ask(20.0)
    ask.begin("the app's credentials")
    try:
        AppAccess(settings, ask).token(None)
    except TracksyncError as error:
        yield Finding("spotify app", False, error.message, error.action)
        return
    yield Finding("spotify app", True, "Spotify accepts SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET")


def _login(settings: Settings) -> Iterator[Finding]:
    from tracksync.sources.spotify.access import SCOPES, UserAccess, hush_spotipy
    from tracksync.sources.spotify.client import SpotifyClient
    from tracksync.sources.spotify.session import Ask

    hush_spotipy()
    ask = Ask(20.0)
    access = UserAccess(settings, ask)
    ask.begin("the login")
    try:
        token = access.renew()
    except TracksyncError as error:
        yield Finding("spotify login", False, error.message, error.action)
        return
    yield _lasting(token)
    yield from _kept(settings)
    lacking = token.lacks(*SCOPES)
    if lacking:
        yield Finding("spotify scopes", False, f"the login lacks {', '.join(lacking)}", _LOG_IN)
    elif token.scope is not None:
        yield Finding("spotify scopes", True, ", ".join(SCOPES))
    with SpotifyClient(access, ask, settings.spotify_market) as client:
        yield from _asked(client)


def _asked(client: SpotifyClient) -> Iterator[Finding]:
    """What the login is for, tried: an account that is not on the app's list gets a token, and nothing for it."""
    from tracksync.sources.spotify import playing

    try:
        me = client.get("your Spotify account", lambda spotify: spotify.current_user())
    except TracksyncError as error:
        yield Finding("spotify account", False, error.message, error.action)
        return
    name = me.get("display_name") or me.get("id")
    yield Finding("spotify account", True, name if isinstance(name, str) else "has no name")
    try:
        saved = client.get("your saved tracks", lambda spotify: spotify.current_user_saved_tracks(limit=1))
        yield Finding("spotify saved tracks", True, f"{saved.get('total', 'some')} of them can be read")
    except TracksyncError as error:
        yield Finding("spotify saved tracks", False, error.message, error.action)
    try:
        yield Finding("spotify current", True, playing(client).said)
    except TracksyncError as error:
        yield Finding("spotify current", False, error.message, error.action)


def _lasting(token: Token) -> Finding:
    from tracksync.sources.spotify.token import ends_at

    whence = "SPOTIFY_REFRESH_TOKEN" if token.given is not None else "`tracksync login spotify`"
    end = ends_at(token)
    if end is None:
        return Finding("spotify login", True, f"from {whence}, and it could be renewed")
    told = f"from {whence}, it could be renewed, and it ends about {end:%Y-%m-%d}"
    if end - datetime.now(UTC) < _SOON:
        return Finding("spotify login", False, told, "Run `tracksync login spotify` again before that day.")
    return Finding("spotify login", True, told)


def _kept(settings: Settings) -> Iterator[Finding]:
    from tracksync.sources.spotify.token import TokenFile

    path = TokenFile(settings.home).path
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    if mode is None:
        yield Finding("spotify token file", False, f"{path} could not be kept", "Make TRACKSYNC_HOME writable.")
    elif mode & 0o077:
        yield Finding("spotify token file", False, f"others may read {path} ({mode:o})", f"chmod 600 {path}")
