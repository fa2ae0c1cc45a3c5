"""The people, tracks and sets of the stand-in, and how the API describes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Kind", "Person", "PlaylistOf", "Song"]

_API = "https://api-v2.soundcloud.com"


class Kind(StrEnum):
    """What SoundCloud gives of a track."""

    FREE = "free"
    PREVIEW = "preview"
    """Go+: thirty seconds, unless the caller's account has Go+."""
    DRM = "drm"
    """Encrypted streams, beside plain ones that are named and then not there."""
    DRM_ONLY = "drm-only"
    """Encrypted streams and no others."""
    BLOCKED = "blocked"
    """Not in this country."""
    REMOVED = "removed"
    PRIVATE = "private"
    """Only with the secret part of its link."""


@dataclass(frozen=True)
class Person:
    """Somebody with a profile."""

    id: int
    permalink: str
    username: str

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": "user",
            "permalink": self.permalink,
            "permalink_url": f"https://soundcloud.com/{self.permalink}",
            "uri": f"https://api.soundcloud.com/users/{self.id}",
            "username": self.username,
            "avatar_url": "https://i1.sndcdn.com/avatars-000000000001-abcdef-large.jpg",
        }


@dataclass(frozen=True)
class Song:
    """A track. `sound` is its MP3, `artist` and `isrc` what a label's delivery says."""

    id: int
    title: str
    user: Person
    duration_s: float
    sound: bytes = field(repr=False)
    slug: str = ""
    kind: Kind = Kind.FREE
    artist: str | None = None
    album: str | None = None
    isrc: str | None = None
    genre: str = ""
    plays: int | None = 1000
    protocols: Sequence[str] = ("progressive", "hls")
    secret: str = "s-AbCdEf12345"

    @property
    def path(self) -> str:
        """`user/slug`, with the secret where it is private."""
        base = f"{self.user.permalink}/{self.slug or f'track-{self.id}'}"
        return f"{base}/{self.secret}" if self.kind is Kind.PRIVATE else base

    @property
    def link(self) -> str:
        return f"https://soundcloud.com/{self.path}"

    def as_json(self, *, has_go: bool = False) -> dict[str, Any]:
        """As the API has it; `has_go`: the caller pays for Go+."""
        snipped = self.kind is Kind.PREVIEW and not has_go
        full = round(self.duration_s * 1000)
        return {
            "id": self.id,
            "kind": "track",
            "title": self.title,
            "permalink": self.slug,
            "permalink_url": self.link,
            "uri": f"https://api.soundcloud.com/tracks/soundcloud%3Atracks%3A{self.id}",
            "urn": f"soundcloud:tracks:{self.id}",
            "duration": 30_000 if snipped else full,
            "full_duration": full,
            "policy": self._policy(snipped),
            "monetization_model": self._model(),
            "sharing": "private" if self.kind is Kind.PRIVATE else "public",
            "streamable": True,
            "downloadable": False,
            "has_downloads_left": True,
            "genre": self.genre,
            "created_at": "2024-05-17T10:00:00Z",
            "release_date": None,
            "playback_count": self.plays,
            "likes_count": 5,
            "artwork_url": f"https://i1.sndcdn.com/artworks-{self.id:012d}-abcdef-large.jpg",
            "publisher_metadata": self._publisher(),
            "user": self.user.as_json(),
            "track_authorization": "a.b.c",
            "media": {"transcodings": self._transcodings(snipped)},
        }

    def _policy(self, snipped: bool) -> str:
        return {Kind.PREVIEW: "SNIP" if snipped else "MONETIZE", Kind.BLOCKED: "BLOCK"}.get(self.kind, "ALLOW")

    def _model(self) -> str:
        models = {Kind.PREVIEW: "SUB_HIGH_TIER", Kind.DRM: "AD_SUPPORTED", Kind.DRM_ONLY: "AD_SUPPORTED"}
        return models.get(self.kind, "NOT_APPLICABLE")

    def _publisher(self) -> dict[str, Any] | None:
        if self.artist is None and self.isrc is None:
            return None
        return {"id": self.id, "artist": self.artist, "album_title": self.album, "isrc": self.isrc}

    def _transcodings(self, snipped: bool) -> list[dict[str, Any]]:
        if self.kind is Kind.BLOCKED:
            return []
        plain = [] if self.kind is Kind.DRM_ONLY else [(name, "mp3_0_0", "audio/mpeg") for name in self.protocols]
        coded = [("ctr-encrypted-hls", "aac_160k"), ("cbc-encrypted-hls", "aac_160k")]
        drm = self.kind in (Kind.DRM, Kind.DRM_ONLY)
        every = plain + ([(*pair, 'audio/mp4; codecs="mp4a.40.2"') for pair in coded] if drm else [])
        return [
            {
                "url": f"{_API}/media/soundcloud:tracks:{self.id}/{'preview' if snipped else 'stream'}/{protocol}",
                "preset": preset,
                "duration": 30_000 if snipped else round(self.duration_s * 1000),
                "snipped": snipped,
                "format": {"protocol": protocol, "mime_type": mime},
                "quality": "sq",
            }
            for protocol, preset, mime in every
        ]


@dataclass(frozen=True)
class PlaylistOf:
    """A set."""

    id: int
    title: str
    user: Person
    songs: tuple[Song, ...]
    slug: str

    @property
    def link(self) -> str:
        return f"https://soundcloud.com/{self.user.permalink}/sets/{self.slug}"

    def as_json(self) -> dict[str, Any]:
        """As the API has it: only the first five tracks in full."""
        tracks = [song.as_json() for song in self.songs[:5]]
        tracks += [{"id": song.id, "kind": "track", "policy": "ALLOW"} for song in self.songs[5:]]
        return {
            "id": self.id,
            "kind": "playlist",
            "title": self.title,
            "permalink_url": self.link,
            "user": self.user.as_json(),
            "set_type": "",
            "track_count": len(self.songs),
            "duration": sum(round(song.duration_s * 1000) for song in self.songs),
            "tracks": tracks,
        }
