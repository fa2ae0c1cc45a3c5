"""What a database says, in the words of the house.

Drivers put hosts, statements and whole rows into their messages, and a row may hold a private link: none of their text
is passed on, only what their codes mean.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import exc

from tracksync.errors import Busy, DiskFull, Misconfigured, NotFound, TracksyncError, Unexpected, Unreachable

__all__ = ["LOCK_SECONDS", "Place", "plain_errors"]

LOCK_SECONDS = 30
"""How long a write waits for another one, in seconds."""

_NEARLY_FULL = 1 << 20
"""Bytes. SQLite reports some writes that a full disk refused as a plain I/O error."""


@dataclass(frozen=True)
class Place:
    """Where a journal is, as a person may read it: never with a password."""

    name: str
    path: Path | None = None
    """SQLite's file; None on PostgreSQL."""

    @property
    def subject(self) -> str:
        """The name at the beginning of a sentence."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def action(self) -> str:
        """What to look at when it is not as it has to be."""
        return f"Check {'TRACKSYNC_HOME or ' if self.path else ''}TRACKSYNC_DATABASE_URL."


@contextmanager
def plain_errors(place: Place, *, opening: bool = False, about: str = "") -> Iterator[None]:
    """Turn what a driver raises into an error of the house.

    Args:
        place: the journal, for the sentence.
        opening: a server that does not answer is then a wrong setting, and not a thing that passes by itself.
        about: the key of the track that is written, for the sentence when there is none.
    """
    try:
        yield
    except exc.DBAPIError as error:
        raise _translated(error, place, opening=opening, about=about) from None
    except exc.TimeoutError:
        raise _busy(place) from None
    except OSError as error:
        if not opening:
            raise
        raise _from_system(error, place) from None


def _busy(place: Place) -> Busy:
    return Busy(
        f"{place.subject} was held by another program for {LOCK_SECONDS} seconds.",
        action="End the program that holds it, or run this again.",
    )


def _disk_full(place: Place) -> DiskFull:
    return DiskFull(f"The disk of {place.name} is full.", action="Make room and run it again: nothing is lost.")


def _from_system(error: OSError, place: Place) -> TracksyncError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(place)
    reason = os.strerror(error.errno).lower() if error.errno else "the system refused it"
    return Misconfigured(f"{place.subject} cannot be opened: {reason}.", action=place.action)


def _translated(error: exc.DBAPIError, place: Place, *, opening: bool, about: str) -> TracksyncError:
    if place.path is not None:
        return _from_sqlite(error, place, about, place.path)
    return _from_postgresql(error, place, about, opening=opening)


def _no_such_track(about: str) -> NotFound:
    return NotFound(f"The journal has no track {about}." if about else "The journal has no such track.")


def _unexpected(error: exc.DBAPIError, place: Place, code: object) -> Unexpected:
    return Unexpected(f"{place.subject} refused an operation ({type(error).__name__}, code {code}).")


def _from_sqlite(error: exc.DBAPIError, place: Place, about: str, path: Path) -> TracksyncError:
    # https://www.sqlite.org/rescode.html: the lowest eight bits are the primary code.
    code = int(getattr(error.orig, "sqlite_errorcode", 0) or 0)
    match code & 0xFF:
        case 5 | 6:  # BUSY, LOCKED
            return _busy(place)
        case 13:  # FULL
            return _disk_full(place)
        case 10 | 14 if _nearly_full(path):  # IOERR, CANTOPEN
            return _disk_full(place)
        case 11 | 26:  # CORRUPT, NOTADB
            return Misconfigured(
                f"{place.subject} is damaged, or is not a journal.",
                action="Put a copy of it back, or move it away: a new one is made, and looks at the library again.",
            )
        case 3 | 8 | 14 | 23:  # PERM, READONLY, CANTOPEN, AUTH
            return Misconfigured(f"{place.subject} cannot be written.", action=place.action)
        case 10:  # IOERR
            return Misconfigured(f"The disk of {place.name} does not work as it should.", action="Check the disk.")
        case 19 if code == 787:  # CONSTRAINT_FOREIGNKEY
            return _no_such_track(about)
    return _unexpected(error, place, code)


def _nearly_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NEARLY_FULL
    except OSError:
        return False


def _from_postgresql(error: exc.DBAPIError, place: Place, about: str, *, opening: bool) -> TracksyncError:
    # https://www.postgresql.org/docs/current/errcodes-appendix.html. A connection that fails has no code: its text
    # is looked at, and only in English, as servers ship; in another language the last sentence serves.
    code = str(getattr(error.orig, "sqlstate", None) or "")
    text = str(error.orig)
    if code == "53100":
        return _disk_full(place)
    if code == "23503":
        return _no_such_track(about)
    if code in ("40001", "40P01", "55P03"):
        return _busy(place)
    if code[:2] == "28" or "password" in text or "pg_hba.conf" in text:
        return Misconfigured(f"{place.subject} did not accept the name and password.", action=place.action)
    if code == "3D000" or (not code and "does not exist" in text):
        return Misconfigured(f"{place.subject} does not exist there.", action=place.action)
    if code in ("42501", "25006"):
        return Misconfigured(f"{place.subject} cannot be written by this user.", action=place.action)
    if not code or code[:2] in ("08", "53", "57") or error.connection_invalidated:
        if opening:
            return Misconfigured(f"{place.subject} cannot be reached.", action=f"{place.action[:-1]}, and the server.")
        return Unreachable(f"{place.subject} stopped answering.", action="Check the server, then run this again.")
    return _unexpected(error, place, code)
