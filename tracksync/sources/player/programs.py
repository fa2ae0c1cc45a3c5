"""Asking a program on PATH, within a time limit."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from tracksync.errors import Unreachable

__all__ = ["LIMIT_S", "ask"]

LIMIT_S = 5.0
"""How long one player may take to answer."""


def ask(command: Sequence[str], *, told: str = "") -> subprocess.CompletedProcess[str]:
    """Run it to its end; `told` is its standard input.

    Raises:
        Unreachable: it is gone, can't be run, or took too long.
    """
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(told, timeout=LIMIT_S)
            except BaseException:
                _end(process)
                raise
    except subprocess.TimeoutExpired:
        raise Unreachable(f"{command[0]} did not answer within {LIMIT_S:g} seconds.") from None
    except OSError as error:
        raise Unreachable(f"{command[0]} can't be run: {error.strerror or type(error).__name__}.") from None
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _end(process: subprocess.Popen[str]) -> None:
    """With everything that it started: a program that is left holds the pipes open."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
