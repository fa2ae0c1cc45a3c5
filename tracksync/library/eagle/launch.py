"""Opening Eagle where it is closed, where the settings allow it: on macOS only."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic

from tracksync.errors import EagleAway, Interrupted

__all__ = ["can_launch", "launch"]

_LIMIT_S = 60.0
_POLL_S = 0.5


def can_launch() -> bool:
    """Whether this machine can be asked to."""
    return sys.platform == "darwin"


def launch(answers: Callable[[], bool], cancel: threading.Event, *, limit_s: float = _LIMIT_S) -> None:
    """`open -a Eagle`, in the background, and wait until it answers.

    Raises:
        EagleAway: it can't be opened, or does not answer within `limit_s`.
        Interrupted: the run was ended meanwhile.
    """
    try:
        done = subprocess.run(["open", "-g", "-a", "Eagle"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise EagleAway("Eagle could not be opened.", action="Open Eagle yourself.") from None
    if done.returncode != 0:
        raise EagleAway("Eagle could not be opened: macOS knows no such app.", action="Install or open Eagle.")
    deadline = monotonic() + limit_s
    while not answers():
        if cancel.wait(_POLL_S):
            raise Interrupted("Eagle was not waited for: the run was ended.", action="Run the same command again.")
        if monotonic() > deadline:
            raise EagleAway(
                f"Eagle was opened but does not answer after {limit_s:g} s.", action="See what Eagle's window asks for."
            )
