"""The form in Prefect's UI: what it shows, and what an answer means."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.forms import ANOTHER, NONE, form_for, understand
from tests.review.doubts import NASTY, a_doubt, a_verdict
from tracksync.journal import Journal
from tracksync.stages.review import Choice, choices

_SECRET = "https://soundcloud.com/somebody/a-track/s-AbCdEf12345"


@pytest.fixture
def found(journal: Journal) -> list[Choice]:
    verdicts = [a_verdict(NASTY, "https://soundcloud.com/a/b"), a_verdict("Private", _SECRET)]
    return choices(journal, a_doubt(journal, verdicts=verdicts).key)


def shown(form: type[Any]) -> str:
    return str(form._description)


def test_the_form_offers_what_was_found_another_link_and_to_leave_it(journal: Journal, found: list[Choice]) -> None:
    form = form_for(a_doubt(journal), found)
    schema = form.model_json_schema()
    assert schema["properties"]["choice"]["enum"] == [found[0].label, found[1].label, ANOTHER, NONE]
    assert schema["required"] == ["choice"], "a form that is sent unread must not settle anything"
    assert "[SoundCloud](<https://soundcloud.com/a/b>)" in shown(form)
    assert "another version: live" in shown(form)


def test_no_secret_and_no_markup_of_others_is_in_it(journal: Journal, found: list[Choice]) -> None:
    form = form_for(a_doubt(journal, NASTY), found, "https://example.org/?token=hush is a list.")
    text = shown(form) + str(form.model_json_schema())
    assert "AbCdEf12345" not in text
    assert "hush" not in text
    bare = shown(form).replace("\\[", "").replace("\\<", "").replace("\\*", "").replace("\\`", "")
    for markup in ("[b]", "<i>", "*d*", "`f`"):
        assert markup not in bare
    assert "A \\[b\\](javascript:x) \\<i\\>c" in shown(form)


def test_where_nothing_was_found_the_form_says_so(journal: Journal) -> None:
    form = form_for(a_doubt(journal), [])
    assert "No audio was found that is surely A Title." in shown(form)
    assert form.model_json_schema()["properties"]["choice"]["enum"] == [ANOTHER, NONE]


def test_what_was_wrong_with_the_last_answer_is_shown(journal: Journal, found: list[Choice]) -> None:
    assert "**It is a list.**" in shown(form_for(a_doubt(journal), found, "It is a list."))


def test_a_choice_means_its_link_with_its_secret(found: list[Choice]) -> None:
    assert understand({"choice": found[1].label, "other_link": ""}, found).link == _SECRET


def test_another_link_is_taken_as_it_was_given(found: list[Choice]) -> None:
    answer = understand({"choice": ANOTHER, "other_link": f"  {_SECRET}\n"}, found)
    assert answer.link == _SECRET


def test_none_leaves_the_track(found: list[Choice]) -> None:
    assert understand({"choice": NONE}, found).left


@pytest.mark.parametrize(
    ("choice", "other", "wrong"),
    [
        (ANOTHER, "", "No link was given."),
        (ANOTHER, "https://open.spotify.com/track/EbE71L8basJz5Sbv0h17sS", "is a Spotify link"),
        (ANOTHER, "https://soundcloud.com/a/sets/b", "is a list, not a track"),
        (ANOTHER, "rubbish", "is no link"),
        (NONE, "https://soundcloud.com/a/c", "not clear which is meant"),
        ("1. SoundCloud, 9:99: Something else, by Nobody", "", "Another search has been made since"),
    ],
)
def test_what_leads_nowhere_is_asked_again_with_the_reason(
    found: list[Choice], choice: str, other: str, wrong: str
) -> None:
    answer = understand({"choice": choice, "other_link": other}, found)
    assert answer.link == ""
    assert not answer.left
    assert wrong in answer.wrong


def test_a_choice_beside_a_link_is_not_guessed_at(found: list[Choice]) -> None:
    answer = understand({"choice": found[0].label, "other_link": "https://soundcloud.com/a/c"}, found)
    assert "not clear which is meant" in answer.wrong
