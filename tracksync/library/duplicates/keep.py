"""Which file of a group is kept: lossless, then bit rate, then the one that is in use, then tags, then age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracksync.library.duplicates.model import Member

__all__ = ["in_order", "why_first"]


def in_order(members: Sequence[Member]) -> list[Member]:
    """The members, the one to keep first."""
    return sorted(members, key=lambda member: (*(value for value, _ in _criteria(member)), str(member.path)))


def why_first(members: Sequence[Member]) -> str:
    """What the first has and the second has not, as a clause."""
    first, second = members[:2]
    for (ours, reason), (theirs, _) in zip(_criteria(first), _criteria(second), strict=True):
        if ours != theirs:
            return reason
    return "the first by its path"


def _criteria(member: Member) -> list[tuple[Any, str]]:
    """Lower is better; with the reason, where it decides."""
    file = member.file
    in_use = "in the catalogue" if member.named_by else "in Eagle"
    finer = f"the highest bit rate ({file.bitrate_kbps} kbit/s)"
    if file.lossless:
        # A lossless file's bit rate only tells how well it is packed.
        finer = f"the finest samples ({file.bits} bit {file.sample_rate / 1000:g} kHz)"
    return [
        (not file.lossless, "lossless"),
        (-file.quality[1], finer),
        (0 if member.named_by else 1 if member.eagle_item else 2, in_use),
        (bool(member.protected and "copies" in member.protected), "not a copy for another program"),
        (-file.tags, f"the most complete tags ({file.tags} of 7)"),
        (file.mtime_ns, "the oldest"),
    ]
