"""Access tokens: from the login that is kept, from SPOTIFY_REFRESH_TOKEN, or of the app alone. Nothing ever prompts."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import replace
from typing import Any, Protocol

from pydantic import SecretStr
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyOAuth, SpotifyPKCE

from tracksync.errors import LoginNeeded, Misconfigured
from tracksync.settings import Settings
from tracksync.sources.spotify.errors import LOG_IN
from tracksync.sources.spotify.session import Ask, Session
from tracksync.sources.spotify.token import Token, TokenFile

__all__ = [
    "HOW_TO_SET_UP",
    "SCOPES",
    "Access",
    "AppAccess",
    "EitherAccess",
    "UserAccess",
    "hush_spotipy",
    "token_from",
]

SCOPES = (
    "playlist-read-collaborative",
    "playlist-read-private",
    "user-library-read",
    "user-read-currently-playing",
)
"""What `tracksync login spotify` asks for: to read, and nothing else."""

_LOG = logging.getLogger(__name__)


def hush_spotipy() -> None:
    """Keep spotipy's login code out of every log: at DEBUG it writes codes, tokens and the app's secret."""
    logging.getLogger("spotipy.oauth2").addFilter(_no_debug)


def _no_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


class Access(Protocol):
    """Where an access token comes from."""

    @property
    def is_user(self) -> bool:
        """Whether it speaks for a person, or for the app alone."""

    def token(self, refused: str | None) -> str:
        """An access token; another than the refused one, where one was.

        Raises:
            TracksyncError: there is none to be had.
        """

    def require(self, what: str, *scopes: str) -> None:
        """Refuse at once where the scopes surely do not suffice for `what`.

        Raises:
            LoginNeeded: so it is.
        """


class UserAccess:
    """A person's login.

    The one of `tracksync login` goes first, then SPOTIFY_REFRESH_TOKEN. What Spotify gives in place of the variable's
    token is kept in the file, too, and used from then on, as long as the variable stays the same.
    """

    is_user = True

    def __init__(self, settings: Settings, ask: Ask) -> None:
        self._settings, self._ask = settings, ask
        self._file = TokenFile(settings.home)
        self._kept: Token | None = None
        given = settings.spotify_refresh_token
        self._given = given.get_secret_value().strip() if given else ""

    def token(self, refused: str | None) -> str:
        if self._kept and self._kept.is_fresh and self._kept.access_token != refused:
            return self._kept.access_token
        with self._file.lock(self._ask.left):
            return self._renewed(refused).access_token

    def require(self, what: str, *scopes: str) -> None:
        """Also raises where there is no login at all."""
        lacking = self.login().lacks(*scopes)
        if lacking:
            raise LoginNeeded(
                f"The Spotify login may not read {what}: it lacks {', '.join(lacking)}.",
                action="Run `tracksync login spotify` again.",
            )

    def login(self) -> Token:
        """The login as it is known without asking Spotify.

        Raises:
            LoginNeeded: there is none.
        """
        if self._kept is None:
            self._kept = self._candidates()[0]
        return self._kept

    def renew(self) -> Token:
        """Refresh now, whether it is due or not: how a check finds out whether the login still holds.

        Raises:
            TracksyncError: it does not, or Spotify can't be asked.
        """
        with self._file.lock(self._ask.left):
            kept = self._candidates()[0]
            return self._renewed(kept.access_token or None)

    def _renewed(self, refused: str | None) -> Token:
        """Under the lock: what another process renewed meanwhile is taken as it is."""
        candidates = self._candidates()
        for token in candidates:
            if token.is_fresh and token.access_token != refused:
                self._kept = token
                return token
        for token in candidates:
            try:
                renewed = self._refresh(token)
            except LoginNeeded:
                if token is candidates[-1]:
                    raise
                continue
            self._kept = renewed
            try:
                self._file.write(renewed)
            except Misconfigured as error:
                if renewed.refresh_token != token.refresh_token:
                    raise  # the old one is spent: a run that goes on now is the last
                _LOG.warning("%s", error.message)
            return renewed
        raise AssertionError  # `_candidates` gives one at least

    def _candidates(self) -> list[Token]:
        """The logins to try, best first; never none."""
        app = self._settings.spotify_client_id
        if app is None:
            raise Misconfigured("SPOTIFY_CLIENT_ID is not set.", action=f"{HOW_TO_SET_UP} {LOG_IN}")
        mark = hashlib.sha256(self._given.encode()).hexdigest() if self._given else None
        found: list[Token] = []
        trouble: LoginNeeded | None = None
        try:
            kept = self._file.read()
            if kept is not None and kept.client_id != app:
                trouble = LoginNeeded("The Spotify login belongs to another app than SPOTIFY_CLIENT_ID.", action=LOG_IN)
            elif kept is not None and (kept.given is None or kept.given == mark):
                found.append(kept)
        except LoginNeeded as error:
            trouble = error
        if self._given:
            found.append(Token(app, self._given, given=mark))
        if not found:
            raise trouble or LoginNeeded("There is no Spotify login.", action=LOG_IN)
        return found

    def _refresh(self, token: Token) -> Token:
        secret = self._settings.spotify_client_secret
        with Session(self._ask) as session:
            pkce = SpotifyPKCE(
                client_id=token.client_id,
                redirect_uri=self._settings.spotify_redirect_uri,
                requests_session=session,
                cache_handler=MemoryCacheHandler(),
            )
            if secret is None or token.given is None:
                # A login of ours is PKCE's: it goes without the secret.
                return token_from(pkce.refresh_access_token(token.refresh_token), token)
            with_secret = SpotifyOAuth(
                client_id=token.client_id,
                client_secret=_secret(secret),
                redirect_uri=self._settings.spotify_redirect_uri,
                requests_session=session,
                cache_handler=MemoryCacheHandler(),
            )
            try:
                return token_from(with_secret.refresh_access_token(token.refresh_token), token)
            except LoginNeeded as error:
                # Nobody can see from a token which of the two ways it was made: the other is tried.
                try:
                    return token_from(pkce.refresh_access_token(token.refresh_token), token)
                except LoginNeeded:
                    raise error from None


class AppAccess:
    """The app alone (client credentials): public tracks and albums, no person's things."""

    is_user = False

    def __init__(self, settings: Settings, ask: Ask) -> None:
        self._settings, self._ask = settings, ask
        self._token, self._until = "", 0.0

    def token(self, refused: str | None) -> str:
        if not self._token or self._token == refused or time.time() >= self._until:
            secret = self._settings.spotify_client_secret
            if self._settings.spotify_client_id is None or secret is None:
                raise Misconfigured(
                    "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not both set.", action=f"{HOW_TO_SET_UP} {LOG_IN}"
                )
            with Session(self._ask) as session:
                kept = MemoryCacheHandler()
                manager = SpotifyClientCredentials(
                    client_id=self._settings.spotify_client_id,
                    client_secret=_secret(secret),
                    requests_session=session,
                    cache_handler=kept,
                )
                self._token = str(manager.get_access_token(as_dict=False, check_cache=False))
            self._until = float(kept.get_cached_token()["expires_at"]) - 60
        return self._token

    def require(self, what: str, *scopes: str) -> None:
        if scopes:
            raise LoginNeeded(f"Spotify gives {what} only to a person who is logged in.", action=LOG_IN)


class EitherAccess:
    """A person's login, and the app alone from where that is refused on: for what is public."""

    def __init__(self, user: UserAccess, app: AppAccess) -> None:
        self._user: UserAccess | None = user
        self._app = app

    @property
    def is_user(self) -> bool:
        """Whether the login has held so far."""
        return self._user is not None

    def token(self, refused: str | None) -> str:
        if self._user is not None:
            try:
                return self._user.token(refused)
            except LoginNeeded as error:
                _LOG.warning("%s Public links are read without it.", error)
                self._user = None
        return self._app.token(refused)

    def require(self, what: str, *scopes: str) -> None:
        (self._user or self._app).require(what, *scopes)


HOW_TO_SET_UP = (
    "Make an app at developer.spotify.com/dashboard and put its Client ID into SPOTIFY_CLIENT_ID; its secret is not "
    "needed for a login."
)


def token_from(given: Any, before: Token) -> Token:
    """A token endpoint's answer (the session has seen to its shape), as a login. What it leaves out stays as it was."""
    refresh, scope = given.get("refresh_token"), given.get("scope")
    return replace(
        before,
        access_token=given["access_token"],
        refresh_token=refresh if isinstance(refresh, str) and refresh else before.refresh_token,
        expires_at=float(given["expires_at"]),
        scope=scope if isinstance(scope, str) and scope else before.scope,
    )


def _secret(value: SecretStr) -> str:
    text = value.get_secret_value().strip()
    if not text.isascii():
        raise LoginNeeded("SPOTIFY_CLIENT_SECRET holds a character that no secret has.", action="Copy it again.")
    return text
