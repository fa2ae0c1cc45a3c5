"""Take up whatever is unfinished: tracks that were interrupted or wait, and pages whose files are not there."""

from __future__ import annotations

from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.sync import bring_in, side_by_side
from tasks.detect import detect_tracks
from tasks.limits import notion_gate
from tasks.reporting import reporter
from tracksync.stages.eagle import eagle_ready
from tracksync.stages.recover import unfinished
from tracksync.stages.workshop import open_workshop

__all__ = ["recover"]


@flow(name="recover", task_runner=side_by_side, persist_result=False)
def recover(what: list[str] | None = None, limit: int | None = None) -> State[Any]:
    """Take each unfinished track to its end. What exists already is used, not fetched again.

    Args:
        what: keys of tracks or pages. None: everything that is unfinished and not up to a person.
        limit: how many at most.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter(), gate=notion_gate()) as shop:
        shop.catalogue_ready()
        eagle_ready(shop)
        keys = unfinished(shop.journal, shop.catalogue, shop.settings)[:limit] if what is None else what
        return bring_in(shop, detect_tracks(keys, None, "recover"), begun)
