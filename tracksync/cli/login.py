"""`tracksync login SERVICE`: the one-off consent. The only command that ever waits for a person."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracksync.cli.loopback import Listener, wait_for_answer
from tracksync.cli.show import say, write_json
from tracksync.errors import LoginNeeded, Misconfigured, TracksyncError
from tracksync.settings import Settings, load_settings, use_network_settings

if TYPE_CHECKING:
    from tracksync.sources.spotify.consent import Consent, Redirect
    from tracksync.sources.spotify.token import Token

__all__ = ["run_login"]

_WITH_TERMINAL_S = 600.0
"""A code is good for ten minutes."""
_WITH_PIPE_S = 120.0
_WITHOUT_STDIN_S = 10.0

_SERVICES = ("spotify",)
_OTHERWISE = {
    "soundcloud": "SoundCloud needs no login: set SOUNDCLOUD_PROFILE, and SC_AUTH_HEADER for what only you can hear.",
    "youtube": "YouTube needs no login: where it asks for one, name your cookies in YTDLP_COOKIES_FILE.",
    "notion": "Notion needs no login: put the integration's token into NOTION_TOKEN.",
    "eagle": "Eagle needs no login: put its API token into EAGLE_TOKEN.",
}


def run_login(service: str | None, *, browser: bool, as_json: bool) -> int:
    """Ask for the consent, wait for its answer, keep it; returns the exit code.

    Raises:
        Misconfigured: there is no such login, or no app that could ask.
        LoginNeeded: no answer came, or none that can be used.
        Unreachable: Spotify can't be asked.
    """
    names = ", ".join(_SERVICES)
    if service is None:
        raise Misconfigured("Say which service to log in to.", action=f"There is: {names}.")
    if service.lower() not in _SERVICES:
        other = _OTHERWISE.get(service.lower())
        raise Misconfigured(other or f"There is no login for {service}.", action=f"A login exists for: {names}.")
    use_network_settings()
    return _spotify(load_settings(), browser=browser, as_json=as_json)


def _spotify(settings: Settings, *, browser: bool, as_json: bool) -> int:
    from tracksync.sources.spotify.consent import Consent, app_of, code_in, redirect_of

    redirect = redirect_of(settings)
    app_of(settings, redirect.at(redirect.port))
    waiting: list[Consent] = []

    def is_good(answer: str) -> bool:
        try:
            return bool(waiting) and bool(code_in(answer, waiting[0].state))
        except TracksyncError:
            return False

    with ExitStack() as stack:
        listener = _listen(redirect, is_good)
        if listener is not None:
            stack.enter_context(listener)
        consent = Consent(settings, redirect.at(listener.port if listener is not None else redirect.port))
        waiting.append(consent)
        stdin, has_terminal = _stdin(), _is_terminal()
        _tell(consent.link, listener is not None, stdin is not None, as_json=as_json)
        if browser and has_terminal and _has_browser():
            webbrowser.open(consent.link)
        answer = wait_for_answer(
            listener,
            stdin=stdin,
            limit_s=_WITH_TERMINAL_S if has_terminal else _WITH_PIPE_S,
            without_stdin_s=_WITHOUT_STDIN_S,
        )
        if answer is None:
            raise LoginNeeded("No answer came.", action="Run `tracksync login spotify` in a terminal.")
        token = consent.finish(code_in(answer, consent.state))
    return _greet(settings, token, as_json=as_json)


def _listen(redirect: Redirect, is_good: Callable[[str], bool]) -> Listener | None:
    if redirect.host is None:
        return None
    try:
        return Listener(redirect.host, redirect.port, redirect.path, is_good)
    except OSError as error:
        told = error.strerror or type(error).__name__
        if redirect.port == 0:
            raise Misconfigured(
                f"{redirect.host} can't be listened on: {told}.", action="Give SPOTIFY_REDIRECT_URI a port."
            ) from None
        say(f"The browser can't bring the answer here by itself: port {redirect.port} can't be listened on ({told}).")
        return None


def _tell(link: str, listens: bool, takes_pasted: bool, *, as_json: bool) -> None:
    say("Open this link, and agree that tracksync may read your likes, your playlists and what you play:")
    if as_json:
        write_json({"event": "login", "service": "spotify", "state": "waiting", "link": link})
        say(link)
    else:
        sys.stdout.write(f"{link}\n")
        sys.stdout.flush()
    if listens and takes_pasted:
        say("The browser brings the answer back. On another machine: paste the address that it led to here.")
    elif takes_pasted:
        say("Then paste the address that the browser led to here, also if it shows no page:")


def _greet(settings: Settings, token: Token, *, as_json: bool) -> int:
    """Say who it is: the login's first use, which also shows whether the app may be used by that account at all."""
    from tracksync.sources.spotify import open_client
    from tracksync.sources.spotify.token import TokenFile, ends_at

    with open_client(settings) as client:
        me = client.get("your Spotify account", lambda spotify: spotify.current_user())
    name = me.get("display_name") or me.get("id")
    account = name if isinstance(name, str) else "an account without a name"
    until = ends_at(token) or datetime.now(UTC)
    if as_json:
        write_json(
            {
                "event": "login",
                "service": "spotify",
                "state": "done",
                "account": account,
                "scopes": sorted((token.scope or "").split()),
                "until": f"{until:%Y-%m-%d}",
            }
        )
    say(
        f"Logged in to Spotify as {account}, until about {until:%Y-%m-%d}. "
        f"The login is kept in {TokenFile(settings.home).path}, which only you can read."
    )
    return 0


def _stdin() -> int | None:
    try:
        os.fstat(0)
    except OSError:
        return None
    return 0


def _is_terminal() -> bool:
    """Whether somebody sits in front of it, who reads what is said and can answer."""
    try:
        return os.isatty(0) and os.isatty(2)
    except OSError:
        return False


def _has_browser() -> bool:
    """Whether there is a screen here: a browser of the terminal would take it away, one far off shows nothing."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return False
    if sys.platform.startswith(("linux", "freebsd")) and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
