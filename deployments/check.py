"""Which Prefect server a run would use, and whether it answers: `python -m deployments.check` (exit code 0 or 1)."""

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
    sys.stdout.write(f"Prefect {prefect.__version__}, server {configured}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
