"""Which process is this, and does that one still live?

A process is named by its machine, its number and its start, since numbers are used again. The machine is known by what
its kernel drew at boot, and on Linux by the namespace of its process numbers too: two containers may share a host name
and still not see each other's processes. What can't be told counts as alive, so that nothing is taken from the living.
"""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

__all__ = ["is_dead", "new_owner"]

_UNKNOWN = "?"


def new_owner() -> str:
    """A name that no other holder of a lease has: `<host>/<machine>:<pid>:<start>:<random>`."""
    host = socket.gethostname().replace(":", "-").replace("/", "-")
    pid = os.getpid()
    return f"{host}/{_machine()}:{pid}:{_start_of(pid) or _UNKNOWN}:{secrets.token_hex(8)}"


def is_dead(owner: str) -> bool:
    """Whether the process that made this name ran on this machine and is gone.

    False where it lives, where it is another machine's, and where that can't be told.
    """
    try:
        host, pid_text, start, _ = owner.split(":")
        pid = int(pid_text)
    except ValueError:
        return False
    machine = host.rpartition("/")[2]
    if machine == _UNKNOWN or machine != _machine():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # somebody else's process has this number now, or always had
    now = _start_of(pid)
    if now is None:
        # Perhaps hidden from us; perhaps gone since the question before.
        return False
    return now == "dead" or (_UNKNOWN not in (start, now) and now != start)


@functools.cache
def _machine() -> str:
    drawn = _boot_id()
    if drawn is None:
        return _UNKNOWN
    with suppress(OSError):  # no such namespaces here
        drawn += os.readlink("/proc/self/ns/pid")  # noqa: PTH115 (not a path)
    return hashlib.sha256(drawn.encode()).hexdigest()[:12]


def _boot_id() -> str | None:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return _asked("sysctl", "-n", "kern.bootsessionuuid")  # macOS


def _start_of(pid: int) -> str | None:
    """When the process started, in whatever unit; `dead` for one that has ended and was not waited for."""
    if Path("/proc/self/stat").exists():
        return _start_by_proc(pid)
    return _start_by_ps(pid)


def _start_by_proc(pid: int) -> str | None:
    # proc(5): the name stands in brackets and may hold anything; behind it come the state (field 3) and, as field 22,
    # the start in ticks since the boot.
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    return "dead" if fields[0] in ("Z", "X") else fields[19]


def _start_by_ps(pid: int) -> str | None:
    line = _asked("ps", "-o", "state=,lstart=", "-p", str(pid))
    if not line:
        return None
    state, _, start = line.partition(" ")
    return "dead" if state.startswith("Z") else start.strip().replace(":", ".").replace(" ", "_")


def _asked(*command: str) -> str | None:
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=5, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() if answer.returncode == 0 and answer.stdout.strip() else None
