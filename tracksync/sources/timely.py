"""Reading a source that may hang: what does not come in time is given up, and the run goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from tracksync.errors import Interrupted, Unreachable

__all__ = ["timely"]

_Item = TypeVar("_Item")


def timely(
    read: Callable[[threading.Event], Iterator[_Item]], name: str, seconds: float, cancel: threading.Event
) -> Generator[_Item, None, None]:
    """The items of a reader, each asked for when it is wanted, in a thread that is left behind where it hangs.

    Args:
        read: makes the iterator; is given an event that is set when it is given up.
        name: the source's, for the message.
        seconds: how long one item may take.
        cancel: ends the reading as soon as it is set.

    Raises:
        Unreachable: nothing came for so long.
        Interrupted: `cancel` was set.
    """
    given_up = threading.Event()
    wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
    ready: queue.SimpleQueue[tuple[_Item | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            items = read(given_up)
            while wanted.get():
                item = next(items, None)
                ready.put((item, None))
                if item is None:
                    return
        except BaseException as error:  # handed on to whoever reads
            ready.put((None, error))

    # A daemon: one that hangs in a system call must not hold up the end of the program.
    threading.Thread(target=work, name=f"source {name}", daemon=True).start()
    try:
        while True:
            wanted.put(True)
            item, error = _wait(ready, name, seconds, cancel)
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        given_up.set()
        wanted.put(False)


def _wait(
    ready: queue.SimpleQueue[tuple[_Item | None, BaseException | None]],
    name: str,
    seconds: float,
    cancel: threading.Event,
) -> tuple[_Item | None, BaseException | None]:
    left = seconds
    while left > 0 and not cancel.is_set():
        try:
            return ready.get(timeout=min(0.2, left))
        except queue.Empty:
            left -= 0.2
    if cancel.is_set():
        raise Interrupted(f"{name} was not read to its end: the run was ended.", action="Run the same command again.")
    raise Unreachable(f"{name} could not be read: nothing came for {seconds:g} seconds.", action="Try again later.")
