"""Which audio is this track? Titles and versions taken apart, and every decision with its evidence."""

from __future__ import annotations

from tracksync.matching.model import Candidate, Decision, FoundBy, MatchReceipt, Tried, Verdict, Wanted

__all__ = ["Candidate", "Decision", "FoundBy", "MatchReceipt", "Tried", "Verdict", "Wanted"]
