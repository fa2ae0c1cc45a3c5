"""The publish stage, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.model import Analysis, DownloadReceipt, PublishReceipt, RenderReceipt, Track
from tracksync.stages.publish import ensure_published
from tracksync.stages.workshop import workshop

__all__ = ["publish"]


@task(task_run_name="publish · {track.facts.display}", **STAGE)
def publish(
    track: Track, source: DownloadReceipt, rendered: RenderReceipt, analysis: Analysis, *, refresh: bool = False
) -> PublishReceipt:
    """The tagged files stand at their places in the library."""
    return ensure_published(workshop(), track, source, rendered, analysis, refresh=refresh)
