"""Which of the candidates is the recording: the surest one, or none.

Views never tell between recordings. Where two candidates pass that cannot both be it, neither is sure.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracksync.matching.model import Candidate, Decision, Wanted
from tracksync.matching.scoring import Judged, gate_s, judge, with_reason
from tracksync.matching.sought import Sought, sought
from tracksync.matching.versions import agreement

__all__ = ["decide"]


def decide(wanted: Wanted, candidates: Sequence[Candidate], *, prefer_extended: bool = False) -> Decision:
    """Decide which candidate is the wanted recording. Every candidate gets its verdict; their order does not matter.

    Args:
        wanted: the recording, as it was released.
        candidates: what the searches found.
        prefer_extended: take the extended version of it where there is one that is surely it.
    """
    aim = sought(wanted)
    judged = [judge(aim, candidate, prefer_extended=prefer_extended) for candidate in candidates]
    judged = _witnessed(judged)
    extended = _surest([one for one in judged if one.verdict.accepted and one.extended], aim)
    plain = [one for one in judged if one.verdict.accepted and not one.extended]
    choice = extended if extended is not None else _surest(plain, aim)
    if choice is None and (plain or any(one.extended for one in judged)):
        judged = [
            with_reason(one, "another candidate passes too, and both cannot be it") if one.verdict.accepted else one
            for one in judged
        ]
    verdicts = sorted(
        (one.verdict for one in judged),
        key=lambda verdict: (
            choice is None or verdict is not choice.verdict, not verdict.accepted, -verdict.score,
            verdict.candidate.id, repr(verdict.candidate),
        ),
    )  # fmt: skip
    best = max((verdict.score for verdict in verdicts), default=0.0)
    return Decision(
        choice=choice.verdict.candidate if choice else None,
        score=choice.verdict.score if choice else best,
        verdicts=tuple(verdicts),
    )


def _order(one: Judged) -> tuple[object, ...]:
    candidate = one.verdict.candidate
    views = candidate.views if isinstance(candidate.views, int) else 0
    return (
        not one.isrc, one.doubts, -round(one.verdict.score, 2), not one.official, -one.verdict.score, -views,
        candidate.id, repr(candidate),
    )  # fmt: skip


def _witnessed(judged: list[Judged]) -> list[Judged]:
    """A candidate whose length could not be compared stands only where another one of that length passes."""
    passing = [one for one in judged if one.verdict.accepted]
    kept = []
    for one in judged:
        if one.verdict.accepted and one.needs_witness:
            others = [other for other in passing if other is not one and _same_length(one, other)]
            if not any(_channel(other) != _channel(one) for other in others):
                one = with_reason(one, "its length cannot be compared, and nothing else makes it sure")
        kept.append(one)
    return kept


def _channel(one: Judged) -> str:
    return (one.verdict.candidate.channel or one.verdict.candidate.id).casefold()


def _same_length(one: Judged, other: Judged) -> bool:
    if one.duration_s is None or other.duration_s is None:
        return False
    return abs(one.duration_s - other.duration_s) <= gate_s(one.duration_s)


def _surest(passing: list[Judged], aim: Sought) -> Judged | None:
    """The best of those that pass, unless another one that is as good contradicts it."""
    if not passing:
        return None
    best, *others = sorted(passing, key=_order)
    for other in others:
        if _weaker(other, best):
            continue
        if _contradict(best, other, aim):
            return None
    return best


def _weaker(other: Judged, best: Judged) -> bool:
    if best.isrc and not other.isrc:
        return True
    if best.doubts == 0 and other.doubts > 0:
        return True
    return best.official and not other.official and (best.released or other.needs_witness)


def _contradict(best: Judged, other: Judged, aim: Sought) -> bool:
    if best.unread != other.unread and best.unread and other.unread:
        return True
    if not agreement(best.versions, other.versions, best.artists, other.artists).agreed:
        return True
    if best.duration_s is None or other.duration_s is None:
        return False
    apart = abs(best.duration_s - other.duration_s)
    if apart <= gate_s(best.duration_s):
        return False
    if aim.duration_s is None or best.extended:
        return True
    # Both pass the gate, on either side of it: the one that is clearly nearer is it.
    return abs(abs(best.duration_s - aim.duration_s) - abs(other.duration_s - aim.duration_s)) < 1.0
