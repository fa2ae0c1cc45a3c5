"""What the library lost of a track is made again from what it has of it: nothing is fetched, and nothing gets worse.

WAV and AIFF hold the same samples, and so does an M4A of the same depth: each can be made from the other, bit for bit.
An M4A that keeps more than they do can make them both, and only its copy can make it. An AAC makes neither: from one
that stands alone nothing is made, and the track is fetched again.

What the track was made from at first stays written down as it was: the receipt of the download, what was measured, and
so the source that the tags and the page tell of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracksync.audio.decode import decode_all
from tracksync.audio.probe import probe
from tracksync.audio.tags import read_source
from tracksync.errors import NotAudio, TracksyncError, VolumeAway
from tracksync.model import DownloadReceipt, FileFact, M4AMode, PublishReceipt, RenderReceipt, Stage, Track
from tracksync.sources.whole import away_of, is_held, stands
from tracksync.stages.download import keep_jpeg
from tracksync.stages.on_disk import mended
from tracksync.stages.transcode import render_into_staging
from tracksync.stages.workshop import Workshop

__all__ = ["ensure_restored", "has_some_files"]

# An ALAC decodes to the very length; what is held against the receipt was cut or is another recording.
_LENGTH_TOLERANCE_S = 0.06
_JPEG = b"\xff\xd8\xff"


def has_some_files(shop: Workshop, track: Track) -> bool:
    """Whether some of the files that the track was given are in the library, or on a volume that is away: a glance,
    nothing is read."""
    published = _published(shop, track)
    return published is not None and any(is_held(fact) for fact in _places(published))


def ensure_restored(shop: Workshop, track: Track) -> tuple[DownloadReceipt, RenderReceipt] | None:
    """Render the track again from a file of its own that is as it was made.

    Files that were moved are found by the index of volumes, and the track's receipt follows them.

    Returns:
        What it was made from at first, with its cover, and the rendered files in staging; None where what stands can't
        give what is lost, so that the track has to be fetched.

    Raises:
        VolumeAway: what could give it is on a volume that is not mounted.
        DiskFull, Interrupted: as everywhere.
    """
    download = shop.journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    rendered = shop.journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    published = _published(shop, track)
    if download is None or rendered is None or published is None:
        return None
    sound = _sound_file(shop, published, rendered)
    if sound is None:
        _wait_for_what_is_away(track, published)
        return None
    path, mode = sound
    shop.reporter.note(f"{track.facts.display}: files of it are gone; they are made again from {path.name}.")
    try:
        made = render_into_staging(
            shop,
            track,
            path,
            probe(shop.ffmpeg, path),
            mode=mode,
            sample_rate=rendered.sample_rate,
            bits=rendered.bits,
            length=rendered.duration_s,
        )
    except NotAudio:
        _wait_for_what_is_away(track, published)  # it went away just now
        raise
    if made.pcm_sha256 != rendered.pcm_sha256:
        # It was edited, or is another's; or the source had samples between the steps of an ALAC, or more than it keeps.
        return None
    # What is lost is made again, what was known of it stays: its measures, and the codec of the M4A that may stand.
    again = rendered.model_copy(update={"m4a": made.m4a, "wav": made.wav, "aiff": made.aiff})
    shop.journal.put_receipt(track.key, Stage.TRANSCODE, again)
    return download.model_copy(update={"cover": _cover(shop, track, published)}), again


def _wait_for_what_is_away(track: Track, published: PublishReceipt) -> None:
    """A file that could give what is lost may be on a volume that is not mounted: it is waited for, not fetched."""
    for fact in _places(published):
        if (volume := away_of(fact.path)) is not None:
            raise VolumeAway(
                f"Files of {track.facts.display} are gone, and {fact.path}, from which they can be made again, is on "
                f"{volume}, which is not mounted.",
                action="Connect it, and run again.",
            )


def _published(shop: Workshop, track: Track) -> PublishReceipt | None:
    receipt = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    if receipt is None or (moved := mended(shop.journal, track.key, receipt)) is None:
        return receipt
    shop.journal.put_receipt(track.key, Stage.PUBLISH, moved)
    return moved


def _places(published: PublishReceipt) -> tuple[FileFact, ...]:
    return (published.wav, published.aiff, published.m4a, *published.copies)


def _sound_file(shop: Workshop, published: PublishReceipt, rendered: RenderReceipt) -> tuple[Path, M4AMode] | None:
    """A file that can give all that is lost, and how the M4A is to be packed."""
    packed = (published.m4a, *published.copies)
    keeps_more = rendered.m4a_codec == "alac" and not rendered.m4a_same_samples
    if keeps_more and not all(stands(fact) for fact in packed):
        candidates, mode = packed, M4AMode.LOSSLESS
    elif keeps_more:
        candidates, mode = (published.wav, published.aiff, *packed), M4AMode.LOSSLESS
    elif rendered.m4a_same_samples:
        candidates, mode = _places(published), M4AMode.HIGH
    else:
        candidates, mode = (published.wav, published.aiff), M4AMode.PORTABLE
    for fact in candidates:
        if stands(fact) and _is_as_made(shop, fact, rendered, exact=not (keeps_more and fact in packed)):
            return fact.path, mode
    return None


def _is_as_made(shop: Workshop, fact: FileFact, rendered: RenderReceipt, *, exact: bool) -> bool:
    """Whether a file decodes to the very samples that were rendered; one that keeps more, to all of its length."""
    try:
        held = decode_all(shop.ffmpeg, {"": fact.path}, bits=rendered.bits)[""]
    except (OSError, TracksyncError):
        return False
    if exact:
        return not held.errors and held.samples_sha256 == rendered.pcm_sha256
    return not held.errors and abs(held.duration_s - rendered.duration_s) <= _LENGTH_TOLERANCE_S


def _cover(shop: Workshop, track: Track, published: PublishReceipt) -> FileFact | None:
    """The picture that the files bear: what was fetched once is gone from staging."""
    return next((keep_jpeg(shop, track, data) for data in _covers(published)), None)


def _covers(published: PublishReceipt) -> Iterator[bytes]:
    for fact in _places(published):
        if not stands(fact):
            continue
        try:
            cover = read_source(fact.path).cover
        except (OSError, TracksyncError):
            continue
        if cover and cover.startswith(_JPEG):  # as it was put there: encoded once more it would be another
            yield cover
