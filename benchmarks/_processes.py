"""Running a command and seeing what it and its descendants took."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

__all__ = ["Cost", "Run", "cost_of", "run", "tree_rss"]


@dataclass(frozen=True)
class Cost:
    """CPU seconds (own and finished children's) and wall seconds."""

    cpu: float
    wall: float


def cost_of(work: Callable[[], object]) -> Cost:
    """What `work` took in this process and the children that it waited for."""
    begun, cpu = monotonic(), _cpu()
    work()
    return Cost(_cpu() - cpu, monotonic() - begun)


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


@dataclass(frozen=True)
class Run:
    """A finished command. `first` is the wall second at which a line matched, None where none did."""

    code: int
    wall: float
    first: float | None
    peak_mb: float
    lines: tuple[str, ...]


def run(
    command: Sequence[str], environment: Mapping[str, str], *, until_line: str | None = None, sample: bool = False
) -> Run:
    """Run a command; note when a line with `until_line` first appears on either stream, and the tree's peak memory."""
    begun = monotonic()
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    peak = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.25):
            peak = max(peak, tree_rss(process.pid))

    if sample:
        threading.Thread(target=watch, daemon=True).start()
    first, lines = None, []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if first is None and until_line is not None and until_line in line:
            first = monotonic() - begun
    code = process.wait()
    over.set()
    return Run(code, monotonic() - begun, first, peak / 2**20, tuple(lines))


def tree_rss(root: int) -> int:
    """Resident bytes of a process and its descendants, pages shared between them divided among them (Linux)."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdigit():
            try:
                text = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parent = int(text.rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(entry))
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total
