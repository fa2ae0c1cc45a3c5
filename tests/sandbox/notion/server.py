"""The server: api.notion.com on the loopback, and beside it the host of SoundCloud's short links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sandbox.net.hosted import Hosted
from tests.sandbox.notion.api import Api, error
from tests.sandbox.notion.databases import Database, Space
from tests.sandbox.notion.faults import Capped, Drops, Fault, Html, Incomplete, Lag, Reset, Status
from tests.sandbox.serving import Answer, Request
from tests.sandbox.serving.api import ApiStandIn
from tests.sandbox.serving.messages import befallen

__all__ = ["LoopbackNotion"]

_HOST = "api.notion.com"
_SHORT = "on.soundcloud.com"
_NAMES = {
    400: "validation_error", 401: "unauthorized", 403: "restricted_resource", 404: "object_not_found",
    409: "conflict_error", 429: "rate_limited", 500: "internal_server_error", 503: "service_unavailable",
    504: "gateway_timeout", 529: "service_overload",
}  # fmt: skip


class LoopbackNotion(ApiStandIn, Hosted):
    """A context manager. Whoever has `environment` in theirs talks to it as to Notion. Paths are those behind
    `/v1/`."""

    token = "ntn_the_right_token"

    def __init__(self) -> None:
        ApiStandIn.__init__(self)
        self.space = Space()
        self.api = Api(self.space)
        self.is_down = False
        self.short_links: dict[str, str] = {}
        """Where the paths of SoundCloud's short links lead."""
        Hosted.__init__(self, (_HOST, _SHORT), ("GET", "POST", "PATCH", "DELETE"))

    def add_database(self, title: str, properties: Mapping[str, Any], **more: Any) -> Database:
        """A database; see `Space.add_database`."""
        return self.space.add_database(title, properties, **more)

    def count(self, method: str = ".*", path: str = "") -> int:
        """How many requests there were of a method and a path (regular expressions; the path's beginning)."""
        return self._count(path, method)

    @property
    def writes(self) -> int:
        """How many requests changed something, or tried to."""
        return self.count("PATCH|DELETE") + self.count("POST", "pages")

    def most_in(self, seconds: float) -> int:
        """The greatest number of requests in any window of so many seconds."""
        times = [seen.at for seen in self.requests]
        return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)

    def mend(self) -> None:
        """Nothing goes wrong any more, and it is up again."""
        super().mend()
        self.is_down = False

    def answer(self, request: Request) -> Answer:
        """As the API says, or as goes wrong."""
        if request.host == _SHORT:
            to = self.short_links.get(request.target)
            return Answer.redirect(to) if to else Answer(404)
        path = request.escaped_path.removeprefix("/v1/")  # ids of properties stand in it as they are
        due = [] if self.is_down else self._plan.all(path, request.method)
        first = due[0] if due else None
        if self.is_down or isinstance(first, Reset):
            answer = Answer.lost()
        else:
            answer = befallen(first, lambda: self._answer(first, due, path, request))
        self._note(request, path, answer)
        return answer

    def _answer(self, first: Fault | None, due: list[Fault], path: str, request: Request) -> Answer:
        if isinstance(first, Html):
            return Answer.html("<html><body>Bad gateway</body></html>", first.code)
        if isinstance(first, Status):
            headers = {"Retry-After": first.retry_after} if first.retry_after is not None else {}
            return error(first.code, first.name or _NAMES.get(first.code, "error"), "so it is", headers)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return error(401, "unauthorized", "API token is invalid.")
        version = request.headers.get("notion-version", "")
        if version not in ("2025-09-03", "2026-03-11"):
            return error(400, "missing_version", f"{version} is not a version of this stand-in.")
        if len(request.body) > 500_000:
            return error(413, "validation_error", "body too large")
        drops = {fault.name for fault in due if isinstance(fault, Drops)}
        lag = max((fault.seconds for fault in due if isinstance(fault, Lag)), default=0.0)
        rows = next((fault.rows for fault in due if isinstance(fault, Incomplete)), None)
        cap = next((fault.rows for fault in due if isinstance(fault, Capped)), None)
        query = dict(request.query)
        return self.api.handle(
            request.method, path, query, request.json, version, drops=drops, lag=lag, rows=rows, cap=cap
        )
