"""Is this recording in the library already, under another name or in another quality?

The file's hash finds the same file; this finds the same recording. A fingerprint proposes, the waveform decides: what
is merged must be the very same samples but for an encoder's losses, never something that merely sounds alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import floor

from tracksync.audio.fingerprint import decode, similarity
from tracksync.audio.sameness import same_recording
from tracksync.journal import Entry
from tracksync.model import Analysis, PublishReceipt, RenderReceipt, Stage, Track
from tracksync.stages.workshop import Workshop

__all__ = ["alone_among_its_likes", "find_same"]

# Below this no re-encode was ever seen (tests/test_analysis.py has them); the waveform decides above it.
_PROPOSES = 0.80
_LENGTH_TOLERANCE_S = 2.0
# Placing three files takes seconds; on a slow share, and behind others of the same length, minutes.
_PATIENCE_S = 1800.0


@contextmanager
def alone_among_its_likes(shop: Workshop, rendered: RenderReceipt) -> Iterator[None]:
    """Be the only one, of all tracks whose length would let them be the same recording, that looks and publishes.

    Two that are brought in side by side under two names would else both look before either is in the library. Lengths
    are cut into stretches, and each track takes the one or two that it may have in common with another: tracks of
    different lengths don't wait for each other. They are taken in order, so nobody waits in a circle.

    Raises:
        Busy: others were at it for half an hour.
    """
    half = _LENGTH_TOLERANCE_S / 2 + 0.001
    ends = (rendered.duration_s - half, rendered.duration_s + half)
    with ExitStack() as stack:
        for stretch in sorted({floor(end / (2 * half)) for end in ends}):
            stack.enter_context(shop.journal.alone(f"publish a length of {stretch}", timeout=_PATIENCE_S))
        yield


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
        files = (published.wav.path, published.aiff.path) if published else ()  # the same samples
        held = next((path for path in files if path.is_file()), None)
        if held is None:
            continue
        if same_recording(rendered.wav.path, held).same:
            return shop.journal.find(key)
    return None
