"""What a person has to decide: the tracks for which nothing was surely found, and what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from tracksync.errors import (
    Damaged,
    MixDetected,
    NeedsPerson,
    NoSureMatch,
    NotAudio,
    NotFound,
    Protected,
    Refused,
    Silent,
    TooShort,
    Unsupported,
)
from tracksync.journal import Entry, Journal
from tracksync.matching import Candidate, FoundBy, MatchReceipt, Verdict
from tracksync.model import Stage, State
from tracksync.sources.secrets import redact_text
from tracksync.sources.whole import adopted_of

__all__ = ["Choice", "by_whom", "choices", "in_doubt", "minutes", "named", "service_name"]

_SHOWN = 8
_NAMES = {"soundcloud": "SoundCloud", "youtube-music": "YouTube Music", "youtube": "YouTube", "bandcamp": "Bandcamp"}
_UNDECIDED = frozenset(kind("").kind for kind in (NoSureMatch, NeedsPerson))
# What is wrong with the link that a person named, and not with the track.
_OF_THE_LINK = frozenset(
    kind("").kind
    for kind in (Damaged, MixDetected, NotAudio, NotFound, Protected, Refused, Silent, TooShort, Unsupported)
)


@dataclass(frozen=True)
class Choice:
    """One thing that could be the track's audio. All but the link is without secrets, and one line each."""

    number: int
    title: str
    by: str
    length: str
    """`3:07`; empty where it is not known."""
    where: str
    """The service, as people write it."""
    why: str
    """What speaks against it; empty where nothing was said."""
    link: str
    """What to fetch. May hold a secret."""

    @property
    def label(self) -> str:
        """What tells it from the others, the short words first: a list may cut the rest off."""
        return f"{self.number}. {', '.join(filter(None, (self.where, self.length)))}: {self.title}, by {self.by}"


def in_doubt(journal: Journal, key: str | None = None) -> list[Entry]:
    """The tracks that wait for a person's word on their audio, oldest first; with `key` (or a link) that one alone.

    Those too for which a person named a link already that gave no audio. Of one whose files were there before us
    nobody asks for another audio: its page is what is to be looked at.
    """
    entries = journal.entries(states=[State.NEEDS_REVIEW, State.FAILED]) if key is None else named(journal, key)
    return [entry for entry in entries if _is_in_doubt(journal, entry)]


def named(journal: Journal, text: str) -> list[Entry]:
    """The tracks of the journal that a key means, or a link: none or one, but of a list."""
    from tracksync.sources.detect import look

    return list(look(journal, [text.strip()]).known.values())


def _is_in_doubt(journal: Journal, entry: Entry) -> bool:
    if entry.state is State.NEEDS_REVIEW and entry.error_kind in _UNDECIDED:
        return adopted_of(journal, entry.key) is None
    if entry.state not in (State.NEEDS_REVIEW, State.FAILED) or entry.error_kind not in _OF_THE_LINK:
        return False
    receipt = journal.receipt(entry.key, Stage.MATCH, MatchReceipt)
    return receipt is not None and receipt.found_by is FoundBy.PERSON


def choices(journal: Journal, key: str) -> list[Choice]:
    """What was found for a track, best first; what two searches gave is there once."""
    receipt = journal.receipt(key, Stage.MATCH, MatchReceipt)
    found: dict[str, Verdict] = {}
    for verdict in receipt.verdicts if receipt else ():
        if verdict.candidate.link:
            found.setdefault(verdict.candidate.link, verdict)
    return [_choice(number, link, found[link]) for number, link in enumerate(list(found)[:_SHOWN], 1)]


def _choice(number: int, link: str, verdict: Verdict) -> Choice:
    found = verdict.candidate
    return Choice(
        number=number,
        title=_line(found.title),
        by=_line(by_whom(found)),
        length=minutes(found.duration_s),
        where=service_name(found.source),
        why=_line("; ".join(verdict.reasons)),
        link=link,
    )


def by_whom(found: Candidate) -> str:
    """Who plays it, or put it up."""
    return ", ".join(found.artists) or found.channel or "somebody"


def _line(text: str) -> str:
    return " ".join(redact_text(text).split())


def minutes(seconds: float | None) -> str:
    """A length as people read it, `3:07`; empty where it is not known."""
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}" if seconds else ""


def service_name(source: str) -> str:
    """A service as people write it."""
    return _NAMES.get(source, source or "the link")
