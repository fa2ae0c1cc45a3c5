"""The match stage, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE, passes_by_itself
from tracksync.matching import MatchReceipt
from tracksync.model import Track
from tracksync.stages.match import ensure_matched
from tracksync.stages.workshop import workshop

__all__ = ["match"]


@task(
    task_run_name="match · {track.facts.display}",
    retries=1,
    retry_delay_seconds=[3],
    retry_jitter_factor=0.3,
    retry_condition_fn=passes_by_itself,
    **STAGE,
)
def match(track: Track, *, refresh: bool = False) -> MatchReceipt:
    """Which audio the track is, and why. Services that are held back are left alone, and the others go on."""
    return ensure_matched(workshop(), track, refresh=refresh)
