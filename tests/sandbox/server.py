"""One real Prefect server for the whole session."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from socket import socket
from time import monotonic, sleep

import httpx

__all__ = ["prefect_server"]


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """`prefect server start` on a free port; yields the API's address."""
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    environment |= {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    log = (home / "server.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        address = f"http://127.0.0.1:{port}/api"
        deadline = monotonic() + 90
        while monotonic() < deadline:
            assert process.poll() is None, (home / "server.log").read_text()
            with suppress(httpx.HTTPError):
                if httpx.get(f"{address}/health", trust_env=False).status_code == 200:
                    break
            sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()
