"""Put everything on a Prefect server that tracksync needs there: `python -m deployments.bootstrap`.

The work pool, with its limit, and the deployments of prefect.yaml. What is there already is left as it is or brought up
to date, so that it can be run again at any time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

__all__ = ["POOL", "main", "prepare"]

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


def main() -> int:
    """Prepare the server, then deploy. Returns 0 where both went well."""
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        sys.stderr.write("PREFECT_API_URL is not set: start a server (`prefect server start`) and name it first.\n")
        return 2
    try:
        for line in asyncio.run(prepare()):
            sys.stdout.write(line + "\n")
    except Exception as error:
        sys.stderr.write(f"The Prefect server {PREFECT_API_URL.value()} could not be prepared: {error}\n")
        return 1
    root = Path(__file__).resolve().parent.parent
    deploy = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    return subprocess.run(deploy, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
