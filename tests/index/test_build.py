"""The index holds what is on the disk, and finds out cheaply what has changed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.index.shelf import Shelf, a_wav
from tracksync.errors import Interrupted
from tracksync.library.index import build
from tracksync.library.index.reading import Reading, read_file

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from now on."""
    read: list[str] = []
    real = read_file

    def reading(ffmpeg: Any, path: Path) -> Any:
        read.append(path.name)
        return real(ffmpeg, path)

    monkeypatch.setattr(build, "read_file", reading)
    return read


def test_a_file_is_described(shelf: Shelf) -> None:
    path = a_wav(
        shelf.root / "a" / "x.wav", title="Déjà Vu (Club Mix)", artist="Ärzte", isrc="de-abc-12-34567", key="url:1"
    )
    report = shelf.index()
    row = shelf.rows()["x.wav"]
    assert (report.files, report.new, report.complete) == (1, 1, True)
    assert (row.path, row.volume, row.relative) == (str(path), "uuid:system", "a")
    assert (row.size, row.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert (row.duration_s, row.isrc, row.track_key, row.problem) == (1.0, "DEABC1234567", "url:1", None)
    assert (row.content["title_cleaned"], row.content["artist_cleaned"]) == ("deja vu (club mix)", "arzte")
    assert row.content["format"] == "PCM 16 bit 8 kHz"
    assert row.content["lossless"]


def test_the_hash_is_that_of_the_audio_whatever_the_tags(shelf: Shelf) -> None:
    for name, title in (("a.wav", ""), ("b.wav", "B"), ("c.wav", "Another")):
        a_wav(shelf.root / name, 7, title=title)
    a_wav(shelf.root / "d.wav", 8)
    shelf.index()
    hashes = {name: row.audio_sha256 for name, row in shelf.rows().items()}
    assert hashes["a.wav"] == hashes["b.wav"] == hashes["c.wav"] != hashes["d.wav"]


def test_what_has_not_changed_is_not_read_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        a_wav(shelf.root / f"{number % 2}" / f"{number}.wav", number)
    shelf.index()
    read = counted(monkeypatch)
    report = shelf.index()
    assert (report.unchanged, report.touched, read) == (5, False, [])
    a_wav(shelf.root / "1" / "1.wav", 99, seconds=2)
    a_wav(shelf.root / "1" / "new.wav", 5)
    report = shelf.index()
    assert sorted(read) == ["1.wav", "new.wav"]
    assert (report.new, report.changed, report.unchanged) == (1, 1, 4)


def test_a_file_that_was_only_touched_is_read_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_wav(shelf.root / "a.wav")
    shelf.index()
    read = counted(monkeypatch)
    os.utime(path, ns=(1, 1))
    assert shelf.index().changed == 1
    assert read == ["a.wav"]


def test_files_and_folders_that_vanish_are_gone_and_may_come_back(shelf: Shelf) -> None:
    for name in ("a/1.wav", "a/2.wav", "b/3.wav", "b/c/4.wav"):
        a_wav(shelf.root / name, len(name))
    shelf.index()
    (shelf.root / "a" / "1.wav").unlink()
    (shelf.root / "b").rename(shelf.root.parent / "parked")
    report = shelf.index()
    assert (report.gone, report.files, set(shelf.rows())) == (3, 1, {"2.wav"})
    assert shelf.index().gone == 0, "told once"
    (shelf.root.parent / "parked").rename(shelf.root / "b")
    report = shelf.index()
    assert (report.new, set(shelf.rows())) == (2, {"2.wav", "3.wav", "4.wav"})


def test_a_named_folder_that_is_not_there_is_missing_and_its_files_gone(shelf: Shelf) -> None:
    a_wav(shelf.root / "a" / "1.wav")
    a_wav(shelf.root / "b" / "2.wav")
    shelf.index(shelf.root / "a", shelf.root / "b")
    (shelf.root / "a").rename(shelf.root.parent / "parked")
    report = shelf.index(shelf.root / "a", shelf.root / "b")
    assert (report.missing, report.gone, report.files) == ([shelf.root / "a"], 1, 1)
    assert not report.complete


def test_other_folders_are_left_as_they_are(shelf: Shelf) -> None:
    a_wav(shelf.root / "a" / "1.wav")
    a_wav(shelf.root / "ab" / "2.wav")
    shelf.index()
    (shelf.root / "ab" / "2.wav").unlink()
    assert shelf.index(shelf.root / "a").gone == 0
    assert set(shelf.rows()) == {"1.wav", "2.wav"}


def test_a_moved_folder_is_not_read_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        a_wav(shelf.root / "old" / f"{number}.wav", number)
    shelf.index()
    before = {name: row.audio_sha256 for name, row in shelf.rows().items()}
    read = counted(monkeypatch)
    (shelf.root / "old").rename(shelf.root / "new")
    report = shelf.index()
    assert (report.moved, report.gone, read) == (3, 0, [])
    assert {name: row.audio_sha256 for name, row in shelf.rows().items()} == before
    assert {row.folder_path for row in shelf.rows().values()} == {str(shelf.root / "new")}


def test_a_renamed_file_was_moved_and_is_read_because_its_name_may_be_its_title(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_wav(shelf.root / "x" / "A - One.wav", 1)
    a_wav(shelf.root / "y" / "gone.wav", 2)
    shelf.index()
    read = counted(monkeypatch)
    (shelf.root / "x" / "A - One.wav").rename(shelf.root / "x" / "A - Two.wav")
    (shelf.root / "y" / "gone.wav").unlink()
    report = shelf.index()
    assert (report.moved, report.new, report.gone, len(read)) == (1, 0, 1, 1)
    again = shelf.index()
    assert (again.moved, again.new, again.gone, again.unchanged) == (0, 0, 0, 1)
    for name in ("z", "x"):  # also where it was once before
        (shelf.root / name).mkdir(exist_ok=True)
        next(shelf.root.rglob("A*.wav")).rename(shelf.root / name / "A - Two.wav")
        report = shelf.index()
        assert (report.moved, report.new, report.gone) == (1, 0, 0), name


def test_a_copy_is_read_even_if_it_looks_the_same(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    one = a_wav(shelf.root / "a" / "x.wav", 1)
    shelf.index()
    read = counted(monkeypatch)
    two = a_wav(shelf.root / "b" / "x.wav", 2)
    os.utime(two, ns=(one.stat().st_atime_ns, one.stat().st_mtime_ns))
    assert shelf.index().new == 1
    assert read == ["x.wav"]


def test_hidden_files_companions_and_other_endings_are_passed_over(shelf: Shelf) -> None:
    for name in (".hidden.wav", "._x.wav", ".folder/y.wav", "x.txt", "x.wav"):
        a_wav(shelf.root / name)
    shelf.index()
    assert set(shelf.rows()) == {"x.wav"}


@posix_only
def test_loops_end_and_a_folder_by_two_ways_is_one(shelf: Shelf) -> None:
    a_wav(shelf.root / "a" / "x.wav")
    (shelf.root / "a" / "loop").symlink_to(shelf.root)
    (shelf.root / "way").symlink_to(shelf.root / "a")
    (shelf.root / "nowhere.wav").symlink_to("/nothing/here.wav")
    assert shelf.index().files == 1
    assert shelf.index(shelf.root / "way").unchanged == 1, "the same place by another path"
    assert shelf.rows()["x.wav"].path == str(shelf.root / "way" / "x.wav")


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told_and_its_records_kept(shelf: Shelf) -> None:
    closed = a_wav(shelf.root / "closed" / "x.wav").parent
    shelf.index()
    closed.chmod(0)
    try:
        report = shelf.index()
    finally:
        closed.chmod(0o755)
    assert [path for path, _ in report.unreadable] == [closed]
    assert (report.gone, report.complete, set(shelf.rows())) == (0, False, {"x.wav"})


def test_a_walk_that_fails_in_the_middle_keeps_what_it_did_not_see(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = a_wav(shelf.root / "closed" / "x.wav").parent
    a_wav(closed / "deeper" / "y.wav")
    shelf.index()
    real = os.scandir

    def refusing(path: Any) -> Any:
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = shelf.index()
    assert report.unreadable == [(closed, "Permission denied")]
    assert (report.gone, set(shelf.rows())) == (0, {"x.wav", "y.wav"})


def test_what_could_not_be_read_is_tried_again_and_what_is_broken_is_not(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_wav(shelf.root / "later.wav")
    a_wav(shelf.root / "broken.wav")
    a_wav(shelf.root / "good.wav")
    wrong = {
        "later.wav": Reading(problem="It may not be read.", again=True),
        "broken.wav": Reading(problem="It is broken."),
    }
    real = read_file
    monkeypatch.setattr(build, "read_file", lambda ff, path: wrong.get(path.name) or real(ff, path))
    report = shelf.index()
    assert sorted(why for _, why in report.broken) == ["It is broken.", "It may not be read."]
    wrong.clear()
    read = counted(monkeypatch)
    shelf.index()
    assert read == ["later.wav"]
    assert shelf.rows()["later.wav"].problem is None
    assert shelf.rows()["broken.wav"].problem == "It is broken."
    read.clear()
    shelf.index()
    assert read == []


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_run_that_is_broken_off_keeps_what_it_did(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    for number in range(12):
        a_wav(shelf.root / f"{number % 3}" / f"{number}.wav", number)
    monkeypatch.setattr(build, "_BATCH_FILES", batch)
    cancel = threading.Event()
    read: list[str] = []
    real = read_file

    def reading(ffmpeg: Any, path: Path) -> Any:
        read.append(path.name)
        if len(read) == 5:
            cancel.set()
        return real(ffmpeg, path)

    monkeypatch.setattr(build, "read_file", reading)
    with pytest.raises(Interrupted):
        shelf.index(cancel=cancel, workers=1)
    kept = set(shelf.rows())
    assert len(kept) == 5
    first, read[:] = set(read), []
    report = shelf.index(workers=1)
    assert not first & set(read), "nothing was read twice"
    assert len(shelf.rows()) == 12
    assert report.files == 12
    read.clear()
    assert shelf.index().unchanged == 12
    assert read == []


def test_ctrl_c_keeps_what_was_read(shelf: Shelf) -> None:
    for number in range(8):
        a_wav(shelf.root / f"{number}.wav", number)

    def interrupt(done: int, total: int | None) -> None:
        if total and done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shelf.index(progress=interrupt, workers=1)
    assert 3 <= len(shelf.rows()) <= 8
    report = shelf.index()
    assert report.unchanged + report.new == 8
    assert report.unchanged >= 3


def test_progress_counts_then_reads_to_the_end(shelf: Shelf) -> None:
    for number in range(4):
        a_wav(shelf.root / f"{number}.wav", number)
    heard: list[tuple[int, int | None]] = []
    shelf.index(progress=lambda done, total: heard.append((done, total)))
    assert heard[0] == (4, None)
    assert heard[-1] == (4, 4)
    done = [count for count, total in heard if total]
    assert done == sorted(done)


_NAMES = st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & set(b"/\0") and name[0] != 0x2E)


@posix_only
@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are text")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(folder=_NAMES, name=_NAMES)
def test_names_of_any_bytes(shelf: Shelf, folder: bytes, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(shelf.root) + b"/" + folder), os.fsdecode(name + b".wav"))
    a_wav(path, 3)
    shelf.index()
    assert shelf.rows()[path.name].path == str(path)
    assert shelf.index().unchanged == shelf.index().files
    path.unlink()
    assert shelf.index().gone == 1
