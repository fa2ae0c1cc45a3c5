"""The server: HTTPS for accounts.spotify.com and api.spotify.com on the loopback, behind a proxy, with faults."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import trustme

from tests.sandbox.proxy import Proxy
from tests.sandbox.spotify.api import answer
from tests.sandbox.spotify.faults import Body, Cut, Drip, Fault, Reset, Slow, Status
from tests.sandbox.spotify.world import World

__all__ = ["LoopbackSpotify", "Seen"]

API = "api.spotify.com"
ACCOUNTS = "accounts.spotify.com"


@dataclass(frozen=True)
class Seen:
    """A request as it came, and the status of its answer (0: none)."""

    path: str
    """With its host: `api.spotify.com/v1/me/tracks`."""
    query: Mapping[str, str]
    status: int


class LoopbackSpotify:
    """A context manager. Whoever has `environment` in theirs talks to it as to Spotify."""

    def __init__(self) -> None:
        self.world = World()
        self._seen: list[Seen] = []
        self._faults: list[tuple[Fault, list[int]]] = []
        self._lock = threading.Lock()
        self.stopping = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-spotify-")
        self.ca = Path(self._folder.name) / "ca.pem"
        self._server = _Server(self)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(API, ACCOUNTS).configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="spotify", daemon=True)
        port = int(self._server.server_address[1])
        self.proxy = Proxy({API: port, ACCOUNTS: port})

    def __enter__(self) -> LoopbackSpotify:
        self._thread.start()
        self.proxy.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.proxy.__exit__()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it: the ordinary variables."""
        return {"HTTPS_PROXY": self.proxy.address, "REQUESTS_CA_BUNDLE": str(self.ca), "SSL_CERT_FILE": str(self.ca)}

    @property
    def requests(self) -> list[Seen]:
        """Every request so far."""
        with self._lock:
            return list(self._seen)

    def count(self, path: str) -> int:
        """How many requests there were whose path begins like this (a regular expression)."""
        return sum(bool(re.match(path, seen.path)) for seen in self.requests)

    def add_fault(self, fault: Fault) -> None:
        """Let it go wrong."""
        with self._lock:
            self._faults.append((fault, [0, 0]))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    def due(self, path: str) -> Fault | None:
        """The fault that falls on this request."""
        with self._lock:
            for fault, counts in self._faults:
                if re.match(fault.path, path):
                    counts[0] += 1
                    if counts[0] > fault.skip and (fault.times is None or counts[1] < fault.times):
                        counts[1] += 1
                        return fault
        return None

    def note(self, seen: Seen) -> None:
        """Remember a request."""
        with self._lock:
            self._seen.append(seen)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, spotify: LoopbackSpotify) -> None:
        self.spotify = spotify
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off; that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Quiet."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        spotify = self.server.spotify
        host = self.headers.get("Host", "").partition(":")[0]
        parts = urlsplit(self.path)
        path, query = f"{host}{parts.path}", dict(parse_qsl(parts.query))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = spotify.due(path)
        if isinstance(fault, Reset):
            spotify.note(Seen(path, query, 0))
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if isinstance(fault, Slow):
            spotify.stopping.wait(fault.seconds)
        headers: dict[str, str] = {}
        kind = "application/json; charset=utf-8"
        if isinstance(fault, Status):
            status, body = fault.code, self._error(fault)
            if fault.retry_after is not None:
                headers["Retry-After"] = fault.retry_after
        elif isinstance(fault, Body):
            status, body, kind = fault.code, fault.body, fault.kind
        else:
            status, body = self._answer(host, parts.path, query, raw)
        spotify.note(Seen(path, query, status))
        self._send(status, body, kind, headers, fault)

    def _error(self, fault: Status) -> bytes:
        if fault.text is not None:
            return fault.text.encode()
        return json.dumps({"error": {"status": fault.code, "message": fault.message}}).encode()

    def _answer(self, host: str, path: str, query: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        world = self.server.spotify.world
        if host == ACCOUNTS:
            basic = self.headers.get("Authorization", "")
            form = dict(parse_qsl(raw.decode()))
            status, told = world.grant(form, basic.removeprefix("Basic ") if basic else None)
        else:
            status, told = answer(world, path.removeprefix("/v1/"), query, self.headers.get("Authorization", ""))
        if told is None:
            return status, b""
        return status, told.encode() if isinstance(told, str) else json.dumps(told).encode()

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str], fault: Fault | None) -> None:
        length = len(body)
        if isinstance(fault, Cut):
            body = body[: len(body) // 2]
            length = length if fault.breaks_off else len(body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if isinstance(fault, Drip):
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.server.spotify.stopping.wait(fault.seconds):
                    break
            self.close_connection = True
            return
        self.wfile.write(body)
        if isinstance(fault, Cut) and fault.breaks_off:
            self.close_connection = True
