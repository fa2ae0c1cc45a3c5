"""Patience with a server, and its end: a line that is silent, or that drips, is given up.

A socket's timeout alone does not see a server that sends a byte a second: each byte starts the wait anew, and a read
of a whole block waits for all of them. So every response is read in whatever pieces arrive, and two clocks run:

- silence: how long nothing new has come, over all retries; beyond `stall_seconds` there are no more of them;
- speed: over each `stall_seconds` spent reading, at least `SLOWEST` bytes a second have to arrive.

Where a job has a deadline (a source that others wait behind), a third clock runs over all of it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tracksync.errors import Interrupted, RateLimited, TracksyncError, Unreachable, Unsupported
from tracksync.sources.ytdlp.options import RETRIES

__all__ = ["Watch"]

SLOWEST = 1024
"""Bytes a second below which a transfer counts as stalled: a 320 kbit/s stream plays at forty times that."""
_SLICE_SECONDS = 0.2
_SLICE_BYTES = 1 << 16
_BLIND_BYTES = 1024
_LONGEST_PAUSE = 10.0
MAX_PAGE_BYTES = 64 << 20
"""A page, a manifest or a script is never as large as this."""
MAX_MEDIA_BYTES = 4 << 30
"""Nor is a track as large as this: three hours of 24 bit / 192 kHz, or a radio that never ends."""


class Watch:
    """Watches over the requests of one job (one fetch, one list). One thread uses it; `cancel` may come from another.

    Args:
        shown: what the job is about, as messages name it.
        stall_seconds: how long nothing, or nearly nothing, may come.
        backoff_seconds: the pause before the first retry.
        cancel: set when the job is to be given up.
        deadline_seconds: how long it may take, from its begin or from `renew`; None where only its progress counts.
    """

    def __init__(
        self,
        shown: str,
        stall_seconds: float,
        backoff_seconds: float = 0.5,
        cancel: threading.Event | None = None,
        deadline_seconds: float | None = None,
    ) -> None:
        self.shown = shown
        self.stall_seconds = stall_seconds
        self.backoff_seconds = backoff_seconds
        self._refusal: tuple[int, float | None] | None = None
        self.downloading = False
        """The media itself is being fetched; before that it is pages."""
        self._cancel = cancel
        self._deadline_seconds = deadline_seconds
        self._deadline = None if deadline_seconds is None else time.monotonic() + deadline_seconds
        self._failures = 0
        self._silent = 0.0
        self._reading = 0.0
        self._arrived = 0
        self._response: Any = None
        self._done = threading.Event()
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> Watch:
        self.check()
        if self._cancel is not None or self._deadline is not None:
            self._watcher = threading.Thread(target=self._interrupt, name="tracksync-cancel", daemon=True)
            self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._watcher is not None:
            self._watcher.join()

    @property
    def is_exhausted(self) -> bool:
        """Another try of the whole job makes no sense: a site's reader has used up its own tries (they would be
        multiplied), or nothing new has come for as long as may be."""
        return self._is_silent or self._failures > RETRIES

    @property
    def _is_silent(self) -> bool:
        return self._silent >= 0.95 * self.stall_seconds

    def check(self) -> None:
        """Raise if the job is to be given up."""
        if self._cancel is not None and self._cancel.is_set():
            raise Interrupted(
                f"{self.shown} was stopped before it was complete.",
                action="Run the same command again; it goes on where it stopped.",
            )
        if self._is_late():
            raise self._late()

    def renew(self) -> None:
        """The job gets on: its deadline is counted from now."""
        if self._deadline_seconds is not None:
            self._deadline = time.monotonic() + self._deadline_seconds

    @contextmanager
    def held(self) -> Iterator[None]:
        """Somebody else's time: what passes meanwhile does not count towards the deadline."""
        began = time.monotonic()
        try:
            yield
        finally:
            if self._deadline is not None:
                self._deadline += time.monotonic() - began

    def pause(self, tries: int) -> float:
        """Wait before one more try (the first is `tries` 0), as long as the server asked for or a little longer each
        time; yt-dlp then sleeps no more."""
        self.check()
        if self._is_silent:
            raise self._stalled()
        (status, asked), self._refusal = self._refusal or (0, None), None
        if status == 429:
            # More of the same would make it last longer: the whole service is left alone for a while.
            raise RateLimited(
                f"{self.shown} is held back: too much was asked of its server (429).",
                retry_after=asked,
                action="Try again later.",
            )
        if asked is not None and asked > _LONGEST_PAUSE:
            raise Unreachable(f"{self.shown} is not available now: its server asks for a pause.", retry_after=asked)
        delay = min(_LONGEST_PAUSE, self.backoff_seconds * 2.0**tries) * random.uniform(0.75, 1.25)  # noqa: S311
        delay = max(delay, asked or 0.0)
        if self._is_late(delay):
            raise self._late()
        self._sleep(delay)
        self.check()
        return 0.0

    def refused(self, status: int, retry_after: float | None) -> None:
        """A request was answered with this status; `retry_after` is the pause that was asked for, in seconds."""
        self._refusal = (status, retry_after)
        self._failures += 1
        self.check()

    def failed(self, began: float) -> None:
        """A request that began at this time (`time.monotonic`) was not answered at all."""
        self._silent += time.monotonic() - began
        self._failures += 1
        self.check()

    def answered(self) -> None:
        """A request was answered well."""
        self._failures = 0

    def attach(self, response: Any) -> None:
        """Read this response of yt-dlp's piecewise from now on, with both clocks running."""
        arrive = getattr(response.fp, "read1", None)
        if arrive is not None and hasattr(response, "_real_read"):
            # requests: yt-dlp's own read, with its translation of errors, around urllib3's read of what is there.
            response._real_read = lambda amount: arrive(amount, decode_content=True)
            most = _SLICE_BYTES
        else:
            most = _BLIND_BYTES
        response.read = _Reader(self, response, most).read

    def arriving(self, response: Any, read: Callable[[int], bytes], amount: int) -> bytes:
        """One read of what is there, counted by both clocks."""
        self.check()
        began = time.monotonic()
        self._response = response
        try:
            data = read(amount)
        except Exception:
            self._count(0, time.monotonic() - began)
            self.check()
            raise
        finally:
            self._response = None
        self.check()
        self._count(len(data), time.monotonic() - began)
        return data

    def _count(self, arrived: int, seconds: float) -> None:
        self._silent = 0.0 if arrived else self._silent + seconds
        self._arrived += arrived
        self._reading += seconds
        if self._reading < self.stall_seconds:
            return
        if self._arrived < SLOWEST * self._reading:
            raise self._stalled()
        self._reading, self._arrived = 0.0, 0

    def _is_late(self, more: float = 0.0) -> bool:
        return self._deadline is not None and time.monotonic() + more >= self._deadline

    def _late(self) -> TracksyncError:
        return Unreachable(
            f"{self.shown} was not read within {self._deadline_seconds:g} s: its server is too slow.",
            action="Try again later.",
        )

    def _stalled(self) -> TracksyncError:
        return Unreachable(
            f"{self.shown} stalled: in {self.stall_seconds:g} s next to nothing came.",
            action="Try again later; what has come so far is kept.",
        )

    def _sleep(self, seconds: float) -> None:
        if self._cancel is None:
            time.sleep(seconds)
        else:
            self._cancel.wait(seconds)

    def _interrupt(self) -> None:
        """Wake a read that waits for a silent server once the job is over (urllib3's responses can be)."""
        waiting = self._cancel or self._done
        while not self._done.is_set():
            if not waiting.wait(0.1) and not self._is_late():
                continue
            response = self._response
            if response is not None:
                # Where it cannot be woken, it ends by its own timeout.
                with suppress(AttributeError, OSError, RuntimeError, ValueError):
                    response.fp.shutdown()
            self._done.wait(0.1)


class _Reader:
    """A response's `read`, made of many small ones.

    A read for a number of bytes answers after a fifth of a second with what has come by then. What came before an
    error is handed over first and the error by the next read, so that nothing that was received is lost.
    """

    def __init__(self, watch: Watch, response: Any, most: int) -> None:
        self._watch = watch
        self._response = response
        self._read: Callable[[int], bytes] = response.read
        self._most = most
        self._error: Exception | None = None

    def read(self, amount: int | None = None) -> bytes:
        if amount is None or amount < 0:
            return self._all()
        parts: list[bytes] = []
        until = time.monotonic() + _SLICE_SECONDS
        while amount > 0:
            try:
                data = self._piece(amount)
            except Exception as error:
                if not parts:
                    raise
                self._error = error
                break
            parts.append(data)
            amount -= len(data)
            if not data or time.monotonic() >= until:
                break
        return b"".join(parts)

    def _all(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while data := self._piece(_SLICE_BYTES):
            parts.append(data)
            size += len(data)
            if size > MAX_PAGE_BYTES:
                raise Unsupported(f"{self._watch.shown} is a page without end.", action="Give the link of a track.")
        return b"".join(parts)

    def _piece(self, amount: int) -> bytes:
        if self._error is not None:
            raise self._error
        return self._watch.arriving(self._response, self._read, min(amount, self._most))
