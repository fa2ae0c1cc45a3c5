"""What can go wrong at the loopback Spotify, on request."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sandbox.serving import api, faults

__all__ = ["Body", "Cut", "Drip", "Fault", "Reset", "Slow", "Status"]


@dataclass(frozen=True, kw_only=True)
class Fault(api.Fault):
    """Falls on requests whose path (with its host: `api.spotify.com/v1/me/tracks`) matches, from the beginning; on all
    of them unless `times` says otherwise."""

    times: int | None = None


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """An answer with this status, with Spotify's JSON or the text."""

    code: int = 500
    retry_after: str | None = None
    message: str = "so it is"
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class Body(Fault):
    """This body in the place of the right one, with the right status unless another is given."""

    body: bytes = b""
    code: int = 200
    kind: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Cut(Fault):
    """Half of the right answer, whole to HTTP's eyes or broken off."""

    breaks_off: bool = False


@dataclass(frozen=True, kw_only=True)
class Slow(Fault, faults.Slow):
    """The right answer, later."""


@dataclass(frozen=True, kw_only=True)
class Drip(Fault, faults.Drip):
    """A byte of the right answer at a time."""


@dataclass(frozen=True, kw_only=True)
class Reset(Fault, api.Reset):
    """The connection is reset."""
