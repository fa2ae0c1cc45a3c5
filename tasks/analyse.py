"""The analysis stage, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.model import Analysis, RenderReceipt, Track
from tracksync.stages.analyse import ensure_analysed
from tracksync.stages.workshop import workshop

__all__ = ["analyse"]


@task(task_run_name="analyse · {track.facts.display}", **STAGE)
def analyse(track: Track, rendered: RenderReceipt) -> Analysis:
    """Tempo, key and fingerprint, measured in a process of the pool."""
    return ensure_analysed(workshop(), track, rendered)
