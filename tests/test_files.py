"""Files and folders: which audio files a path names."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracksync.errors import NotFound, Refused, Unsupported
from tracksync.sources.files import AUDIO_EXTENSIONS, expand, natural_key

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def _names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in expand(folder)]


@pytest.mark.parametrize("name", ["a.mp3", "a.MP3", "a.txt", "a", ".hidden", "._a.mp3", "ä 曲 🎵.flac", "a b;c.wav"])
def test_a_file_is_itself_whatever_its_name(tmp_path: Path, name: str) -> None:
    _touch(tmp_path, name)
    assert expand(tmp_path / name) == [tmp_path / name]


def test_a_relative_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "x/a.mp3")
    monkeypatch.chdir(tmp_path)
    assert expand(Path("x/../x/a.mp3")) == [tmp_path / "x" / "a.mp3"]
    assert expand(Path("x")) == [tmp_path / "x" / "a.mp3"]


def test_the_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch(tmp_path, "a.mp3")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expand(Path("~/a.mp3")) == [tmp_path / "a.mp3"]


def test_a_folder_is_its_audio_files_and_no_others(tmp_path: Path) -> None:
    wanted = {f"a{ending}" for ending in AUDIO_EXTENSIONS} | {"B.MP3", "sub/deep/c.flac"}
    _touch(tmp_path, *wanted)
    _touch(tmp_path, "cover.jpg", "notes.txt", "film.mp4", "a.mp3.part", "mp3", "a.m3u8", "sub/x.asd")
    _touch(tmp_path, ".hidden.mp3", "._a.mp3", ".folder/d.mp3", ".mp3", "sub/._c.flac")
    (tmp_path / "folder.mp3").mkdir()
    _touch(tmp_path, "folder.mp3/inside.wav")
    assert set(_names(tmp_path)) == wanted | {"folder.mp3/inside.wav"}


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert expand(tmp_path) == []


def test_numbers_count_as_numbers(tmp_path: Path) -> None:
    names = [
        "1 a.mp3",
        "2 b.mp3",
        "10 c.mp3",
        "B.mp3",
        "c 2.mp3",
        "c 10.mp3",
        "CD 2/1.mp3",
        "CD 10/1.mp3",
        "d.mp3",
        "É.mp3",
    ]
    _touch(tmp_path, *reversed(names))
    assert _names(tmp_path) == names


def test_the_encoding_of_accents_does_not_change_the_order() -> None:
    composed, decomposed = "é 2.mp3", unicodedata.normalize("NFD", "é 10.mp3")
    assert sorted([decomposed, composed], key=natural_key) == [composed, decomposed]


@given(st.lists(st.text(max_size=12)))
def test_the_order_is_the_same_from_any_beginning(names: list[str]) -> None:
    assert sorted(set(names), key=natural_key) == sorted(dict.fromkeys(names), key=natural_key)


def test_nothing_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mp3", tmp_path / "no" / "folder", tmp_path / ("x" * 300), Path("~nobody-here/x.mp3")):
        with pytest.raises(NotFound, match="no file or folder") as caught:
            expand(path)
        assert caught.value.action


def test_a_path_through_a_file_leads_nowhere(tmp_path: Path) -> None:
    _touch(tmp_path, "a.mp3")
    with pytest.raises(NotFound):
        expand(tmp_path / "a.mp3" / "b.mp3")


def test_an_impossible_name() -> None:
    with pytest.raises(Unsupported):
        expand(Path("a\0b.mp3"))


@posix_only
def test_symbolic_links_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    _touch(tmp_path, "music/a.mp3", "elsewhere/b.mp3")
    music = tmp_path / "music"
    (music / "loop").symlink_to(music)
    (music / "up").symlink_to(tmp_path)
    (music / "broken.mp3").symlink_to(tmp_path / "gone.mp3")
    (music / "circle.mp3").symlink_to(music / "circle.mp3")
    (music / "linked.mp3").symlink_to(tmp_path / "elsewhere" / "b.mp3")
    found = [path.name for path in expand(music)]
    assert sorted(found) == ["a.mp3", "b.mp3", "linked.mp3"]
    with pytest.raises(NotFound):
        expand(music / "broken.mp3")
    with pytest.raises(NotFound):
        expand(music / "circle.mp3")


@posix_only
def test_devices_sockets_and_pipes_are_no_tracks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.mp3")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp3")
        for path in (Path("/dev/null"), Path("pipe.mp3"), Path("socket.mp3")):
            with pytest.raises(Unsupported, match="neither a file nor a folder"):
                expand(path)
        assert expand(tmp_path) == []


def _closed(path: object) -> bool:
    return "closed" in str(path)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever has `closed` in its path may not be read: also for root, whom a mode does not keep out."""
    scandir, access = os.scandir, os.access

    def no_scandir(path: Any) -> Any:
        if _closed(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", no_scandir)
    monkeypatch.setattr(os, "access", lambda path, mode: not _closed(path) and access(path, mode))
    yield


@pytest.mark.usefixtures("closed")
def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    _touch(tmp_path, "closed.mp3", "closed/a.mp3")
    for path in (tmp_path / "closed.mp3", tmp_path / "closed"):
        with pytest.raises(Refused, match="may not be read") as caught:
            expand(path)
        assert "permission" in caught.value.action


@pytest.mark.usefixtures("closed")
def test_an_unreadable_subfolder_is_told_and_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _touch(tmp_path, "a.mp3", "closed/b.mp3", "open/c.mp3")
    told: list[tuple[Path, int | None]] = []
    found = expand(tmp_path, lambda path, error: told.append((path, error.errno)))
    assert [path.name for path in found] == ["a.mp3", "c.mp3"]
    assert told == [(tmp_path / "closed", errno.EACCES)]
    with caplog.at_level(logging.WARNING):
        expand(tmp_path)
    assert "closed cannot be read" in caplog.text
