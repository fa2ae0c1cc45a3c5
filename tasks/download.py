"""The download stage, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE, passes_by_itself
from tracksync.matching import MatchReceipt
from tracksync.model import DownloadReceipt, Track
from tracksync.stages.download import ensure_download
from tracksync.stages.workshop import workshop

__all__ = ["download"]


@task(
    task_run_name="download · {track.facts.display}",
    retries=2,
    retry_delay_seconds=[2, 8],
    retry_jitter_factor=0.3,
    retry_condition_fn=passes_by_itself,
    **STAGE,
)
def download(track: Track, matched: MatchReceipt) -> DownloadReceipt | None:
    """The source audio stands in staging; None where its link told of a track that is on a disk already.

    The network's passing faults are tried again.
    """
    return ensure_download(workshop(), track, matched)
