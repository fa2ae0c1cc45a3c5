"""Take up whatever is unfinished: tracks that were interrupted or wait, pages whose files are gone or not in Eagle."""

from __future__ import annotations

from time import monotonic
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.sync import bring_in, side_by_side
from tasks._prefect import said_in_words
from tasks.detect import detect_tracks
from tasks.limits import notion_gate
from tasks.reporting import reporter
from tracksync.stages.detect import MOST_AT_ONCE
from tracksync.stages.eagle import eagle_ready
from tracksync.stages.recover import unfinished
from tracksync.stages.workshop import open_workshop

__all__ = ["recover"]


@flow(name="recover", task_runner=side_by_side, persist_result=False)
@said_in_words
def recover(what: list[str] | None = None, limit: Annotated[int, Field(ge=1)] | None = None) -> State[Any]:
    """Take each unfinished track to its end. What exists already is used, not fetched again.

    Args:
        what: keys of tracks, or pages of Notion. None: everything that is unfinished and not up to a person.
        limit: how many at most. None: all, of more than ten thousand the first.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter(), gate=notion_gate()) as shop:
        shop.catalogue_ready()
        eagle_ready(shop)
        if not what:
            every = unfinished(shop.journal, shop.catalogue, shop.settings, note=shop.reporter.note)
            what = every[: limit or MOST_AT_ONCE]
        return bring_in(shop, detect_tracks(what, None, "recover"), begun)
