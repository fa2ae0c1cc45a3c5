"""Stage 3, transcode: one ffmpeg call gives the three files, in staging, and the loudness."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from tracksync.audio.render import render
from tracksync.errors import DiskFull
from tracksync.library.publish import ensure_folder, free_bytes
from tracksync.model import DownloadReceipt, M4AMode, RenderReceipt, SourceAudio, Stage, State, Track
from tracksync.stages.download import is_unchanged
from tracksync.stages.workshop import Workshop

__all__ = ["ensure_rendered", "render_into_staging"]

# WAV, AIFF and a lossless M4A, and the tagged copies of all three on their way into the library.
_COPIES = 6
_RESERVE_BYTES = 64 * 2**20


def ensure_rendered(shop: Workshop, track: Track, download: DownloadReceipt) -> RenderReceipt:
    """Look whether the three files are in staging as the receipt has them, make them where they are not.

    Raises:
        TracksyncError: Damaged, Silent, TooShort, NotAudio, DiskFull.
    """
    known = shop.journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    if known and all(is_unchanged(fact) for fact in (known.m4a, known.wav, known.aiff)):
        return known
    settings = shop.settings
    receipt = render_into_staging(
        shop,
        track,
        download.file.path,
        download.source_audio,
        mode=settings.m4a_mode,
        sample_rate=settings.sample_rate,
        bits=settings.bits,
        length=download.source_audio.duration_s or download.announced_s,
    )
    shop.journal.put_receipt(track.key, Stage.TRANSCODE, receipt)
    return receipt


def render_into_staging(
    shop: Workshop,
    track: Track,
    source: Path,
    audio: SourceAudio,
    *,
    mode: M4AMode,
    sample_rate: int,
    bits: int,
    length: float | None,
) -> RenderReceipt:
    """Render a source into a folder of its own in the track's staging.

    Args:
        source, audio: the file, and what its header says.
        mode, sample_rate, bits: as `render` has them.
        length: in seconds, as far as it is known: for the room that is needed, and the progress.

    Raises:
        TracksyncError: Damaged, Silent, TooShort, NotAudio, DiskFull.
    """
    shop.journal.set_state(track.key, State.RENDERING)
    shop.reporter.progress(track, Stage.TRANSCODE, None)
    staging = ensure_folder(shop.staging(track.key))
    # What a killed run left, and perhaps still writes into, is not ours to continue: each try has a folder of its own.
    for old in staging.glob("render-*"):
        shutil.rmtree(old, ignore_errors=True)
    _room_for(shop, track, int((length or 0.0) * sample_rate * min(audio.channels, 2) * bits / 8))
    folder = ensure_folder(staging / f"render-{secrets.token_hex(4)}")

    def progress(seconds: float) -> None:
        shop.reporter.progress(track, Stage.TRANSCODE, min(seconds / length, 1.0) if length else None)

    return render(
        shop.ffmpeg,
        source,
        audio,
        folder,
        "audio",
        mode=mode,
        sample_rate=sample_rate,
        bits=bits,
        name=track.facts.display,
        progress=progress,
        cancel=shop.cancel,
    )


def _room_for(shop: Workshop, track: Track, pcm_bytes: int) -> None:
    """Better said before than half-way."""
    needed = pcm_bytes * _COPIES + _RESERVE_BYTES
    free = free_bytes(shop.settings.staging_dir)
    if free < needed:
        raise DiskFull(
            f"{track.facts.display} needs {needed / 2**20:.0f} MB of work space; {free / 2**20:.0f} MB are free in "
            f"{shop.settings.staging_dir}.",
            action="Make room there or point TEMP_DIR to another disk, and run the same command again.",
        )
