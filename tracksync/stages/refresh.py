"""`--refresh`: what is to be made again is forgotten first; where that comes to nothing, the track is as it was."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from tracksync.errors import VolumeAway
from tracksync.journal import Entry
from tracksync.matching import FoundBy, MatchReceipt
from tracksync.model import (
    Analysis,
    DownloadReceipt,
    PublishReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
    VerifyReceipt,
)
from tracksync.sources.whole import away_from, is_whole
from tracksync.stages.workshop import BeforeRefresh, Workshop

__all__ = ["MADE_AGAIN", "forget_for_refresh", "put_back"]

MADE_AGAIN = (Stage.DOWNLOAD, Stage.TRANSCODE, Stage.ANALYSE, Stage.RECORD, Stage.VERIFY)
"""The stages whose receipts are forgotten, so that they do their work anew. Where files were put is kept."""

_MODELS: dict[Stage, type[BaseModel]] = {
    Stage.MATCH: MatchReceipt,
    Stage.DOWNLOAD: DownloadReceipt,
    Stage.TRANSCODE: RenderReceipt,
    Stage.ANALYSE: Analysis,
    Stage.RECORD: RecordReceipt,
    Stage.VERIFY: VerifyReceipt,
}


def forget_for_refresh(shop: Workshop, track: Track) -> None:
    """Drop the receipts of what is to be made again. Where the files stand is kept: they are replaced.

    Raises:
        VolumeAway: one of them can't be replaced now; nothing was dropped.
    """
    entry = shop.journal.find(track.key)
    _check_its_places(shop, track, entry)
    if entry is not None and is_whole(shop.journal, entry):
        shop.before_refresh[track.key] = BeforeRefresh(_receipts(shop, track), _looks(shop, track))
    # First the state: a run that ends right now must not leave a track that says synced and has lost its receipts.
    shop.journal.set_state(track.key, State.NEW)
    again = [*MADE_AGAIN]
    matched = shop.journal.receipt(track.key, Stage.MATCH, MatchReceipt)
    if matched is not None and matched.found_by is not FoundBy.PERSON:
        again.append(Stage.MATCH)  # looked for anew; what a person named stays
    shop.journal.drop_receipts(track.key, again)
    shop.clear_staging(track.key)


def put_back(shop: Workshop, track: Track) -> bool:
    """Let a track that was whole before its refresh be so again, where none of its files was touched meanwhile."""
    before = shop.before_refresh.pop(track.key, None)
    if before is None or not before.looks or _looks(shop, track) != before.looks:
        return False
    for stage, receipt in before.receipts.items():
        shop.journal.put_receipt(track.key, stage, receipt)
    shop.journal.set_state(track.key, State.SYNCED)
    return True


def _receipts(shop: Workshop, track: Track) -> dict[Stage, BaseModel]:
    found = {stage: shop.journal.receipt(track.key, stage, model) for stage, model in _MODELS.items()}
    return {stage: receipt for stage, receipt in found.items() if receipt is not None}


def _looks(shop: Workshop, track: Track) -> dict[Path, tuple[int, int]]:
    """Size and time of the track's files; empty where one can't be looked at."""
    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    facts = published.files if published else ()
    try:
        stats = {fact.path: fact.path.stat() for fact in facts}
    except OSError:
        return {}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def _check_its_places(shop: Workshop, track: Track, entry: Entry | None) -> None:
    """Half of a track made anew would be two halves of two tracks."""
    if entry is not None and (volume := away_from(shop.journal, entry)) is not None:
        raise VolumeAway(
            f"The volume {volume} is not mounted, and files of {track.facts.display} are on it: nothing is made again.",
            action="Connect it, and run again.",
        )
