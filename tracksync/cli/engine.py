"""The engine as the command line sees it: a child process that takes one order and answers with events."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tracksync.errors import Unexpected
from tracksync.sources.secrets import redact_text

__all__ = ["Engine"]


class Engine:
    """Started early, so that it warms up while the command line still looks; given its order when there is one."""

    def __init__(self, log: Path, *, verbose: bool) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        self._verbose = verbose
        self._last: deque[str] = deque(maxlen=20)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deployments.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # A session of its own: Ctrl-C reaches the command line alone, which then ends the engine in order.
            start_new_session=True,
        )
        self._drain = threading.Thread(target=self._keep_log, name="engine-log", daemon=True)
        self._drain.start()

    def order(self, **order: Any) -> None:
        """Hand over the one order."""
        assert self._process.stdin is not None  # noqa: S101
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()

    def events(self) -> Iterator[dict[str, Any]]:
        """What the engine says, until it ends.

        Raises:
            Unexpected: it ended without having run the flow; the message says where its log is.
        """
        assert self._process.stdout is not None  # noqa: S101
        complete, complaint = False, ""
        for line in self._process.stdout:
            with suppress(ValueError):
                event = json.loads(line)
                if event["event"] == "engine":
                    complaint = event["message"]
                    continue
                complete = complete or event["event"] == "run"
                yield event
        self._process.wait()
        if not complete:
            raise Unexpected(
                complaint or f"The engine ended before the run was over (code {self._process.returncode}).",
                action=f"Run the same command again; its log is {self._log}.",
            )

    def dismiss(self) -> None:
        """There is nothing to do: the engine ends by itself when its input does. Not waited for."""
        self._close_input()

    def interrupt(self, grace_s: float = 20.0) -> None:
        """End the run: what is half-done is dropped, what is done stays."""
        self._close_input()
        try:
            self._process.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _close_input(self) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def _keep_log(self) -> None:
        assert self._process.stderr is not None  # noqa: S101
        with self._log.open("w", encoding="utf-8") as log:
            for line in self._process.stderr:
                clean = redact_text(line)
                log.write(clean)
                log.flush()
                self._last.append(clean)
                if self._verbose:
                    sys.stderr.write(clean)
