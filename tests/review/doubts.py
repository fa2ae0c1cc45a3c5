"""Tracks in doubt, as a run leaves them in the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tracksync.errors import NoSureMatch, TracksyncError
from tracksync.journal import Entry, Journal
from tracksync.matching import Candidate, MatchReceipt, Verdict
from tracksync.model import Facts, Stage, State, Track
from tracksync.report import state_after

__all__ = ["NASTY", "a_doubt", "a_verdict"]

NASTY = "A [b](javascript:x) <i>c</i> *d* _e_ `f` | g \\ & &lt; $h$ ~i~"
"""A title as an uploader may write it: all of it is markup somewhere."""


def a_verdict(title: str, link: str | None, source: str = "soundcloud") -> Verdict:
    """A candidate that was not taken."""
    candidate = Candidate(
        id=f"{source}:{title}", source=source, title=title, channel="Some Label", duration_s=187.4, link=link
    )
    return Verdict(candidate=candidate, accepted=False, score=0.65, reasons=("another version: live",))


def a_doubt(
    journal: Journal,
    title: str = "A Title",
    verdicts: Sequence[Verdict] = (),
    error: TracksyncError | None = None,
    receipt: MatchReceipt | None = None,
    duration_s: float = 185.0,
) -> Entry:
    """A Spotify track, with what was found for it."""
    name = hashlib.sha256(title.encode()).hexdigest()[:22]
    track = Track(
        key=f"spotify:track:{name}",
        source="spotify-liked",
        origin=f"https://open.spotify.com/track/{name}",
        facts=Facts(title=title, artists=("Somebody",), album="An Album"),
        duration_s=duration_s,
    )
    journal.ensure(track)
    found = receipt or MatchReceipt(verdicts=tuple(verdicts), searched=("soundcloud",))
    journal.put_receipt(track.key, Stage.MATCH, found)
    error = error or NoSureMatch(f"No audio was found that is surely {title}.", action="Name the right one.")
    journal.set_state(track.key, state_after(error), reason=error.message, error=error)
    entry = journal.find(track.key)
    assert entry is not None
    assert entry.state in (State.NEEDS_REVIEW, State.FAILED)
    return entry
