"""Put everything on a Prefect server that tracksync needs there: `python -m deployments.bootstrap`.

The work pool, the limit for requests to Notion, and the deployments of prefect.yaml. What is there already is left as
it is or brought up to date, so that it can be run again at any time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

__all__ = ["POOL", "main", "prepare", "prepare_limit"]

POOL = "tracksync"
# Runs of one pool at a time on one machine: each has its own tracks side by side already (SC_MAX_CONCURRENCY).
_RUNS_AT_A_TIME = 2


async def prepare() -> list[str]:
    """Make or mend the work pool; returns a line for what was done."""
    from prefect import get_client
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectAlreadyExists

    async with get_client() as client:
        try:
            await client.create_work_pool(
                WorkPoolCreate(name=POOL, type="process", concurrency_limit=_RUNS_AT_A_TIME), overwrite=False
            )
        except ObjectAlreadyExists:
            pool = await client.read_work_pool(POOL)
            if pool.type != "process":
                return [f"The work pool {POOL} exists with type {pool.type}: left as it is."]
            if pool.concurrency_limit is None:
                await client.update_work_pool(POOL, WorkPoolUpdate(concurrency_limit=_RUNS_AT_A_TIME))
            return [f"Work pool {POOL}: there already."]
    return [f"Work pool {POOL}: created."]


async def prepare_limit() -> str:
    """Make or mend the limit by which all workers together keep to Notion's budget; returns a line for what was done.

    One slot, which is free again after a third of a second: so requests are spaced, whoever makes them.
    """
    from prefect import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
    from prefect.exceptions import ObjectNotFound

    from tasks.limits import NOTION_LIMIT
    from tracksync.catalogue.notion import REQUESTS_PER_SECOND

    async with get_client() as client:
        try:
            limit = await client.read_global_concurrency_limit_by_name(NOTION_LIMIT)
        except ObjectNotFound:
            await client.create_global_concurrency_limit(
                GlobalConcurrencyLimitCreate(
                    name=NOTION_LIMIT, limit=1, active=True, slot_decay_per_second=REQUESTS_PER_SECOND
                )
            )
            return f"Limit {NOTION_LIMIT}: created, {REQUESTS_PER_SECOND} requests a second."
        if limit.active and limit.limit == 1 and 0 < limit.slot_decay_per_second <= REQUESTS_PER_SECOND:
            return f"Limit {NOTION_LIMIT}: there already."
        await client.update_global_concurrency_limit(
            NOTION_LIMIT,
            GlobalConcurrencyLimitUpdate(active=True, limit=1, slot_decay_per_second=REQUESTS_PER_SECOND),
        )
        return f"Limit {NOTION_LIMIT}: set to {REQUESTS_PER_SECOND} requests a second again."


def main() -> int:
    """Prepare the server, then deploy. Returns 0 where both went well."""
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        sys.stderr.write("PREFECT_API_URL is not set: start a server (`prefect server start`) and name it first.\n")
        return 2
    try:
        for line in [*asyncio.run(prepare()), asyncio.run(prepare_limit())]:
            sys.stdout.write(line + "\n")
    except Exception as error:
        sys.stderr.write(f"The Prefect server {PREFECT_API_URL.value()} could not be prepared: {error}\n")
        return 1
    root = Path(__file__).resolve().parent.parent
    deploy = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    return subprocess.run(deploy, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
