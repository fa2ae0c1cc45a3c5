"""The server: a port of the loopback, with or without TLS, that asks a service for each answer and sends it.

An answer's fault (`tests.sandbox.serving.faults`) befalls it here, on its way to the client.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.sandbox.serving.faults import Drip, Fault, LostAnswer, Reset, Short, Silence, Slow, Stall
from tests.sandbox.serving.messages import Answer, Request

__all__ = ["Listener", "QuietHandler", "Server", "Service"]


class Service(Protocol):
    """Who knows the answers."""

    def answer(self, request: Request) -> Answer:
        """Answer one request; several threads ask at once."""
        ...


class QuietHandler(BaseHTTPRequestHandler):
    """One connection, of which nothing is logged."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Quiet."""


class Listener(ThreadingHTTPServer):
    """A port of the loopback, with a thread for each connection.

    Args:
        handler: of the connections.
        port: which one; 0 is any that is free.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self.stopping = threading.Event()
        """Set as soon as it is to stop; answers that are under way end then."""
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name=type(self).__name__, daemon=True)
        super().__init__(("127.0.0.1", port), handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Nothing listens any more."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off; that is what is tested."""


class Server(Listener):
    """A listener that answers as a service says.

    Args:
        service: who knows the answers.
        port: which one; 0 is any that is free.
        methods: those that the service has; another is answered 501.
    """

    def __init__(self, service: Service, port: int = 0, *, methods: Collection[str] = ("GET", "HEAD")) -> None:
        self.service, self.methods = service, methods
        super().__init__(_Handler, port)

    def secure(self, ca: Path, *names: str) -> None:
        """Speak TLS under these names, with a certificate of an authority of its own; `ca` becomes its file."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        # The handshake is the handler thread's business: a client that breaks it off must not stop the server.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


class _Handler(QuietHandler):
    server: Server
    timeout = 60
    # Headers and body in one piece, at once: else each answer waits for the client's acknowledgement.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        if self.command not in self.server.methods:
            self.send_error(501)
            return
        parts = urlsplit(self.path)
        request = Request(
            host=self.headers.get("Host", "").partition(":")[0].lower(),
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            at=time.monotonic(),
            target=self.path,
        )
        if self.server.stopping.is_set():  # the port is closed; the connection was left
            self._reset()
            return
        answer = self.server.service.answer(request)
        if isinstance(answer.fault, Silence):
            self._wait(None)
        elif isinstance(answer.fault, LostAnswer):
            self._reset()
        elif not (isinstance(answer.fault, Slow) and self._wait(answer.fault.seconds)):
            self._send(answer)
            self.wfile.flush()
        if answer.then is not None:
            answer.then()

    def _send(self, answer: Answer) -> None:
        data, status = answer.data, answer.status
        headers = {"Content-Type": answer.content_type, **answer.headers}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if answer.ranges else None
        if wanted and status == 200:
            start = int(wanted[1])
            if start >= len(data):
                status, headers["Content-Range"], data = 416, f"bytes */{len(data)}", b""
            else:
                end = min(int(wanted[2]) + 1, len(data)) if wanted[2] else len(data)
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
                status, data = 206, data[start:end]
        if not answer.has_length:
            headers["Connection"] = "close"
            self.close_connection = True
        elif status != 204:
            headers["Content-Length"] = str(len(data))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self._body(data, answer.fault)

    def _body(self, body: bytes, fault: Fault | None) -> None:
        if isinstance(fault, Stall):
            self.wfile.write(body[: fault.after])
            self._wait(None)
        elif isinstance(fault, Reset):
            self.wfile.write(body[: fault.after])
            self.wfile.flush()
            self._reset()
        elif isinstance(fault, Short):
            self.wfile.write(body[: max(0, len(body) - fault.missing)])
            self.close_connection = True
        elif isinstance(fault, Drip):
            self.wfile.write(body[: fault.after])
            for position in range(fault.after, len(body), fault.size):
                if self._wait(fault.every):
                    return
                self.wfile.write(body[position : position + fault.size])
        else:
            self.wfile.write(body)

    def _reset(self) -> None:
        # With a linger of nothing, closing resets.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _wait(self, seconds: float | None) -> bool:
        """Whether the server is stopping, or the connection with it."""
        self.wfile.flush()
        stopped = self.server.stopping.wait(seconds)
        if stopped:
            self.close_connection = True
        return stopped
