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
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.sandbox.serving import Answer, Fault, Request, Server
from tests.sandbox.serving.faults import Drip, Redirect, Reset, Short, Silence, Stall, Status
from tests.sandbox.serving.messages import befallen

__all__ = ["Drip", "Fault", "Redirect", "Reset", "Seen", "Short", "Silence", "Stall", "Status", "Web"]


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

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
    right: Answer
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
        self._lock = threading.Lock()
        self._server = Server(self)
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-web-")
        self.ca = Path(self._folder.name) / "ca.pem"
        """The authority's certificate, with `tls`."""
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.secure(self.ca, "127.0.0.1", "localhost")

    def __enter__(self) -> Web:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server and every answer that is still under way."""
        self._server.stop()
        self._folder.cleanup()

    @property
    def port(self) -> int:
        return self._server.port

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
        told = {**({"Accept-Ranges": "bytes"} if ranges else {}), **(headers or {})}
        with self._lock:
            self._pages[path] = _Page(Answer(200, body, content_type, told, ranges, length), tuple(faults))
        return f"{self.address}{path}"

    def requests(self, path: str | None = None) -> list[Seen]:
        """The requests so far, for one path or all of them."""
        with self._lock:
            return [seen for seen in self._seen if path is None or urlsplit(seen.path).path == path]

    def count(self, path: str | None = None) -> int:
        """How many requests there were."""
        return len(self.requests(path))

    def answer(self, request: Request) -> Answer:
        """The page at the request's path, or what befalls it; 404 where there is none."""
        parts = urlsplit(request.target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        proxied = not request.target.startswith("/")
        with self._lock:
            self._seen.append(Seen(request.method, path, request.headers, proxied, request.at))
            page = self._pages.get(parts.path or "/")
            fault = page.due() if page else None
        return befallen(fault, lambda: page.right) if page else befallen(Status(code=404), Answer)
