"""A household for a test: its own library, journal and Prefect home, and the real command line run in it."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Done", "House"]

# Nothing of the machine's own configuration may reach a test.
_UNSET = ("BACKUP_DIR", "WAV_BACKUP_DIR", "TEMP_DIR", "SC_COMP_MODE", "PREFECT_API_URL", "PREFECT_PROFILES_PATH")


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str
    cpu_s: float = 0.0
    """Seconds of a processor: unlike those on the wall, the same on a machine that is busy with something else."""

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it printed with --json."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def tracks(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == "track"]

    @property
    def run(self) -> dict[str, Any]:
        return next(event for event in self.events if event["event"] == "run")


@dataclass
class House:
    """Folders below `root`; `more` are further variables."""

    root: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def library(self) -> Path:
        return self.root / "library"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in _UNSET and not name.startswith(("TRACKSYNC_", "YTDLP_"))
        }
        own = {
            "HOME": str(self.root),
            "OUT_DIR": str(self.library),
            "TRACKSYNC_HOME": str(self.root / "state"),
            "PREFECT_HOME": str(self.root / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "NO_PROXY": "127.0.0.1,localhost",
            "COLUMNS": "140",
        }
        return kept | own | self.more

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """The command line, left running."""
        command = [sys.executable, "-m", "tracksync", *map(str, arguments)]
        return subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def do(self, *arguments: str | Path, limit_s: float = 240) -> Done:
        """The command line, to its end."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=limit_s)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert "Traceback" not in out + err, err
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Done(process.returncode, out, err, cpu_s)

    def files(self) -> dict[str, str]:
        """Every file of the library, hidden ones too, with its hash."""
        return {
            str(path.relative_to(self.library)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.library.rglob("*"))
            if path.is_file()
        }

    def leftovers(self) -> list[Path]:
        """What is left of work in progress."""
        return [path for path in (self.root / "state" / "staging").rglob("*") if path.is_file()]
