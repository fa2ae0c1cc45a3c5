"""What else may stand where a lost file was, or beside it: nothing of a person's is lost, nothing wrong is made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from examples.pieces import PIECES, render, write_with_ffmpeg
from tests.sandbox.music import Music
from tests.sandbox.town import Town
from tests.stages.lost import SHORT, Made, make
from tests.stages.story import Story
from tracksync.audio.tags import plain_pcm_header
from tracksync.errors import NeedsPerson, VolumeAway
from tracksync.library import storage
from tracksync.library.index import index_folders
from tracksync.model import RenderReceipt, Stage, VerifyReceipt
from tracksync.stages.on_disk import take_from_disk
from tracksync.stages.record import ensure_recorded
from tracksync.stages.restore import ensure_restored, has_some_files
from tracksync.stages.verify import ensure_verified, verify_entry

__all__ = ["make"]


def a_link(place: Path) -> None:
    place.symlink_to("/nowhere/at/all")


def a_folder(place: Path) -> None:
    place.mkdir()


def a_note(place: Path) -> None:
    place.write_text("mine")


@pytest.mark.parametrize("put", [a_link, a_folder, a_note])
def test_what_is_not_ours_stays_and_so_do_the_other_files(
    make: Callable[..., Made], put: Callable[[Path], None]
) -> None:
    made = make()
    made.lose("wav")
    put(made.published.wav.path)
    kept = {path: path.read_bytes() for path in (made.published.aiff.path, made.published.m4a.path)}
    with pytest.raises(NeedsPerson, match=r"Where the WAV of .* was, there is something that is not its own"):
        made.restored()
    assert {path: path.read_bytes() for path in kept} == kept
    assert os.path.lexists(made.published.wav.path)
    assert len(list(made.published.wav.path.parent.iterdir())) == 3, "and there is no second set"


def test_a_cut_file_of_ours_is_put_right(make: Callable[..., Made]) -> None:
    made = make()
    held = made.published.wav.path.read_bytes()
    made.published.wav.path.write_bytes(held[: len(held) // 2])
    assert made.restored() is not None
    assert made.published.wav.path.read_bytes() == held


def test_a_copy_that_is_another_recording_makes_no_m4a(make: Callable[..., Made], music: Music, tmp_path: Path) -> None:
    made = make("flac", "-c:a", "flac", "-sample_fmt", "s32", "-ar", "48000", BACKUP_DIR=str(tmp_path / "djay"))
    (copy,) = made.published.copies
    write_with_ffmpeg(
        copy.path,
        render(replace(PIECES[1], seconds=SHORT.seconds)),
        ffmpeg=made.story.shop.ffmpeg.path,
        options=("-c:a", "alac", "-sample_fmt", "s32p", "-ar", "48000"),
        metadata={},
    )
    made.lose("m4a")
    assert ensure_restored(made.story.shop, made.track) is None
    made.lose("wav", "aiff")
    assert ensure_restored(made.story.shop, made.track) is None
    rendered = made.story.journal.receipt(made.track.key, Stage.TRANSCODE, RenderReceipt)
    assert rendered is not None
    assert rendered.pcm_sha256 == made.rendered.pcm_sha256, "what is held against it stays"


def test_what_could_give_a_lost_file_is_waited_for(
    make: Callable[..., Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = tmp_path / "Volumes" / "DISK"
    volume.mkdir(parents=True)
    made = make(SC_COMP_MODE="PORTABLE", WAV_BACKUP_DIR=str(volume))
    monkeypatch.setattr(storage, "_MOUNT_ROOTS", ((tmp_path / "Volumes", 1),))
    made.lose("aiff", "m4a")
    shutil.rmtree(volume)
    assert has_some_files(made.story.shop, made.track)
    with pytest.raises(VolumeAway, match="from which they can be made again"):
        ensure_restored(made.story.shop, made.track)


def test_edited_tags_beside_a_restored_file_are_a_persons(make: Callable[..., Made]) -> None:
    from mutagen.aiff import AIFF
    from mutagen.id3 import TIT2

    made = make()
    edited = AIFF(made.published.aiff.path)
    edited.tags.setall("TIT2", [TIT2(encoding=3, text="Mine")])
    edited.save()
    held = made.published.aiff.path.read_bytes()
    made.lose("wav")
    assert made.restored() is not None
    shop, track = made.story.shop, made.track
    ensure_recorded(shop, track)
    assert isinstance(ensure_verified(shop, track), VerifyReceipt)
    assert made.published.aiff.path.read_bytes() == held
    entry = shop.journal.find(track.key)
    assert entry is not None
    names = [check.name for check in verify_entry(shop, entry, at_rest=True).failures()]
    assert "aiff tags" in names, "`verify` says what is not as it was written"


def test_what_was_made_here_of_something_lossy_is_no_source_of_another_track(
    make: Callable[..., Made], town: Town
) -> None:
    made = make()
    story = made.story
    index_folders(story.journal, [made.published.wav.path.parent], ffmpeg=story.shop.ffmpeg)
    facts = made.track.facts
    other = made.track.model_copy(update={"key": "youtube:video:AAAAAAAAAAA", "origin": "https://youtu.be/AAAAAAAAAAA"})
    assert take_from_disk(story.shop, other.model_copy(update={"duration_s": made.rendered.duration_s})) is None
    assert facts.title == PIECES[0].title


def test_a_name_that_looks_like_a_link_is_asked_of_the_disks_once(
    story: Story, town: Town, music: Music, tmp_path: Path
) -> None:
    title = "https://free.example/x"
    file = tmp_path / "disk" / "x.wav"
    file.parent.mkdir()
    from mutagen.id3 import TIT2, TPE1
    from mutagen.wave import WAVE

    shutil.copy(music.piece(1, "wav"), file)
    tags = WAVE(file)
    tags.add_tags()
    tags.tags.setall("TIT2", [TIT2(encoding=3, text=title)])
    tags.tags.setall("TPE1", [TPE1(encoding=3, text="Somebody")])
    tags.save()
    plain_pcm_header(file)
    index_folders(story.journal, [file.parent], ffmpeg=story.shop.ffmpeg)
    stat = file.stat()
    file.write_bytes(b"\0" * stat.st_size)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    video = town.on_youtube(1, title=title)
    source, _ = story.audio(story.track(video.link))
    assert source.fetched_by == "youtube"
