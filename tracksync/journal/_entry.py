"""A track as the journal knows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from tracksync.model import Facts, State, Track

__all__ = ["Entry", "as_moment", "as_seconds", "entry_of", "kept_playlist"]


class Entry(BaseModel):
    """All that a line of status needs to know of a track. Moments are in UTC."""

    model_config = ConfigDict(frozen=True)

    key: str
    source: str
    origin: str = Field(repr=False)
    """The path or the full link: may hold a secret, and is never printed."""
    facts: Facts
    playlist: str | None = None
    playlist_spotify_id: str | None = None
    duration_s: float | None = None
    """As the source announced it."""
    state: State
    reason: str = ""
    """Why it waits, needs a person or failed."""
    waiting_until: datetime | None = None
    attempts: int = 0
    """Attempts that ended in an error since the track was last synced."""
    error_kind: str | None = None
    """The last error, kept until the track is synced."""
    error_message: str | None = None
    error_action: str | None = None
    merged_into: str | None = None
    """The track that holds the same recording, and so the files of this one."""
    lease_owner: str | None = None
    lease_until: datetime | None = None
    created: datetime
    updated: datetime

    def as_track(self) -> Track:
        """The track as the stages want it."""
        return Track(
            key=self.key,
            source=self.source,
            origin=self.origin,
            facts=self.facts,
            duration_s=self.duration_s,
            playlist=self.playlist,
            playlist_spotify_id=self.playlist_spotify_id,
        )


def as_moment(seconds: float | None) -> datetime | None:
    """Seconds since 1970 as a moment in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def as_seconds(moment: datetime | None) -> float | None:
    """A moment as seconds since 1970.

    Raises:
        ValueError: it does not say its time zone.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.timestamp()


def kept_playlist(track: Track) -> str | dict[str, str] | None:
    """The track's playlist as the journal keeps it: its name, or its name and its id where there is one."""
    if track.playlist is None or track.playlist_spotify_id is None:
        return track.playlist
    return {"name": track.playlist, "spotify_id": track.playlist_spotify_id}


def entry_of(row: Row[Any]) -> Entry:
    """The entry that a row of `tracks` holds."""
    values = dict(row._mapping)
    for name in ("waiting_until", "lease_until", "created", "updated"):
        values[name] = as_moment(values[name])
    if isinstance(values["playlist"], dict):
        values |= {
            "playlist": values["playlist"]["name"],
            "playlist_spotify_id": values["playlist"]["spotify_id"],
        }
    return Entry.model_validate(values)
