"""The Web API, asked through spotipy: one question at a time, each with an answer or an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from spotipy import Spotify, SpotifyException

from tracksync.errors import LoginNeeded, Misconfigured, NotFound
from tracksync.settings import Settings
from tracksync.sources.spotify.access import (
    HOW_TO_SET_UP,
    Access,
    AppAccess,
    EitherAccess,
    UserAccess,
    hush_spotipy,
)
from tracksync.sources.spotify.errors import LOG_IN, broken_answer, status_error
from tracksync.sources.spotify.session import Ask, Session
from tracksync.sources.spotify.token import TokenFile

__all__ = ["SpotifyClient", "has_login", "open_client"]

Row = dict[str, Any]

_FIRST_S = 20.0
"""With the last question's own time a source that does not answer is given up within 28 s."""


class SpotifyClient:
    """What the sources ask. Not for several threads at once.

    Args:
        access: where its tokens come from.
        ask: what `access` was made with.
        market: the country whose catalogue an app without a person sees (ISO 3166-1).
    """

    def __init__(self, access: Access, ask: Ask, market: str) -> None:
        hush_spotipy()
        self.access, self._ask, self._market = access, ask, market
        self._session = Session(ask, access.token)
        self.spotify = Spotify(requests_session=self._session)

    def __enter__(self) -> SpotifyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    @property
    def market(self) -> str | None:
        """The country to name. A person's own is known to Spotify, and another would hide and replace tracks."""
        return None if self.access.is_user else self._market

    def get(self, what: str, question: Callable[[Spotify], Row | None]) -> Row:
        """The answer to a question that always has one.

        Raises:
            TracksyncError: there is none, or it can't be understood.
        """
        answer = self.get_or_nothing(what, question)
        if answer is None:
            raise broken_answer(what, "an empty answer")
        return answer

    def get_or_nothing(self, what: str, question: Callable[[Spotify], Row | None]) -> Row | None:
        """The answer to a question, None where Spotify says that there is nothing (204).

        Args:
            what: what it is about, for the sentence of an error.
            question: asks spotipy.

        Raises:
            TracksyncError: there is no answer, or it can't be understood.
        """
        self._ask.begin(what)
        try:
            return question(self.spotify)
        except NotFound as error:
            if not self.access.is_user:
                error.action = "Check the link; what is private needs `tracksync login spotify`."
            raise
        except SpotifyException:
            # spotipy's own: what it was given is no id. Every answer's trouble comes as an error of ours.
            raise status_error(what, 404, "", {}) from None

    def pages(self, what: str, first: Callable[[Spotify], Row | None], inner: str | None = None) -> Iterator[Row]:
        """A paged list, page by page, each asked for when it is wanted.

        Args:
            what: what it is, for the sentence of an error.
            first: asks for the first page.
            inner: where the answer is a larger thing, the name of the list within it.

        Raises:
            TracksyncError: a page can't be read.
        """
        page = self.get(what, first)
        if inner is not None:
            page = page.get(inner) or {}
        seen: set[str] = set()
        while True:
            if not isinstance(page.get("items"), list):
                raise broken_answer(what, "a page without a list")
            yield page
            following = page.get("next")
            if following is None:
                return
            if not isinstance(following, str) or following in seen:
                raise broken_answer(what, "a list that leads back to itself")
            seen.add(following)
            link = following
            page = self.get(what, lambda spotify, link=link: spotify.next({"next": link}))  # type: ignore[misc]


def has_login(settings: Settings) -> bool:
    """Whether there seems to be a person's login, without asking Spotify whether it still holds."""
    if settings.spotify_client_id is None:
        return False
    if settings.spotify_refresh_token is not None:
        return True
    try:
        return TokenFile(settings.home).read() is not None
    except LoginNeeded:
        return True  # there is one, and it is broken: to be said, not to be passed over


def open_client(settings: Settings, *, user: bool = True, limit_s: float = _FIRST_S) -> SpotifyClient:
    """A client with whatever access there is. Nothing is asked of Spotify yet.

    Args:
        settings: SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET, SPOTIFY_REFRESH_TOKEN, SPOTIFY_MARKET, TRACKSYNC_HOME.
        user: whether a person's own things are wanted (saved tracks, what is playing). Without it a login is used where
            there is one (a person sees more lists), and the app alone where there is none.
        limit_s: how long its first question may take.

    Raises:
        LoginNeeded: there is no login, or it can't be read.
        Misconfigured: there is no app.
    """
    ask = Ask(limit_s, next_s=min(8.0, limit_s))
    if settings.spotify_client_id is None:
        raise Misconfigured(
            "Spotify can't be asked: SPOTIFY_CLIENT_ID is not set.", action=f"{HOW_TO_SET_UP} Then {_lowered(LOG_IN)}"
        )
    login = UserAccess(settings, ask)
    access: Access = login
    if user or settings.spotify_client_secret is None:
        if not user and not has_login(settings):
            raise LoginNeeded(
                "Spotify's links can't be read: nobody is logged in, and the app's secret is not set.",
                action="Run `tracksync login spotify`, or set SPOTIFY_CLIENT_SECRET beside SPOTIFY_CLIENT_ID.",
            )
        login.login()
    else:
        app = AppAccess(settings, ask)
        access = EitherAccess(login, app) if has_login(settings) else app
    return SpotifyClient(access, ask, settings.spotify_market)


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
