"""The one-off consent: OAuth's code flow with PKCE (RFC 7636), which needs no secret of the app.

Spotify redirects to https addresses and to the loopback by its number (http://127.0.0.1, not "localhost"); a loopback
address that is registered without a port may be given any.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyPKCE

from tracksync.errors import LoginNeeded, Misconfigured
from tracksync.settings import Settings
from tracksync.sources.spotify.access import HOW_TO_SET_UP, SCOPES, hush_spotipy, token_from
from tracksync.sources.spotify.errors import NEW_LOGIN, broken_answer
from tracksync.sources.spotify.session import Ask, Session
from tracksync.sources.spotify.token import Token, TokenFile

__all__ = ["Consent", "Redirect", "app_of", "code_in", "redirect_of"]

_AGAIN = "Run `tracksync login spotify` again."
_CODE = re.compile(r"[A-Za-z0-9_\-.~]{16,2048}")


@dataclass(frozen=True)
class Redirect:
    """Where Spotify sends the browser, and with it the answer."""

    uri: str
    """With `{port}` where any will do."""
    host: str | None
    """Where it is this machine's loopback, and so can be listened on; None elsewhere."""
    port: int
    """0 where any will do."""
    path: str

    def at(self, port: int) -> str:
        """The address with the port that is listened on."""
        return self.uri.replace("{port}", str(port))


def redirect_of(settings: Settings) -> Redirect:
    """SPOTIFY_REDIRECT_URI taken apart.

    Raises:
        Misconfigured: it is none that Spotify takes.
    """
    uri = settings.spotify_redirect_uri.strip()
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username:
        raise Misconfigured(
            "SPOTIFY_REDIRECT_URI is no address that Spotify could redirect to.",
            action="Use http://127.0.0.1:8888/callback, in the app's settings and in SPOTIFY_REDIRECT_URI alike.",
        )
    if parts.scheme == "http" and host not in {"127.0.0.1", "::1"}:
        raise Misconfigured(
            f"Spotify does not redirect to http://{host}: only to https, or to the loopback by its number.",
            action="Use http://127.0.0.1:8888/callback, in the app's settings and in SPOTIFY_REDIRECT_URI alike.",
        )
    if parts.scheme == "https":
        return Redirect(uri, None, port or 443, parts.path or "/")
    if port is None:
        shown = f"[{host}]" if ":" in host else host
        uri = f"http://{shown}:{{port}}{parts.path}"
    return Redirect(uri, host, port or 0, parts.path or "/")


def app_of(settings: Settings, redirect_uri: str) -> str:
    """The app's id.

    Raises:
        Misconfigured: there is none; says how to get one.
    """
    if settings.spotify_client_id is None:
        raise Misconfigured(
            "SPOTIFY_CLIENT_ID is not set, so there is no app that could ask for your consent.",
            action=f"{HOW_TO_SET_UP} Register {redirect_uri} there as redirect URI.",
        )
    return settings.spotify_client_id


class Consent:
    """One login from its link to its token.

    Args:
        settings: SPOTIFY_CLIENT_ID, TRACKSYNC_HOME.
        redirect_uri: as the app has it registered.

    Raises:
        Misconfigured: there is no app.
    """

    def __init__(self, settings: Settings, redirect_uri: str) -> None:
        hush_spotipy()
        self._app = app_of(settings, redirect_uri)
        self._file = TokenFile(settings.home)
        self._ask = Ask(20.0)
        self._kept = MemoryCacheHandler()
        self.state = secrets.token_urlsafe(24)
        self._pkce = SpotifyPKCE(
            client_id=self._app,
            redirect_uri=redirect_uri,
            state=self.state,
            scope=SCOPES,
            requests_session=Session(self._ask),
            cache_handler=self._kept,
        )
        self.link = str(self._pkce.get_authorize_url())
        """What the person opens. Holds nothing secret."""

    def finish(self, code: str) -> Token:
        """Trade the code for a login, and keep it.

        Raises:
            LoginNeeded: Spotify does not accept it, or the person allowed less than is needed.
            Unreachable: Spotify can't be asked.
            Misconfigured: the login can't be kept.
        """
        self._ask.begin(NEW_LOGIN)
        self._pkce.get_access_token(code, check_cache=False)
        given = self._kept.get_cached_token()
        if not given.get("refresh_token"):
            raise broken_answer(NEW_LOGIN, "an answer without a refresh token")
        token = token_from(given, Token(self._app, "", consented_at=time.time()))
        lacking = token.lacks(*SCOPES)
        if lacking:
            raise LoginNeeded(f"The consent leaves out what is needed: {', '.join(lacking)}.", action=_AGAIN)
        with self._file.lock(10.0):
            self._file.write(token)
        return token


def code_in(answer: str, state: str) -> str:
    """The code in the address that Spotify redirected to, or in what was pasted of it.

    A code by itself is taken without its state: it is of no use without the verifier of the very login that waits.

    Raises:
        LoginNeeded: there is none, it answers another login, or consent was denied. Never repeats the text.
    """
    text = answer.strip()
    if not text:
        raise LoginNeeded("Nothing was pasted.", action=_AGAIN)
    if "://" not in text and "=" not in text:
        if _CODE.fullmatch(text):
            return text
        raise LoginNeeded("What was pasted is neither an address nor a code.", action=_AGAIN)
    try:
        query = urlsplit(text).query or text.partition("?")[2] or text
        found = parse_qs(query)
    except ValueError:
        found = {}
    if "code_challenge" in found:
        raise LoginNeeded(
            "That is the link to open. The answer is the address that the browser shows after you agreed.",
            action=_AGAIN,
        )
    error, code = found.get("error", [""])[0], found.get("code", [""])[0]
    if not error and not code:
        raise LoginNeeded("There is no code in that address.", action=_AGAIN)
    if not hmac.compare_digest(found.get("state", [""])[0].encode(), state.encode()):
        raise LoginNeeded("That answer belongs to another login, not to the one that waits for it.", action=_AGAIN)
    if error == "access_denied":
        raise LoginNeeded("Consent was denied, so nothing of yours on Spotify can be read.", action=_AGAIN)
    if error:
        told = error if re.fullmatch(r"[a-z_]{1,40}", error) else "an error"
        raise LoginNeeded(f"Spotify did not ask for consent: {told}.", action=_AGAIN)
    return code
