"""The server: HTTPS for api.notion.com on the loopback, with a proxy that leads there, and faults on demand."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import trustme

from tests.sandbox.notion.api import Answer, Api
from tests.sandbox.notion.databases import Database, Space
from tests.sandbox.notion.faults import Capped, Drops, Fault, Html, Incomplete, Lag, LostAnswer, Reset, Silence, Status
from tests.sandbox.proxy import Proxy

__all__ = ["LoopbackNotion", "Seen"]

_HOST = "api.notion.com"
_SHORT = "on.soundcloud.com"
_NAMES = {
    400: "validation_error", 401: "unauthorized", 403: "restricted_resource", 404: "object_not_found",
    409: "conflict_error", 429: "rate_limited", 500: "internal_server_error", 503: "service_unavailable",
    504: "gateway_timeout", 529: "service_overload",
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A request as it came; `at` is of the monotonic clock, `status` what was answered (0: nothing)."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    version: str
    at: float
    status: int


class LoopbackNotion:
    """A context manager. Whoever has `environment` in theirs talks to it as to Notion."""

    token = "ntn_the_right_token"

    def __init__(self) -> None:
        self.space = Space()
        self.api = Api(self.space)
        self._seen: list[Seen] = []
        self._faults: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.is_down = False
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-notion-")
        self.ca = Path(self._folder.name) / "ca.pem"
        self._server = _Server(self)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(_HOST, _SHORT).configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="notion", daemon=True)
        port = int(self._server.server_address[1])
        self.proxy = Proxy({_HOST: port, _SHORT: port})
        self.short_links: dict[str, str] = {}
        """Where the paths of SoundCloud's short links lead."""

    def __enter__(self) -> LoopbackNotion:
        self._thread.start()
        self.proxy.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self.proxy.__exit__()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it: the ordinary variables."""
        return {"HTTPS_PROXY": self.proxy.address, "SSL_CERT_FILE": str(self.ca)}

    def add_database(self, title: str, properties: Mapping[str, Any], **more: Any) -> Database:
        """A database; see `Space.add_database`."""
        return self.space.add_database(title, properties, **more)

    # -- what was asked ------------------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Seen]:
        """Every request so far."""
        with self._lock:
            return list(self._seen)

    def count(self, method: str = ".*", path: str = "") -> int:
        """How many there were of a method and a path (regular expressions; the path's beginning, behind `/v1/`)."""
        return sum(bool(re.fullmatch(method, seen.method) and re.match(path, seen.path)) for seen in self.requests)

    @property
    def writes(self) -> int:
        """How many requests changed something, or tried to."""
        return self.count("PATCH|DELETE") + self.count("POST", "pages")

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._seen.clear()

    def most_in(self, seconds: float) -> int:
        """The greatest number of requests in any window of so many seconds."""
        times = [seen.at for seen in self.requests]
        return max((sum(start <= at < start + seconds for at in times) for start in times), default=0)

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def add_fault(self, fault: Fault) -> None:
        """Let it go wrong."""
        with self._lock:
            self._faults.append((fault, [0, 0]))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()
        self.is_down = False

    def _due(self, method: str, path: str) -> list[Fault]:
        due = []
        with self._lock:
            for fault, counts in self._faults:
                if not (re.fullmatch(fault.method, method) and re.match(fault.path, path)):
                    continue
                counts[0] += 1
                if counts[0] > fault.skip and (fault.times is None or counts[1] < fault.times):
                    counts[1] += 1
                    due.append(fault)
        return due

    def _note(self, seen: Seen) -> None:
        with self._lock:
            self._seen.append(seen)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, notion: LoopbackNotion) -> None:
        self.notion = notion
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off; that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60
    # Headers and body in one piece, at once: else each answer waits for the client's acknowledgement.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Quiet."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        notion = self.server.notion
        if self.headers.get("Host", "").startswith(_SHORT):
            to = notion.short_links.get(self.path)
            self._send(Answer(302 if to else 404, b"", {"Location": to} if to else {}))
            return
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/v1/")
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else {}
        query = dict(parse_qsl(parts.query))
        version = self.headers.get("Notion-Version", "")
        at = time.monotonic()
        due = [] if notion.is_down else notion._due(self.command, path)
        first = due[0] if due else None
        answer = self._answer(first, due, path, query, body, version, len(raw))
        seen = Seen(self.command, path, query, body, version, at, answer.status if answer else 0)
        notion._note(seen)
        if isinstance(first, Silence):
            notion._stopping.wait()
            self.close_connection = True
        elif answer is None or isinstance(first, LostAnswer):
            self._reset()
        else:
            self._send(answer)

    def _answer(
        self,
        first: Fault | None,
        due: list[Fault],
        path: str,
        query: dict[str, str],
        body: Any,
        version: str,
        size: int,
    ) -> Answer | None:
        notion = self.server.notion
        if notion.is_down or isinstance(first, Reset | Silence):
            return None
        if isinstance(first, Html):
            return Answer(first.code, b"<!DOCTYPE html><html><body>Bad gateway</body></html>", html=True)
        if isinstance(first, Status):
            headers = {"Retry-After": first.retry_after} if first.retry_after is not None else {}
            return Answer.error(first.code, first.name or _NAMES.get(first.code, "error"), "so it is", headers)
        if self.headers.get("Authorization") != f"Bearer {notion.token}":
            return Answer.error(401, "unauthorized", "API token is invalid.")
        if version not in ("2025-09-03", "2026-03-11"):
            return Answer.error(400, "missing_version", f"{version} is not a version of this stand-in.")
        if size > 500_000:
            return Answer.error(413, "validation_error", "body too large")
        drops = {fault.name for fault in due if isinstance(fault, Drops)}
        lag = max((fault.seconds for fault in due if isinstance(fault, Lag)), default=0.0)
        rows = next((fault.rows for fault in due if isinstance(fault, Incomplete)), None)
        cap = next((fault.rows for fault in due if isinstance(fault, Capped)), None)
        return notion.api.handle(self.command, path, query, body, version, drops=drops, lag=lag, rows=rows, cap=cap)

    def _send(self, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/html" if answer.html else "application/json; charset=utf-8")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        # With a linger of nothing, closing resets.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
