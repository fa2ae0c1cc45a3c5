"""What is said of duplicates: groups of files, which one is kept, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracksync.library.index.finding import IndexedFile

__all__ = ["Group", "Kind", "Member"]


class Kind(StrEnum):
    """How sure it is that they are the same."""

    EXACT = "exact"
    """Exactly the same audio: the hash of the packets is the same, whatever the tags."""
    SAME = "same-recording"
    """The same recording in another quality: the fingerprints are alike, and the waveforms prove it."""
    DOUBT = "in-doubt"
    """Alike by fingerprint, and the waveform does not prove it; or of one name and length."""


@dataclass(frozen=True)
class Member:
    """A file of a group."""

    file: IndexedFile
    place: str
    unit: str
    """Files of one unit belong together on purpose: those of one track, or two names of one file."""
    named_by: str | None = None
    """The track, or the page, whose file it is by the journal or the catalogue."""
    eagle_item: str | None = None
    """The id of Eagle's item, where it lies in a library of Eagle's and not in its trash."""
    protected: str | None = None
    """Why it is never moved, as a clause."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.file.path


@dataclass(frozen=True)
class Group:
    """Files that are, or may be, the same recording. The first is the one to keep."""

    kind: Kind
    members: tuple[Member, ...]
    why: str
    """Why the first is the one to keep, as a clause."""
    evidence: str = ""

    @property
    def keep(self) -> Member:
        """The one to keep."""
        return self.members[0]

    @property
    def spare_bytes(self) -> int:
        """What the others take."""
        return sum(member.file.size for member in self.members[1:])

    def as_json(self) -> dict[str, Any]:
        """The group as the command line prints it."""
        return {
            "event": "group",
            "kind": self.kind.value,
            "keep": str(self.keep.path),
            "why": self.why,
            "evidence": self.evidence,
            "files": [_as_json(member) for member in self.members],
        }


def _as_json(member: Member) -> dict[str, Any]:
    file = member.file
    return {
        "path": str(file.path),
        "size": file.size,
        "format": file.format,
        "lossless": file.lossless,
        "bitrate_kbps": file.bitrate_kbps,
        "duration_s": file.duration_s,
        "title": file.title,
        "artists": list(file.artists),
        "tags": file.tags,
        "audio_sha256": file.audio_sha256,
        "named_by": member.named_by,
        "eagle_item_id": member.eagle_item,
        "stays_because": member.protected,
    }
