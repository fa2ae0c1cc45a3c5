"""What a source or an argument turned out to be: a track, or the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tracksync.errors import TracksyncError
from tracksync.model import Facts, Track
from tracksync.sources.links import Link
from tracksync.sources.names import name_key
from tracksync.text import normal_isrc

__all__ = ["Detected", "identities_of", "in_playlist", "named_track"]


@dataclass(frozen=True)
class Detected:
    """What one argument (or one entry of a list) turned out to be: a track, or the reason why it is none."""

    label: str
    """As a person named it, without secrets."""
    key: str
    track: Track | None = None
    error: TracksyncError | None = None
    source: str = "named"
    """`file` or `link` where it was opened; `named` where it can't be a track by its very name (wrong use)."""
    identities: tuple[tuple[str, str], ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    """Ids by which it was named once more in the same breath: kept, and not looked for by."""
    seen: Path | None = None
    """The file that was looked at, so that its stat can be remembered."""


def named_track(
    facts: Facts, link: Link | None, source: str, duration_s: float | None = None, playlist: str | None = None
) -> Detected:
    """A track that is known by its name, without audio of its own. `link` is Spotify's, where there is one."""
    key = link.key if link is not None and link.key else name_key(facts.title, facts.artists)
    page = link.canonical if link is not None else None
    track = Track(
        key=key,
        source=source,
        origin=page or "",
        facts=facts.model_copy(update={"link": page}),
        duration_s=duration_s,
        playlist=playlist,
    )
    return Detected(facts.display, key, track=track, source=source, identities=identities_of(track))


def identities_of(track: Track) -> tuple[tuple[str, str], ...]:
    """The ids by which a track that was named by its facts is found again."""
    names = [("link", track.origin)] if track.origin else []
    if track.key.startswith("spotify:track:"):
        names.append(("spotify", track.key.rpartition(":")[2]))
    if isrc := normal_isrc(track.facts.isrc):
        names.append(("isrc", isrc))
    return tuple(names)


def in_playlist(item: Detected, playlist: str | None) -> Detected:
    """What was detected, in the playlist that the run is for, where it is for one."""
    if playlist is None or item.track is None:
        return item
    return replace(item, track=item.track.in_playlist(playlist))
