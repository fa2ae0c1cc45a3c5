"""How well candidates are told apart: `python -m benchmarks.matching`.

On the labelled cases of `benchmarks/corpus`, beside two baselines. With `--wrong` every case that is answered
wrongly or set aside is named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks._peers import first_hit, like_spotdl
from benchmarks.corpus import PARTS, Case, read_part
from tracksync.matching import Candidate, Wanted, decide

__all__ = ["Figures", "main", "measure", "ours"]

Matcher = Callable[[Wanted, Sequence[Candidate]], Candidate | None]


@dataclass
class Figures:
    """What a matcher did on some cases."""

    cases: int = 0
    answerable: int = 0
    made: int = 0
    right: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right choices of the choices made; 1 where none was made."""
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        """Right choices of the cases that have a right answer."""
        return self.right / self.answerable if self.answerable else 1.0

    @property
    def set_aside(self) -> float:
        """Cases without a choice, of all cases."""
        return 1 - self.made / self.cases if self.cases else 0.0


def ours(wanted: Wanted, candidates: Sequence[Candidate]) -> Candidate | None:
    """The matcher of this project."""
    return decide(wanted, candidates).choice


def measure(matcher: Matcher, cases: Sequence[Case]) -> Figures:
    """Let a matcher answer the cases."""
    figures = Figures(cases=len(cases))
    begun = perf_counter()
    for case in cases:
        choice = matcher(case.wanted, case.candidates)
        figures.answerable += bool(case.right)
        figures.made += choice is not None
        if choice is not None and choice.id in case.right:
            figures.right += 1
        elif choice is not None:
            figures.wrong.append(f"{case.name}: chose {choice.id}, {choice.title}")
        elif case.right:
            figures.missed.append(f"{case.name}: set aside")
    figures.seconds = perf_counter() - begun
    return figures


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table."""
    print("precision  right choices / choices made")
    print("recall     right choices / cases that have a right answer")
    print("set aside  cases without a choice / all cases (some have no right answer, and are rightly set aside)\n")
    matchers: dict[str, Matcher] = {"ours": ours, "like spotDL": like_spotdl, "first hit": first_hit}
    heads = f"{'cases':>6} {'none right':>10} {'precision':>10} {'recall':>8} {'set aside':>10} {'a case':>9}"
    print(f"{'':25} {heads}")
    for part in PARTS:
        cases = read_part(part)
        for name, matcher in matchers.items():
            done = measure(matcher, cases)
            print(
                f"{part:12} {name:12} {done.cases:>6} {done.cases - done.answerable:>10} {done.precision:>10.4f}"
                f" {done.recall:>8.4f} {done.set_aside:>10.4f} {1000 * done.seconds / max(1, done.cases):>6.2f} ms"
            )
            if "--wrong" in arguments and name == "ours":
                print("\n".join(f"    {line}" for line in (*done.wrong, *done.missed)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
