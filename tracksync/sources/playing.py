"""What was found out about the track that is playing."""

from __future__ import annotations

from dataclasses import dataclass

from tracksync.sources.detected import Detected

__all__ = ["Playing"]


@dataclass(frozen=True)
class Playing:
    """A player's answer. One that could not be had is an error instead: it never reads as "nothing playing"."""

    track: Detected | None
    """None where no track plays; a paused one does not count as playing."""
    said: str
    """What was found, for a person: `nothing is playing`, `an advert is playing`, `Artist - Title is paused`."""
    sure: bool = True
    """Whether it settles the question; False where the player is not there, so that another may be asked."""
