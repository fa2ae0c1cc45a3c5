"""The detection, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.model import Track
from tracksync.report import Event
from tracksync.stages.detect import ensure_enrolled
from tracksync.stages.sources import what_is_next
from tracksync.stages.workshop import workshop

__all__ = ["detect_tracks"]


@task(name="detect", task_run_name="detect", **STAGE)
def detect_tracks(
    what: list[str] | None, playlist: str | None, source: str = "named", limit: int | None = None
) -> tuple[str, list[Track], list[Event]]:
    """What was named, or what the source says: its name, the tracks to take up, the lines of what is no track."""
    shop = workshop()
    if what is None:
        source, what = what_is_next(source, shop.journal, shop.catalogue, limit, shop.reporter.note)
    tracks, events = ensure_enrolled(shop, what, playlist)
    return source, tracks, events
