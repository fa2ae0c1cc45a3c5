"""A proxy on the loopback, as HTTPS_PROXY names one: it leads CONNECT to a host's stand-in, and nowhere else."""

from __future__ import annotations

import select
import socket
from collections.abc import Mapping
from contextlib import suppress

from tests.sandbox.serving.server import Listener, QuietHandler

__all__ = ["Proxy"]


class Proxy:
    """A context manager.

    Args:
        hosts: the loopback port behind each host's name.
    """

    def __init__(self, hosts: Mapping[str, int]) -> None:
        self.hosts = dict(hosts)
        self.asked: list[str] = []
        """The hosts that were asked for, in order; one that has no stand-in is refused with 502."""
        self._server = _Server(self)

    def __enter__(self) -> Proxy:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def address(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"http://127.0.0.1:{self._server.port}"


class _Server(Listener):
    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(_Handler)


class _Handler(QuietHandler):
    server: _Server

    def do_CONNECT(self) -> None:  # noqa: N802 (the base's way)
        host = self.path.rpartition(":")[0]
        proxy = self.server.proxy
        proxy.asked.append(host)
        self.close_connection = True
        port = proxy.hosts.get(host)
        try:
            there = socket.create_connection(("127.0.0.1", port), timeout=5) if port else None
        except OSError:
            there = None
        if there is None:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        with there:
            for end in (there, self.connection):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._lead(there)

    def _lead(self, there: socket.socket) -> None:
        here = self.connection
        with suppress(OSError):
            while True:
                for end in select.select([here, there], [], [], 60)[0]:
                    data = end.recv(1 << 16)
                    if not data:
                        return
                    (there if end is here else here).sendall(data)
