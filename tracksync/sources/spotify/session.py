"""The connection that spotipy talks through: it bounds every request, and turns what goes wrong into our errors.

spotipy 2.26 gives `None` for a 204 and for every body that is no JSON, lets urllib3 sleep a `Retry-After` of hours
(also with 429 taken off its `status_forcelist`: urllib3 heeds the header on 413, 429 and 503 by itself), lets raw
errors of requests through, stumbles over an error whose body is JSON of another shape, and logs the Authorization
header. So it is given this session: what it gets from it is a JSON object or an honest 204, and it never sees the
token.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from tracksync.errors import RateLimited, TracksyncError, Unreachable
from tracksync.sources.spotify.errors import broken_answer, login_refused, retry_after, status_error

__all__ = ["Ask", "Session"]

T = TypeVar("T")

API_HOST = "api.spotify.com"
LOGIN_HOST = "accounts.spotify.com"

_TRY_S = 8.0
"""How long one try may take, from the look-up of the host's name to the last byte."""
_WAITS_S = (0.4, 1.2)
"""Before the second and the third try."""
_SHORT_PAUSE_S = 2.0
"""A pause that is waited for on the spot; a longer one is the caller's affair."""


@dataclass
class Ask:
    """What is being asked for, and until when an answer is waited for.

    A source gives up within `first_s` of its first question, however many tries that took; every further one of its
    questions (the pages of a long list) has `next_s`.
    """

    first_s: float
    next_s: float = _TRY_S
    what: str = "Spotify"
    until: float = 0.0
    _first_until: float | None = None

    def begin(self, what: str) -> None:
        """A question begins."""
        now = time.monotonic()
        if self._first_until is None:
            self._first_until = now + self.first_s
        self.what, self.until = what, max(self._first_until, now + self.next_s)

    @property
    def left(self) -> float:
        """Seconds, never below zero."""
        return max(0.0, self.until - time.monotonic())


class _Bearer(AuthBase):
    """Adds the token after spotipy has logged its headers. Has no text of its own that could show it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Session(requests.Session):
    """A session of requests for one of Spotify's hosts and no other.

    Args:
        ask: shared by the sessions of one client.
        token: gives the access token; called with the one that was refused, where one was. None for the login's host.
    """

    def __init__(self, ask: Ask, token: Callable[[str | None], str] | None = None) -> None:
        super().__init__()
        self._ask, self._token = ask, token

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """One answer: 200 with a JSON object, or 204.

        Raises:
            TracksyncError: anything else; see `errors.py`.
        """
        parts = urlsplit(str(url))
        if parts.scheme != "https" or parts.hostname != (LOGIN_HOST if self._token is None else API_HOST):
            # A page's `next` is somebody else's text: the token goes nowhere but home.
            raise broken_answer(self._ask.what, "a link to another host")
        options["allow_redirects"] = False
        token = self._token(None) if self._token else None
        refused: str | None = None
        attempt = 0
        while True:
            if token is not None:
                options["auth"] = _Bearer(token)
            try:
                return self._once(method, url, args, options)
            except _Stale:
                if self._token is None or refused is not None:
                    raise status_error(self._ask.what, 401, "", {}) from None
                refused, token = token, self._token(token)
            except _Again as again:
                if attempt == len(_WAITS_S):
                    raise again.error from None
                wait = again.wait or _WAITS_S[attempt] * random.uniform(0.8, 1.2)  # noqa: S311 (jitter)
                if wait >= self._ask.left:
                    raise again.error from None
                time.sleep(wait)
                attempt += 1

    def _once(self, method: Any, url: Any, args: Any, options: dict[str, Any]) -> requests.Response:
        what = self._ask.what
        limit = min(_TRY_S, self._ask.left)
        if limit <= 0:
            raise _silent(what)
        options["timeout"] = limit
        try:
            answer = _within(limit, lambda: super(Session, self).request(method, url, *args, **options))
        except TimeoutError:
            raise _Again(_silent(what)) from None
        except requests.exceptions.Timeout:
            raise _Again(_silent(what)) from None
        except requests.exceptions.SSLError:
            error = Unreachable(
                f"Spotify can't be reached for {what}: its certificate is not trusted here.",
                action="Check the clock, and SSL_CERT_FILE where a proxy has a certificate of its own.",
            )
            raise error from None
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            kind = type(error).__name__
            raise _Again(
                Unreachable(f"Spotify can't be reached for {what} ({kind}).", action="Check the connection.")
            ) from None
        return self._judged(answer)

    def _judged(self, answer: requests.Response) -> requests.Response:
        what, status = self._ask.what, answer.status_code
        if status == 204 and self._token is not None:
            return answer
        if status == 200:
            kind = _not_json(answer)
            if not kind and self._token is None and not _is_login(answer.json()):
                kind = "another kind of answer than a login"
            if kind:
                raise _Again(broken_answer(what, kind))
            return answer
        if status == 401 and self._token is not None:
            raise _Stale
        if self._token is None and status != 429 and 400 <= status < 500:
            raise login_refused(what, status, _oauth_error(answer), answer.headers)
        if 200 <= status < 300:
            raise broken_answer(what, f"an unexpected answer ({status})")
        error = status_error(what, status, answer.text[:2000], answer.headers)
        pause = retry_after(answer.headers)
        if isinstance(error, RateLimited):
            if pause is not None and pause <= _SHORT_PAUSE_S:
                raise _Again(error, wait=pause + 0.05)
            raise error
        if isinstance(error, Unreachable) and status >= 500 and (pause is None or pause <= _SHORT_PAUSE_S):
            raise _Again(error, wait=pause)
        raise error


class _Again(Exception):
    """Worth another try, after `wait` seconds where the answer named them."""

    def __init__(self, error: TracksyncError, wait: float | None = None) -> None:
        super().__init__()
        self.error, self.wait = error, wait


class _Stale(Exception):
    """The access token was refused."""


def _silent(what: str) -> Unreachable:
    return Unreachable(f"Spotify does not answer in time for {what}.", action="Check the connection, or run again.")


def _not_json(answer: requests.Response) -> str:
    """What a body is that is no JSON object; empty where it is one."""
    if not answer.content.strip():
        return "an empty answer"
    try:
        return "" if isinstance(answer.json(), dict) else "another kind of answer than its API's"
    except ValueError:
        begin = answer.content.lstrip()[:1]
        return "a web page" if begin == b"<" else "half an answer" if begin in b"{[" else "a text"


def _is_login(body: dict[str, Any]) -> bool:
    """Whether it is what a token endpoint gives (RFC 6749, 5.1)."""
    access, lasts = body.get("access_token"), body.get("expires_in")
    return isinstance(access, str) and bool(access) and isinstance(lasts, int | float)


def _oauth_error(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What `call` gives, or TimeoutError after so many seconds, whatever it hangs in.

    The timeouts of requests bound a single wait for a byte: a name server that is silent, or a body that drips, take
    longer. The thread that is left behind ends with its socket.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="spotify", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise TimeoutError
    return done[0]
