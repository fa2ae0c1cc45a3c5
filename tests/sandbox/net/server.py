"""The server: HTTPS for every host of its sites, a proxy that leads there, and faults on demand.

    with Loopback(SoundCloud(), YouTube()) as net:
        os.environ |= net.environment
        net.add_fault("api-v2.soundcloud.com/resolve", Status(code=429, times=2))

The faults are those of `tests.sandbox.web`; each befalls the requests whose host and path fit a regular expression.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from tests.sandbox.net.hosted import Hosted
from tests.sandbox.serving import Answer, Fault, Plan, Request, Service
from tests.sandbox.serving.messages import befallen

__all__ = ["Loopback", "Site"]


class Site(Service, Protocol):
    """A service."""

    hosts: tuple[str, ...]


class Loopback(Hosted):
    """Several sites behind one proxy; see `Hosted`."""

    def __init__(self, *sites: Site) -> None:
        self._sites = {host: site for site in sites for host in site.hosts}
        self._requests: list[Request] = []
        self._plan: Plan[Fault] = Plan()
        self._lock = threading.Lock()
        super().__init__(self._sites, ("GET", "HEAD", "POST"))

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
        self._plan.add(fault, where)

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self._plan.clear()

    # -- what is answered ----------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """As its host's site says, or as goes wrong."""
        with self._lock:
            self._requests.append(request)
        fault = self._plan.first(request.url)
        return befallen(fault, lambda: self._sites[request.host].answer(request))
