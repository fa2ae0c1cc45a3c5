"""Which Prefect server a run would use, and whether it is as it has to be: `python -m deployments.check`.

Exit codes: 0 it is; 1 it does not answer; 2 it lacks what `python -m deployments.bootstrap` makes.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Print one line about the server."""
    import httpx
    import prefect
    from prefect.settings import PREFECT_API_URL

    configured = PREFECT_API_URL.value()
    if not configured:
        sys.stdout.write(
            f"Prefect {prefect.__version__}, a temporary server for each run (PREFECT_API_URL is not set)\n"
        )
        return 0
    try:
        httpx.get(f"{configured.rstrip('/')}/health", timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        sys.stdout.write(f"the server of PREFECT_API_URL ({configured}) does not answer: {type(error).__name__}\n")
        return 1
    lacking = _limit()
    sys.stdout.write(f"Prefect {prefect.__version__}, server {configured}{lacking}\n")
    return 2 if lacking else 0


def _limit() -> str:
    """What is wrong with the limit that workers share for Notion; empty where it is right or not needed."""
    from prefect import get_client
    from prefect.exceptions import ObjectNotFound

    from tasks.limits import NOTION_LIMIT
    from tracksync.settings import load_settings

    if not load_settings().uses_notion:
        return ""
    try:
        with get_client(sync_client=True) as client:
            limit = client.read_global_concurrency_limit_by_name(NOTION_LIMIT)
    except ObjectNotFound:
        return f", which lacks the limit {NOTION_LIMIT}"
    if not limit.active or not limit.slot_decay_per_second:
        return f", whose limit {NOTION_LIMIT} is switched off or has no decay"
    return ""


if __name__ == "__main__":
    sys.exit(main())
