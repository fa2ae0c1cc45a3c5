"""Fixtures that several tests share."""

from tests.sandbox.postgres import postgres

__all__ = ["postgres"]
