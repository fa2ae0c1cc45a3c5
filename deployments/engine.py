"""The engine behind the command line: `python -m deployments.engine`.

The command line starts it as soon as it looks as if there were work, and goes on looking; meanwhile this process
imports Prefect and brings up a server. Then it reads one line from its standard input, the order:

    {"what": ["url:…", …], "playlist": null, "refresh": false, "source": "named"}

and runs the flow `sync` with it. Events go to standard output, a JSON object a line; everything else goes to standard
error. Where the input ends instead, there was nothing to do, and the engine ends at once. Where it ends during the run,
the command line is gone, and so is the run: what is half-done is dropped, what is done stays.

The server is the one of PREFECT_API_URL or of the active profile; else a temporary one, which ends with the engine.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
import traceback
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from deployments.ephemeral import EphemeralServer

__all__ = ["main"]

_GRACE_S = 15.0
_QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_CLIENT_METRICS_ENABLED": "false",
    # What Prefect prints belongs into the log that the command line keeps, without colours.
    "PREFECT_LOGGING_COLORS": "false",
}


def main() -> int:
    """Run one order. Returns 0 where the flow came to its end, 3 where the engine could not run it."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whoever prints, prints to the log
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)

    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), name="orders", daemon=True).start()

    # What is imported stays: to search it for rubbish meanwhile takes a tenth of the start.
    gc.disable()
    from tracksync.report import JsonReporter, use_reporter

    reporter = JsonReporter(events)
    use_reporter(reporter)

    server: EphemeralServer | None = None
    try:
        from prefect.settings import PREFECT_API_URL

        configured = PREFECT_API_URL.value()
        if not configured:
            server = EphemeralServer.start()
        from flows.sync import sync

        gc.freeze()
        gc.enable()
        order = lines.get()
        assert order is not None  # noqa: S101 (where there is none, the process has ended)
        threading.Thread(target=_abandon_when_gone, args=(lines,), name="lifeline", daemon=True).start()
        if server is not None:
            server.wait()
            os.environ["PREFECT_API_URL"] = server.api_url
        else:
            _greet(str(configured))
        _run(sync, json.loads(order), server.api_url if server else None)
        return 0
    except Exception as error:
        reporter.write({"event": "engine", "message": _sentence(error)})
        traceback.print_exc()
        return 3
    finally:
        if server is not None:
            server.stop()


def _run(sync: Any, order: dict[str, Any], api_url: str | None) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    updates = {PREFECT_API_URL: api_url} if api_url else {}
    with temporary_settings(updates):
        # The command line has checked its order, and names the run's source by words that the UI does not offer.
        state = sync.with_options(validate_parameters=False)(**order, return_state=True)
        _send_what_is_left()
    error = state.result(raise_on_failure=False)
    if isinstance(error, Exception):
        raise error


def _send_what_is_left() -> None:
    """Logs and events are sent in the background: the server must not end before it has them."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=5)


def _listen(lines: queue.SimpleQueue[str | None]) -> None:
    # os.read rather than sys.stdin: a buffered reader that waits in a thread holds up the interpreter's end.
    rest, ordered = b"", False
    with suppress(OSError):
        while chunk := os.read(0, 65536):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                lines.put(line.decode(errors="replace"))
                ordered = True
    if not ordered:
        # Nothing is to do: what is still being imported is not needed. The temporary server has its own lifeline.
        os._exit(0)
    lines.put(None)


def _abandon_when_gone(lines: queue.SimpleQueue[str | None]) -> None:
    while lines.get() is not None:
        pass
    from tracksync.stages.workshop import interrupt

    until = monotonic() + _GRACE_S
    begun = interrupt()
    while monotonic() < until and begun:
        sleep(0.2)
        begun = interrupt()
    # The run is over, or has not begun; the temporary server ends by its own lifeline.
    sleep(0.5 if begun else 3.0)
    os._exit(130)


def _greet(api_url: str) -> None:
    """Ask a server that was configured for its health before the flow is begun on it."""
    import httpx

    try:
        httpx.get(f"{api_url.rstrip('/')}/health", timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        raise ConnectionError(
            f"The Prefect server of PREFECT_API_URL ({api_url}) does not answer. "
            "Start it, or unset PREFECT_API_URL to run with a temporary one."
        ) from error


def _sentence(error: Exception) -> str:
    from tracksync.errors import TracksyncError

    if isinstance(error, TracksyncError | ConnectionError | RuntimeError):
        return str(error)
    return f"The engine met a fault of the program ({type(error).__name__})."


if __name__ == "__main__":
    sys.exit(main())
