"""What holds for every wanted track and every candidate, however strange."""

from __future__ import annotations

import json
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracksync.matching import Candidate, Wanted, decide, parse, queries_for
from tracksync.matching.tokens import LONGEST_TEXT, clean, name_words, words
from tracksync.text import fold

WORDS = [
    "Strobe", "deadmau5", "-", "(", ")", "[", "]", "feat.", "Live", "at", "Remix", "Extended", "Mix", "by", "x", "&",
    "Official Video", "アイドル", "Кино", "「", "」", '"', "|", "/", "Kaskade", "10 Hours", "#house", "\u202e", "\0",
    "2", "remaster", "from", "The", "of", "–", "カラオケ", "prod.", "vs", "’s", "&amp;", "🔥",
]  # fmt: skip
titles = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
lengths = st.one_of(
    st.none(), st.floats(), st.integers(-5, 40_000).map(float), st.sampled_from([637.0, 638.0, 1e308, -0.0, 30.0])
)
codes = st.one_of(st.none(), st.sampled_from(["GBTDG0900142", "GB-TDG-09-00142", "GBTDG0900999", "x"]))
wanteds = st.builds(
    Wanted, title=titles, artists=st.lists(titles, max_size=3).map(tuple), duration_s=lengths, isrc=codes,
    album=st.one_of(st.none(), titles),
)  # fmt: skip
candidates = st.builds(
    Candidate, id=st.sampled_from("abcdef"), source=st.sampled_from(["", "youtube", "youtube-music", "soundcloud"]),
    title=titles, artists=st.lists(titles, max_size=2).map(tuple), channel=st.one_of(st.none(), titles),
    duration_s=lengths, isrc=codes, views=st.one_of(st.none(), st.integers()),
)  # fmt: skip
STROBE = Wanted(title="Strobe", artists=("deadmau5",), duration_s=637.0, isrc="GBTDG0900142")
RIGHT = Candidate(id="right", source="youtube", title="deadmau5 - Strobe", channel="deadmau5", duration_s=637.0)


@given(wanteds, st.lists(candidates, max_size=4), st.booleans())
@settings(deadline=None, max_examples=300)
def test_it_always_decides(wanted: Wanted, several: list[Candidate], prefer_extended: bool) -> None:
    decision = decide(wanted, several, prefer_extended=prefer_extended)
    assert len(decision.verdicts) == len(several)
    assert decision.choice is None or decision.choice in several
    assert 0.0 <= decision.score <= 1.0
    assert all(verdict.reasons and 0.0 <= verdict.score <= 1.0 for verdict in decision.verdicts)
    assert decision.choice is None or decision.verdicts[0].accepted
    json.loads(json.dumps([verdict.parts for verdict in decision.verdicts], allow_nan=False))


@given(wanteds, st.lists(candidates, max_size=4), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=200)
def test_the_order_of_the_candidates_does_not_matter(wanted: Wanted, several: list[Candidate], random: object) -> None:
    shuffled = list(several)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(wanted, several) == decide(wanted, shuffled)


@given(candidates)
@settings(deadline=None, max_examples=300)
@example(Candidate(id="a", title="deadmau5 - Strobe (Live)", channel="deadmau5", duration_s=637.0, views=10**9))
@example(Candidate(id="a", title="Strobe", channel="deadmau5 - Topic", duration_s=300.0))
def test_another_candidate_never_leads_to_another_recording(other: Candidate) -> None:
    decision = decide(STROBE, [RIGHT, other])
    if not decide(STROBE, [other]).choice:
        assert decision.choice == RIGHT
    else:
        assert decision.choice in (RIGHT, other, None)


@given(st.text())
@settings(deadline=None)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_words_are_words_of_themselves(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once
    assert len(clean(text)) <= LONGEST_TEXT
    assert name_words(name_words(once)) == name_words(once)


@given(titles, st.lists(titles, max_size=2), st.one_of(st.none(), titles))
@settings(deadline=None, max_examples=200)
def test_every_title_can_be_taken_apart(title: str, artists: list[str], channel: str | None) -> None:
    parsed = parse(title, artists, channel)
    assert parsed.name or not clean(title)


@given(titles.filter(lambda title: any(letter.isalnum() for letter in title)))
@settings(deadline=None, max_examples=200)
def test_the_same_title_by_the_same_artist_is_the_same(title: str) -> None:
    wanted = Wanted(title=title, artists=("deadmau5",), duration_s=200.0)
    same = Candidate(id="1", source="youtube-music", title=title, artists=("deadmau5",), duration_s=200.0)
    assert decide(wanted, [same]).choice == same


@given(wanteds)
@settings(deadline=None, max_examples=200)
def test_queries_are_short_and_on_one_line(wanted: Wanted) -> None:
    queries = queries_for(wanted)
    assert len(set(queries)) == len(queries) <= 3
    assert all(query and len(query) <= 120 and query == " ".join(query.split()) for query in queries)


HOSTILE = [
    "(" * 2500, "(" * 2500 + ")" * 2500, "a " * 2500, "- " * 2500, "feat. " * 900, "live at " * 700, "remix " * 900,
    "x" * 5000, "\u202e\0" * 2500, "「" * 5000, '"' * 5000, "#a " * 1700, " " * 5000, "a-" * 2500, "a - " * 1300,
    "&amp;" * 1000, "<" * 5000, "by " * 1700, "from " * 1200, "ft ft " * 900,
]  # fmt: skip


@pytest.mark.parametrize("title", HOSTILE, ids=[title[:6].strip() or "blank" for title in HOSTILE])
def test_hostile_titles_stay_quick(title: str) -> None:
    begun = process_time()
    for other in (title, "deadmau5 - Strobe", HOSTILE[4]):
        wanted = Wanted(title=title, artists=(other, title), duration_s=637.0, isrc=title, album=other)
        several = [
            Candidate(id="1", title=title, artists=(title,), channel=other, duration_s=637.0),
            Candidate(id="2", title=f"{other} - {title}", channel=title),
        ]
        decide(wanted, several)
        queries_for(wanted)
    assert process_time() - begun < 2.0


def test_hundreds_of_candidates_stay_quick() -> None:
    several = [
        Candidate(
            id=str(number), title=f"deadmau5 - Strobe ({number} Remix) [Label] ft. Guest {number}", duration_s=637
        )
        for number in range(500)
    ]
    begun = process_time()
    assert decide(STROBE, [*several, RIGHT]).choice == RIGHT
    assert process_time() - begun < 5.0
