"""Waiting for the answer of a consent: the browser brings it to the loopback, or a person pastes it."""

from __future__ import annotations

import os
import queue
import select
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Listener", "wait_for_answer"]

_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<title>tracksync</title></head><body style="font: 1.1rem sans-serif; margin: 4rem">'
    "<p>{text}</p><script>history.replaceState(null, '', '/')</script></body></html>"
)
_DONE = "Done: tracksync has the answer. You can close this page and go back to the terminal."
_REFUSED = "tracksync can't use this answer. The terminal says why."

_MOST_PASTED = 16_384


class Listener:
    """An HTTP server on the loopback for one answer. Raises OSError where the port is taken.

    Args:
        host: `127.0.0.1` or `::1`.
        port: 0 for any that is free.
        path: the only one that is answered.
        is_good: whether an answer (path and query) can be used; decides what the page says.
    """

    def __init__(self, host: str, port: int, path: str, is_good: Callable[[str], bool]) -> None:
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.is_good = is_good
        self.path = path
        self._server = (_Server6 if ":" in host else _Server)((host, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """The one that is listened on."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name != "nt"  # there it would let two listen on one port

    def __init__(self, address: tuple[str, int], listener: Listener) -> None:
        self.listener = listener
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser opens connections on suspicion and drops them."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name)
        """Quiet: the code stands in the request's first line."""

    def version_string(self) -> str:
        return "tracksync"

    def do_GET(self) -> None:
        listener = self.server.listener
        parts = urlsplit(self.path)
        if parts.path != listener.path or not parts.query:
            self.send_error(404)
            return
        is_good = listener.is_good(self.path)
        body = _PAGE.format(text=_DONE if is_good else _REFUSED).encode()
        self.send_response(200 if is_good else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        listener.answers.put(self.path)  # after the page: the program may end now


def wait_for_answer(
    listener: Listener | None, *, stdin: int | None, limit_s: float, without_stdin_s: float
) -> str | None:
    """The first answer, from the browser or pasted; None where none came.

    Args:
        listener: None where nothing can be listened on.
        stdin: the descriptor that a person pastes into; None where there is none.
        limit_s: how long to wait at most.
        without_stdin_s: how long to wait for the browser once `stdin` has ended, or where there is none.
    """
    until = time.monotonic() + limit_s
    pasted = b""
    while True:
        if listener is not None:
            try:
                return listener.answers.get_nowait()
            except queue.Empty:
                pass
        if stdin is None:
            until = min(until, time.monotonic() + (without_stdin_s if listener is not None else 0))
            without_stdin_s = limit_s
        if time.monotonic() >= until:
            return None
        if stdin is None:
            time.sleep(0.05)
            continue
        if not select.select([stdin], [], [], 0.1)[0]:
            continue
        data = os.read(stdin, 4096)
        pasted += data
        line, end, _ = pasted.partition(b"\n")
        if end or len(pasted) > _MOST_PASTED:
            return line.decode(errors="replace")
        if not data:
            if pasted:
                return pasted.decode(errors="replace")
            stdin = None
