"""What is wanted, what was found, and what was decided: the words of matching.

Everything here is frozen and serialises to JSON. Durations are in seconds.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tracksync.model import Frozen

__all__ = ["Candidate", "Decision", "FoundBy", "MatchReceipt", "Tried", "Verdict", "Wanted"]


class Wanted(Frozen):
    """The recording that audio is looked for. `title` holds its version, as released: `Strobe (Club Edit)`."""

    title: str
    artists: tuple[str, ...] = ()
    duration_s: float | None = None
    isrc: str | None = None
    album: str | None = None


class Candidate(Frozen):
    """Something that could be it. Nothing but the title is sure to be known."""

    id: str
    """Names it among its like: a track's key, or whatever the caller has."""
    source: str = ""
    """`soundcloud`, `youtube-music`, `youtube`; `record` where the track's own record has the link."""
    title: str
    artists: tuple[str, ...] = ()
    channel: str | None = None
    """Who uploaded it: an artist, a label, anybody. `Artist - Topic` is the artist's own on YouTube."""
    duration_s: float | None = None
    isrc: str | None = None
    album: str | None = None
    views: int | None = None
    link: str | None = None
    """What to fetch; None where a candidate is only compared. May hold a secret."""


class Verdict(Frozen):
    """What was found of one candidate."""

    candidate: Candidate
    accepted: bool
    score: float
    """0 to 1; comparable between the candidates of one wanted track."""
    parts: dict[str, float] = Field(default_factory=dict)
    """The score by its parts: `title`, `artists`, `duration`, …, each 0 to 1."""
    reasons: tuple[str, ...] = ()
    """Why it was refused, or what speaks for it: short sentences for a person."""


class Decision(Frozen):
    """Which candidate is the recording. `choice` is None where none is surely it."""

    choice: Candidate | None
    score: float
    """That of the choice; of the best candidate where none was chosen; 0 where there was none."""
    verdicts: tuple[Verdict, ...] = ()
    """Best first."""


class FoundBy(StrEnum):
    """How a track came to its audio."""

    ITSELF = "itself"
    """It is a file, or a link to its own audio."""
    DISK = "disk"
    """It is on a disk already, as the index of volumes knows."""
    RECORD = "record"
    """A link that stands on its page in the catalogue."""
    SEARCH = "search"
    """Found, and surely the same recording by the rules of this package."""
    PERSON = "person"
    """Somebody named it."""


class Tried(Frozen):
    """Something that was taken for the track's audio, and gave none."""

    link: str = Field(repr=False)
    """May hold a secret."""
    kind: str
    """The error's, as the command line's contract has it."""
    reason: str
    """A sentence for a person, without secrets."""


class MatchReceipt(Frozen):
    """Which audio is this track, and why; or what was found instead, where nothing is surely it."""

    found_by: FoundBy | None = None
    choice: Candidate | None = None
    """None of a file, and where nothing was chosen."""
    score: float = 0.0
    evidence: tuple[str, ...] = ()
    """What speaks for it: sentences for a person."""
    verdicts: tuple[Verdict, ...] = ()
    """What was found on the way, best first."""
    tried: tuple[Tried, ...] = ()
    searched: tuple[str, ...] = ()
    """The services that answered."""

    @property
    def fell_back(self) -> bool:
        """Whether another source had to do, than the track's own audio or the first that is searched."""
        return bool(self.tried) or len(self.searched) > 1
