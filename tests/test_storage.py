"""Folders, volumes and space, and what a refusal of the system means."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests._staging import Staged, failing, names, song
from tracksync.errors import DiskFull, Misconfigured, TracksyncError, VolumeAway
from tracksync.library import storage
from tracksync.library.publish import (
    check_writable,
    ensure_folder,
    free_bytes,
    publish_file,
)

__all__ = ["song"]


def test_folders_are_made(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    assert ensure_folder(deep) == deep and deep.is_dir()
    assert ensure_folder(deep) == deep


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(Misconfigured, match="can't be a folder"):
            ensure_folder(path)


@pytest.mark.parametrize(("code", "kind"), [(errno.EACCES, Misconfigured), (errno.ENOSPC, DiskFull)])
def test_folders_that_can_not_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[TracksyncError]
) -> None:
    monkeypatch.setattr(os, "mkdir", failing(code))
    with pytest.raises(kind, match=str(tmp_path)):
        ensure_folder(tmp_path / "new")


def test_a_folder_that_can_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Misconfigured, match="can't be written"):
        ensure_folder(tmp_path)


def test_trying_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_writable(tmp_path, "OUT_DIR")
    assert names(tmp_path) == []
    monkeypatch.setattr(Path, "write_bytes", failing(errno.EACCES))
    with pytest.raises(Misconfigured, match=r"\(OUT_DIR\)"):
        check_writable(tmp_path, "OUT_DIR")
    monkeypatch.setattr(Path, "write_bytes", failing(errno.ENOSPC))
    with pytest.raises(DiskFull):
        check_writable(tmp_path, "OUT_DIR")


@pytest.mark.parametrize(
    ("path", "volume"),
    [
        ("/Volumes/No Such Disk/Music", "/Volumes/No Such Disk"),
        ("/mnt/no-such-disk/x", "/mnt/no-such-disk"),
        ("/media/nobody/no-disk/x/y", "/media/nobody/no-disk"),
        ("/run/media/nobody/no-disk", "/run/media/nobody/no-disk"),
        ("/home/nobody/Volumes/x", None),
    ],
)
def test_where_volumes_are(path: str, volume: str | None) -> None:
    assert storage.away_volume(Path(path)) == (Path(volume) if volume else None)


def test_a_volume_that_is_away(tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_MOUNT_ROOTS", ((tmp_path / "Volumes", 1),))
    folder = tmp_path / "Volumes" / "Disk" / "Music"
    for attempt in (ensure_folder, free_bytes, lambda folder: publish_file(song[0], folder / "a.wav", song[1])):
        with pytest.raises(VolumeAway, match="Disk is not mounted") as raised:
            attempt(folder)
        assert raised.value.retry_after is None
    assert not (tmp_path / "Volumes").exists()


def test_what_makes_a_volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_MOUNT_ROOTS", ((tmp_path / "Volumes", 1), (tmp_path / "media", 2)))
    monkeypatch.setattr(storage, "_FSTAB", tmp_path / "fstab")
    disk, stick = tmp_path / "Volumes" / "My Disk", tmp_path / "media" / "me" / "stick"
    assert storage.away_volume(disk / "Music") == disk
    assert storage.away_volume(stick / "Music") == stick
    (tmp_path / "Music").symlink_to(disk / "Music")
    assert storage.away_volume(tmp_path / "Music") == disk
    with pytest.raises(VolumeAway):
        ensure_folder(tmp_path / "Music")
    disk.mkdir(parents=True)
    stick.mkdir(parents=True)
    assert storage.away_volume(disk / "Music") is None
    assert storage.away_volume(stick / "Music") is None
    assert storage.away_volume(tmp_path / "media") is None
    # A mount point that the system knows, and nothing mounted on it.
    (tmp_path / "fstab").write_text(f"# {stick}\nUUID=1 {str(disk).replace(' ', chr(92) + '040')} exfat noauto 0 0\n")
    assert storage.away_volume(disk / "Music") == disk
    assert storage.away_volume(stick / "Music") is None
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == disk)
    assert storage.away_volume(disk / "Music") is None


def test_a_volume_that_goes_while_it_is_written(tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "Volumes" / "Disk"
    disk.mkdir(parents=True)
    monkeypatch.setattr(storage, "_MOUNT_ROOTS", ((tmp_path / "Volumes", 1),))

    def pulled(_: int) -> None:
        disk.rename(tmp_path / "elsewhere")
        raise OSError(errno.ENOENT, "no such file")

    monkeypatch.setattr(os, "fsync", pulled)
    with pytest.raises(VolumeAway, match="Disk is not mounted"):
        publish_file(song[0], disk / "a.wav", song[1])


def test_free_space(tmp_path: Path) -> None:
    free = free_bytes(tmp_path / "not" / "there" / "yet")
    here = os.statvfs(tmp_path)
    assert free == pytest.approx(here.f_bavail * here.f_frsize, rel=0.05)
    assert free > 0
