"""A child that must not outlive its parent holds one end of a pipe: when the parent is gone, however, the pipe ends.

This works for SIGKILL too, and on every system; signals and exit handlers don't.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

__all__ = ["on_parent_gone"]


def on_parent_gone(fd: int, act: Callable[[], None]) -> threading.Thread:
    """Call `act` once, in a thread of its own, when the other end of the pipe `fd` is closed."""

    def watch() -> None:
        try:
            while os.read(fd, 4096):
                pass
        except OSError:
            pass
        act()

    thread = threading.Thread(target=watch, name="lifeline", daemon=True)
    thread.start()
    return thread
