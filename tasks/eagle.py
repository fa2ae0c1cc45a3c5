"""The Eagle stage, as Prefect runs it."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from tasks._prefect import STAGE, passes_by_itself
from tracksync.errors import EagleAway
from tracksync.model import EagleReceipt, Track
from tracksync.stages.eagle import ensure_imported
from tracksync.stages.workshop import workshop

__all__ = ["import_into_eagle"]


def _again(of: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Not where Eagle is away: requests were repeated already, and the next run takes the import up."""
    error = state.result(raise_on_failure=False)
    return not isinstance(error, EagleAway) and passes_by_itself(of, run, state)


@task(
    task_run_name="eagle · {track.facts.display}",
    retries=2,
    retry_delay_seconds=[2, 8],
    retry_jitter_factor=0.3,
    retry_condition_fn=_again,
    **STAGE,
)
def import_into_eagle(track: Track, *, known_id: str | None = None, refresh: bool = False) -> EagleReceipt | None:
    """The track is an item of Eagle's library; None where Eagle is not configured."""
    return ensure_imported(workshop(), track, known_id=known_id, refresh=refresh)
