"""What goes wrong at Eagle, on demand. Each befalls the requests whose path fits, after `skip` good ones."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fault", "Html", "LostAnswer", "Quits", "Reset", "Slow", "Status", "Switches"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Where and when: `path` is a regular expression for the beginning of the path behind `/api/`."""

    path: str = ""
    skip: int = 0
    times: int | None = 1


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """An error as Eagle puts it; nothing is done. `told` may repeat the request's address, token and all."""

    code: int = 500
    told: str = "so it is"


@dataclass(frozen=True, kw_only=True)
class Html(Fault):
    """A page of HTML; nothing is done."""

    code: int = 200


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """The connection is reset before anything is done."""


@dataclass(frozen=True, kw_only=True)
class LostAnswer(Fault):
    """It is done, and the connection is reset before the answer."""


@dataclass(frozen=True, kw_only=True)
class Slow(Fault):
    """It is done and answered, after so many seconds."""

    seconds: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Quits(Fault):
    """It is answered; then Eagle quits, and loses what it was to import."""


@dataclass(frozen=True, kw_only=True)
class Switches(Fault):
    """It is answered; then a person opens the other library."""
