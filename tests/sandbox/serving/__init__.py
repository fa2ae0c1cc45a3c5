"""HTTP on the loopback: a server, what is asked of it and what it answers, and what goes wrong on demand."""

from tests.sandbox.serving.faults import Fault, Plan
from tests.sandbox.serving.messages import Answer, Request
from tests.sandbox.serving.server import Server, Service

__all__ = ["Answer", "Fault", "Plan", "Request", "Server", "Service"]
