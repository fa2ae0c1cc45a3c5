"""When may Notion be asked? About three times a second, on average, by everybody together.

Turns a third of a second apart stand in the journal, so that all processes that share it keep to one pace. Where a
deployment has a limit for all its machines, a further `Gate` stands behind it (tasks/limits.py).
"""

from __future__ import annotations

import threading
from typing import Protocol

from tracksync.errors import Interrupted
from tracksync.journal import Journal

__all__ = ["REQUESTS_PER_SECOND", "Gate", "Pace"]

REQUESTS_PER_SECOND = 3
"""Notion's budget for one integration, on average."""

_SERVICE = "notion"


class Gate(Protocol):
    """Lets a request pass when there is room for it."""

    def __call__(self) -> None: ...


class Pace:
    """The pace of one process among those that share the journal.

    Args:
        journal: where the turns are kept.
        cancel: set when the run has to end: a wait is broken off.
        gate: a further limit to pass, where there is one.
        spacing_s: seconds between two turns. A tenth more than a third: clocks, networks and busy machines are not
            exact, and the budget is.
    """

    def __init__(
        self,
        journal: Journal,
        cancel: threading.Event | None = None,
        gate: Gate | None = None,
        *,
        spacing_s: float = 1.1 / REQUESTS_PER_SECOND,
    ) -> None:
        self._journal = journal
        self._cancel = cancel or threading.Event()
        self.gate = gate
        self._spacing_s = spacing_s

    def wait(self) -> None:
        """Until it is our turn.

        Raises:
            Interrupted: the run is being ended.
        """
        self.sleep(self._journal.next_turn(_SERVICE, self._spacing_s))
        # Behind the turn: so it finds room at once, unless another machine asks too.
        if self.gate is not None:
            self.gate()
            # Where it had to wait, the next turn is counted from now, not from when this one would have been.
            self._journal.hold_turns(_SERVICE, self._spacing_s)

    def hold(self, seconds: float) -> None:
        """The service asked for a pause: nobody's turn comes before it is over."""
        self._journal.hold_turns(_SERVICE, seconds)

    def sleep(self, seconds: float) -> None:
        """Sleep, unless the run is being ended.

        Raises:
            Interrupted: it is.
        """
        if self._cancel.wait(seconds) if seconds > 0 else self._cancel.is_set():
            raise Interrupted("The run was ended while Notion was asked.", action="Run the same command again.")
