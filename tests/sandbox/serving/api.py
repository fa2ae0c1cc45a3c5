"""What the stand-ins of APIs share: they remember their calls, and go wrong by method and path.

A stand-in's own faults derive from `Fault`; those kinds that say the same of any API are here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.sandbox.serving import faults
from tests.sandbox.serving.faults import Plan
from tests.sandbox.serving.messages import Answer, Request

__all__ = ["ApiStandIn", "Fault", "Html", "LostAnswer", "Reset", "Seen", "Silence", "Slow"]


@dataclass(frozen=True, kw_only=True)
class Fault(faults.Fault):
    """Where and when: `path` is a regular expression for the path's beginning, as the stand-in's `Seen` has it."""

    method: str = ".*"
    path: str = ""
    times: int | None = 1


@dataclass(frozen=True, kw_only=True)
class Html(Fault):
    """A page of HTML, as gateways on the way send it; nothing is done."""

    code: int = 502


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """The connection is reset before anything is done."""


@dataclass(frozen=True, kw_only=True)
class LostAnswer(Fault, faults.LostAnswer):
    """As of any service."""


@dataclass(frozen=True, kw_only=True)
class Silence(Fault, faults.Silence):
    """As of any service; nothing is done."""


@dataclass(frozen=True, kw_only=True)
class Slow(Fault, faults.Slow):
    """As of any service; it is done at once."""


@dataclass(frozen=True)
class Seen:
    """A call as it came; `at` is of the monotonic clock, `status` what was answered (0: nothing)."""

    method: str
    path: str
    query: Mapping[str, str]
    at: float
    status: int
    request: Request

    @property
    def body(self) -> Any:
        """Its value, where it is JSON; an empty object where there is none."""
        return self.request.json


class ApiStandIn:
    """What was asked of it, and what goes wrong."""

    def __init__(self) -> None:
        self._seen: list[Seen] = []
        self._plan: Plan[Fault] = Plan()
        self._seeing = threading.Lock()

    @property
    def requests(self) -> list[Seen]:
        """Every request so far."""
        with self._seeing:
            return list(self._seen)

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._seeing:
            self._seen.clear()

    def add_fault(self, fault: Fault) -> None:
        """Let it go wrong."""
        self._plan.add(fault, fault.path, fault.method)

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self._plan.clear()

    def _count(self, path: str, method: str = ".*") -> int:
        return sum(bool(re.match(path, seen.path) and re.fullmatch(method, seen.method)) for seen in self.requests)

    def _note(self, request: Request, path: str, answer: Answer) -> None:
        seen = Seen(request.method, path, request.query, request.at, answer.status, request)
        with self._seeing:
            self._seen.append(seen)
