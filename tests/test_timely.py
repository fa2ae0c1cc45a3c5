"""A source that hangs holds nothing up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from tracksync.errors import Interrupted, RateLimited, Unreachable
from tracksync.sources.timely import timely


def test_items_come_one_by_one_and_no_further_than_they_are_wanted() -> None:
    made: list[int] = []

    def read(_: threading.Event) -> Iterator[int]:
        for number in range(1, 100):
            made.append(number)
            yield number

    items = timely(read, "likes", 5, threading.Event())
    assert [next(items), next(items)] == [1, 2]
    items.close()
    assert made == [1, 2]


def test_the_end_and_an_error_arrive_as_they_are() -> None:
    assert list(timely(lambda _: iter([1, 2]), "likes", 5, threading.Event())) == [1, 2]

    def fails(_: threading.Event) -> Iterator[int]:
        yield 1
        raise RateLimited("too much", retry_after=7200)

    items = timely(fails, "likes", 5, threading.Event())
    assert next(items) == 1
    with pytest.raises(RateLimited) as caught:
        next(items)
    assert caught.value.retry_after == 7200


def test_one_that_hangs_is_left_behind_and_told_so() -> None:
    left: list[threading.Event] = []

    def hangs(given_up: threading.Event) -> Iterator[int]:
        left.append(given_up)
        given_up.wait(30)
        yield 1

    began = monotonic()
    with pytest.raises(Unreachable, match="likes could not be read"):
        next(timely(hangs, "likes", 0.4, threading.Event()))
    assert monotonic() - began < 5
    assert left[0].wait(2), "whoever hangs is told that nobody waits any more"


def test_a_run_that_is_ended_waits_for_nothing() -> None:
    cancel = threading.Event()
    cancel.set()
    never = threading.Event()

    def hangs(_: threading.Event) -> Iterator[int]:
        never.wait(30)
        yield 1

    with pytest.raises(Interrupted):
        next(timely(hangs, "likes", 20, cancel))
    never.set()
