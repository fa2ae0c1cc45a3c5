"""Which tracks wait for a person's word, and what there is to choose from."""

from __future__ import annotations

import pytest

from tests.review.doubts import a_doubt, a_verdict
from tracksync.errors import (
    MixDetected,
    NeedsPerson,
    NoSureMatch,
    NotFound,
    Protected,
    TracksyncError,
    Unexpected,
    Unreachable,
)
from tracksync.journal import Journal
from tracksync.matching import FoundBy, MatchReceipt
from tracksync.model import State
from tracksync.stages.review import choices, in_doubt, named


@pytest.mark.parametrize(
    ("error", "found_by", "asked"),
    [
        (NoSureMatch("x"), None, True),
        (NeedsPerson("its artist is not known"), None, True),
        (MixDetected("too long"), FoundBy.ITSELF, False),  # no other link makes it a track
        (MixDetected("too long"), FoundBy.PERSON, True),
        (NotFound("gone"), FoundBy.PERSON, True),
        (Protected("drm"), FoundBy.PERSON, True),
        (NotFound("gone"), FoundBy.ITSELF, False),
        (Unexpected("a fault"), FoundBy.PERSON, False),
    ],
)
def test_who_is_asked_about(journal: Journal, error: TracksyncError, found_by: FoundBy | None, asked: bool) -> None:
    entry = a_doubt(journal, error=error, receipt=MatchReceipt(found_by=found_by))
    assert [found.key for found in in_doubt(journal)] == ([entry.key] if asked else [])


def test_what_waits_or_is_settled_is_not_asked_about(journal: Journal) -> None:
    waiting, settled = a_doubt(journal, "Waiting"), a_doubt(journal, "Settled")
    journal.set_state(waiting.key, State.WAITING, error=Unreachable("x"))
    journal.set_state(settled.key, State.SYNCED)
    assert in_doubt(journal) == []


def test_the_oldest_first_or_the_one_that_is_named_by_key_or_link(journal: Journal) -> None:
    one, two = a_doubt(journal, "One"), a_doubt(journal, "Two")
    assert [entry.key for entry in in_doubt(journal)] == [one.key, two.key]
    journal.identify(two.key, "link", two.origin)
    for text in (two.key, two.origin, f" {two.key} "):
        assert [entry.key for entry in in_doubt(journal, text)] == [two.key]
    assert in_doubt(journal, "spotify:track:0000000000000000000000") == []
    assert named(journal, "nothing at all") == []


def test_what_two_searches_gave_is_offered_once_and_what_has_no_link_not_at_all(journal: Journal) -> None:
    verdicts = [
        a_verdict("A", "https://www.youtube.com/watch?v=1", "youtube-music"),
        a_verdict("No link", None),
        a_verdict("A", "https://www.youtube.com/watch?v=1", "youtube"),
        a_verdict("B", "https://soundcloud.com/a/b"),
    ]
    found = choices(journal, a_doubt(journal, verdicts=verdicts).key)
    assert [choice.label for choice in found] == [
        "1. YouTube Music, 3:07: A, by Some Label",
        "2. SoundCloud, 3:07: B, by Some Label",
    ]
    assert [choice.why for choice in found] == ["another version: live"] * 2


def test_a_label_is_one_line_without_secrets(journal: Journal) -> None:
    verdict = a_verdict("A\n  title https://example.org/?token=hush", "https://example.org/a?token=hush")
    (choice,) = choices(journal, a_doubt(journal, verdicts=[verdict]).key)
    assert choice.label == "1. SoundCloud, 3:07: A title https://example.org/?token=…, by Some Label"
    assert choice.link == "https://example.org/a?token=hush"
