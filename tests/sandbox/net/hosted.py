"""A service under its own hosts' names: HTTPS on the loopback, and a proxy that leads there."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Self

from tests.sandbox.proxy import Proxy
from tests.sandbox.serving import Answer, Request, Server

__all__ = ["Hosted"]


class Hosted:
    """A context manager. Whoever has `environment` in theirs reaches it as they would reach the real one; a host that
    is none of its is refused by the proxy, and noted in `proxy.asked`.

    Args:
        hosts: the names under which it answers.
        methods: those that it has; see `Server`.
    """

    def __init__(self, hosts: Iterable[str], methods: Collection[str]) -> None:
        names = tuple(hosts)
        self._folder = tempfile.TemporaryDirectory(prefix="tracksync-net-")
        self.ca = Path(self._folder.name) / "ca.pem"
        self._server = Server(self, methods=methods)
        self._server.secure(self.ca, *names)
        self.proxy = Proxy(dict.fromkeys(names, self._server.port))

    def __enter__(self) -> Self:
        self._server.start()
        self.proxy.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.__exit__()
        self._server.stop()
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach it: the ordinary variables."""
        return {"HTTPS_PROXY": self.proxy.address, "SSL_CERT_FILE": str(self.ca)}

    def answer(self, request: Request) -> Answer:
        """Answer one request; several threads ask at once."""
        raise NotImplementedError
