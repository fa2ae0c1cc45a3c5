"""A piece of the internet on the loopback: services under their own names, over TLS, with faults on demand."""

from tests.sandbox.net.server import Loopback, Site
from tests.sandbox.serving import Answer, Request

__all__ = ["Answer", "Loopback", "Request", "Site"]
