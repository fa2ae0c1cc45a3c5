"""The journal keeps what it is told, once, whoever asks at the same time."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.journals import a_file, a_publish_receipt, a_track, end, hear, python, say
from tracksync.errors import NotFound, Unexpected, Unreachable
from tracksync.journal import Journal
from tracksync.model import (
    Analysis,
    DownloadReceipt,
    Facts,
    PublishReceipt,
    SourceAudio,
    Stage,
    State,
)

# Tracks and states.


def test_what_is_ensured_is_found_as_it_was(journal: Journal) -> None:
    track = a_track()
    entry = journal.ensure(track)
    assert entry.as_track() == track
    assert entry == journal.find(track.key)
    assert (entry.state, entry.attempts, entry.reason, entry.error_kind) == (State.NEW, 0, "", None)
    assert entry.created == entry.updated
    assert datetime.now(UTC) - entry.created < timedelta(minutes=1)
    assert journal.find("soundcloud:track:unknown") is None


def test_ensuring_again_keeps_what_is_there(journal: Journal) -> None:
    track = a_track()
    before = journal.ensure(track)
    journal.set_state(track.key, State.SYNCED)
    after = journal.ensure(a_track(track.key, facts=Facts(title="Another"), playlist="Other"))
    assert after.facts == before.facts
    assert after.playlist == "Warm-up"
    assert after.state is State.SYNCED


def test_a_private_origin_does_not_show(journal: Journal) -> None:
    entry = journal.ensure(a_track(origin="https://soundcloud.com/a/b/s-SECRET"))
    assert "SECRET" not in repr(entry)
    assert entry.origin.endswith("s-SECRET")


def test_ids_of_artists_and_of_the_playlist_are_kept(journal: Journal) -> None:
    facts = Facts(title="One", artists=("A",), artist_ids={"A": "1" * 22})
    track = a_track(facts=facts, playlist_spotify_id="2" * 22)
    assert journal.ensure(track).as_track() == track
    assert track.in_playlist("Warm-up") == track
    other = track.in_playlist("Other")
    assert (other.playlist, other.playlist_spotify_id) == ("Other", None), "that id is not the other's"
    journal.assign_playlist(track.key, "Other")
    stored = journal.find(track.key)
    assert stored is not None
    assert stored.as_track() == other


def test_facts_place_and_playlist_can_be_replaced(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    journal.update_facts(key, Facts(title="Right", isrc="GBAYE0601498"), duration_s=99.0)
    journal.relocate(key, "/elsewhere/right.flac")
    journal.assign_playlist(key, None)
    entry = journal.find(key)
    assert entry is not None
    assert (entry.facts.title, entry.facts.isrc, entry.duration_s) == ("Right", "GBAYE0601498", 99.0)
    assert (entry.origin, entry.playlist) == ("/elsewhere/right.flac", None)
    journal.update_facts(key, Facts(title="Right"))
    kept = journal.find(key)
    assert kept is not None
    assert kept.duration_s == 99.0


def test_a_state_has_its_reason_and_its_time(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    until = datetime(2031, 5, 17, 12, 0, 0, 250_000, tzinfo=UTC)
    error = Unreachable("The server did not answer.", action="Wait.")
    journal.set_state(key, State.WAITING, reason="source cooling", until=until, error=error)
    entry = journal.find(key)
    assert entry is not None
    assert (entry.state, entry.reason, entry.waiting_until) == (State.WAITING, "source cooling", until)
    assert (entry.error_kind, entry.error_message, entry.error_action) == (
        "unreachable",
        "The server did not answer.",
        "Wait.",
    )
    with pytest.raises(ValueError, match="time zone"):
        journal.set_state(key, State.WAITING, until=datetime(2031, 5, 17))  # noqa: DTZ001


def test_attempts_count_errors_until_the_track_is_synced(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    for _ in range(2):
        journal.set_state(key, State.DOWNLOADING)
        journal.set_state(key, State.WAITING, error=Unreachable("No."))
    journal.set_state(key, State.DOWNLOADING)
    working = journal.find(key)
    assert working is not None
    assert (working.attempts, working.error_kind, working.reason) == (2, "unreachable", "")
    journal.set_state(key, State.SYNCED)
    done = journal.find(key)
    assert done is not None
    assert (done.attempts, done.error_kind, done.waiting_until) == (0, None, None)


def test_entries_and_counts_by_state(journal: Journal) -> None:
    keys = [journal.ensure(a_track()).key for _ in range(3)]
    journal.set_state(keys[1], State.FAILED)
    assert [entry.key for entry in journal.entries()] == keys
    assert [entry.key for entry in journal.entries([State.FAILED, State.SYNCED])] == [keys[1]]
    assert journal.entries([]) == []
    assert journal.counts() == {State.NEW: 2, State.FAILED: 1}


@pytest.mark.parametrize(
    "write",
    [
        lambda j: j.set_state("gone", State.NEW),
        lambda j: j.update_facts("gone", Facts(title="x")),
        lambda j: j.relocate("gone", "/x"),
        lambda j: j.identify("gone", "isrc", "x"),
        lambda j: j.put_receipt("gone", Stage.ANALYSE, Analysis()),
        lambda j: j.put_fingerprint("gone", 1.0, "x"),
        lambda j: j.remember_seen("/x", Path(__file__).stat(), "gone"),
        lambda j: j.claim_stem("gone", ["x"], lambda _: False, str),
        lambda j: j.change_page("gone", lambda content: content),
        lambda j: j.merge("gone", "gone too"),
        lambda j: j.acquire("gone", 1),
    ],
)
def test_an_unknown_track_is_said_to_be_one(journal: Journal, write: object) -> None:
    assert callable(write)
    with pytest.raises(NotFound, match="gone"):
        write(journal)


# Identities and merging.


def test_the_first_to_claim_an_identity_keeps_it(journal: Journal) -> None:
    first, second = journal.ensure(a_track()).key, journal.ensure(a_track()).key
    assert journal.identify(first, "isrc", "GBAYE0601498") == first
    assert journal.identify(first, "isrc", "GBAYE0601498") == first
    assert journal.identify(second, "isrc", "GBAYE0601498") == first
    assert journal.identify(second, "spotify", "GBAYE0601498") == second
    assert journal.identified("isrc") == {"GBAYE0601498": first}
    found = journal.find_by("isrc", "GBAYE0601498")
    assert found is not None
    assert found.key == first
    assert journal.find_by("isrc", "other") is None
    journal.identify(first, "audio", "ff")
    assert journal.identities(first) == [("audio", "ff"), ("isrc", "GBAYE0601498")]


def test_an_identity_claimed_by_many_threads_has_one_owner(journal: Journal) -> None:
    keys = [journal.ensure(a_track()).key for _ in range(8)]
    gate = threading.Barrier(len(keys))

    def claim(key: str) -> str:
        gate.wait()
        return journal.identify(key, "link", "https://example.org/same")

    with ThreadPoolExecutor(len(keys)) as threads:
        owners = set(threads.map(claim, keys))
    assert len(owners) == 1


def test_links_of_any_length_are_told_apart(journal: Journal) -> None:
    long = "https://example.org/?token=" + "é" * 5_000
    first, second = journal.ensure(a_track()).key, journal.ensure(a_track()).key
    assert journal.identify(first, "link", long + "1") == first
    assert journal.identify(second, "link", long + "2") == second
    found = journal.find_by("link", long + "2")
    assert found is not None
    assert found.key == second


def test_merging_points_at_the_track_that_holds_the_recording(journal: Journal) -> None:
    a, b, c, d = (journal.ensure(a_track()).key for _ in range(4))
    assert journal.merge(b, a) == a
    assert journal.merge(c, b) == a, "into what b was merged into"
    assert journal.merge(a, d) == d
    merged = {entry.key: entry.merged_into for entry in journal.entries()}
    assert merged == {a: d, b: d, c: d, d: None}, "no chains"
    assert journal.merge(d, a) == d, "the other way round changes nothing"
    assert journal.merge(d, d) == d
    assert {entry.key: entry.merged_into for entry in journal.entries()} == merged


def test_two_merges_the_other_way_round_make_no_circle(journal: Journal) -> None:
    for _ in range(5):
        a, b = journal.ensure(a_track()).key, journal.ensure(a_track()).key
        gate = threading.Barrier(2)

        def merge(pair: tuple[str, str], gate: threading.Barrier = gate) -> str:
            gate.wait()
            return journal.merge(*pair)

        with ThreadPoolExecutor(2) as threads:
            roots = set(threads.map(merge, [(a, b), (b, a)]))
        entries = [journal.find(key) for key in (a, b)]
        assert len(roots) == 1
        assert {entry.merged_into for entry in entries if entry} == {None, *roots}


# Receipts.


def test_a_receipt_comes_back_equal_and_is_replaced(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    receipt = DownloadReceipt(
        file=a_file(),
        source_audio=SourceAudio(container="mp3", codec="mp3", sample_rate=44_100, channels=2, lossy=True),
        facts=Facts(title="音楽", artists=("é", "ß")),
    )
    assert journal.receipt(key, Stage.DOWNLOAD, DownloadReceipt) is None
    journal.put_receipt(key, Stage.DOWNLOAD, receipt)
    assert journal.receipt(key, Stage.DOWNLOAD, DownloadReceipt) == receipt
    again = receipt.model_copy(update={"fetched_by": "soundcloud"})
    journal.put_receipt(key, Stage.DOWNLOAD, again)
    assert journal.receipt(key, Stage.DOWNLOAD, DownloadReceipt) == again
    assert journal.receipt(key, Stage.ANALYSE, Analysis) is None


def test_dropping_forgets_the_named_stages_only(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    journal.put_receipt(key, Stage.ANALYSE, Analysis(bpm=128.0, beats=(0.1, 0.57)))
    journal.put_receipt(key, Stage.PUBLISH, a_publish_receipt())
    journal.drop_receipts(key, [Stage.ANALYSE, Stage.VERIFY])
    journal.drop_receipts("gone", [Stage.ANALYSE])
    journal.drop_receipts(key, [])
    assert journal.receipt(key, Stage.ANALYSE, Analysis) is None
    assert journal.receipt(key, Stage.PUBLISH, PublishReceipt) == a_publish_receipt()


def test_a_receipt_of_another_shape_counts_as_missing(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    journal.put_receipt(key, Stage.PUBLISH, Analysis(bpm=128.0))
    assert journal.receipt(key, Stage.PUBLISH, PublishReceipt) is None


# Pages.


def test_a_track_has_one_page_and_it_keeps_its_id(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    assert journal.page(key) is None
    first = journal.change_page(key, lambda content: {**content, "bpm": 128.0})
    same = journal.change_page(key, lambda content: content)
    assert same == first, "nothing is stamped where nothing changed"
    second = journal.change_page(key, lambda content: {**content, "title": "é"})
    assert (second.page_id, second.created) == (first.page_id, first.created)
    assert second.edited >= first.edited
    assert second.content == {"bpm": 128.0, "title": "é"}
    assert journal.page(key) == journal.page_by_id(first.page_id) == second
    assert journal.page_by_id("none") is None
    assert journal.pages() == [second]


def test_changes_of_a_page_don_t_overwrite_each_other(journal: Journal) -> None:
    key = journal.ensure(a_track()).key

    def add(number: int) -> str:
        return journal.change_page(key, lambda content: {**content, str(number): number}).page_id

    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(add, range(24)))
    page = journal.page(key)
    assert page is not None
    assert len(ids) == 1
    assert len(page.content) == 24


def test_a_change_that_fails_leaves_the_page_alone(journal: Journal) -> None:
    key = journal.ensure(a_track()).key

    def fail(content: dict[str, object]) -> dict[str, object]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        journal.change_page(key, fail)
    assert journal.page(key) is None


# Any text, many writers.


_any_text = st.text(st.characters(exclude_categories=()), min_size=1, max_size=40)  # surrogates and NUL too


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=_any_text, origin=_any_text, value=_any_text, message=_any_text)
def test_any_text_can_be_kept(journal: Journal, title: str, origin: str, value: str, message: str) -> None:
    track = a_track(facts=Facts(title=title), origin=origin, playlist=title)
    assert journal.ensure(track).as_track() == track
    holder = journal.identify(track.key, "link", value)
    found = journal.find_by("link", value)
    assert found is not None
    assert found.key == holder
    journal.set_state(track.key, State.FAILED, reason=message, error=Unexpected(message))


_WRITER = """
import sys
from tracksync.journal import Journal
from tracksync.model import Facts, Stage, State, Track, Analysis
address, name = sys.argv[1:]
with Journal.open(address) as journal:
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(25):
        key = f"file:{name}-{number}"
        journal.ensure(Track(key=key, source="file", origin="/x", facts=Facts(title="x")))
        journal.identify(key, "audio", str(number))
        journal.put_receipt(key, Stage.ANALYSE, Analysis(bpm=120.0))
        journal.change_page("file:shared", lambda page: {"count": page.get("count", 0) + 1})
        journal.set_state(key, State.SYNCED)
print("done", flush=True)
"""


def test_processes_and_threads_write_at_once_and_nobody_is_locked_out(address: str) -> None:
    writers = [python(_WRITER, address, name) for name in ("a", "b")]
    try:
        assert [hear(writer) for writer in writers] == ["open", "open"], "two that start at once both open it"
        with Journal.open(address) as journal:
            journal.ensure(a_track("file:shared"))
            for writer in writers:
                say(writer, "go")
            with ThreadPoolExecutor(4) as threads:
                tracks = [a_track() for _ in range(40)]
                list(threads.map(journal.ensure, tracks))
                list(threads.map(lambda track: journal.set_state(track.key, State.FAILED), tracks))
            assert [hear(writer) for writer in writers] == ["done", "done"]
            assert journal.counts() == {State.NEW: 1, State.SYNCED: 50, State.FAILED: 40}
            shared = journal.page("file:shared")
            assert shared is not None
            assert shared.content == {"count": 50}
            owners = [journal.find_by("audio", str(number)) for number in range(25)]
            assert all(owners), "each has one owner"
    finally:
        end(*writers)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_connections_of_its_own(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    child = os.fork()
    if child == 0:
        try:
            journal.set_state(key, State.SYNCED)
            journal.close()
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    entry = journal.find(key)
    assert entry is not None
    assert entry.state is State.SYNCED
    journal.set_state(key, State.NEW)


def test_a_closed_journal_says_so(address: str) -> None:
    journal = Journal.open(address)
    journal.close()
    journal.close()
    with pytest.raises(Unexpected, match="closed"):
        journal.find("x")


def test_the_clock_can_be_given(address: str) -> None:
    with Journal.open(address, clock=lambda: 1_000_000_000.5) as journal:
        entry = journal.ensure(a_track())
    assert entry.created == datetime(2001, 9, 9, 1, 46, 40, 500_000, tzinfo=UTC)
