"""What goes wrong at Notion, on demand. Each befalls the requests whose method and path fit, after `skip` good ones."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sandbox.serving.api import Fault, Html, LostAnswer, Reset, Silence

__all__ = ["Capped", "Drops", "Fault", "Html", "Incomplete", "Lag", "LostAnswer", "Reset", "Silence", "Status"]


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """An error as Notion puts it; nothing is done."""

    code: int
    name: str = ""
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Incomplete(Fault):
    """A query ends after `rows` rows and says that it is incomplete."""

    rows: int = 10


@dataclass(frozen=True, kw_only=True)
class Capped(Fault):
    """A query ends after `rows` rows in all, and says so in its first answer only."""

    rows: int = 100
    times: int | None = None


@dataclass(frozen=True, kw_only=True)
class Lag(Fault):
    """A query does not show pages that are younger than `seconds`."""

    seconds: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Drops(Fault):
    """A write is accepted, but this property is not stored."""

    name: str
