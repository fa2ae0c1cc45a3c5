"""Stage 4, publish: the three files, tagged, at their places in the library.

`OUT_DIR/<playlist or Unassigned>/` holds AIFF and M4A; BACKUP_DIR a copy of the M4A and WAV_BACKUP_DIR the WAV where
they are set, else the WAV stands beside the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from tracksync.audio.tags import plain_pcm_header, write_tags
from tracksync.errors import Unexpected
from tracksync.library.names import file_stem, folder_name, same_name_key, with_suffix_number
from tracksync.library.publish import NameTaken, ensure_folder, publish_file, remove_leftovers
from tracksync.model import (
    Analysis,
    AudioFormat,
    DownloadReceipt,
    FileFact,
    PublishReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
)
from tracksync.stages.download import file_fact
from tracksync.stages.workshop import Workshop

__all__ = ["comment_for", "ensure_published", "look_published"]

_MOST_OF_ONE_NAME = 99
COPY = "m4a-copy"


def look_published(shop: Workshop, track: Track) -> PublishReceipt | None:
    """The receipt, if every file that it names is there. (Whether they are right is for verify to say.)"""
    receipt = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    if receipt is None:
        return None
    places = [receipt.m4a, receipt.wav, receipt.aiff, *receipt.copies]
    return receipt if all(place.path.is_file() and place.path.stat().st_size > 0 for place in places) else None


def ensure_published(
    shop: Workshop, track: Track, download: DownloadReceipt, rendered: RenderReceipt, analysis: Analysis
) -> PublishReceipt:
    """Tag copies of the rendered files, choose a free name, put the files in their places and look at them there.

    A file of somebody else's is never replaced: a track whose name is taken gets a short number behind it.

    Raises:
        TracksyncError: Misconfigured, VolumeAway, DiskFull.
    """
    shop.journal.set_state(track.key, State.IMPORTING)
    shop.reporter.progress(track, Stage.PUBLISH, None)
    tagged = _tagged(shop, track, download, rendered, analysis)
    folders = folders_for(shop, track)
    for _ in range(_MOST_OF_ONE_NAME):
        stem = _claim(shop, track, download, folders, tagged)
        try:
            placed = {
                role: publish_file(tagged[role].path, target, tagged[role].sha256)
                for role, target in _targets(folders, stem).items()
            }
        except NameTaken:  # somebody put a file there since we looked
            shop.journal.release_stem(track.key)
            continue
        receipt = PublishReceipt(
            m4a=placed["m4a"],
            wav=placed["wav"],
            aiff=placed["aiff"],
            copies=tuple(placed[r] for r in placed if r == COPY),
        )
        shop.journal.put_receipt(track.key, Stage.PUBLISH, receipt)
        return receipt
    raise Unexpected(f"{download.facts.display}: no free name was found in {folders['m4a']}.")


def folders_for(shop: Workshop, track: Track) -> dict[str, Path]:
    """Where each file of the track belongs: m4a, wav, aiff, and the copy where one is asked for."""
    settings = shop.settings
    home = settings.out_dir / folder_name(track.playlist)
    places = {"m4a": home, "aiff": home, "wav": settings.wav_backup_dir or home}
    return {**places, COPY: settings.backup_dir} if settings.backup_dir else places


def comment_for(download: DownloadReceipt) -> str:
    """What the comment tag says of where the sound comes from; a lossy source is never hidden."""
    audio = download.source_audio
    return f"Source: {audio.describe}{' (lossy)' if audio.lossy else ''}"


def _targets(folders: dict[str, Path], stem: str) -> dict[str, Path]:
    return {role: folder / f"{stem}.{'m4a' if role == COPY else role}" for role, folder in folders.items()}


def _tagged(
    shop: Workshop, track: Track, download: DownloadReceipt, rendered: RenderReceipt, analysis: Analysis
) -> dict[str, FileFact]:
    folder = shop.staging(track.key) / "tagged"
    shutil.rmtree(folder, ignore_errors=True)
    ensure_folder(folder)
    cover = download.cover.path.read_bytes() if download.cover and download.cover.path.is_file() else None
    facts: dict[str, FileFact] = {}
    for fmt in AudioFormat:
        path = folder / f"tagged.{fmt.value}"
        shutil.copyfile(getattr(rendered, fmt.value).path, path)
        if fmt is AudioFormat.WAV:
            plain_pcm_header(path)
        write_tags(
            path,
            fmt,
            download.facts,
            key=track.key,
            bpm=analysis.bpm,
            musical_key=analysis.key,
            notation=shop.settings.key_notation,
            comment=comment_for(download),
            cover=cover,
        )
        facts[fmt.value] = file_fact(path)
    return {**facts, COPY: facts["m4a"]}


def _claim(
    shop: Workshop, track: Track, download: DownloadReceipt, folders: dict[str, Path], tagged: dict[str, FileFact]
) -> str:
    """A name that no other track holds and behind which no foreign file stands, in any of the folders."""
    base = file_stem(download.facts)

    def candidates() -> Iterator[str]:
        yield base
        for number in count(2):
            yield with_suffix_number(base, number)

    stem = shop.journal.claim_stem(track.key, candidates(), _foreign(folders, tagged), same_name_key)
    targets = _targets(folders, stem)
    for folder in set(folders.values()):
        remove_leftovers(folder, [target.name for target in targets.values() if target.parent == folder])
    return stem


def _foreign(folders: dict[str, Path], tagged: dict[str, FileFact]) -> Callable[[str], bool]:
    def taken(stem: str) -> bool:
        for role, target in _targets(folders, stem).items():
            if target.exists() and not _same_bytes(target, tagged[role]):
                return True
        return False

    return taken


def _same_bytes(path: Path, fact: FileFact) -> bool:
    return path.is_file() and path.stat().st_size == fact.size and file_fact(path).sha256 == fact.sha256
