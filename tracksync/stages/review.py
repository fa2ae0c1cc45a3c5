"""What a person has to decide: the tracks for which nothing was surely found, and what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from tracksync.errors import NoSureMatch
from tracksync.journal import Entry, Journal
from tracksync.matching import Candidate, MatchReceipt, Verdict
from tracksync.model import Stage, State

__all__ = ["Choice", "choices", "in_doubt"]

_SHOWN = 8
_NAMES = {"soundcloud": "SoundCloud", "youtube-music": "YouTube Music", "youtube": "YouTube"}


@dataclass(frozen=True)
class Choice:
    """One thing that could be the track's audio. `label` is one line, without secrets."""

    label: str
    link: str


def in_doubt(journal: Journal, key: str | None = None) -> list[Entry]:
    """The tracks that wait for a person's word on their audio, oldest first; with `key` that one alone."""
    kind = NoSureMatch("").kind
    entries = journal.entries(states=[State.NEEDS_REVIEW])
    return [entry for entry in entries if entry.error_kind == kind and key in (None, entry.key)]


def choices(journal: Journal, key: str) -> list[Choice]:
    """What was found for a track, best first."""
    receipt = journal.receipt(key, Stage.MATCH, MatchReceipt)
    found = [verdict for verdict in receipt.verdicts if verdict.candidate.link] if receipt else []
    return [
        Choice(f"{number}. {_label(verdict)}", verdict.candidate.link or "")
        for number, verdict in enumerate(found[:_SHOWN], 1)
    ]


def _label(verdict: Verdict) -> str:
    found = verdict.candidate
    why = f" – {verdict.reasons[0]}" if verdict.reasons else ""
    return f"{found.title}, by {_by(found)}{_length(found)}, {_NAMES.get(found.source, found.source)}{why}"


def _by(found: Candidate) -> str:
    return ", ".join(found.artists) or found.channel or "somebody"


def _length(found: Candidate) -> str:
    return f", {int(found.duration_s // 60)}:{int(found.duration_s % 60):02d}" if found.duration_s else ""
