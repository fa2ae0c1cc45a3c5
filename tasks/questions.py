"""A question that a flow run has put to a person: on the server, for as long as it takes to be answered.

The run is suspended, not paused: it has no process while it waits, so that it takes up neither a worker nor a place
under a limit, and a server or a worker may be started anew meanwhile. The price is that the run begins at its beginning
when it goes on. What it has asked is found again by the names of its suspensions: `review-<track>-<how many times>`.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from prefect import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput

from tracksync.errors import Misconfigured

__all__ = ["answer_to", "ask", "asked_elsewhere", "asked_here", "forget_answer", "name_run", "question_name"]

# What was found gets old: a form that nobody has answered in a month is asked anew by the next run.
_PATIENCE_S = 30 * 24 * 3600
_SUSPENSION = re.compile(r"review-([0-9a-f]{12})-(\d+)")
_FORM = re.compile(rf"suspended-{_SUSPENSION.pattern}-schema")


def question_name(key: str) -> str:
    """How a track is called in the names of suspensions, which hold letters, figures and hyphens only."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def asked_here() -> dict[str, int]:
    """The tracks (by `question_name`) that this run has asked about before it was begun anew, and how many times.

    By the forms that are kept, not by the run's own list of suspensions, which is emptied when a run is retried.
    """
    asked: dict[str, int] = {}
    with get_client(sync_client=True) as client:
        seen: set[str] = set()
        while some := client.filter_flow_run_input(_this_run().id, "suspended-review-", 200, seen):
            seen |= {form.key for form in some}
    for key in seen:
        if named := _FORM.fullmatch(key):
            asked[named[1]] = max(asked.get(named[1], 0), int(named[2]))
    return asked


def asked_elsewhere() -> dict[str, str]:
    """The tracks (by `question_name`) that another run of this flow is asking about now, each with that run's name."""
    run = _this_run()
    waiting = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])))
    asked: dict[str, str] = {}
    with get_client(sync_client=True) as client:
        # The server gives 200 at a time at most; that many forms open at once are more than anybody fills in.
        for other in client.read_flow_runs(
            flow_filter=FlowFilter(id=FlowFilterId(any_=[run.flow_id])), flow_run_filter=waiting, limit=200
        ):
            fired = other.state.state_details.pause_key if other.state else None
            if named := _SUSPENSION.fullmatch(fired or ""):
                asked[named[1]] = other.name
    return asked


def answer_to(name: str, times: int) -> dict[str, Any] | None:
    """The fields that a form of this run was sent with; None where it was not, or where the answer was forgotten."""
    with get_client(sync_client=True) as client:
        try:
            given = client.read_flow_run_input(_this_run().id, _answer_key(name, times))
        except PrefectHTTPStatusError as error:
            if error.response.status_code == 404:
                return None
            raise
    fields: dict[str, Any] = json.loads(given)
    return fields


def forget_answer(name: str, times: int) -> None:
    """Take an answer off the server once it is in the journal: a link that a person gives may hold a secret."""
    with get_client(sync_client=True) as client:
        client.delete_flow_run_input(_this_run().id, _answer_key(name, times))


def ask(name: str, times: int, form: type[RunInput]) -> None:
    """Put a form to the person: the run ends here, and begins anew when the form is sent.

    Raises:
        Misconfigured: this run has no deployment, and so nobody could take it up again.
        Pause: always, else. Prefect ends the run by it.
    """
    if _this_run().deployment_id is None:
        raise Misconfigured(
            "A form can be shown only by a run of the deployment.",
            action="Run `prefect deployment run review/default`; or name the audio of a track with "
            "`tracksync sync KEY --use LINK`.",
        )
    suspend_flow_run(wait_for_input=form, timeout=_PATIENCE_S, key=f"review-{name}-{times}")


def name_run(text: str) -> None:
    """What the list of runs calls this one."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(_this_run().id, name=text)


def _answer_key(name: str, times: int) -> str:
    # As prefect.input.keyset_from_paused_state has it, for a state named Suspended.
    return f"suspended-review-{name}-{times}-response"


def _this_run() -> FlowRun:
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("Questions are put inside a flow run.")
    return context.flow_run
