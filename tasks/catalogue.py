"""The record stage, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE, passes_by_itself
from tracksync.model import RecordReceipt, Track
from tracksync.stages.record import ensure_recorded
from tracksync.stages.workshop import workshop

__all__ = ["record"]


@task(
    task_run_name="record · {track.facts.display}",
    retries=2,
    retry_delay_seconds=[2, 8],
    retry_jitter_factor=0.3,
    retry_condition_fn=passes_by_itself,
    **STAGE,
)
def record(track: Track, *, refresh: bool = False) -> RecordReceipt:
    """The catalogue knows the track, all but Downloaded, which comes after the verification."""
    return ensure_recorded(workshop(), track, refresh=refresh)
