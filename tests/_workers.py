"""What a worker of the pool may do to itself: importable, so that a fresh process finds it."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path

from tracksync.model import Analysis


def behave(wav: Path) -> Analysis:
    """Does what the file's name says."""
    if wav.stem == "crash":
        ctypes.string_at(0)
    if wav.stem == "exit":
        os._exit(7)
    if wav.stem == "hang":
        time.sleep(600)
    if wav.stem == "raise":
        raise ZeroDivisionError
    if wav.stem == "once" and not wav.with_suffix(".seen").exists():
        wav.with_suffix(".seen").touch()
        os._exit(9)
    if wav.stem == "pid":
        wav.with_suffix(".pid").write_text(str(os.getpid()))
        time.sleep(600)
    return Analysis(bpm=1.0)
