"""The transcode stage, as Prefect runs it: from the source, or from what stands of the track."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tracksync.model import DownloadReceipt, RenderReceipt, Track
from tracksync.stages.restore import ensure_restored
from tracksync.stages.transcode import ensure_rendered
from tracksync.stages.workshop import workshop

__all__ = ["restore", "transcode"]


@task(task_run_name="transcode · {track.facts.display}", **STAGE)
def transcode(track: Track, source: DownloadReceipt) -> RenderReceipt:
    """The three files stand in staging. ffmpeg carries its own time limit: Prefect's can't interrupt a thread."""
    return ensure_rendered(workshop(), track, source)


@task(task_run_name="restore · {track.facts.display}", **STAGE)
def restore(track: Track) -> tuple[DownloadReceipt, RenderReceipt] | None:
    """The files stand in staging once more, from one of the track's own; None where it has to be fetched."""
    return ensure_restored(workshop(), track)
