"""What all stage tasks tell Prefect alike."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Failed
from prefect.tasks import Task

from tracksync.errors import Busy, CatalogueAway, DiskFull, Interrupted, TracksyncError, Transient, VolumeAway

__all__ = ["ONE_LINE", "STAGE", "passes_by_itself", "said_in_words"]

P = ParamSpec("P")

# The ensure rule makes a stage safe to run again; Prefect's cache would return a path whose file was deleted.
STAGE: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}

# Longer pauses than this are not slept through: the track waits instead, and the others go on.
_LONGEST_PAUSE_S = 60.0


def passes_by_itself(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether another try in this run makes sense: asked of the error, never guessed from its text."""
    error = state.result(raise_on_failure=False)
    if not isinstance(error, Transient) or isinstance(
        error, Busy | CatalogueAway | DiskFull | Interrupted | VolumeAway
    ):
        return False
    return (error.retry_after or 0) <= _LONGEST_PAUSE_S


def said_in_words(run: Callable[P, State[Any]]) -> Callable[P, State[Any]]:
    """For a flow: what keeps it from its work is its state's message, a sentence with what to do about it.

    Prefect would put the name of an exception before it, and it is what is seen of a scheduled run.
    """

    @wraps(run)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
        try:
            return run(*args, **kwargs)
        except TracksyncError as error:
            return Failed(message=str(error), data=error)

    # Prefect looks for the types that a flow's parameters name where its function was written: here, not there.
    guarded.__signature__ = inspect.signature(run, eval_str=True)  # type: ignore[attr-defined]
    return guarded


class _OneLine(logging.Filter):
    """An error raised on purpose is one sentence; its traceback tells a person nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TracksyncError):
            record.exc_info = None
            record.exc_text = None
            record.msg = str(error)
            record.args = ()
        return True


ONE_LINE = _OneLine()
for _name in ("prefect.task_runs", "prefect.flow_runs"):
    logging.getLogger(_name).addFilter(ONE_LINE)
