"""Tracksync: from a link or a file to a verified DJ library."""

__version__ = "0.1.0"
