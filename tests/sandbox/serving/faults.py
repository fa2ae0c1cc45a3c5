"""What goes wrong on the way of an answer, whatever the service is; and the faults that are still to come."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = [
    "Drip",
    "Fault",
    "LostAnswer",
    "Plan",
    "Redirect",
    "Reset",
    "Short",
    "Silence",
    "Slow",
    "Stall",
    "Status",
]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong, and when: after `skip` good answers, for `times` requests (None: from then on)."""

    skip: int = 0
    times: int | None = None


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """Another status than 200, with headers (`Retry-After`) and a body of its own."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"no"
    content_type: str = "text/plain"


@dataclass(frozen=True, kw_only=True)
class Redirect(Fault):
    """A redirect; to the path itself, it is a circle."""

    to: str
    code: int = 302


@dataclass(frozen=True, kw_only=True)
class Silence(Fault):
    """The request is taken and never answered."""


@dataclass(frozen=True, kw_only=True)
class LostAnswer(Fault):
    """It is done, and the connection is reset before the answer."""


@dataclass(frozen=True, kw_only=True)
class Slow(Fault):
    """The right answer, after so many seconds."""

    seconds: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Stall(Fault):
    """`after` bytes of the body, then nothing more, with the line left open."""

    after: int = 0


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """`after` bytes of the body, then the connection is reset."""

    after: int = 0


@dataclass(frozen=True, kw_only=True)
class Short(Fault):
    """The connection is closed properly, `missing` bytes before the length that was announced."""

    missing: int


@dataclass(frozen=True, kw_only=True)
class Drip(Fault):
    """`after` bytes at once, then `size` bytes each `every` seconds: a slow server, or one that only pretends."""

    after: int = 0
    size: int = 1
    every: float = 0.2


AnyFault = TypeVar("AnyFault", bound=Fault)


@dataclass
class _Planned(Generic[AnyFault]):
    fault: AnyFault
    path: re.Pattern[str]
    method: re.Pattern[str]
    seen: int = 0
    done: int = 0


class Plan(Generic[AnyFault]):
    """Faults that are still to come, in the order in which they were added. Several threads ask at once."""

    def __init__(self) -> None:
        self._planned: list[_Planned[AnyFault]] = []
        self._lock = threading.Lock()

    def add(self, fault: AnyFault, path: str = "", method: str = ".*") -> None:
        """Let it befall what fits; both are regular expressions, that of the path for its beginning."""
        with self._lock:
            self._planned.append(_Planned(fault, re.compile(path), re.compile(method)))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._planned.clear()

    def first(self, path: str, method: str = "GET") -> AnyFault | None:
        """The first that is due for this request; those behind it have not seen it."""
        with self._lock:
            return next(self._due(path, method), None)

    def all(self, path: str, method: str = "GET") -> list[AnyFault]:
        """All that are due for this request."""
        with self._lock:
            return list(self._due(path, method))

    def _due(self, path: str, method: str) -> Iterator[AnyFault]:
        for planned in self._planned:
            if not (planned.path.match(path) and planned.method.fullmatch(method)):
                continue
            planned.seen += 1
            fault = planned.fault
            if planned.seen > fault.skip and (fault.times is None or planned.done < fault.times):
                planned.done += 1
                yield fault
