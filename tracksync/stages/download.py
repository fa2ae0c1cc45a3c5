"""Stage 2, download: the source audio stands in staging, and what is known of it is written down.

A file of the user's is read where it is and never changed; a link is fetched with yt-dlp, extracted and downloaded in
one step, because media links expire.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from tracksync.audio.cover import normalise_cover
from tracksync.audio.damage import length_matches
from tracksync.audio.decode import audio_sha256
from tracksync.audio.probe import announced_length, probe
from tracksync.audio.tags import SourceTags, facts_from, read_source
from tracksync.errors import Damaged, Protected, TooShort
from tracksync.library.publish import ensure_folder
from tracksync.matching import FoundBy, MatchReceipt
from tracksync.model import DownloadReceipt, Facts, FileFact, SourceAudio, Stage, State, Track
from tracksync.sources.links import looks_like_link
from tracksync.sources.pages import NEXT
from tracksync.sources.secrets import redact
from tracksync.stages.cooling import wait_if_cooled
from tracksync.stages.match import as_known_now, gate_mix
from tracksync.stages.on_disk import take_from_disk
from tracksync.stages.workshop import Workshop

__all__ = ["ensure_download", "file_fact", "is_unchanged", "keep_jpeg"]


def ensure_download(shop: Workshop, track: Track, matched: MatchReceipt) -> DownloadReceipt | None:
    """Look whether the source audio is at hand, fetch it where it is not: from where it was matched.

    Returns:
        The receipt; None where a link told only now which track it is, and that is on a disk already: nothing was
        fetched, what the link told is written down, and the track is to be matched once more.

    Raises:
        TracksyncError: as the source, the probe or the network has it.
    """
    known = shop.journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    if known and is_unchanged(known.file):
        return known
    place = matched.choice.link if matched.choice and matched.choice.link else track.origin
    track = as_known_now(shop, track)
    wait_if_cooled(shop, track, place)
    shop.journal.set_state(track.key, State.DOWNLOADING)
    shop.reporter.progress(track, Stage.DOWNLOAD, None)
    begun = datetime.now(UTC)
    receipt = (
        _fetch_link(shop, track, place, matched) if looks_like_link(place) else _take_file(shop, track, Path(place))
    )
    if receipt is None:
        return None
    receipt = receipt.model_copy(update={"begun": begun})
    if matched.found_by is not FoundBy.PERSON:  # a person's word counts
        gate_mix(shop, receipt.facts.display, receipt.source_audio.duration_s or receipt.announced_s)
    _gate_length(receipt, from_link=looks_like_link(place))
    # What is wanted of a track that had to be found stays what it was: the next candidate is held against it.
    announced = receipt.announced_s if matched.found_by in (None, FoundBy.ITSELF) else None
    shop.journal.update_facts(track.key, receipt.facts, duration_s=announced)
    shop.journal.put_receipt(track.key, Stage.DOWNLOAD, receipt)
    return receipt


def _take_file(shop: Workshop, track: Track, path: Path) -> DownloadReceipt:
    audio = probe(shop.ffmpeg, path)
    if track.key.startswith("file:") and f"file:{audio_sha256(shop.ffmpeg, path)}" != track.key:
        raise Damaged(
            f"{path.name} has changed since it was looked at.",
            action="Run the same command again to take it as it is now.",
        )
    tags = read_source(path)
    facts = facts_from(path, tags, path.stem)
    if tags.title is None:
        # The name of a file says less than what was known of the track before, perhaps from a tagged copy.
        facts = _merged(facts, track.facts)
    if path != Path(track.origin):
        shop.reporter.note(f"{track.facts.display} is on a disk already, and is taken from there: {path}")
        if track.facts.artists:
            # What names the track knows more of it than the tags of a copy do.
            facts = _merged(facts, track.facts)
    return _receipt(shop, track, path, audio, tags, facts=facts, fetched_by="file")


def _fetch_link(shop: Workshop, track: Track, place: str, matched: MatchReceipt) -> DownloadReceipt | None:
    from tracksync.sources.ytdlp import NotNeeded, YtdlpOptions, fetch

    folder = ensure_folder(shop.staging(track.key) / "download")
    options = YtdlpOptions.from_settings(shop.settings, folder)

    def progress(done: int, total: int | None) -> None:
        shop.reporter.progress(track, Stage.DOWNLOAD, min(done / total, 1.0) if total else None)

    def is_needed(facts: Facts, length: float | None) -> bool:
        if not looks_like_link(track.facts.title) or matched.found_by is FoundBy.PERSON:
            return True  # it was asked of the disks by its name before, or a person's word counts
        file = take_from_disk(shop, track.model_copy(update={"facts": facts, "duration_s": length}))
        if file is None or any(attempt.link == str(file) for attempt in matched.tried):
            return True
        shop.journal.update_facts(track.key, facts, duration_s=length)
        return False

    try:
        got = fetch(place, folder, options, progress, shop.cancel, is_needed=is_needed)
    except NotNeeded:
        return None
    audio = probe(shop.ffmpeg, got.path)
    tags = read_source(got.path)
    # A bare audio file behind a link knows more about itself than its address does; a page knows better than the file.
    facts = facts_from(Path(f"{got.facts.title}{got.path.suffix}"), tags, got.facts.title) if got.direct else got.facts
    facts = facts.model_copy(update={"link": redact(got.webpage_url)})
    cover = got.thumbnail.read_bytes() if got.thumbnail else None
    receipt = _receipt(
        shop, track, got.path, audio, tags, facts=facts, fetched_by=got.extractor, announced_s=got.duration_s,
        format_id=got.format_id, cover=cover,
    )  # fmt: skip
    if matched.found_by in (None, FoundBy.ITSELF):
        return receipt
    # What names the track knows more of it than the page of whoever put its audio up; the link is the audio's.
    known = _merged(facts, track.facts).model_copy(update={"link": facts.link})
    return receipt.model_copy(update={"facts": known, "announced_s": got.duration_s or receipt.announced_s})


def _receipt(
    shop: Workshop,
    track: Track,
    path: Path,
    audio: SourceAudio,
    tags: SourceTags,
    *,
    facts: Facts,
    fetched_by: str,
    announced_s: float | None = None,
    format_id: str | None = None,
    cover: bytes | None = None,
) -> DownloadReceipt:
    # What a person's page says of the track counts for more than what the source does.
    first, second = (track.facts, facts) if track.source != NEXT else (facts, track.facts)
    return DownloadReceipt(
        file=file_fact(path),
        source_audio=audio,
        facts=_merged(first, second),
        cover=_keep_cover(shop, track, tags.cover or cover),
        announced_s=announced_s or track.duration_s or announced_length(path, audio),
        fetched_by=fetched_by,
        format_id=format_id,
    )


def _merged(weaker: Facts, stronger: Facts) -> Facts:
    """What the stronger says, filled up with what the weaker knows."""
    known = {name: value for name, value in weaker.model_dump().items() if value}
    return Facts.model_validate({**known, **{name: value for name, value in stronger.model_dump().items() if value}})


def _keep_cover(shop: Workshop, track: Track, data: bytes | None) -> FileFact | None:
    """The picture as a JPEG in the track's staging; None where it is none."""
    jpeg = normalise_cover(data) if data else None
    return keep_jpeg(shop, track, jpeg) if jpeg else None


def keep_jpeg(shop: Workshop, track: Track, jpeg: bytes) -> FileFact:
    """A picture that is as it is to be."""
    path = ensure_folder(shop.staging(track.key)) / "cover.jpg"
    path.write_bytes(jpeg)
    return file_fact(path)


def _gate_length(receipt: DownloadReceipt, *, from_link: bool) -> None:
    """A stream much shorter than its page says is a preview."""
    length = receipt.source_audio.duration_s or receipt.announced_s
    if length is None:
        return
    name = receipt.facts.display
    if length < 1:
        raise TooShort(f"{name} is only {length:.2f} s long.", action="A track needs at least one second of audio.")
    announced = receipt.announced_s
    if from_link and announced and receipt.source_audio.duration_s and not length_matches(length, announced):
        if length < announced and 28 <= length <= 32:
            raise Protected(
                f"{name} is offered only as a {length:.0f} s preview.", action="Give another link of the same track."
            )
        raise Damaged(
            f"{name} came as {length:.1f} s where {announced:.1f} s were announced.",
            action="Run the same command again; if it stays so, give another link of the same track.",
        )


def file_fact(path: Path) -> FileFact:
    """Size and SHA-256 of a file as it is now."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    return FileFact(path=path, size=size, sha256=digest)


def is_unchanged(fact: FileFact) -> bool:
    """Whether the file is byte for byte as it was written down."""
    try:
        if fact.path.stat().st_size != fact.size:
            return False
    except OSError:
        return False
    return file_fact(fact.path).sha256 == fact.sha256
