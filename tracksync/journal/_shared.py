"""What all processes that share a journal must agree on: who is alone at something, and when a service may be asked."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import case, delete, or_, update

from tracksync.errors import Busy
from tracksync.journal._core import Database
from tracksync.journal._process import is_dead, new_owner
from tracksync.journal._schema import locks, paces

__all__ = ["Shared"]

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.5


class Shared(Database):
    """Locks and paces."""

    @contextmanager
    def alone(self, name: str, *, seconds: float = 60.0, timeout: float = 300.0) -> Iterator[None]:
        """Be the only one in a block of this name, among all processes; renewed while it lasts.

        One whose holder died, or did not renew it, is taken over.

        Args:
            name: what is done alone.
            seconds: how long it holds without being renewed.
            timeout: how long to wait for it.

        Raises:
            Busy: another one held it all that time.
        """
        owner = new_owner()
        deadline = time.monotonic() + timeout
        pause = _FIRST_PAUSE_S
        while not self._lock(name, owner, seconds):
            if time.monotonic() > deadline:
                raise Busy(f"Another run has been at it ({name}) for {timeout:g} seconds.", action="Try again later.")
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)
        stop = threading.Event()

        def keep() -> None:
            while not stop.wait(seconds / 3):
                self._lock(name, owner, seconds)

        keeper = threading.Thread(target=keep, name=f"lock {name}", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            stop.set()
            keeper.join(timeout=5)
            with self._write() as connection:
                connection.execute(delete(locks).where(locks.c.name == name, locks.c.owner == owner))

    def _lock(self, name: str, owner: str, seconds: float) -> bool:
        now = self._now()
        row = {"name": name, "owner": owner, "until": now + seconds}
        with self._write() as connection:
            connection.execute(self._insert(locks).values(row).on_conflict_do_nothing())
            mine = or_(locks.c.owner == owner, locks.c.until <= now, locks.c.until > now + 100 * seconds)
            if connection.execute(update(locks).where(locks.c.name == name, mine).values(row)).rowcount == 1:
                return True
            holder = connection.execute(locks.select().where(locks.c.name == name)).first()
            if holder is None or not is_dead(holder.owner):
                return False
            taken = update(locks).where(locks.c.name == name, locks.c.owner == holder.owner).values(row)
            return connection.execute(taken).rowcount == 1

    def next_turn(self, service: str, spacing_s: float) -> float:
        """Take the next turn at asking a service, and give how many seconds to wait for it.

        Turns are `spacing_s` apart, whoever takes them. One that would lie further ahead than an hour is a clock's
        slip and is forgotten.
        """
        now = self._now()
        insert = self._insert(paces).values(service=service, next_at=now + spacing_s)
        standing = paces.c.next_at
        sane = (standing > now) & (standing < now + 3600)
        with self._write() as connection:
            after = connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["service"],
                    set_={"next_at": case((sane, standing + spacing_s), else_=now + spacing_s)},
                ).returning(standing)
            ).scalar_one()
        return max(0.0, float(after) - spacing_s - now)

    def hold_turns(self, service: str, seconds: float) -> None:
        """Nobody's next turn comes before so many seconds from now: the service asked for a pause."""
        until = self._now() + seconds
        insert = self._insert(paces).values(service=service, next_at=until)
        later = case((paces.c.next_at < until, until), else_=paces.c.next_at)
        with self._write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["service"], set_={"next_at": later}))
