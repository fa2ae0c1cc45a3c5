"""What is asked of a service's stand-in, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.serving.faults import Fault, LostAnswer, Redirect, Silence, Status

__all__ = ["Answer", "Request", "befallen"]


@dataclass(frozen=True)
class Request:
    """A request as it came. Names of headers are in lower case; `at` is of the monotonic clock."""

    host: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float
    target: str
    """What its first line asks for, untouched: path and query, or a whole address where a proxy is asked."""

    @property
    def json(self) -> Any:
        """The body's value; an empty object where there is no body."""
        return json.loads(self.body) if self.body else {}

    @property
    def escaped_path(self) -> str:
        """The path, with its percent signs as they came."""
        return urlsplit(self.target).path

    @property
    def url(self) -> str:
        """Host and path, without the query."""
        return f"{self.host}{self.path}"


@dataclass(frozen=True)
class Answer:
    """An answer. What is no bytes is sent as JSON; with `ranges` a part can be asked for."""

    status: int = 200
    body: Any = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    ranges: bool = False
    has_length: bool = True
    """Whether its length is announced; else the body ends with the connection."""
    fault: Fault | None = None
    """What befalls it on its way."""
    then: Callable[[], None] | None = None
    """What happens once it is sent."""

    @classmethod
    def html(cls, text: str, status: int = 200) -> Answer:
        """A page."""
        return cls(status, f"<!DOCTYPE html>{text}".encode(), "text/html; charset=utf-8")

    @classmethod
    def media(cls, data: bytes, content_type: str) -> Answer:
        """Sound, or a piece of it."""
        return cls(200, data, content_type, ranges=True)

    @classmethod
    def redirect(cls, to: str, status: int = 302) -> Answer:
        """A redirect, as short links answer."""
        return cls(status, b"", "text/plain", {"Location": to})

    @classmethod
    def lost(cls) -> Answer:
        """None: the connection is reset."""
        return cls(0, fault=LostAnswer())

    @property
    def data(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def befallen(fault: Fault | None, right: Callable[[], Answer]) -> Answer:
    """What is answered under a fault; the right answer is not looked for, nor is anything done, where another takes
    its place."""
    if isinstance(fault, Status):
        return Answer(fault.code, fault.body, fault.content_type, fault.headers)
    if isinstance(fault, Redirect):
        return Answer.redirect(fault.to, fault.code)
    if isinstance(fault, Silence):
        return Answer(0, fault=fault)
    return replace(right(), fault=fault)
