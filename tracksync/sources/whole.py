"""Is a track's audio where it was put? By the files themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tracksync.model import Adopted, EagleReceipt, FileFact, PublishReceipt, RecordReceipt, Stage, State

if TYPE_CHECKING:
    from tracksync.journal import Entry, Journal

__all__ = ["adopted_of", "away_from", "away_of", "is_held", "is_there", "is_whole", "lost_of", "stands"]

# A DJ program that takes the cover out of the tags makes a file a little smaller; a cut makes it much smaller.
_SHARE_THAT_STANDS = 0.9


def is_whole(journal: Journal, entry: Entry, *, in_eagle: bool = False) -> bool:
    """Synced, and every file that the receipt names there, or on a volume that is merely not mounted. A merged track is
    whole where its holder is.

    With `in_eagle` it must have come into Eagle, too: by our hand, or as its page says. Whether its item is there still
    is for `verify`; and whether what it was merged into is there, is that one's affair.
    """
    if entry.state is not State.SYNCED:
        return False
    key = entry.merged_into or entry.key
    came = not in_eagle or entry.merged_into is not None or journal.receipt(key, Stage.EAGLE, EagleReceipt) is not None
    receipt = journal.receipt(key, Stage.PUBLISH, PublishReceipt)
    if receipt is None:
        recorded = journal.receipt(key, Stage.RECORD, RecordReceipt)
        adopted = recorded.adopted if recorded else None
        if adopted is None or not (came or adopted.eagle_id):
            return False
        return all(is_there(path) for path in adopted.files.values())
    if not came:
        return False
    return all(is_held(fact) for fact in receipt.files)


def adopted_of(journal: Journal, key: str) -> Adopted | None:
    """What was taken over of a track, where nothing of it was made here."""
    recorded = journal.receipt(key, Stage.RECORD, RecordReceipt)
    if recorded is None or recorded.adopted is None:
        return None
    return None if journal.receipt(key, Stage.PUBLISH, PublishReceipt) else recorded.adopted


def stands(fact: FileFact) -> bool:
    """Whether a file of the library is at its place and about as large as it was: tags may change, sound may not go."""
    try:
        return fact.path.is_file() and fact.path.stat().st_size >= _SHARE_THAT_STANDS * fact.size
    except OSError:
        return False


def is_held(fact: FileFact) -> bool:
    """Whether a file of the library stands, or its volume is merely not mounted."""
    return stands(fact) or away_of(fact.path) is not None


def away_of(path: Path) -> Path | None:
    """The volume, not mounted now, that a file is on; None where it can be looked at, or is gone."""
    from tracksync.library.storage import away_volume

    return None if os.path.exists(path) else away_volume(path)  # noqa: PTH110 (never raises)


def away_from(journal: Journal, entry: Entry) -> Path | None:
    """The volume, not mounted now, that files of the track are on; None where all that it has can be looked at."""
    key = entry.merged_into or entry.key
    receipt = journal.receipt(key, Stage.PUBLISH, PublishReceipt)
    adopted = adopted_of(journal, key)
    paths = [fact.path for fact in receipt.files] if receipt else []
    paths += adopted.files.values() if adopted else ()
    return next((volume for path in paths if (volume := away_of(path)) is not None), None)


def lost_of(journal: Journal, entry: Entry) -> list[str]:
    """Which of a track's files are gone: `WAV`, `copy of the M4A`."""
    key = entry.merged_into or entry.key
    if (receipt := journal.receipt(key, Stage.PUBLISH, PublishReceipt)) is not None:
        facts = {"M4A": receipt.m4a, "WAV": receipt.wav, "AIFF": receipt.aiff}
        lost = [name for name, fact in facts.items() if not is_held(fact)]
        return lost + ["copy of the M4A" for fact in receipt.copies if not is_held(fact)]
    adopted = adopted_of(journal, key)
    return [fmt.upper() for fmt, path in adopted.files.items() if not is_there(path)] if adopted else []


def is_there(path: Path) -> bool:
    """Whether a file that a catalogue names exists, or its volume is merely not mounted."""
    from tracksync.library.storage import away_volume

    try:
        return path.is_file() and path.stat().st_size > 0 if path.exists() else away_volume(path) is not None
    except OSError:
        return False
