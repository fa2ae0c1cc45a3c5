"""Stage 4, analyse: tempo, key and fingerprint of the samples that transcode wrote."""

from __future__ import annotations

from tracksync.model import Analysis, RenderReceipt, Stage, Track
from tracksync.stages.workshop import Workshop

__all__ = ["ensure_analysed"]


def ensure_analysed(shop: Workshop, track: Track, rendered: RenderReceipt) -> Analysis:
    """Look whether these samples were measured already, measure them where not. What can't be measured is said in it.

    Never raises for the audio's sake: a track without a tempo is still a track.
    """
    known = shop.journal.receipt(track.key, Stage.ANALYSE, Analysis)
    if known and known.pcm_sha256 == rendered.pcm_sha256 and not known.incomplete:
        return known
    shop.reporter.progress(track, Stage.ANALYSE, None)
    measured = shop.pool.analyse(rendered.wav.path, rendered.duration_s)
    analysis = measured.model_copy(update={"pcm_sha256": rendered.pcm_sha256})
    shop.journal.put_receipt(track.key, Stage.ANALYSE, analysis)
    if analysis.fingerprint:
        shop.journal.put_fingerprint(track.key, rendered.duration_s, analysis.fingerprint)
    return analysis
