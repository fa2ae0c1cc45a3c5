"""The login that is kept: one file under TRACKSYNC_HOME, readable by its owner alone, from its first byte on.

It is replaced whole, under a lock: Spotify takes a refresh token of PKCE once and gives another with the answer, so two
processes that refresh at the same time would end the login for both.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracksync.errors import LoginNeeded, Misconfigured, Unreachable
from tracksync.sources.spotify.errors import LOG_IN

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["TOKEN_FILE", "Token", "TokenFile", "ends_at"]

TOKEN_FILE = "spotify-token.json"  # noqa: S105 (a name)

_LOG = logging.getLogger(__name__)
_EARLY_S = 60
"""An access token is renewed so long before its end: a request takes time."""


@dataclass(frozen=True)
class Token:
    """What a login gave. Its secrets are left out of its text."""

    client_id: str
    """The app's, which the login was given to."""
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    expires_at: float = 0.0
    """Seconds since 1970."""
    scope: str | None = None
    """What it may do, separated by spaces; None where nobody said."""
    consented_at: float | None = None
    """When the person agreed (seconds since 1970): a refresh token lives six months from then. None where unknown."""
    given: str | None = field(default=None, repr=False)
    """SHA-256 of the SPOTIFY_REFRESH_TOKEN that it descends from; None for one of `tracksync login`."""

    @property
    def is_fresh(self) -> bool:
        """Whether its access token can be used."""
        return bool(self.access_token) and self.expires_at - time.time() > _EARLY_S

    def lacks(self, *scopes: str) -> list[str]:
        """Those of the scopes that it surely lacks."""
        return [] if self.scope is None else [scope for scope in scopes if scope not in self.scope.split()]


_LASTS = timedelta(days=182)
"""Since June 2026 a refresh token lives six months from the consent, and refreshing does not extend it
(developer.spotify.com, blog of 2026-06-18)."""


def ends_at(token: Token) -> datetime | None:
    """About when the login ends, None where nobody knows when it was given."""
    if token.consented_at is None:
        return None
    return datetime.fromtimestamp(token.consented_at, UTC) + _LASTS


class TokenFile:
    """`spotify-token.json` in a folder that need not be there yet."""

    def __init__(self, home: Path) -> None:
        self.path = home / TOKEN_FILE

    def read(self) -> Token | None:
        """The login, None where there is none.

        Raises:
            LoginNeeded: there is a file that can't be read or is no login.
        """
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            raise self._broken() from None
        if not isinstance(data, dict) or not all(
            isinstance(data.get(name), str) and data[name] for name in ("refresh_token", "client_id")
        ):
            raise self._broken()
        self._tighten()
        expires, consented = data.get("expires_at"), data.get("consented_at")
        return Token(
            client_id=data["client_id"],
            refresh_token=data["refresh_token"],
            access_token=_text(data.get("access_token")) or "",
            expires_at=float(expires) if isinstance(expires, int | float) else 0.0,
            scope=_text(data.get("scope")),
            consented_at=float(consented) if isinstance(consented, int | float) else None,
            given=_text(data.get("given")),
        )

    def write(self, token: Token) -> None:
        """Put it in the place of what is there.

        Raises:
            Misconfigured: the folder can't be written.
        """
        part = self.path.with_name(f".{TOKEN_FILE}.{os.getpid()}-{secrets.token_hex(4)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                    json.dump(asdict(token), stream)
                    stream.flush()
                    os.fsync(stream.fileno())
                part.replace(self.path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise Misconfigured(
                f"The Spotify login can't be kept in {self.path.parent}: {error.strerror or type(error).__name__}.",
                action="Make the folder writable, or set TRACKSYNC_HOME to another.",
            ) from None

    @contextlib.contextmanager
    def lock(self, seconds: float) -> Iterator[None]:
        """Hold the login for oneself; what another process did meanwhile is read anew by whoever holds it.

        Raises:
            Unreachable: another process has held it for so long.
            Misconfigured: the folder can't be written.
        """
        if fcntl is None:
            yield
            return
        place = self.path.with_name("spotify-token.lock")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Misconfigured(
                f"{place} can't be written: {error.strerror or type(error).__name__}.",
                action="Make the folder writable, or set TRACKSYNC_HOME to another.",
            ) from None
        try:
            until = time.monotonic() + seconds
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() >= until:
                        raise Unreachable(
                            "Another run is renewing the Spotify login and does not come to an end.",
                            action="Run again later.",
                        ) from None
                    time.sleep(0.05)
            yield
        finally:
            os.close(descriptor)

    def _tighten(self) -> None:
        """A copy that others may read (restored from a backup, for example) is closed to them."""
        with contextlib.suppress(OSError):
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(0o600)
                _LOG.warning("%s could be read by others, and no longer can.", self.path)

    def _broken(self) -> LoginNeeded:
        return LoginNeeded(f"The Spotify login in {self.path} can't be read.", action=LOG_IN)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
