"""The server: HTTPS for every host of its sites, a proxy that leads there, and faults on demand.

    with Loopback(SoundCloud(), YouTube()) as net:
        os.environ |= net.environment
        net.add_fault("api-v2.soundcloud.com/resolve", Status(code=429, times=2))

The faults are those of `tests.sandbox.web`; each befalls the requests whose host and path fit a regular expression.
"""

from __future__ import annotations

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
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import trustme

from tests.sandbox.net.messages import Answer, Request
from tests.sandbox.proxy import Proxy
from tests.sandbox.web import Drip, Fault, Redirect, Reset, Short, Silence, Stall, Status

__all__ = ["Loopback", "Site"]


class Site(Protocol):
    """A service."""

    hosts: tuple[str, ...]

    def answer(self, request: Request) -> Answer:
        """Answer one request; several threads ask at once."""
        ...


@dataclass
class _Planned:
    where: re.Pattern[str]
    fault: Fault
    seen: int = 0
    done: int = 0


class Loopback:
    """A context manager. Whoever has `environment` in theirs reaches the sites as they would reach the real ones; a
    host that is none of theirs is refused by the proxy, and noted in `proxy.asked`."""

    def __init__(self, *sites: Site) -> None:
        self._sites = {host: site for site in sites for host in site.hosts}
        self._requests: list[Request] = []
        self._faults: list[_Planned] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-net-")
        self.ca = Path(self._folder.name) / "ca.pem"
        self._server = _Server(self)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*self._sites).configure_cert(context)
        # The handshake is the handler thread's business: a client that breaks it off must not stop the server.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="net", daemon=True)
        port = int(self._server.server_address[1])
        self.proxy = Proxy(dict.fromkeys(self._sites, port))

    def __enter__(self) -> Loopback:
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

    def join(self, hosts: Mapping[str, int], ca: Path) -> None:
        """Let the same proxy lead to another stand-in's ports, and the same file vouch for its authority."""
        self.proxy.hosts.update(hosts)
        with self.ca.open("ab") as stream:
            stream.write(b"\n" + ca.read_bytes())

    # -- what was asked ------------------------------------------------------------------------------------------------

    def requests(self, where: str = "") -> list[Request]:
        """The requests so far whose host and path begin as the regular expression says."""
        with self._lock:
            return [request for request in self._requests if re.match(where, request.url)]

    def count(self, where: str = "") -> int:
        """How many there were."""
        return len(self.requests(where))

    def clear(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def add_fault(self, where: str, fault: Fault) -> None:
        """Let it go wrong where host and path begin as the regular expression says."""
        with self._lock:
            self._faults.append(_Planned(re.compile(where), fault))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    # -- for the handler -----------------------------------------------------------------------------------------------

    def _due(self, request: Request) -> Fault | None:
        with self._lock:
            self._requests.append(request)
            for planned in self._faults:
                if not planned.where.match(request.url):
                    continue
                planned.seen += 1
                fault = planned.fault
                if planned.seen > fault.skip and (fault.times is None or planned.done < fault.times):
                    planned.done += 1
                    return fault
        return None

    def _answer(self, request: Request) -> Answer:
        return self._sites[request.host].answer(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, net: Loopback) -> None:
        self.net = net
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

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        net = self.server.net
        parts = urlsplit(self.path)
        request = Request(
            host=self.headers.get("Host", "").partition(":")[0].lower(),
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            at=time.monotonic(),
        )
        fault = net._due(request)
        if isinstance(fault, Silence):
            self._wait(None)
        elif isinstance(fault, Status):
            self._send(Answer(fault.code, fault.body, fault.content_type, fault.headers))
        elif isinstance(fault, Redirect):
            self._send(Answer.redirect(fault.to))
        else:
            self._send(net._answer(request), fault)

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
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
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self._body(data, fault)

    def _body(self, body: bytes, fault: Fault | None) -> None:
        if isinstance(fault, Stall):
            self.wfile.write(body[: fault.after])
            self._wait(None)
        elif isinstance(fault, Reset):
            self.wfile.write(body[: fault.after])
            self.wfile.flush()
            # With a linger of nothing, closing resets.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif isinstance(fault, Short):
            self.wfile.write(body[: max(0, len(body) - fault.missing)])
            self.close_connection = True
        elif isinstance(fault, Drip):
            self.wfile.write(body[: fault.after])
            for position in range(fault.after, len(body), fault.size):
                self.wfile.flush()
                if self._wait(fault.every):
                    return
                self.wfile.write(body[position : position + fault.size])
        else:
            self.wfile.write(body)

    def _wait(self, seconds: float | None) -> bool:
        """Whether the server is stopping, or the connection with it."""
        self.wfile.flush()
        stopped = self.server.net._stopping.wait(seconds)
        if stopped:
            self.close_connection = True
        return stopped
