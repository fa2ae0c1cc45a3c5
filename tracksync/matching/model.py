"""What is wanted, what was found, and what was decided: the words of matching.

Everything here is frozen and serialises to JSON. Durations are in seconds.
"""

from __future__ import annotations

from pydantic import Field

from tracksync.model import Frozen

__all__ = ["Candidate", "Decision", "Verdict", "Wanted"]


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
