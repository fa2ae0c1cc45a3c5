"""Leases: one run at a time works on a track.

A lease has an owner and an end. It is taken by one UPDATE that asks for what it changes, so of two takers one wins. Its
holder moves the end on while it works; one that has ended is anybody's. The end is a moment of the holder's clock:
machines that share a journal need clocks that agree to a part of a lease's length.

No clock is trusted further than that. A holder measures its time with a clock that only runs forward, and a waiter
takes a lease that nobody has moved for its whole length, whatever the end says: so a clock that was put back an hour
stops nobody for an hour.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from types import TracebackType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, update

from tracksync.errors import Busy, NotFound, TracksyncError
from tracksync.journal._core import Database, plain
from tracksync.journal._process import is_dead, new_owner
from tracksync.journal._schema import tracks

__all__ = ["Lease", "Leases"]

_log = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0
_FREE = {"lease_owner": None, "lease_until": None, "lease_seconds": None}


class _Holder(NamedTuple):
    owner: str | None
    until: float
    seconds: float


class Lease:
    """The right to work on a track, until it is released, runs out, or its process dies.

    Used as a context manager it renews itself in the background and is released at the end.
    """

    def __init__(self, journal: Leases, key: str, owner: str, seconds: float, begun: float) -> None:
        self._journal = journal
        self.key = key
        self.owner = owner
        self.seconds = seconds
        self._begun = begun
        self._begun_steady = self._renewed = time.monotonic()
        self._taken_away = self._released = False
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._renewer: threading.Thread | None = None

    @property
    def lost(self) -> bool:
        """Whether somebody else may hold it: it was taken over, or could not be renewed in its time."""
        return self._taken_away or time.monotonic() - self._renewed > self.seconds

    def ensure_held(self) -> None:
        """Ask the journal, and renew it.

        Raises:
            Busy: another run holds the track now.
        """
        if not self.renew():
            raise Busy(
                f"The track {self.key} was taken over by another run.",
                action="Nothing is lost: the other run finishes it.",
            )

    def renew(self) -> bool:
        """Move its end on by its whole length; False where it is held no more.

        Raises:
            TracksyncError: the journal can't be written.
        """
        with self._lock:
            if self._released or self._taken_away:
                return False
            asked = time.monotonic()
            # The later of the system's clock and the one that only runs forward: a clock that is put back while the
            # work goes on doesn't shorten the lease, and the time that a laptop slept counts.
            now = max(self._journal.lease_clock(), self._begun + (asked - self._begun_steady))
            if self._journal.move_lease(self.key, self.owner, now + self.seconds):
                self._renewed = asked
                return True
            self._taken_away = True
            return False

    def release(self) -> None:
        """Give it back. Once is enough, and what another run holds by now stays with it.

        Raises:
            TracksyncError: the journal can't be written; the lease then runs out by itself.
        """
        with self._lock:
            if not self._released:
                self._released = True
                self._journal.free_lease(self.key, self.owner)

    def __enter__(self) -> Lease:
        self._renewer = threading.Thread(target=self._keep, name=f"lease {self.key}", daemon=True)
        self._renewer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._renewer is not None:
            self._renewer.join(timeout=5)
        try:
            self.release()
        except TracksyncError as failure:
            # The work is done, or its own error is on its way: neither is undone by a lease that has to run out.
            _log.warning("The lease of %s could not be released: %s", self.key, failure.message)

    def _keep(self) -> None:
        pause = self.seconds / 3
        while not self._stop.wait(pause):
            try:
                if not self.renew():
                    return
                pause = self.seconds / 3
            except TracksyncError as failure:
                _log.warning("The lease of %s could not be renewed: %s", self.key, failure.message)
                pause = self.seconds / 10


class Leases(Database):
    """Taking, waiting for and giving back leases."""

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the track's lease; None where another run holds it.

        One that has ended is taken over, and at once one whose holder was a process of this machine that is gone.

        Args:
            key: the track's key.
            seconds: how long it lasts without being renewed.

        Raises:
            NotFound: the journal has no such track.
        """
        now = self.lease_clock()
        lease = self._take(key, seconds, now, or_(tracks.c.lease_owner.is_(None), tracks.c.lease_until <= now))
        if lease is None:
            holder = self._holder(key)
            if holder.owner is not None and is_dead(holder.owner):
                lease = self._take(key, seconds, now, tracks.c.lease_owner == holder.owner)
        return lease

    def wait_for(self, key: str, seconds: float, timeout: float) -> Lease | None:
        """Take the track's lease as soon as it can be had; None where it can't within `timeout` seconds.

        Raises:
            NotFound: the journal has no such track.
        """
        begun = time.monotonic()
        pause = _FIRST_PAUSE_S
        seen: _Holder | None = None
        unmoved_since = begun
        while True:
            lease = self.acquire(key, seconds)
            if lease is not None:
                return lease
            holder = self._holder(key)
            now = time.monotonic()
            if holder != seen:
                seen, unmoved_since = holder, now
            elif holder.owner is not None and now - unmoved_since > holder.seconds:
                unmoved = (tracks.c.lease_owner == holder.owner) & (tracks.c.lease_until == holder.until)
                lease = self._take(key, seconds, self.lease_clock(), unmoved)
                if lease is not None:
                    return lease
            left = timeout - (now - begun)
            if left <= 0:
                return None
            # Not in step: a crowd that waits for one track shall not ask all at once.
            time.sleep(min(left, pause * random.uniform(0.5, 1.5)))  # noqa: S311 (no secret)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def lease_clock(self) -> float:
        """Now, in seconds since 1970: the clock by which leases end."""
        return self._now()

    def move_lease(self, key: str, owner: str, until: float) -> bool:
        """Set the end of a lease; False where `owner` does not hold it."""
        return self._update_lease(key, tracks.c.lease_owner == owner, {"lease_until": until})

    def free_lease(self, key: str, owner: str) -> bool:
        """Free a lease; False where `owner` does not hold it."""
        return self._update_lease(key, tracks.c.lease_owner == owner, _FREE)

    def _take(self, key: str, seconds: float, now: float, where: ColumnElement[bool]) -> Lease | None:
        owner = new_owner()
        lease = Lease(self, key, owner, seconds, now)
        taken = {"lease_owner": owner, "lease_until": now + seconds, "lease_seconds": seconds}
        return lease if self._update_lease(key, where, taken) else None

    def _update_lease(self, key: str, where: ColumnElement[bool], values: dict[str, Any]) -> bool:
        with self._write() as connection:
            return (
                connection.execute(update(tracks).where(tracks.c.key == plain(key), where).values(values)).rowcount == 1
            )

    def _holder(self, key: str) -> _Holder:
        query = select(tracks.c.lease_owner, tracks.c.lease_until, tracks.c.lease_seconds)
        with self._read() as connection:
            row = connection.execute(query.where(tracks.c.key == plain(key))).first()
        if row is None:
            raise NotFound(f"The journal has no track {key}.")
        return _Holder(row.lease_owner, row.lease_until or 0.0, row.lease_seconds or 0.0)
