"""Setting aside deletes nothing, overwrites nothing, and can be undone; whatever happens in between."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.index.shelf import NO_FFMPEG, Shelf, a_wav
from tracksync.errors import Misconfigured
from tracksync.library.duplicates import SetAside, aside, find_duplicates, put_back, set_aside
from tracksync.library.duplicates.model import Kind
from tracksync.library.publish import publish_file


def contents(*folders: Path) -> dict[str, bytes]:
    """Every file below, by path."""
    return {
        os.fsdecode(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "undo.jsonl"
    }


def applied(shelf: Shelf, home: Path, named: Mapping[str, str] = {}) -> SetAside:
    groups = find_duplicates(shelf.journal, ffmpeg=NO_FFMPEG, named=named, volumes=shelf.volumes).groups
    return set_aside(shelf.journal, groups, ffmpeg=NO_FFMPEG, home=home)


@pytest.fixture
def home(shelf: Shelf) -> Path:
    return shelf.root.parent / "home"


@pytest.fixture
def pair(shelf: Shelf) -> tuple[Path, Path]:
    """The one that is kept, and its duplicate, indexed."""
    keep = a_wav(shelf.root / "a" / "keep.wav", 1, title="One")
    spare = a_wav(shelf.root / "b" / "spare.wav", 1)
    shelf.index()
    return keep, spare


def test_there_and_back(shelf: Shelf, home: Path, pair: tuple[Path, Path]) -> None:
    _, spare = pair
    stamp = spare.stat().st_mtime_ns
    before = contents(shelf.root)
    done = applied(shelf, home)
    assert [old for old, _ in done.moved] == [spare]
    assert (done.stayed, done.problems) == ([], [])
    assert not spare.exists()
    assert sorted(contents(shelf.root, home).values()) == sorted(before.values()), "nothing is lost"
    assert set(shelf.rows()) == {"keep.wav"}
    assert done.undo is not None
    line = json.loads(done.undo.read_text())
    assert (line["from"], line["to"], line["kept"]) == (str(spare), str(done.moved[0][1]), str(pair[0]))
    back = put_back(done.undo)
    assert (back.back, back.problems) == ([spare], [])
    assert contents(shelf.root) == before
    assert spare.stat().st_mtime_ns == stamp
    again = put_back(done.undo)
    assert (again.back, again.already, again.problems) == ([], [spare], [])
    shelf.index()
    assert set(shelf.rows()) == {"keep.wav", "spare.wav"}


def test_only_what_is_exactly_the_same_is_moved(shelf: Shelf, home: Path) -> None:
    a_wav(shelf.root / "a.wav", 1, seconds=10, title="One", artist="A")
    a_wav(shelf.root / "b.wav", 2, seconds=10, title="One", artist="A")
    shelf.index()
    before = contents(shelf.root)
    groups = find_duplicates(shelf.journal, ffmpeg=NO_FFMPEG, named={}, volumes=shelf.volumes).groups
    assert [group.kind for group in groups] == [Kind.DOUBT]
    done = set_aside(shelf.journal, groups, ffmpeg=NO_FFMPEG, home=home)
    assert (done.moved, done.undo, contents(shelf.root)) == ([], None, before)
    assert not home.exists(), "not even a folder was made"


def test_protected_files_stay_and_it_is_said(shelf: Shelf, home: Path) -> None:
    a = a_wav(shelf.root / "a.wav", 1)
    b = a_wav(shelf.root / "b.wav", 1)
    eagle = a_wav(shelf.root / "M.library" / "images" / "X.info" / "x.wav", 1)
    shelf.index()
    done = applied(shelf, home, {str(a): "url:1", str(b): "url:2"})
    assert done.moved == []
    assert dict(done.stayed) == {b: "the catalogue names it (url:2)", eagle: "it is Eagle's own file"}
    assert a.is_file()
    assert b.is_file()
    assert eagle.is_file()


@pytest.mark.parametrize("which", ["keep", "spare"])
@pytest.mark.parametrize("what", ["gone", "other audio", "other audio, same look", "touched"])
def test_what_is_no_longer_as_it_was_found_moves_nothing(
    shelf: Shelf, home: Path, pair: tuple[Path, Path], which: str, what: str
) -> None:
    groups = find_duplicates(shelf.journal, ffmpeg=NO_FFMPEG, named={}, volumes=shelf.volumes).groups
    path = pair[0 if which == "keep" else 1]
    stat = path.stat()
    if what == "gone":
        path.unlink()
    elif what == "touched":
        os.utime(path, ns=(1, 1))
    else:
        data = bytearray(path.read_bytes())
        data[1_000] ^= 1
        path.write_bytes(data)
        if what == "other audio, same look":
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    before = contents(shelf.root)
    done = set_aside(shelf.journal, groups, ffmpeg=NO_FFMPEG, home=home)
    assert done.moved == []
    assert [problem for problem, _ in done.problems] == [pair[1]]
    assert contents(shelf.root) == before


def test_many_copies_leave_one(shelf: Shelf, home: Path) -> None:
    for number in range(5):
        a_wav(shelf.root / f"{number}" / "same name.wav", 1)
    shelf.index()
    done = applied(shelf, home)
    assert len(done.moved) == 4
    assert len({new for _, new in done.moved}) == 4
    assert len(contents(shelf.root)) == 1
    assert done.undo is not None
    assert len(put_back(done.undo).back) == 4
    assert len(contents(shelf.root)) == 5


def test_two_runs_in_one_second_have_folders_of_their_own(shelf: Shelf, home: Path) -> None:
    for number in range(3):
        a_wav(shelf.root / f"{number}.wav", 1)
        shelf.index()
    first = applied(shelf, home)
    a_wav(shelf.root / "9.wav", 1)
    shelf.index()
    second = applied(shelf, home)
    assert first.undo is not None
    assert second.undo is not None
    assert first.undo.parent != second.undo.parent


def test_what_stands_there_now_is_not_overwritten(shelf: Shelf, home: Path, pair: tuple[Path, Path]) -> None:
    done = applied(shelf, home)
    pair[1].write_bytes(b"something new")
    assert done.undo is not None
    back = put_back(done.undo)
    assert back.back == []
    assert [path for path, _ in back.problems] == [pair[1]]
    assert pair[1].read_bytes() == b"something new"
    assert done.moved[0][1].is_file(), "and the one set aside is still there"


def test_a_folder_that_was_removed_is_made_again(shelf: Shelf, home: Path, pair: tuple[Path, Path]) -> None:
    done = applied(shelf, home)
    pair[1].parent.rmdir()
    assert done.undo is not None
    assert put_back(done.undo).back == [pair[1]]


def across_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Any, target: Any) -> None:
        # A copy's own part gets its name by a link within its folder, which goes on working.
        if Path(source).parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    real = os.link
    monkeypatch.setattr(os, "link", refuse)


def test_to_another_volume_it_is_copied_and_read_back(
    shelf: Shelf, home: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    across_volumes(monkeypatch)
    stamp, data = pair[1].stat().st_mtime_ns, pair[1].read_bytes()
    done = applied(shelf, home)
    target = done.moved[0][1]
    assert not pair[1].exists()
    assert (target.read_bytes(), target.stat().st_mtime_ns) == (data, stamp)
    assert done.undo is not None
    assert put_back(done.undo).back == [pair[1]]
    assert (pair[1].read_bytes(), pair[1].stat().st_mtime_ns) == (data, stamp)
    assert contents(home) == {}


def test_a_file_that_changes_while_it_is_copied_stays(
    shelf: Shelf, home: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    across_volumes(monkeypatch)
    real = publish_file

    def meanwhile(source: Path, target: Path, sha256: str) -> Any:
        fact = real(source, target, sha256)
        os.utime(source, ns=(7, 7))
        return fact

    monkeypatch.setattr(aside, "publish_file", meanwhile)
    done = applied(shelf, home)
    assert done.moved == []
    assert "changed while it was copied" in done.problems[0][1]
    assert pair[1].is_file()


def test_without_hard_links_it_is_renamed(
    shelf: Shelf, home: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    done = applied(shelf, home)
    assert done.undo is not None
    assert put_back(done.undo).back == [pair[1]]


@pytest.mark.parametrize("moment", ["announced", "two names"])
def test_a_run_that_dies_can_be_undone(
    shelf: Shelf, home: Path, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Died(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Died

    before = contents(shelf.root)
    with monkeypatch.context() as patch:
        patch.setattr(aside, "_move", die) if moment == "announced" else patch.setattr(Path, "unlink", die)
        with pytest.raises(Died):
            applied(shelf, home)
    (undo,) = home.rglob("undo.jsonl")
    back = put_back(undo)
    assert (back.back, back.already, back.problems) == ([], [pair[1]], [])
    assert contents(shelf.root) == before
    assert contents(home) == {}


def test_a_line_that_was_cut_off_is_passed_over(shelf: Shelf, home: Path, pair: tuple[Path, Path]) -> None:
    done = applied(shelf, home)
    assert done.undo is not None
    with done.undo.open("a") as file:
        file.write('{"from": "/x", "to')
    assert put_back(done.undo).back == [pair[1]]


@pytest.mark.parametrize("text", ["nonsense\n", '{"from": 1}\n', "[]\n", "ä\n"])
def test_what_is_no_undo_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "undo.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match="no undo file"):
        put_back(path)
    with pytest.raises(Misconfigured, match="no undo file"):
        put_back(tmp_path / "missing")


@pytest.mark.skipif(os.name == "nt", reason="names are text")
def test_names_that_are_no_text_go_and_come_back(shelf: Shelf, home: Path) -> None:
    a_wav(shelf.root / "a.wav", 1, title="One")
    odd = a_wav(shelf.root / os.fsdecode(b"o\xffd.wav"), 1)
    shelf.index()
    done = applied(shelf, home)
    assert [old for old, _ in done.moved] == [odd]
    assert done.undo is not None
    assert put_back(done.undo).back == [odd]
