"""The transcode stage, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.model import DownloadReceipt, RenderReceipt, Track
from tracksync.stages.transcode import ensure_rendered
from tracksync.stages.workshop import workshop

__all__ = ["transcode"]


@task(task_run_name="transcode · {track.facts.display}", **STAGE)
def transcode(track: Track, source: DownloadReceipt) -> RenderReceipt:
    """The three files stand in staging. ffmpeg carries its own time limit: Prefect's can't interrupt a thread."""
    return ensure_rendered(workshop(), track, source)
