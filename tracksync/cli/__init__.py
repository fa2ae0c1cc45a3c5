"""The command line. `main` is what the `tracksync` program runs."""

from tracksync.cli.app import main

__all__ = ["main"]
