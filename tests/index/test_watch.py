"""The index follows the disk: created, changed, moved and deleted files, and folders that come and go."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.index.shelf import NO_FFMPEG, Shelf, a_wav
from tracksync.library.index import IndexReport, watch
from tracksync.library.index.watch import _nearest, _topmost, watch_folders

# A folder that is made and filled at once is at times met twice by watchdog, which warns of it and goes on.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")


@pytest.fixture
def watched(shelf: Shelf) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """The shelf's root is watched; give a wait for something to come true."""
    stop, ready = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            watch_folders(
                shelf.journal, [shelf.root, shelf.root.parent / "later"], ffmpeg=NO_FFMPEG, stop=stop,
                quiet_s=0.1, ready=ready.set,
            )  # fmt: skip
        except BaseException as error:
            failed.append(error)

    def until(true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not true():
            assert not failed, failed
            assert time.monotonic() < deadline, shelf.rows()
            time.sleep(0.05)

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(20)
    yield until
    stop.set()
    thread.join(timeout=20)
    assert not failed
    assert not thread.is_alive()


def test_files_come_change_move_and_go(shelf: Shelf, watched: Callable[[Callable[[], bool]], None]) -> None:
    path = a_wav(shelf.root / "a" / "deep" / "x.wav", 1)
    watched(lambda: set(shelf.rows()) == {"x.wav"})
    before = shelf.rows()["x.wav"].audio_sha256
    a_wav(path, 2, seconds=2)
    watched(lambda: shelf.rows()["x.wav"].audio_sha256 != before)
    path.rename(path.with_name("y.wav"))
    watched(lambda: set(shelf.rows()) == {"y.wav"})
    (shelf.root / "a").rename(shelf.root / "b")
    watched(lambda: {row.folder_path for row in shelf.rows().values()} == {str(shelf.root / "b" / "deep")})
    shutil.rmtree(shelf.root / "b")
    watched(lambda: not shelf.rows())


def test_a_folder_that_appears_is_indexed(shelf: Shelf, watched: Callable[[Callable[[], bool]], None]) -> None:
    later = shelf.root.parent / "later"
    made = shelf.root.parent / "made"
    a_wav(made / "x.wav", 1)
    made.rename(later)
    watched(lambda: set(shelf.rows()) == {"x.wav"})
    a_wav(later / "y.wav", 2)
    watched(lambda: set(shelf.rows()) == {"x.wav", "y.wav"})


def test_what_the_system_does_not_tell_is_found_all_the_same(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_CHANGES", frozenset())
    stop = threading.Event()
    seen: list[int] = []

    def heard(report: IndexReport) -> None:
        seen.append(report.new)
        if report.new:
            stop.set()

    def ready() -> None:
        a_wav(shelf.root / "x.wav")

    timer = threading.Timer(20, stop.set)
    timer.start()
    watch_folders(
        shelf.journal, [shelf.root], ffmpeg=NO_FFMPEG, stop=stop, everything_s=0.3, heard=heard,
        ready=ready,
    )  # fmt: skip
    timer.cancel()
    assert seen[-1:] == [1]


def test_a_folder_that_is_gone_is_looked_for_from_above(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert _nearest(tmp_path / "a" / "b" / "c", [tmp_path]) == tmp_path / "a"
    assert _nearest(tmp_path / "x" / "y", [tmp_path / "x"]) == tmp_path / "x", "never above what is watched"


def test_a_folder_within_another_is_looked_at_once() -> None:
    paths = [Path("/m/a"), Path("/m/a/b"), Path("/m/ab"), Path("/n")]
    assert _topmost(paths) == [Path("/m/a"), Path("/m/ab"), Path("/n")]
