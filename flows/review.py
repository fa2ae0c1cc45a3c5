"""Ask a person about the tracks for which nothing was surely found: a form in Prefect's UI for each."""

from __future__ import annotations

import hashlib
from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.states import Completed

from flows.sync import bring_in, side_by_side
from tasks.forms import answered_link, form_for
from tasks.limits import notion_gate
from tasks.reporting import reporter
from tracksync.journal import Entry
from tracksync.stages.candidates import settle_with
from tracksync.stages.detect import Batch
from tracksync.stages.eagle import eagle_ready
from tracksync.stages.review import in_doubt
from tracksync.stages.workshop import Workshop, open_workshop

__all__ = ["review"]

_A_WEEK_S = 7 * 24 * 3600


@flow(name="review", task_runner=side_by_side, persist_result=False)
def review(key: str | None = None) -> State[Any]:
    """Ask about one track after the other, and bring in what was settled.

    The run is suspended while it waits for an answer; it goes on, from its beginning, when the form is sent.

    Args:
        key: of the one track to ask about. None: all that need it, the oldest first.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter(), gate=notion_gate()) as shop:
        shop.catalogue_ready()
        eagle_ready(shop)
        state: State[Any] = Completed(message="nothing was settled")
        for entry in in_doubt(shop.journal, key):
            if link := ask(shop, entry):
                track = entry.as_track()
                settle_with(shop, [track], link)
                state = bring_in(shop, Batch("review", [track]), begun, remake=True)
        return state


def ask(shop: Workshop, entry: Entry) -> str | None:
    """The link that a person says is the track's audio; None where it is passed over."""
    named = hashlib.sha256(f"{entry.key} {entry.attempts}".encode()).hexdigest()[:12]
    answer = suspend_flow_run(wait_for_input=form_for(shop, entry), timeout=_A_WEEK_S, key=f"review-{named}")
    return answered_link(shop, entry, answer)
