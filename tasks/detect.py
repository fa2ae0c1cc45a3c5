"""The detection, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.stages.detect import Batch, ensure_chosen, ensure_enrolled
from tracksync.stages.workshop import workshop

__all__ = ["detect_tracks"]


@task(name="detect", task_run_name="detect", **STAGE)
def detect_tracks(
    what: list[str] | None, playlist: str | None, source: str = "named", limit: int | None = None, again: bool = False
) -> Batch:
    """What was named, or what the source says: the tracks to take up, and the lines of what is no track."""
    shop = workshop()
    if what is None:
        return ensure_chosen(shop, source, limit, playlist)
    return ensure_enrolled(shop, what, playlist, source=source, limit=limit, again=again)
