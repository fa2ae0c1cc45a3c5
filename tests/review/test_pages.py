"""The pages in Prefect's UI: why a track has its audio, what was found where it has none, what the sources gave."""

from __future__ import annotations

import pytest

from tasks.artifacts import sources_page
from tasks.escape import cell, code, link_to, plain
from tasks.evidence import doubt_page, why_this_audio
from tests.review.doubts import NASTY, a_doubt, a_verdict
from tracksync.errors import MixDetected
from tracksync.journal import Journal
from tracksync.matching import Candidate, FoundBy, MatchReceipt, Tried
from tracksync.stages.sources import Chosen, SourceReport

_LINK = "https://www.youtube.com/watch?v=1&list=2"


def test_text_stays_text() -> None:
    for mark in "\\`*_[]<>|&$~":
        assert f"\\{mark}" in plain(NASTY)
    assert plain("two\n\n# lines") == "two \\# lines"
    assert plain("see https://example.org/a?token=hush") == "see https://example.org/a?token=…"


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (_LINK, f"[YouTube](<{_LINK}>)"),
        ("https://example.org/a b>(c)", "[YouTube](<https://example.org/a%20b%3E%28c%29>)"),
        ("javascript:alert(1)", "YouTube"),
        ("https://example.org/a?token=hush", "YouTube: https://example.org/a?token=…"),
    ],
)
def test_a_link_leads_where_it_says(link: str, shown: str) -> None:
    assert link_to(link, "YouTube") == shown


@pytest.mark.parametrize(("path", "shown"), [("/a/b", "`/a/b`"), ("/a`b", "``/a`b``"), ("`a", "`` `a ``")])
def test_backticks_do_not_end_a_path(path: str, shown: str) -> None:
    assert code(path) == shown


def test_a_cell_is_neither_a_link_nor_an_element_and_reads_the_same() -> None:
    shown = cell(NASTY)
    assert "](" not in shown
    assert "<i" not in shown
    assert shown.replace("\u200b", "") == NASTY


def _receipt(found_by: FoundBy, **more: object) -> MatchReceipt:
    choice = Candidate(id="x", source="youtube", title="A Title", artists=("Somebody",), duration_s=187.0, link=_LINK)
    return MatchReceipt(found_by=found_by, choice=choice, **more)  # type: ignore[arg-type]


def test_why_this_audio() -> None:
    receipt = _receipt(
        FoundBy.SEARCH,
        evidence=("YouTube: A Title by Somebody, 187 s; score 0.98 (title 1.00)", "0.4 s from the wanted length"),
        tried=(
            Tried(link="https://soundcloud.com/a/b", kind="protected", reason="It is protected."),
            Tried(link="https://x.org/?sig=hush", kind="not-found", reason="https://x.org/?sig=… is gone."),
        ),
        verdicts=(a_verdict("A Title", _LINK), a_verdict(NASTY, "https://soundcloud.com/a/c")),
    )
    page = "\n".join(why_this_audio(receipt, None))
    assert "surely the same recording. A Title, by Somebody, 3:07 " in page
    assert f"[YouTube](<{_LINK}>)" in page
    assert "- YouTube: A Title by Somebody, 187 s; score 0.98 (title 1.00)\n- 0.4 s" in page
    assert "- [a link](<https://soundcloud.com/a/b>): It is protected.\n- https://x.org/?sig=… is gone." in page
    assert page.count(_LINK) == 1, "what was taken is not among what was not"
    assert "0.65: another version: live" in page
    assert "hush" not in page


@pytest.mark.parametrize(
    ("receipt", "told"),
    [
        (None, "It is the link's own."),
        (_receipt(FoundBy.RECORD), "The link stands on its page."),
        (_receipt(FoundBy.PERSON), "A person named it."),
    ],
)
def test_however_it_was_found(receipt: MatchReceipt | None, told: str) -> None:
    assert told in "\n".join(why_this_audio(receipt, None))


def test_a_track_in_doubt_says_what_was_found_and_how_it_is_settled(journal: Journal) -> None:
    entry = a_doubt(journal, verdicts=[a_verdict(NASTY, "https://soundcloud.com/a/b")])
    page = doubt_page(journal, entry, in_notion=False)
    assert "No audio was found that is surely A Title." in page
    assert "1. A \\[b\\]" in page
    assert f"`tracksync sync {entry.key} --use LINK`" in page
    assert "`review/default`" in page
    assert "Notion" not in page
    assert "in Notion" in doubt_page(journal, entry, in_notion=True)


def test_what_another_link_does_not_settle_says_its_own_action(journal: Journal) -> None:
    entry = a_doubt(journal, error=MixDetected("It is 62 minutes long.", action="Raise the setting."))
    page = doubt_page(journal, entry, in_notion=False)
    assert "Raise the setting." in page
    assert "--use" not in page


def test_what_was_not_read_has_no_figures() -> None:
    reports = [
        SourceReport("spotify-current", set_up=False, gave_way="nothing | is set."),
        SourceReport("soundcloud-likes", failed=True, gave_way="it could not be read."),
        SourceReport("spotify-liked", found=6, already=1, set_aside=2, taken=3),
    ]
    lines = sources_page(Chosen("auto", reports=reports)).splitlines()
    assert lines[2:5] == [
        "| spotify-current | – | – | – | – |",
        "| soundcloud-likes | – | – | – | – |",
        "| spotify-liked | 6 | 1 | 2 | 3 |",
    ]
    assert lines[6:] == ["- spotify-current: nothing \\| is set.", "- soundcloud-likes: it could not be read."]
