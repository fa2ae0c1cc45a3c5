"""What is lost of a track is made again from what stands of it: nothing is fetched, nothing gets worse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stages.lost import Made, make
from tracksync.errors import NotFound, VolumeAway
from tracksync.library import storage
from tracksync.library.index import index_folders
from tracksync.model import (
    AudioFormat,
    Stage,
    State,
    VerifyReceipt,
)
from tracksync.sources.whole import away_from, is_whole
from tracksync.stages.outcome import settle
from tracksync.stages.publish import look_published
from tracksync.stages.record import ensure_recorded
from tracksync.stages.refresh import forget_for_refresh
from tracksync.stages.restore import ensure_restored, has_some_files
from tracksync.stages.verify import ensure_verified, verify_entry

__all__ = ["make"]


@pytest.mark.parametrize("lost", [("wav",), ("aiff",), ("m4a",), ("wav", "aiff"), ("wav", "m4a"), ("aiff", "m4a")])
def test_of_a_lossy_source(make: Callable[..., Made], lost: tuple[str, ...]) -> None:
    made = make()
    before, others = made.receipt(), set(AudioFormat) - set(lost)
    kept = {fmt: getattr(made.published, fmt).path.stat().st_mtime_ns for fmt in others}
    made.lose(*lost)
    again = made.restored()
    assert again is not None
    assert made.wrong() == []
    assert made.receipt() == before, "it came from where it came"
    assert {fmt: getattr(again, fmt).path.stat().st_mtime_ns for fmt in others} == kept, "what stands is not touched"
    for name in lost:
        assert getattr(again, name).path == getattr(made.published, name).path
    assert made.story.town.net.count(".*") == 0
    assert any("made again from" in note for note in made.story.heard.notes)


def test_the_samples_and_tags_are_the_very_same(make: Callable[..., Made]) -> None:
    made = make()
    held = made.published.wav.path.read_bytes()
    made.lose("wav")
    assert made.restored() is not None
    assert made.published.wav.path.read_bytes() == held, "cover and all"
    made.lose("wav", "aiff")
    again = made.restored()
    assert again is not None
    assert made.published.wav.path.read_bytes() == held, "also from the M4A"
    assert again.done == made.published.done, "the track was made when it was"


def test_an_aac_is_made_again_but_makes_nothing(make: Callable[..., Made]) -> None:
    made = make(SC_COMP_MODE="PORTABLE")
    made.lose("m4a")
    assert made.restored() is not None
    assert made.wrong() == []
    made.lose("wav", "aiff")
    assert made.restored() is None


def test_an_m4a_that_keeps_more_than_the_others_is_made_from_its_copy_alone(
    make: Callable[..., Made], tmp_path: Path
) -> None:
    made = make("flac", "-c:a", "flac", "-sample_fmt", "s32", "-ar", "48000", BACKUP_DIR=str(tmp_path / "djay"))
    assert not made.rendered.m4a_same_samples
    held = made.published.m4a.path.read_bytes()
    made.lose("m4a")
    assert made.restored() is not None
    assert made.wrong() == []
    assert len(made.published.m4a.path.read_bytes()) == pytest.approx(len(held), rel=0.01), "24 bit, as before"
    made.lose("wav", "aiff")
    assert made.restored() is not None
    assert made.wrong() == []
    made.lose("wav")
    assert made.restored() is not None
    assert made.wrong() == []
    made.lose("m4a", "copy")
    assert made.restored() is None, "16 bit are left"


def test_a_file_that_was_cut_or_changed_makes_nothing(make: Callable[..., Made]) -> None:
    made = make()
    made.lose("wav")
    aiff = made.published.aiff.path
    sound = aiff.read_bytes()
    aiff.write_bytes(sound[: int(len(sound) * 0.95)])
    made.restored()
    assert [line for line in made.wrong() if not line.startswith("aiff")] == [], "the M4A gave it"
    aiff.write_bytes(sound[:-5000] + bytes(5000))
    made.lose("m4a", "wav")
    assert made.restored() is None


def test_what_was_moved_counts_where_it_is(make: Callable[..., Made], tmp_path: Path) -> None:
    made = make()
    story, place = made.story, made.published.aiff.path
    index_folders(story.journal, [place.parent], ffmpeg=story.shop.ffmpeg)
    there = tmp_path / "library" / "Sorted" / place.name
    there.parent.mkdir()
    place.rename(there)
    made.lose("wav", "m4a")
    index_folders(story.journal, [tmp_path / "library"], ffmpeg=story.shop.ffmpeg)
    again = made.restored()
    assert again is not None
    assert again.aiff.path == there
    assert not place.exists()
    assert made.wrong() == []


def test_on_a_volume_that_is_away_nothing_is_lost(
    make: Callable[..., Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = tmp_path / "Volumes" / "DISK"
    volume.mkdir(parents=True)
    made = make(WAV_BACKUP_DIR=str(volume / "wav"))
    monkeypatch.setattr(storage, "_MOUNT_ROOTS", ((tmp_path / "Volumes", 1),))
    shop, track = made.story.shop, made.track
    entry = shop.journal.find(track.key)
    assert entry is not None
    shutil.rmtree(volume)
    assert is_whole(shop.journal, entry)
    assert look_published(shop, track) == made.published
    assert made.wrong() == []
    details = {check.name: check.detail for check in verify_entry(shop, entry).checks}
    assert details["wav exists"].endswith("not mounted now")
    assert away_from(shop.journal, entry) == volume
    with pytest.raises(VolumeAway, match=r"DISK is not mounted.*read back"):
        ensure_verified(shop, track)

    # Another file that is lost is made again, and nothing has to be written there; what was read back once counts.
    made.lose("m4a")
    assert not is_whole(shop.journal, entry)
    again = made.restored()
    assert again is not None
    assert again.wav == made.published.wav
    shop.journal.put_receipt(track.key, Stage.VERIFY, VerifyReceipt(checks=(), at=""))
    ensure_recorded(shop, track)
    shop.journal.set_state(track.key, State.SYNCED)
    # Downloaded is written last in a run: that it does not stand yet is no fault of what was made.
    assert ensure_verified(shop, track).ok
    assert [check.name for check in verify_entry(shop, entry, at_rest=True).failures()] == ["page downloaded"]

    # To be made anew, it would have to be.
    with pytest.raises(VolumeAway, match="nothing is made again") as caught:
        forget_for_refresh(shop, track)
    assert made.receipt() is not None
    assert settle(shop, track, caught.value)["state"] == "waiting"
    assert is_whole(shop.journal, entry), "it is as whole as before"
    assert shop.stopped_by is not None, "further tracks' WAVs go there"
    shop.stopped_by = None
    shop.settings = shop.settings.model_copy(update={"wav_backup_dir": None})
    settle(shop, track, caught.value)
    assert shop.stopped_by is None, "only older files are there: the others have their turn"


def test_where_nothing_stands_nothing_is_restored(make: Callable[..., Made]) -> None:
    made = make()
    made.lose("wav", "aiff", "m4a")
    assert not has_some_files(made.story.shop, made.track)
    assert ensure_restored(made.story.shop, made.track) is None
    fresh = made.track.model_copy(update={"key": "file:" + "0" * 64})
    assert not has_some_files(made.story.shop, fresh)
    assert ensure_restored(made.story.shop, fresh) is None


def test_a_refresh_that_comes_to_nothing_leaves_the_track_as_it_was(make: Callable[..., Made]) -> None:
    made = make()
    shop, track = made.story.shop, made.track
    forget_for_refresh(shop, track)
    assert made.receipt() is None
    event = settle(shop, track, NotFound("Its source is gone."))
    assert (event["state"], event["error"]["message"]) == ("failed", "Its source is gone.")
    entry = shop.journal.find(track.key)
    assert entry is not None
    assert is_whole(shop.journal, entry)
    assert made.receipt() is not None
    made.lose("wav")
    assert made.restored() is not None, "with all that is needed to make again what is lost"

    shop.journal.set_state(track.key, State.SYNCED)
    forget_for_refresh(shop, track)
    made.lose("aiff")
    settle(shop, track, NotFound("Its source is gone."))
    entry = shop.journal.find(track.key)
    assert entry is not None
    assert entry.state is State.FAILED, "not where a file was touched"
