"""A web server on the loopback, with faults: what a download has to live with, on demand.

    with Web() as web:
        link = web.add("/a.mp3", audio, faults=[Reset(after=1000, times=1)])
        …
        assert web.count("/a.mp3") == 2

A path answers with its bytes, in ranges if asked (unless `ranges=False`), until a fault is due. Each request takes the
first fault of the path's list that is due for it: `skip` requests are answered well before a fault begins, and it
befalls `times` requests (every one, where `times` is None). Faults in the body befall GET only.

The server also answers as an HTTP proxy: a request for `http://any.host/path` is answered from `/path`, and noted as
`proxied`. With `tls=True` it speaks HTTPS with a certificate of its own authority (`web.ca` is its file).
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Drip", "Fault", "Redirect", "Reset", "Seen", "Short", "Silence", "Stall", "Status", "Web"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong, and when: after `skip` good answers, for `times` requests (None: from then on)."""

    skip: int = 0
    times: int | None = None


@dataclass(frozen=True, kw_only=True)
class Status(Fault):
    """Another status than 200, with headers (`Retry-After`) and a body of its own."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"no"
    content_type: str = "text/plain"


@dataclass(frozen=True, kw_only=True)
class Redirect(Fault):
    """A redirect; to the path itself, it is a circle."""

    to: str
    code: int = 302


@dataclass(frozen=True, kw_only=True)
class Silence(Fault):
    """The request is taken and never answered."""


@dataclass(frozen=True, kw_only=True)
class Stall(Fault):
    """`after` bytes of the body, then nothing more, with the line left open."""

    after: int = 0


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """`after` bytes of the body, then the connection is reset."""

    after: int = 0


@dataclass(frozen=True, kw_only=True)
class Short(Fault):
    """The connection is closed properly, `missing` bytes before the length that was announced."""

    missing: int


@dataclass(frozen=True, kw_only=True)
class Drip(Fault):
    """`after` bytes at once, then `size` bytes each `every` seconds: a slow server, or one that only pretends."""

    after: int = 0
    size: int = 1
    every: float = 0.2


@dataclass(frozen=True)
class Seen:
    """A request as it came. `sent` counts the bytes of the body that were sent."""

    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    proxied: bool
    began: float

    @property
    def range_start(self) -> int | None:
        """The first byte that was asked for; None where all of it was."""
        found = re.match(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(found[1]) if found else None


@dataclass
class _Page:
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    ranges: bool
    length: bool
    faults: Sequence[Fault]
    requests: int = 0
    befallen: dict[int, int] = field(default_factory=dict)

    def due(self) -> Fault | None:
        number, self.requests = self.requests, self.requests + 1
        for index, fault in enumerate(self.faults):
            done = self.befallen.get(index, 0)
            if number >= fault.skip and (fault.times is None or done < fault.times):
                self.befallen[index] = done + 1
                return fault
        return None


class Web:
    """The server; a context manager. Every path answers 404 until it is added."""

    def __init__(self, *, tls: bool = False) -> None:
        self._pages: dict[str, _Page] = {}
        self._seen: list[Seen] = []
        self._sent: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server(self)
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-web-")
        self.ca = Path(self._folder.name) / "ca.pem"
        """The authority's certificate, with `tls`."""
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = self._secured(self._server.socket)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="web", daemon=True)

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server and every answer that is still under way."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`, without a path."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def add(
        self,
        path: str,
        body: bytes,
        *,
        content_type: str = "audio/mpeg",
        headers: Mapping[str, str] | None = None,
        ranges: bool = True,
        length: bool = True,
        faults: Iterable[Fault] = (),
    ) -> str:
        """Serve bytes at a path (a query in a request makes no difference); an earlier page is replaced.

        Args:
            path: begins with a slash.
            body: the bytes.
            content_type: as the header says.
            headers: further headers.
            ranges: answer `Range` with 206; else the whole body comes each time.
            length: announce Content-Length; else the body ends with the connection.
            faults: what goes wrong, see `Fault`.

        Returns:
            The link.
        """
        with self._lock:
            self._pages[path] = _Page(body, content_type, headers or {}, ranges, length, tuple(faults))
        return f"{self.address}{path}"

    def requests(self, path: str | None = None) -> list[Seen]:
        """The requests so far, for one path or all of them."""
        with self._lock:
            return [seen for seen in self._seen if path is None or urlsplit(seen.path).path == path]

    def count(self, path: str | None = None) -> int:
        """How many requests there were."""
        return len(self.requests(path))

    def sent(self, path: str) -> int:
        """How many bytes of bodies were sent for a path, over all requests."""
        with self._lock:
            return self._sent.get(path, 0)

    # -- for the handler ----------------------------------------------------------------------------------------------

    def _take(self, seen: Seen) -> tuple[_Page | None, Fault | None]:
        with self._lock:
            self._seen.append(seen)
            page = self._pages.get(urlsplit(seen.path).path)
            return page, page.due() if page else None

    def _note_sent(self, path: str, size: int) -> None:
        with self._lock:
            self._sent[path] = self._sent.get(path, 0) + size

    def _secured(self, server: socket.socket) -> socket.socket:
        import trustme

        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        # The handshake is the handler thread's business: a client that breaks it off must not stop the server.
        return context.wrap_socket(server, server_side=True, do_handshake_on_connect=False)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, web: Web) -> None:
        self.web = web
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients break off; that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Quiet."""

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        self.send_error(501)

    def _answer(self) -> None:
        web = self.server.web
        proxied = not self.path.startswith("/")
        if proxied:
            parts = urlsplit(self.path)
            self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {name.lower(): value for name, value in self.headers.items()}
        page, fault = web._take(Seen(self.command, self.path, headers, proxied, time.monotonic()))
        if page is None:
            self._simple(Status(code=404))
        elif isinstance(fault, Status):
            self._simple(fault)
        elif isinstance(fault, Redirect):
            self._simple(Status(code=fault.code, headers={"Location": fault.to}, body=b""))
        elif isinstance(fault, Silence):
            self._wait(None)
        else:
            self._page(page, fault)

    def _simple(self, status: Status) -> None:
        self.send_response(status.code)
        for name, value in {"Content-Type": status.content_type, **status.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(status.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(status.body)

    def _page(self, page: _Page, fault: Fault | None) -> None:
        start, end = 0, len(page.body)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if page.ranges else None
        if wanted:
            start, end = int(wanted[1]), min(int(wanted[2]) + 1, end) if wanted[2] else end
            if start >= len(page.body):
                self._simple(Status(code=416, headers={"Content-Range": f"bytes */{len(page.body)}"}, body=b""))
                return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Type", page.content_type)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(page.body)}")
        if page.length:
            self.send_header("Content-Length", str(end - start))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self._body(page.body[start:end], fault)

    def _body(self, body: bytes, fault: Fault | None) -> None:
        if isinstance(fault, Stall):
            self._send(body[: fault.after])
            self._wait(None)
        elif isinstance(fault, Reset):
            self._send(body[: fault.after])
            self.wfile.flush()
            # With a linger of nothing, closing resets.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif isinstance(fault, Short):
            self._send(body[: max(0, len(body) - fault.missing)])
            self.close_connection = True
        elif isinstance(fault, Drip):
            self._send(body[: fault.after])
            for position in range(fault.after, len(body), fault.size):
                if self._wait(fault.every):
                    return
                self._send(body[position : position + fault.size])
        else:
            self._send(body)

    def _send(self, data: bytes) -> None:
        path = urlsplit(self.path).path
        for start in range(0, len(data), 1 << 16):
            piece = data[start : start + (1 << 16)]
            self.wfile.write(piece)
            self.server.web._note_sent(path, len(piece))

    def _wait(self, seconds: float | None) -> bool:
        """Whether the server is stopping, or the connection with it."""
        stopped = self.server.web._stopping.wait(seconds)
        if stopped:
            self.close_connection = True
        return stopped
