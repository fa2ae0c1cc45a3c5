"""The verify stage, as Prefect runs it, and the artifact that a person looks at."""

from __future__ import annotations

from prefect import task

from tasks._prefect import STAGE
from tasks.artifacts import show_track
from tracksync.model import Track, VerifyReceipt
from tracksync.stages.verify import ensure_verified
from tracksync.stages.workshop import workshop

__all__ = ["verify"]


@task(task_run_name="verify · {track.facts.display}", **STAGE)
def verify(track: Track) -> VerifyReceipt:
    """Every file was read back. Leaves the track's picture and figures in Prefect's UI."""
    shop = workshop()
    receipt = ensure_verified(shop, track)
    show_track(shop, track, receipt)
    return receipt
