"""Spotify's refusals, as errors of the house: what happened, and what a person can do about it.

The texts of 403 are those that the Web API has been seen to give: "Insufficient client scope", "User not registered in
the Developer Dashboard", "Active premium subscription required for the owner of the app". What a server says is only
searched for these words; it is never repeated, since nobody knows what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tracksync.errors import LoginNeeded, NotFound, RateLimited, Refused, TracksyncError, Unreachable

__all__ = ["LOG_IN", "NEW_LOGIN", "broken_answer", "login_refused", "retry_after", "status_error"]

NEW_LOGIN = "the new login"
LOG_IN = "Run `tracksync login spotify`."
_DASHBOARD = "developer.spotify.com/dashboard"
_LATER = "Run the same command again later."


def status_error(what: str, status: int, said: str, headers: Mapping[str, str]) -> TracksyncError:
    """The error of an answer of the Web API that is no success.

    Args:
        what: what was asked for: `the Spotify track <id>`, `your saved tracks`.
        status: HTTP's.
        said: the answer's own words.
        headers: the answer's; `Retry-After` is read.
    """
    if status == 429:
        pause = retry_after(headers)
        told = f"a pause of {_duration(pause)}" if pause is not None else "a pause"
        return RateLimited(
            f"Spotify asks for {told} before {what} can be read.", action=_LATER, retry_after=pause
        )  # fmt: skip
    if status == 401:
        return LoginNeeded(f"Spotify does not accept the login any more, so {what} can't be read.", action=LOG_IN)
    if status == 403:
        return _forbidden(what, said)
    if status in {404, 410}:
        return NotFound(
            f"Spotify has nothing for {what}: it is gone, private or misspelt.", action="Check the link."
        )  # fmt: skip
    if status >= 500:
        return Unreachable(
            f"Spotify is out of order ({status}), so {what} can't be read.",
            action=_LATER,
            retry_after=retry_after(headers),
        )
    if 300 <= status < 400:
        return broken_answer(what, f"a redirection ({status})")
    return Refused(f"Spotify refuses to give {what} ({status}).", action="Check the link.")


def _forbidden(what: str, said: str) -> TracksyncError:
    said = said.lower()
    if "scope" in said:
        return LoginNeeded(
            f"The Spotify login may not read {what}: it was given without that permission.",
            action="Run `tracksync login spotify` again.",
        )
    if "not registered" in said or "not approved" in said:
        return Refused(
            f"Spotify refuses {what}: the account is not on the list of the app's users.",
            action=f"Add the account at {_DASHBOARD}, User Management of the app of SPOTIFY_CLIENT_ID.",
        )
    if "premium" in said:
        return Refused(
            f"Spotify refuses {what}: the owner of the app of SPOTIFY_CLIENT_ID has no Premium subscription.",
            action="Apps in development mode work only while their owner has one.",
        )
    if "playlist" in what:
        return Refused(
            f"Spotify refuses {what}: an app in development mode may read only playlists that the account which is "
            "logged in owns or works on.",
            action="Copy its tracks to a playlist of your own, or name a list that was exported as CSV.",
        )
    return Refused(f"Spotify refuses {what} (403).", action=f"Look at the app's state at {_DASHBOARD}.")


def login_refused(what: str, status: int, name: str, headers: Mapping[str, str]) -> TracksyncError:
    """The error of an answer of the token endpoint; `name` is OAuth's: `invalid_grant`, `invalid_client`."""
    if name == "invalid_grant" and what == NEW_LOGIN:
        return LoginNeeded(
            "Spotify does not accept that answer: a code is good for ten minutes, for one use, and for the login that "
            "asked for it.",
            action="Run `tracksync login spotify` again.",
        )
    if status == 429 or status >= 500:
        return status_error("the login", status, "", headers)
    if name == "invalid_grant":
        return LoginNeeded(
            "Spotify no longer accepts the login: it was withdrawn, replaced, or is older than six months.",
            action=LOG_IN,
        )
    if name in {"invalid_client", "unauthorized_client"}:
        return LoginNeeded(
            "Spotify does not know the app: SPOTIFY_CLIENT_ID or SPOTIFY_CLIENT_SECRET is wrong.",
            action=f"Copy both from {_DASHBOARD}.",
        )
    if not name:
        return broken_answer(what, f"an unexpected refusal ({status})")  # a proxy's, perhaps
    return LoginNeeded(f"Spotify refuses the login ({status}).", action=LOG_IN)


def broken_answer(what: str, kind: str) -> Unreachable:
    """The error of an answer that is none: `kind` is `an empty answer`, `a web page`, …"""
    return Unreachable(f"Spotify gave {kind} for {what}, which can't be understood.", action=_LATER)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the answer asks to wait (RFC 9110, 10.2.3: a number or a date), None where it doesn't say."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _duration(seconds: float) -> str:
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds / size
            return f"{count:.3g} {name}{'' if f'{count:.3g}' == '1' else 's'}"
    return f"{seconds:.0f} seconds"
