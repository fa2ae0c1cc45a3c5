"""Of several players, whose answer counts?"""

from __future__ import annotations

from collections.abc import Sequence

from tracksync.sources.player.answers import Answer, judged
from tracksync.sources.playing import Playing

__all__ = ["best"]


def best(answers: Sequence[Answer]) -> Playing:
    """Spotify that plays goes first, then another player that does.

    Where none plays, Spotify's own answer (paused, an advert) settles it; without Spotify nothing is settled, because
    it may play on another of the person's devices.
    """
    ordered = sorted(answers, key=lambda answer: (not answer.plays, not answer.is_spotify, answer.player.lower()))
    results = [(answer, judged(answer)) for answer in ordered]
    for _, result in results:
        if result.track is not None:
            return result
    for answer, result in results:
        if answer.is_spotify:
            return result
    if results:
        return Playing(None, results[0][1].said, sure=False)
    return Playing(None, "no player is open", sure=False)
