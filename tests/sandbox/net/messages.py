"""What is asked of a service's stand-in, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "Request"]


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

    @property
    def json(self) -> Any:
        """The body's value; an empty object where there is no body."""
        return json.loads(self.body) if self.body else {}

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

    @classmethod
    def html(cls, text: str, status: int = 200) -> Answer:
        """A page."""
        return cls(status, f"<!DOCTYPE html>{text}".encode(), "text/html; charset=utf-8")

    @classmethod
    def media(cls, data: bytes, content_type: str) -> Answer:
        """Sound, or a piece of it."""
        return cls(200, data, content_type, ranges=True)

    @classmethod
    def redirect(cls, to: str) -> Answer:
        """A redirect, as short links answer."""
        return cls(302, b"", "text/plain", {"Location": to})

    @property
    def data(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
