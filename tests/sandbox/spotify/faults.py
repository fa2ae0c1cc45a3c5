"""What can go wrong at the loopback Spotify, on request."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Body", "Cut", "Drip", "Fault", "Reset", "Slow", "Status"]


@dataclass(frozen=True)
class Fault:
    """Falls on requests whose path (with its host: `api.spotify.com/v1/me/tracks`) matches, from the beginning.

    `skip` of them pass first; `times` of them are hit, all where it is None.
    """

    path: str = ".*"
    times: int | None = None
    skip: int = 0


@dataclass(frozen=True)
class Status(Fault):
    """An answer with this status, with Spotify's JSON or the text."""

    code: int = 500
    retry_after: str | None = None
    message: str = "so it is"
    text: str | None = None


@dataclass(frozen=True)
class Body(Fault):
    """This body in the place of the right one, with the right status unless another is given."""

    body: bytes = b""
    code: int = 200
    kind: str = "application/json"


@dataclass(frozen=True)
class Cut(Fault):
    """Half of the right answer, whole to HTTP's eyes or broken off."""

    breaks_off: bool = False


@dataclass(frozen=True)
class Slow(Fault):
    """The right answer, later."""

    seconds: float = 60.0


@dataclass(frozen=True)
class Drip(Fault):
    """A byte of the right answer at a time."""

    seconds: float = 0.2


@dataclass(frozen=True)
class Reset(Fault):
    """The connection is reset."""
