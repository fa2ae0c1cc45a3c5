"""Which audio is this track? Titles and versions taken apart, and every decision with its evidence.

`decide` holds candidates against what is wanted; `queries_for` says what to search for; `parse` takes a title apart.
"""

from __future__ import annotations

from tracksync.matching.decide import decide
from tracksync.matching.model import Candidate, Decision, FoundBy, MatchReceipt, Tried, Verdict, Wanted
from tracksync.matching.queries import queries_for
from tracksync.matching.titles import ParsedTitle, parse

__all__ = [
    "Candidate",
    "Decision",
    "FoundBy",
    "MatchReceipt",
    "ParsedTitle",
    "Tried",
    "Verdict",
    "Wanted",
    "decide",
    "parse",
    "queries_for",
]
