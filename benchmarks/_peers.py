"""What the matcher is measured beside: the first hit, and a scorer by spotDL's published rules.

The scorer is written from the rules as they are described, not from anybody's code: a name that agrees by 60 or less is
dropped, and so are artists under 70; the length counts 100·exp(−0.1·|Δs|), under 25 is dropped; then the mean is taken,
views add up to 15, a hit of the ISRC query is taken unscored, and words such as `live` or `remix` in a candidate's
title and not in the wanted one are looked for as parts of words, in that direction only. There is no floor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rapidfuzz import fuzz

from tracksync.matching import Candidate, Wanted
from tracksync.text import fold, normal_isrc

__all__ = ["first_hit", "like_spotdl"]

_FORBIDDEN = ("bassboosted", "remix", "remastered", "reverb", "bassboost", "live", "acoustic", "8daudio", "concert",
              "acapella", "slowed", "instrumental", "cover")  # fmt: skip
_PENALTY = 15.0


def first_hit(wanted: Wanted, candidates: Sequence[Candidate]) -> Candidate | None:
    """The first of the list, whatever it is."""
    del wanted
    return candidates[0] if candidates else None


def like_spotdl(wanted: Wanted, candidates: Sequence[Candidate]) -> Candidate | None:
    """The best by the rules above; None where every candidate was dropped."""
    isrc = normal_isrc(wanted.isrc)
    scored: list[tuple[float, int]] = []
    most = max((one.views or 0 for one in candidates), default=0)
    least = min((one.views or 0 for one in candidates), default=0)
    for number, one in enumerate(candidates):
        if isrc is not None and normal_isrc(one.isrc) == isrc:
            return one
        score = _score(wanted, one)
        if score is not None:
            share = ((one.views or 0) - least) / (most - least) if most > least else 0.0
            scored.append((score + 15.0 * share, -number))
    return candidates[-max(scored)[1]] if scored else None


def _score(wanted: Wanted, one: Candidate) -> float | None:
    theirs = fold(one.title)
    artists = [fold(artist) for artist in wanted.artists]
    listed = fold(" ".join((*one.artists, one.channel or "", one.title)))
    artist = sum(fuzz.partial_ratio(name, listed) for name in artists) / len(artists) if artists else 0.0
    plain = theirs
    for artist_name in artists:
        plain = plain.replace(artist_name, "")
    agreed = max(fuzz.token_sort_ratio(fold(wanted.title), text) for text in (theirs, plain.strip(" -|")))
    ours = fold(wanted.title).replace(" ", "")
    agreed -= _PENALTY * sum(word in theirs.replace(" ", "") and word not in ours for word in _FORBIDDEN)
    apart = abs((one.duration_s or 0.0) - (wanted.duration_s or 0.0))
    time = 100.0 * math.exp(-0.1 * apart)
    if agreed <= 60 or artist < 70 or time < 25:
        return None
    return (agreed + artist + time) / 3
