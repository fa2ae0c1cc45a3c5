"""The processes in which analysis happens: killable, for essentia can crash and hang, and holds the interpreter.

Whatever happens to a worker, its track gets an answer: an `Analysis` without figures that says what happened.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures import wait
from pathlib import Path
from types import TracebackType
from typing import Any

from tracksync.audio.analysis import analyse_pcm
from tracksync.model import Analysis

__all__ = ["AnalysisPool"]

# Numerics on one thread: the pool itself is what uses the processors.
_SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_TASKS_A_WORKER = 50
_LEAST_S, _SHARE = 60.0, 1.0
# For a worker to start, and to load essentia.
_GRACE_S = 60.0


class AnalysisPool:
    """Workers that start with the first file and end with the block.

    Args:
        workers: processes side by side.
        time_limit_s: no analysis takes longer; a short file has a lower limit (a minute, and its length again).
        function: what a worker does with a file; it must be importable by name.
    """

    def __init__(
        self, workers: int, time_limit_s: float, *, function: Callable[[Path], Analysis] = analyse_pcm
    ) -> None:
        self._workers = workers
        self._limit = time_limit_s
        self._function = function
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(workers)
        self._pool: Any = None
        self._closed = False

    def __enter__(self) -> AnalysisPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, also those that are at work."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            pool.join(timeout=10)

    def analyse(self, wav: Path, duration_s: float) -> Analysis:
        """Measure a file, waiting for a worker; called from several threads. Never raises for the file's sake."""
        limit = min(self._limit, _LEAST_S + _SHARE * duration_s)
        analysis = self._try(wav, limit)
        if analysis is None:  # a worker that died may have been a neighbour's victim: once more, in a fresh one
            analysis = self._try(wav, limit)
        return analysis or Analysis(
            problems=("The analysis crashed twice: tempo, key and fingerprint are missing.",), incomplete=True
        )

    def _try(self, wav: Path, limit: float) -> Analysis | None:
        from pebble import ProcessExpired

        try:
            with self._slots:
                return self._wait(self._running().schedule(self._function, args=[wav], timeout=limit), limit)
        except FutureTimeout:
            told = f"The analysis took longer than {limit:.0f} s and was ended: tempo, key and fingerprint are missing."
            return Analysis(problems=(told,), incomplete=True)
        except ProcessExpired:
            return None
        except ImportError:
            return Analysis(
                problems=("essentia has no package for this machine: tempo, key and fingerprint are missing.",)
            )
        except Exception as error:
            told = f"The analysis failed ({type(error).__name__}): tempo, key and fingerprint are missing."
            return Analysis(problems=(told,), incomplete=True)

    def _wait(self, future: Any, limit: float) -> Analysis | None:
        """The answer; None if there will be none.

        A worker that dies, or is ended, between taking a task and saying so leaves a future that is never done. As no
        more tasks are given out than there are workers, one that is overdue was lost.
        """
        overdue = time.monotonic() + limit + _GRACE_S
        while not wait([future], timeout=0.5).done:
            if self._closed or time.monotonic() > overdue:
                future.cancel()
                return None
        result: Analysis = future.result()
        return result

    def _running(self) -> Any:
        from pebble import ProcessPool

        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed")
            if self._pool is None:
                # Spawned, never forked: the parent has threads, and a lock held by one of them would stay held.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(
                    max_workers=self._workers, max_tasks=_TASKS_A_WORKER, initializer=_prepare, context=context
                )
            return self._pool


def _prepare() -> None:
    """A worker begins: Ctrl-C is the parent's affair, and the numerics stay on one thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _SINGLE:
        os.environ[name] = "1"
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End when the parent is gone: a worker at work reads no pipe that would tell it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)
