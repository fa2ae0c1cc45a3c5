"""The limits that a deployment's machines share, as the server keeps them."""

from __future__ import annotations

from collections.abc import Callable

from prefect import get_client
from prefect.concurrency.sync import rate_limit
from prefect.exceptions import ObjectNotFound, PrefectException

from tracksync.settings import load_settings

__all__ = ["NOTION_LIMIT", "notion_gate"]

NOTION_LIMIT = "tracksync-notion"
"""The global concurrency limit by which requests to Notion are spaced; `python -m deployments.bootstrap` makes it."""


def notion_gate() -> Callable[[], None] | None:
    """Waits for the deployment's common limit before each request to Notion.

    None where the server has no such limit, or Notion is not used: then the journal alone keeps the pace.
    """
    if not load_settings().uses_notion:
        return None
    try:
        with get_client(sync_client=True) as client:
            limit = client.read_global_concurrency_limit_by_name(NOTION_LIMIT)
    except ObjectNotFound:
        return None
    if not limit.active or not limit.slot_decay_per_second:
        return None
    return _wait


def _wait() -> None:
    try:
        rate_limit(NOTION_LIMIT)
    except PrefectException:
        # The limit was removed, or the server can't be asked: the journal's pace holds by itself.
        return
