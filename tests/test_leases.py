"""One run at a time works on a track, whatever happens to the one before it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.journals import a_track, end, hear, python, say
from tracksync.errors import Busy, Unreachable
from tracksync.journal import Journal, _process
from tracksync.journal._schema import tracks

_TAKER = """
import sys, time
from tracksync.journal import Journal
with Journal.open(sys.argv[1]) as journal:
    print("ready")
    for line in sys.stdin:
        key, moment = line.split()
        while time.time() < float(moment):
            pass
        lease = journal.acquire(key, 60)
        print(lease.owner if lease else "none")
"""


class Clock:
    """A system clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def takers(address: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that take the leases they are told to."""
    processes = [python(_TAKER, address) for _ in range(2)]
    try:
        assert [hear(process) for process in processes] == ["ready", "ready"]
        yield processes
    finally:
        end(*processes)


def test_a_lease_keeps_others_out_until_it_is_released(journal: Journal) -> None:
    key, other = journal.ensure(a_track()).key, journal.ensure(a_track()).key
    lease = journal.acquire(key, 60)
    assert lease is not None
    assert journal.acquire(key, 60) is None, "not even the same process gets it twice"
    assert journal.acquire(other, 60) is not None
    entry = journal.find(key)
    assert entry is not None
    assert entry.lease_owner == lease.owner
    lease.release()
    lease.release()
    assert not lease.renew()
    entry = journal.find(key)
    assert entry is not None
    assert (entry.lease_owner, entry.lease_until) == (None, None)
    assert journal.acquire(key, 60) is not None


def test_two_processes_race_and_one_wins_each_time(address: str, takers: list[subprocess.Popen[str]]) -> None:
    with Journal.open(address) as journal:
        for _ in range(20):
            key = journal.ensure(a_track()).key
            moment = time.time() + 0.02
            for taker in takers:
                say(taker, f"{key} {moment}")
            answers = [hear(taker) for taker in takers]
            assert answers.count("none") == 1, answers
            entry = journal.find(key)
            assert entry is not None
            assert entry.lease_owner in answers


def test_threads_race_and_one_wins(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    gate = threading.Barrier(8)

    def take(_: int) -> bool:
        gate.wait()
        return journal.acquire(key, 60) is not None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(8))) == 1


def test_the_lease_of_a_killed_process_is_taken_over_at_once(address: str, takers: list[subprocess.Popen[str]]) -> None:
    with Journal.open(address) as journal:
        for taker, waited_for in zip(takers, (False, True), strict=True):
            key = journal.ensure(a_track()).key
            say(taker, f"{key} 0")
            assert hear(taker) != "none"
            assert journal.acquire(key, 60) is None, "it lives"
            os.kill(taker.pid, signal.SIGKILL)
            if waited_for:
                taker.wait()
            else:
                _until(lambda pid=taker.pid: _process._start_of(pid) == "dead")
            begun = time.monotonic()
            lease = journal.acquire(key, 60)
            assert lease is not None, "a zombie is dead, and so is who is gone"
            assert time.monotonic() - begun < 1


def _until(true: object, timeout: float = 5.0) -> None:
    assert callable(true)
    give_up = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def test_two_that_take_over_from_the_dead_don_t_both_get_it(journal: Journal) -> None:
    for _ in range(5):
        key = journal.ensure(a_track()).key
        lease = journal.acquire(key, 60)
        assert lease is not None
        _become(journal, key, _dead_owner())
        gate = threading.Barrier(4)

        def take(_: int, key: str = key, gate: threading.Barrier = gate) -> bool:
            gate.wait()
            return journal.acquire(key, 60) is not None

        with ThreadPoolExecutor(4) as threads:
            assert sum(threads.map(take, range(4))) == 1


def _dead_owner() -> str:
    host, pid, _, random = _process.new_owner().split(":")
    return f"{host}:{pid}:1:{random}"


def _become(journal: Journal, key: str, owner: str) -> None:
    """Make the lease another one's."""
    entry = journal.find(key)
    assert entry is not None
    assert entry.lease_owner is not None
    assert journal._update_lease(key, tracks.c.lease_owner == entry.lease_owner, {"lease_owner": owner})


def test_an_expired_lease_of_another_host_is_taken_over_and_not_before(address: str) -> None:
    clock = Clock()
    with Journal.open(address, clock=clock) as journal:
        key = journal.ensure(a_track()).key
        lease = journal.acquire(key, 60)
        assert lease is not None
        _become(journal, key, "elsewhere/0123456789ab:1:2:33")
        clock.now += 59.9
        assert journal.acquire(key, 60) is None
        clock.now += 0.1
        taken = journal.acquire(key, 60)
        assert taken is not None
        assert not lease.renew(), "who held it before notices"
        assert lease.lost
        with pytest.raises(Busy, match=key):
            lease.ensure_held()
        lease.release()
        assert taken.renew(), "and can't release what is another's"
        assert not taken.lost


def test_renewing_moves_the_end(address: str) -> None:
    clock = Clock()
    with Journal.open(address, clock=clock) as journal:
        key = journal.ensure(a_track()).key
        lease = journal.acquire(key, 60)
        assert lease is not None
        _become(journal, key, "elsewhere/0123456789ab:1:2:33")
        lease.owner = "elsewhere/0123456789ab:1:2:33"
        clock.now += 50
        lease.ensure_held()
        clock.now += 50
        assert journal.acquire(key, 60) is None
        clock.now += 11
        assert journal.acquire(key, 60) is not None


def test_a_holder_s_clock_that_is_put_back_does_not_shorten_its_lease(address: str) -> None:
    clock = Clock()
    with Journal.open(address, clock=clock) as journal:
        key = journal.ensure(a_track()).key
        lease = journal.acquire(key, 60)
        before = journal.find(key)
        clock.now -= 3600
        assert lease is not None
        assert lease.renew()
        after = journal.find(key)
        assert before is not None
        assert after is not None
        assert before.lease_until is not None
        assert after.lease_until is not None
        assert after.lease_until >= before.lease_until
        assert journal.acquire(key, 60) is None
        lease.release()
        assert journal.acquire(key, 60) is not None


def test_a_waiter_s_clock_that_is_put_back_does_not_make_it_wait_for_an_hour(address: str) -> None:
    clock = Clock()
    with Journal.open(address, clock=clock) as journal:
        key = journal.ensure(a_track()).key
        assert journal.acquire(key, 0.4) is not None
        _become(journal, key, "elsewhere/0123456789ab:1:2:33")
        clock.now -= 3600
        begun = time.monotonic()
        assert journal.wait_for(key, 60, timeout=10) is not None
        assert 0.3 < time.monotonic() - begun < 5, "its whole length, measured here, and no longer"


def test_a_lease_that_its_holder_moves_is_not_taken_by_a_waiter(address: str) -> None:
    with Journal.open(address) as journal:
        key = journal.ensure(a_track()).key
        held = journal.acquire(key, 1.0)
        assert held is not None
        with held:
            assert journal.wait_for(key, 60, timeout=1.4) is None
            assert not held.lost
        assert journal.wait_for(key, 60, timeout=1.0) is not None


def test_waiting_ends_soon_after_the_release(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    held = journal.acquire(key, 60)
    assert held is not None
    timer = threading.Timer(0.2, held.release)
    timer.start()
    begun = time.monotonic()
    lease = journal.wait_for(key, 60, timeout=10)
    timer.join()
    assert lease is not None
    assert time.monotonic() - begun < 3
    assert journal.wait_for(key, 60, timeout=0) is None


def test_a_block_renews_its_lease_and_releases_it(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    key = journal.ensure(a_track()).key
    lease = journal.acquire(key, 1.0)
    assert lease is not None
    with pytest.raises(ZeroDivisionError), lease:
        time.sleep(1.3)
        assert not lease.lost
        assert journal.acquire(key, 1) is None, "longer than it lasts, and still held"
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease ")]
    again = journal.acquire(key, 60)
    assert again is not None


def test_a_block_notices_that_its_lease_was_taken(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    lease = journal.acquire(key, 0.3)
    assert lease is not None
    with lease:
        assert not lease.lost
        _become(journal, key, "elsewhere/0123456789ab:1:2:33")
        _until(lambda: lease.lost)
    entry = journal.find(key)
    assert entry is not None
    assert entry.lease_owner == "elsewhere/0123456789ab:1:2:33"


def test_a_lease_that_cannot_be_renewed_in_time_counts_as_lost(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = journal.ensure(a_track()).key
    lease = journal.acquire(key, 0.3)
    assert lease is not None

    def away(*_: object) -> bool:
        raise Unreachable("The journal stopped answering.")

    with lease:
        with monkeypatch.context() as patch:
            patch.setattr(journal, "move_lease", away)
            _until(lambda: lease.lost and "could not be renewed" in caplog.text)
        _until(lambda: not lease.lost)
        monkeypatch.setattr(journal, "free_lease", away)
    assert "could not be released" in caplog.text


# Which process is alive?


def test_this_process_is_alive_and_what_cannot_be_told_is_too() -> None:
    owner = _process.new_owner()
    host, pid, start, random = owner.split(":")
    assert owner != _process.new_owner()
    assert int(pid) == os.getpid()
    assert not _process.is_dead(owner)
    assert _process.is_dead(f"{host}:{pid}:{start}0:{random}"), "the number was used again"
    assert _process.is_dead(f"{host}:{2**22 + 1}:{start}:{random}"), "beyond any number of Linux"
    assert _process.is_dead(f"{host}:{10**30}:{start}:{random}")
    assert not _process.is_dead(f"{host}:{pid}:?:{random}")
    assert not _process.is_dead(f"elsewhere/0123456789ab:{2**22 + 1}:{start}:{random}"), "another machine's"
    assert not _process.is_dead(f"{host.split('/')[0]}/?:{2**22 + 1}:{start}:{random}")
    for nonsense in ("", "somebody", "a:b:c:d", "a:1:2"):
        assert not _process.is_dead(nonsense)


def test_a_machine_that_cannot_be_named_only_trusts_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_process, "_boot_id", lambda: None)
    _process._machine.cache_clear()
    try:
        owner = _process.new_owner()
        assert not _process.is_dead(owner.replace(f":{os.getpid()}:", f":{2**22 + 1}:"))
    finally:
        _process._machine.cache_clear()


@pytest.mark.skipif(_process._start_by_ps(os.getpid()) is None, reason="no ps that knows this process")
def test_ps_tells_the_same_where_there_is_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_process, "_start_of", _process._start_by_ps)
    owner = _process.new_owner()
    assert len(owner.split(":")) == 4
    assert not _process.is_dead(owner)
    child = subprocess.Popen([sys.executable, "-c", ""])
    _until(lambda: _process._start_by_ps(child.pid) == "dead")
    child.wait()
    assert _process._start_by_ps(child.pid) is None
