"""Stage 5, record: the catalogue knows the track. Downloaded comes later, when everything was read back."""

from __future__ import annotations

from tracksync.catalogue.protocol import TrackRecord
from tracksync.errors import Damaged, Unexpected
from tracksync.model import (
    Analysis,
    AudioFormat,
    DownloadReceipt,
    PublishReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    Track,
)
from tracksync.stages.workshop import Workshop

__all__ = ["ensure_recorded"]


def ensure_recorded(shop: Workshop, track: Track) -> RecordReceipt:
    """Make or update the track's page from the receipts, and read it back.

    Raises:
        Unexpected: the page does not say what was written.
    """
    record = _record(shop, track)
    page = shop.catalogue.find(track.key)
    if page is None or page.record != record:
        shop.catalogue.upsert(record)
        page = shop.catalogue.find(track.key)
    if page is None or page.record != record:
        raise Unexpected(
            f"The catalogue's page of {track.facts.display} does not say what was written.",
            action="Run the same command again.",
        )
    receipt = RecordReceipt(catalogue=shop.catalogue.name, page_id=page.page_id)
    shop.journal.put_receipt(track.key, Stage.RECORD, receipt)
    return receipt


def _record(shop: Workshop, track: Track) -> TrackRecord:
    journal = shop.journal
    download = journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    rendered = journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    published = journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    if download is None or rendered is None or published is None:
        raise Damaged(
            f"The journal lacks what {track.facts.display} was made from.",
            action=f"Run `tracksync sync {track.key} --refresh`.",
        )
    analysis = journal.receipt(track.key, Stage.ANALYSE, Analysis) or Analysis()
    places = {fmt: getattr(published, fmt.value) for fmt in AudioFormat}
    return TrackRecord(
        key=track.key,
        facts=download.facts,
        playlists=(track.playlist,) if track.playlist else (),
        files={fmt: fact.path for fmt, fact in places.items()},
        copies=tuple(fact.path for fact in published.copies),
        bpm=analysis.bpm,
        bpm_confidence=analysis.bpm_confidence,
        musical_key=analysis.key,
        duration_s=rendered.duration_s,
        lufs=rendered.lufs,
        true_peak_db=rendered.true_peak_db,
        sample_rate=rendered.sample_rate,
        size_bytes=sum(fact.size for fact in places.values()),
        fingerprint=analysis.fingerprint,
        source_audio=download.source_audio.describe,
        download_source=download.fetched_by,
    )
