"""Is this recording in the library already, under another name or in another quality?

The file's hash finds the same file; this finds the same recording. A fingerprint proposes, the waveform decides: what
is merged must be the very same samples but for an encoder's losses, never something that merely sounds alike.
"""

from __future__ import annotations

from tracksync.audio.fingerprint import decode, similarity
from tracksync.audio.sameness import same_recording
from tracksync.journal import Entry
from tracksync.model import Analysis, PublishReceipt, RenderReceipt, Stage, Track
from tracksync.stages.workshop import Workshop

__all__ = ["find_same"]

# Below this no re-encode was ever seen (tests/test_analysis.py has them); the waveform decides above it.
_PROPOSES = 0.80
_LENGTH_TOLERANCE_S = 2.0


def find_same(shop: Workshop, track: Track, rendered: RenderReceipt, analysis: Analysis) -> Entry | None:
    """The track of the library that holds the same recording, None where there is none or where it can't be proved."""
    if not analysis.fingerprint:
        return None
    mine = decode(analysis.fingerprint)
    for key, fingerprint in shop.journal.fingerprints_near(rendered.duration_s, _LENGTH_TOLERANCE_S):
        if key == track.key:
            continue
        score, _ = similarity(mine, decode(fingerprint))
        if score < _PROPOSES:
            continue
        published = shop.journal.receipt(key, Stage.PUBLISH, PublishReceipt)
        if published is None or not published.wav.path.is_file():
            continue
        if same_recording(rendered.wav.path, published.wav.path).same:
            return shop.journal.find(key)
    return None
