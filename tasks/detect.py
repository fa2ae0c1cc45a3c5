"""The detection, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.model import Track
from tracksync.report import Event
from tracksync.stages.detect import ensure_enrolled
from tracksync.stages.workshop import workshop

__all__ = ["detect_tracks"]


@task(name="detect", task_run_name="detect", **STAGE)
def detect_tracks(what: list[str], playlist: str | None) -> tuple[list[Track], list[Event]]:
    """What was named: the tracks to take up, and the lines of what is no track."""
    return ensure_enrolled(workshop(), what, playlist)
