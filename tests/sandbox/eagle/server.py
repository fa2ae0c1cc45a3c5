"""The server: Eagle on a loopback port, which can be closed and opened again, and faults on demand."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.sandbox.eagle.api import Api, Refused
from tests.sandbox.eagle.faults import Fault, Html, LostAnswer, Quits, Reset, Slow, Status, Switches
from tests.sandbox.eagle.library import StandInLibrary

__all__ = ["LoopbackEagle", "Seen"]


@dataclass(frozen=True)
class Seen:
    """A request as it came; `status` is what was answered (0: nothing)."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    status: int


class LoopbackEagle:
    """A context manager: an Eagle with a library “Music” open, and another, “Pictures”, at hand.

    Args:
        home: where the libraries are.
        version: of the API: 1 alone, or 2 beside it.
        token: what has to stand in each request's query; None asks for none.
    """

    def __init__(self, home: Path, *, version: int = 2, token: str | None = None) -> None:
        self.library = StandInLibrary(home, "Music")
        self.other = StandInLibrary(home, "Pictures")
        self.api = Api(self.library, version)
        self.token = token
        self.refusal = (401, {"status": "error", "message": "Invalid API token"})
        """What a request without the right token is answered."""
        self._seen: list[Seen] = []
        self._faults: list[tuple[Fault, list[int]]] = []
        self._lock = threading.RLock()
        self._server: _Server | None = None
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
            self._server = _Server(self, self._port)
            self._port = int(self._server.server_address[1])
            threading.Thread(target=self._server.serve_forever, args=(0.01,), name="eagle", daemon=True).start()

    def close(self) -> None:
        """Quit it: what it was to import is lost, and nothing listens any more."""
        server, self._server = self._server, None
        self.api.quit()
        if server is not None:
            server.shutdown()
            server.server_close()

    def switch(self) -> None:
        """A person opens the other library."""
        with self._lock:
            self.api.library = self.other if self.api.library is self.library else self.library

    # -- what was asked ------------------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Seen]:
        """Every request so far."""
        with self._lock:
            return list(self._seen)

    def count(self, path: str = "") -> int:
        """How many there were of a path (a regular expression for its beginning, behind `/api/`)."""
        return sum(bool(re.match(path, seen.path)) for seen in self.requests)

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._seen.clear()

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def add_fault(self, fault: Fault) -> None:
        """Let it go wrong."""
        with self._lock:
            self._faults.append((fault, [0, 0]))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    def _due(self, path: str) -> Fault | None:
        with self._lock:
            for fault, counts in self._faults:
                if not re.match(fault.path, path):
                    continue
                counts[0] += 1
                if counts[0] > fault.skip and (fault.times is None or counts[1] < fault.times):
                    counts[1] += 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, eagle: LoopbackEagle, port: int) -> None:
        self.eagle = eagle
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off; that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Quiet."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        eagle = self.server.eagle
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/api/")
        query = dict(parse_qsl(parts.query))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        if eagle._server is not self.server:  # it was closed; the connection was left
            self._reset()
            return
        fault = eagle._due(path)
        status, answer = self._answer(fault, path, query, body)
        with eagle._lock:
            eagle._seen.append(Seen(self.command, path, query, body, status))
        if isinstance(fault, Slow):
            time.sleep(fault.seconds)
        if isinstance(fault, Reset | LostAnswer):
            self._reset()
            return
        self._send(status, answer)
        if isinstance(fault, Quits):
            threading.Thread(target=eagle.close).start()
        elif isinstance(fault, Switches):
            eagle.switch()

    def _answer(
        self, fault: Fault | None, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any] | bytes]:
        eagle = self.server.eagle
        if isinstance(fault, Reset):
            return 0, b""
        if isinstance(fault, Html):
            return fault.code, b"<!DOCTYPE html><html><body>Welcome</body></html>"
        if isinstance(fault, Status):
            return fault.code, {"status": "error", "message": f"{fault.told} {self.path}"}
        with eagle._lock:
            if eagle.token is not None and query.pop("token", None) != eagle.token:
                return eagle.refusal
            eagle.api.do_due()
            try:
                data = eagle.api.handle(self.command, path, query, body)
            except Refused as error:
                if not error.told:
                    return error.status, b"Cannot find it"
                return error.status, {"status": "error", "message": error.told}
            return 200, {"status": "success"} | ({"data": data} if data is not None else {})

    def _send(self, status: int, answer: dict[str, Any] | bytes) -> None:
        is_json = isinstance(answer, dict)
        body = json.dumps(answer).encode() if isinstance(answer, dict) else answer
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8" if is_json else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        # With a linger of nothing, closing resets.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
