"""Who hears how a run goes: the command line behind the engine, else Prefect's log."""

from __future__ import annotations

import threading

from prefect.logging import get_run_logger

from tracksync.model import Track
from tracksync.report import Event, Reporter, current_reporter

__all__ = ["reporter"]


def reporter() -> Reporter:
    """The reporter that the process was given, else one that writes to the flow run's log."""
    return current_reporter() or _LogReporter()


class _LogReporter:
    """A line in the log for each stage that a track enters, and for its end."""

    def __init__(self) -> None:
        # Asked for once, in the flow: threads that Prefect did not start have no run to log to.
        self._logger = get_run_logger()
        self._last: dict[str, str] = {}
        self._lock = threading.Lock()

    def progress(self, track: Track, stage: str, fraction: float | None) -> None:  # noqa: ARG002
        with self._lock:
            if self._last.get(track.key) == stage:
                return
            self._last[track.key] = stage
        self._logger.info("%s: %s", track.facts.display, stage)

    def finished(self, event: Event) -> None:
        if event["event"] == "run":
            self._logger.info("Run: %s", event["counts"] or "nothing to do")
            return
        error = event["error"]
        why = f": {error['message']} {error['action']}" if error else ""
        self._logger.log(40 if event["state"] == "failed" else 20, "%s is %s%s", event["title"], event["state"], why)

    def note(self, text: str) -> None:
        self._logger.info("%s", text)
