"""Reading from and writing to the journal's database: the ground that its parts stand on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import sqlite

from tracksync.errors import Unexpected
from tracksync.journal._errors import Place, plain_errors

__all__ = ["WRITES", "Database", "index_text", "plain"]

WRITES = "tracksync_writes"
"""The execution option of a connection that will write: SQLite then takes its lock at once (BEGIN IMMEDIATE)."""

_ROWS_AT_A_TIME = 2_000

_INDEXED_BYTES = 1_000
"""An entry in an index of PostgreSQL has 2,704 bytes at most, and two such texts may share one."""


def plain(text: str) -> str:
    """A text that every database takes: without NUL, and with escapes for what is not Unicode."""
    return text.replace("\0", "").encode("utf-8", "backslashreplace").decode("utf-8")


def index_text(text: str) -> str:
    """A text that can stand in an index: a very long one (a link's) ends in its hash instead."""
    clean = plain(text)
    encoded = clean.encode()
    if len(encoded) <= _INDEXED_BYTES:
        return clean
    return f"{encoded[:_INDEXED_BYTES].decode('utf-8', 'ignore')}…sha256:{sha256(encoded).hexdigest()}"


class Database:
    """One journal's database, for use from any thread, and from a forked process too.

    Args:
        make: makes the engine; asked again after a fork, since connections must not be shared across one.
        place: where it is, for messages.
        clock: seconds since 1970.
    """

    def __init__(self, make: Callable[[], Engine], place: Place, clock: Callable[[], float] = time.time) -> None:
        self._make = make
        self.place = place
        self._clock = clock
        self._closed = False
        self._connect()

    def _connect(self) -> None:
        self._engine = self._make()
        self._pid = os.getpid()
        self._writer = self._engine.execution_options(**{WRITES: True})
        # On SQLite a read outside a transaction is one as it stands; PostgreSQL is spared a BEGIN and a ROLLBACK.
        self._reader = (
            self._engine
            if self.place.path is not None
            else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    def _ready(self) -> None:
        if self._closed:
            raise Unexpected(f"{self.place.subject} was used after it was closed.")
        if os.getpid() != self._pid:
            # Kept, so that the parent's connections are never closed from here: on SQLite that would remove its log.
            self._inherited = self._engine
            self._connect()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        """A connection to ask with: each statement sees what is committed."""
        self._ready()
        with plain_errors(self.place), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _stream(self) -> Iterator[Connection]:
        """A connection to read very many rows with: PostgreSQL hands them out piece by piece in a transaction only."""
        self._ready()
        with plain_errors(self.place), self._engine.connect() as connection:
            yield connection.execution_options(yield_per=_ROWS_AT_A_TIME)

    @contextmanager
    def _write(self, about: str = "") -> Iterator[Connection]:
        """A transaction that is committed at the end, and undone by an exception. `about` is the track's key."""
        self._ready()
        with plain_errors(self.place, about=about), self._writer.begin() as connection:
            yield connection

    def _insert(self, table: Table) -> sqlite.Insert:
        """An INSERT that knows ON CONFLICT. PostgreSQL's has the methods of SQLite's, under the same names."""
        if self.place.path is not None:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)  # type: ignore[return-value]

    def _now(self) -> float:
        return self._clock()

    def close(self) -> None:
        """Close every connection. Closing twice is fine."""
        self._closed = True
        if os.getpid() == self._pid:
            self._engine.dispose()
