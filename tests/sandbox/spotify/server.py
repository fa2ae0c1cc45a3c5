"""The server: accounts.spotify.com and api.spotify.com on the loopback, behind a proxy, with faults."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from tests.sandbox.net.hosted import Hosted
from tests.sandbox.serving import Answer, Request
from tests.sandbox.serving.api import ApiStandIn
from tests.sandbox.serving.faults import Fault, Short
from tests.sandbox.serving.messages import befallen
from tests.sandbox.spotify.api import answer
from tests.sandbox.spotify.faults import Body, Cut, Reset, Status
from tests.sandbox.spotify.world import World

__all__ = ["LoopbackSpotify"]

API = "api.spotify.com"
ACCOUNTS = "accounts.spotify.com"


class LoopbackSpotify(ApiStandIn, Hosted):
    """A context manager. Whoever has `environment` in theirs talks to it as to Spotify. Paths are with their host:
    `api.spotify.com/v1/me/tracks`."""

    def __init__(self) -> None:
        ApiStandIn.__init__(self)
        self.world = World()
        Hosted.__init__(self, (API, ACCOUNTS), ("GET", "POST"))

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it: the ordinary variables, with that of spotipy's requests."""
        return {**super().environment, "REQUESTS_CA_BUNDLE": str(self.ca)}

    def count(self, path: str) -> int:
        """How many requests there were whose path begins like this (a regular expression)."""
        return self._count(path)

    def answer(self, request: Request) -> Answer:
        """As the world is, or as goes wrong."""
        fault = self._plan.first(request.url, request.method)
        told = Answer.lost() if isinstance(fault, Reset) else befallen(fault, lambda: self._answer(fault, request))
        self._note(request, request.url, told)
        if isinstance(fault, Cut) and fault.breaks_off:
            return replace(told, fault=Short(missing=-(-len(told.data) // 2)))
        return told

    def _answer(self, fault: Fault | None, request: Request) -> Answer:
        if isinstance(fault, Status):
            headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
            error = {"error": {"status": fault.code, "message": fault.message}}
            return Answer(fault.code, error if fault.text is None else fault.text.encode(), headers=headers)
        if isinstance(fault, Body):
            return Answer(fault.code, fault.body, fault.kind)
        status, told = self._told(request)
        right = Answer(status, b"" if told is None else told.encode() if isinstance(told, str) else told)
        if isinstance(fault, Cut) and not fault.breaks_off:
            return replace(right, body=right.data[: len(right.data) // 2])
        return right

    def _told(self, request: Request) -> tuple[int, object]:
        authorization = request.headers.get("authorization", "")
        if request.host == ACCOUNTS:
            form = dict(parse_qsl(request.body.decode()))
            return self.world.grant(form, authorization.removeprefix("Basic ") if authorization else None)
        return answer(self.world, request.path.removeprefix("/v1/"), request.query, authorization)
