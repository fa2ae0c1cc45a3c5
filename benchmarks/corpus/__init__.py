"""Labelled cases: a wanted track, candidates as the sites give them, and which of these are it.

`tuned.jsonl` is what the matcher was tuned on; `held-out.jsonl` was written before that and is only ever measured.
`blind.jsonl` was written from the stated rules alone, without a look at the matcher or at the other parts. At its first
run the matcher had a precision of 0.9960 and a recall of 0.9498 on it. The matcher was mended by what it showed, so it
is no longer held out.

Each line is a case of `tracksync match --from` with one field more: `right`, the ids of the candidates that are the
recording, empty where none is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tracksync.matching import Candidate, Wanted

__all__ = ["PARTS", "Case", "read_part"]

PARTS = ("tuned", "held-out", "blind")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One labelled case."""

    name: str
    wanted: Wanted
    candidates: tuple[Candidate, ...]
    right: frozenset[str]


def read_part(part: str) -> list[Case]:
    """The cases of one part, in their order."""
    lines = (_FOLDER / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines]


def _case(told: dict[str, object]) -> Case:
    listed = told["candidates"]
    right = told["right"]
    assert isinstance(listed, list) and isinstance(right, list)
    return Case(
        name=str(told["case"]),
        wanted=Wanted.model_validate(_known(told["wanted"])),
        candidates=tuple(Candidate.model_validate(_known(one)) for one in listed),
        right=frozenset(map(str, right)),
    )


def _known(told: object) -> dict[str, object]:
    assert isinstance(told, dict)
    return {name: value for name, value in told.items() if value is not None}
