"""The journal as the rest of the program sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from tracksync.journal._cooling import Cooling
from tracksync.journal._files import Files
from tracksync.journal._indexed import Indexed
from tracksync.journal._leases import Leases
from tracksync.journal._open import open_database
from tracksync.journal._pages import Pages
from tracksync.journal._receipts import Receipts
from tracksync.journal._shared import Shared
from tracksync.journal._tracks import Tracks

__all__ = ["Journal"]


class Journal(Tracks, Receipts, Files, Pages, Cooling, Indexed, Shared, Leases):
    """What is known of every track, on disk: used by several threads, processes and (on PostgreSQL) machines at once.

    Every method is one transaction, or one question. A write that another one holds up waits, and raises `Busy` after
    half a minute. All methods may raise `DiskFull`, `Misconfigured` (the file is damaged or can't be written) and
    `Unreachable` (the server stopped answering).
    """

    @classmethod
    def open(cls, address: str, *, clock: Callable[[], float] = time.time) -> Journal:
        """Open the journal; make it where there is none, and bring an older one up to date.

        Args:
            address: `sqlite:///<path>` or `postgresql://<user>:<password>@<host>/<database>`. SQLite's file must be on
                a disk of this machine: over a network its locks and its log are not safe. PostgreSQL is for several.
            clock: seconds since 1970.

        Raises:
            Misconfigured: the file is no journal, is damaged, can't be written, or a newer version wrote it; the
                server can't be reached or refuses us. No sentence holds the password.
            DiskFull: there is no room for it.
            Busy: another program holds it.
        """
        make, place = open_database(address)
        return cls(make, place, clock)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
