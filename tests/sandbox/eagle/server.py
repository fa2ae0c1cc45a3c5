"""The server: Eagle on a loopback port, which can be closed and opened again, and faults on demand."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from tests.sandbox.eagle.api import Api, Refused
from tests.sandbox.eagle.faults import Html, Quits, Reset, Status, Switches
from tests.sandbox.eagle.library import StandInLibrary
from tests.sandbox.serving import Answer, Fault, Request, Server
from tests.sandbox.serving.api import ApiStandIn
from tests.sandbox.serving.messages import befallen

__all__ = ["LoopbackEagle"]


class LoopbackEagle(ApiStandIn):
    """A context manager: an Eagle with a library “Music” open, and another, “Pictures”, at hand. Paths are those behind
    `/api/`.

    Args:
        home: where the libraries are.
        version: of the API: 1 alone, or 2 beside it.
        token: what has to stand in each request's query; None asks for none.
    """

    def __init__(self, home: Path, *, version: int = 2, token: str | None = None) -> None:
        super().__init__()
        self.library = StandInLibrary(home, "Music")
        self.other = StandInLibrary(home, "Pictures")
        self.api = Api(self.library, version)
        self.token = token
        self.refusal = (401, {"status": "error", "message": "Invalid API token"})
        """What a request without the right token is answered."""
        self._lock = threading.RLock()
        self._server: Server | None = None
        self._port = 0

    def __enter__(self) -> LoopbackEagle:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Start Eagle, at the port where it was."""
        if self._server is None:
            self._server = Server(self, self._port, methods=("GET", "POST"))
            self._port = self._server.port
            self._server.start()

    def close(self) -> None:
        """Quit it: what it was to import is lost, and nothing listens any more."""
        server, self._server = self._server, None
        if server is not None:
            server.stopping.set()
        self.api.quit()
        if server is not None:
            server.stop()

    def switch(self) -> None:
        """A person opens the other library."""
        with self._lock:
            self.api.library = self.other if self.api.library is self.library else self.library

    def count(self, path: str = "") -> int:
        """How many requests there were of a path (a regular expression for its beginning)."""
        return self._count(path)

    def answer(self, request: Request) -> Answer:
        """As the API says, or as goes wrong."""
        path = request.path.removeprefix("/api/")
        fault = self._plan.first(path, request.method)
        told = (
            Answer.lost() if isinstance(fault, Reset) else befallen(fault, lambda: self._answer(fault, path, request))
        )
        self._note(request, path, told)
        if isinstance(fault, Quits):
            return replace(told, then=self.close)
        return replace(told, then=self.switch) if isinstance(fault, Switches) else told

    def _answer(self, fault: Fault | None, path: str, request: Request) -> Answer:
        if isinstance(fault, Html):
            return Answer.html("<html><body>Welcome</body></html>", fault.code)
        if isinstance(fault, Status):
            return Answer(fault.code, {"status": "error", "message": f"{fault.told} {request.target}"})
        query = dict(request.query)
        with self._lock:
            if self.token is not None and query.pop("token", None) != self.token:
                return Answer(*self.refusal)
            self.api.do_due()
            try:
                data = self.api.handle(request.method, path, query, request.json)
            except Refused as error:
                if not error.told:
                    return Answer(error.status, b"Cannot find it", "text/html")
                return Answer(error.status, {"status": "error", "message": error.told})
            return Answer(200, {"status": "success"} | ({"data": data} if data is not None else {}))
