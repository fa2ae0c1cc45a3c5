"""Stage 5, publish: the three files, tagged, at their places in the library.

`OUT_DIR/<playlist or Unassigned>/` holds AIFF and M4A; BACKUP_DIR a copy of the M4A and WAV_BACKUP_DIR the WAV where
they are set, else the WAV stands beside the others.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from tracksync.audio.decode import decode_all
from tracksync.audio.tags import plain_pcm_header, read_back, write_tags
from tracksync.errors import NeedsPerson, TracksyncError, Unexpected
from tracksync.library.names import file_stem, folder_name, same_name_key, with_suffix_number
from tracksync.library.publish import NameTaken, ensure_folder, publish_file, remove_leftovers, replace_file
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
    as_json,
)
from tracksync.sources.whole import is_held, stands
from tracksync.stages.download import file_fact, is_unchanged
from tracksync.stages.on_disk import mended
from tracksync.stages.workshop import Workshop

__all__ = ["comment_for", "ensure_published", "look_published", "withdraw"]

_MOST_OF_ONE_NAME = 99
_BLOCK = 1 << 20
COPY = "m4a-copy"


def look_published(shop: Workshop, track: Track) -> PublishReceipt | None:
    """The receipt, if every file that it names is there, or on a volume that is merely not mounted, and what they were
    made from is known.

    Files that were moved are found by the index of volumes, and the receipt follows them.

    Whether they are right is for verify to say.
    """
    receipt = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    rendered = shop.journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    download = shop.journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    if receipt is None or rendered is None or download is None:
        return None
    if _all_held(receipt):
        return receipt
    moved = mended(shop.journal, track.key, receipt)
    if moved is None or not _all_held(moved):
        return None
    shop.reporter.note(f"The files of {track.facts.display} were moved: they are at {moved.m4a.path.parent} now.")
    shop.journal.put_receipt(track.key, Stage.PUBLISH, moved)
    return moved


def _all_held(receipt: PublishReceipt) -> bool:
    return all(is_held(place) for place in receipt.files)


def ensure_published(
    shop: Workshop,
    track: Track,
    download: DownloadReceipt,
    rendered: RenderReceipt,
    analysis: Analysis,
    *,
    refresh: bool = False,
) -> PublishReceipt:
    """Tag copies of the rendered files, choose a free name, put the files in their places and look at them there.

    A file of somebody else's is never replaced: a track whose name is taken gets a short number behind it. A file of
    ours that stands where it was put is left as it is (DJ programs write cues into it), or with `refresh` made again
    from what it holds, with its foreign tags, and kept until its replacement was read back.

    Raises:
        TracksyncError: Misconfigured, VolumeAway, DiskFull; NeedsPerson where something else stands in a file's place.
    """
    shop.journal.set_state(track.key, State.IMPORTING)
    shop.reporter.progress(track, Stage.PUBLISH, None)
    tags = _Tags(shop, track, download, analysis)
    tagged = _tagged(shop, track, rendered, tags)
    folders = folders_for(shop, track)
    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    stood_before = _facts_of(published)
    # Where they were put they stay, whatever the settings say today.
    before = {role: fact.path for role, fact in stood_before.items()}
    away = {role: fact for role, fact in stood_before.items() if not stands(fact) and is_held(fact)}
    whole = {fact.path for fact in stood_before.values() if stands(fact)}
    for _ in range(_MOST_OF_ONE_NAME):
        stem = _claim(shop, track, download, folders, tagged, before)
        targets = _targets(folders, stem) | before
        placed: dict[str, FileFact] = {}
        made: list[Path] = []
        _note_intent(shop, track, targets, tagged)
        try:
            for role, target in targets.items():
                if role in away and not refresh:
                    placed[role] = away[role]  # it is there, on a volume that is not mounted
                elif before.get(role) != target or not target.is_file():
                    stood = os.path.lexists(target)
                    placed[role] = publish_file(tagged[role].path, target, tagged[role].sha256)
                    made += [] if stood else [target]
                elif refresh or target not in whole:
                    if not refresh and not _was_ours(track, role, target, tagged[role]):
                        raise _in_the_way(track, target)
                    fresh = _renewed(shop, role, target, rendered, tagged[role], tags)
                    placed[role] = replace_file(fresh.path, target, fresh.sha256)
                else:
                    placed[role] = stood_before[role]  # a program that tags may have changed it since
        except NameTaken:  # somebody put a file there since we looked: the others shall have the same name
            for path in made:
                path.unlink(missing_ok=True)
            if before:  # the track has its name, and other files under it
                raise _in_the_way(track, next(t for r, t in targets.items() if r not in placed)) from None
            shop.journal.release_stem(track.key)
            before = {}
            continue
        receipt = PublishReceipt(
            m4a=placed["m4a"],
            wav=placed["wav"],
            aiff=placed["aiff"],
            copies=tuple(placed[r] for r in placed if r == COPY),
            done=_when_made(published, download),
        )
        shop.journal.put_receipt(track.key, Stage.PUBLISH, receipt)
        shop.journal.drop_mark(_intent(track))
        return receipt
    raise Unexpected(f"{download.facts.display}: no free name was found in {folders['m4a']}.")


def _was_ours(track: Track, role: str, target: Path, fresh: FileFact) -> bool:
    """Whether what stands at a file's place is what is left of the file: it bears the track's key, or was cut off."""
    fmt = AudioFormat.M4A if role == COPY else AudioFormat(role)
    try:
        if read_back(target, fmt).track_key == track.key:
            return True
    except (OSError, TracksyncError):
        pass
    size = target.stat().st_size
    if size > fresh.size:
        return False
    with target.open("rb") as cut, fresh.path.open("rb") as whole:
        if not whole.read(4).startswith(cut.read(4)):
            return False
        # Then the length of it all: other tags may have stood at its end.
        for stream in (cut, whole):
            stream.seek(8)
        while block := cut.read(_BLOCK):
            if whole.read(len(block)) != block:
                return False
    return True


def _in_the_way(track: Track, target: Path) -> NeedsPerson:
    return NeedsPerson(
        f"Where the {target.suffix[1:].upper()} of {track.facts.display} was, there is something that is not its own: "
        f"{target}",
        action="Move it away, and run again.",
    )


def _when_made(published: PublishReceipt | None, download: DownloadReceipt) -> datetime:
    """Now; of files that were made again from what stood of the track, when it was made at first."""
    before = published.done if published else None
    return before if before and download.begun and download.begun < before else datetime.now(UTC)


def _intent(track: Track) -> str:
    return f"files being published of {track.key}"


def _note_intent(shop: Workshop, track: Track, targets: dict[str, Path], tagged: dict[str, FileFact]) -> None:
    """What is about to be placed for the first time: a run that dies here leaves files that no receipt names."""
    if shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt) is None:
        files = [as_json(tagged[role].model_copy(update={"path": target})) for role, target in targets.items()]
        shop.journal.set_mark(_intent(track), {"files": files})


def withdraw(shop: Workshop, track: Track) -> None:
    """Take back what a run that died had placed of a track, and its name: another track holds the recording.

    Only files that are byte for byte what was to be placed (the track's key is in their tags) are removed, and none of
    a track that was published in full.
    """
    begun = shop.journal.mark(_intent(track))
    if begun is None:
        return
    if shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt) is None:
        for fact in map(FileFact.model_validate, begun["files"]):
            remove_leftovers(fact.path.parent, [fact.path.name])
            try:
                if is_unchanged(fact):
                    fact.path.unlink()
            except OSError as error:
                shop.reporter.note(f"{fact.path} is not needed and can't be removed: {error.strerror}.")
        shop.journal.release_stem(track.key)
    shop.journal.drop_mark(_intent(track))


def _facts_of(published: PublishReceipt | None) -> dict[str, FileFact]:
    """The track's files as they were put into the library before, by their role."""
    if published is None:
        return {}
    facts = {fmt.value: getattr(published, fmt.value) for fmt in AudioFormat}
    return facts | ({COPY: published.copies[0]} if published.copies else {})


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


@dataclass(frozen=True)
class _Tags:
    """What goes into the tags of all three files."""

    shop: Workshop
    track: Track
    download: DownloadReceipt
    analysis: Analysis

    def write(self, path: Path, fmt: AudioFormat) -> FileFact:
        cover = self.download.cover
        write_tags(
            path,
            fmt,
            self.download.facts,
            key=self.track.key,
            bpm=self.analysis.bpm,
            musical_key=self.analysis.key,
            notation=self.shop.settings.key_notation,
            comment=comment_for(self.download),
            cover=cover.path.read_bytes() if cover and cover.path.is_file() else None,
        )
        return file_fact(path)


def _tagged(shop: Workshop, track: Track, rendered: RenderReceipt, tags: _Tags) -> dict[str, FileFact]:
    """Tagged copies of the rendered files: those stay as their receipt has them."""
    folder = shop.staging(track.key) / "tagged"
    shutil.rmtree(folder, ignore_errors=True)
    ensure_folder(folder)
    facts: dict[str, FileFact] = {}
    for fmt in AudioFormat:
        path = folder / f"tagged.{fmt.value}"
        shutil.copyfile(getattr(rendered, fmt.value).path, path)
        if fmt is AudioFormat.WAV:
            plain_pcm_header(path)
        facts[fmt.value] = tags.write(path, fmt)
    return {**facts, COPY: facts["m4a"]}


def _renewed(
    shop: Workshop, role: str, target: Path, rendered: RenderReceipt, fresh: FileFact, tags: _Tags
) -> FileFact:
    """The file at `target` with our tags anew and its others kept; the fresh one where its sound is not right."""
    fmt = AudioFormat.M4A if role == COPY else AudioFormat(role)
    copy = fresh.path.with_name(f"renewed-{role}.{fmt.value}")
    shutil.copyfile(target, copy)
    try:
        held = decode_all(shop.ffmpeg, {"held": copy, "fresh": fresh.path}, bits=rendered.bits)
        if held["held"].errors or held["held"].samples_sha256 != held["fresh"].samples_sha256:
            return fresh
        return tags.write(copy, fmt)
    except TracksyncError:
        return fresh


def _claim(
    shop: Workshop,
    track: Track,
    download: DownloadReceipt,
    folders: dict[str, Path],
    tagged: dict[str, FileFact],
    before: dict[str, Path],
) -> str:
    """A name that no other track holds and behind which no foreign file stands, in any of the folders."""
    base = file_stem(download.facts)

    def candidates() -> Iterator[str]:
        yield base
        for number in count(2):
            yield with_suffix_number(base, number)

    stem = shop.journal.claim_stem(track.key, candidates(), _foreign(folders, tagged), same_name_key)
    for target in {*_targets(folders, stem).values(), *before.values()}:
        remove_leftovers(target.parent, [target.name])
    return stem


def _foreign(folders: dict[str, Path], tagged: dict[str, FileFact]) -> Callable[[str], bool]:
    def taken(stem: str) -> bool:
        for role, target in _targets(folders, stem).items():
            if os.path.lexists(target) and not _same_bytes(target, tagged[role]):
                return True
        return False

    return taken


def _same_bytes(path: Path, fact: FileFact) -> bool:
    return path.is_file() and path.stat().st_size == fact.size and file_fact(path).sha256 == fact.sha256
