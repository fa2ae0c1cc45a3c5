"""What goes wrong at Eagle, on demand. Each befalls the requests whose path fits, after `skip` good ones."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sandbox.serving import api
from tests.sandbox.serving.api import Fault, LostAnswer, Reset, Slow

__all__ = ["Fault", "Html", "LostAnswer", "Quits", "Reset", "Slow", "Status", "Switches"]


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """An error as Eagle puts it; nothing is done. `told` may repeat the request's address, token and all."""

    code: int = 500
    told: str = "so it is"


@dataclass(frozen=True, kw_only=True)
class Html(api.Html):
    """A page, as another program at Eagle's port has one."""

    code: int = 200


@dataclass(frozen=True, kw_only=True)
class Quits(Fault):
    """It is answered; then Eagle quits, and loses what it was to import."""


@dataclass(frozen=True, kw_only=True)
class Switches(Fault):
    """It is answered; then a person opens the other library."""
