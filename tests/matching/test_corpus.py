"""The labelled cases: sound in themselves, and answered as well as is aimed at."""

from __future__ import annotations

import pytest

from benchmarks._peers import first_hit, like_spotdl
from benchmarks.corpus import PARTS, read_part
from benchmarks.matching import main, measure, ours

PRECISION = 0.995
RECALL = 0.95


@pytest.mark.parametrize("part", PARTS)
def test_the_aim_is_held(part: str) -> None:
    figures = measure(ours, read_part(part))
    assert figures.precision >= PRECISION, figures.wrong
    assert figures.recall >= RECALL, figures.missed


@pytest.mark.parametrize("part", PARTS)
def test_the_baselines_do_worse(part: str) -> None:
    cases = read_part(part)
    assert measure(first_hit, cases).precision < 0.8
    assert measure(like_spotdl, cases).precision < 0.9
    assert measure(like_spotdl, cases).made > 0


def test_the_corpus_is_sound() -> None:
    cases = [case for part in PARTS for case in read_part(part)]
    assert len(cases) >= 300
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        ids = [candidate.id for candidate in case.candidates]
        assert len(set(ids)) == len(ids), case.name
        assert case.right <= set(ids), case.name
    unanswerable = sum(not case.right for case in cases)
    assert 0.1 < unanswerable / len(cases) < 0.5


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--wrong"]) == 0
    printed = capsys.readouterr().out
    assert "right choices / choices made" in printed
    assert all(name in printed for name in (*PARTS, "ours", "like spotDL", "first hit"))
