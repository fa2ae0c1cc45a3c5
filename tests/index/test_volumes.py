"""Volumes are known by an identity that outlives their mount point, and files by their place in them."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from tests.index.shelf import Shelf, a_wav
from tracksync.library.index import find_on_disk
from tracksync.library.index.volumes import Mount, Volumes, mounts_of_linux, mounts_of_macos, system_volumes

MOUNTINFO = """\
27 1 254:0 / / rw,relatime - ext4 /dev/sda1 rw
28 27 8:17 / /media/me/My\\040Music rw - exfat /dev/sdb1 rw
29 27 0:50 / /mnt/nas rw - nfs4 Nas:/Export/ rw,vers=4
30 27 0:51 /@home /home rw - btrfs /dev/sdc1 rw
31 27 0:51 /music /srv/music rw - btrfs /dev/sdc1 rw
32 27 0:52 / /run/user rw - tmpfs tmpfs rw
33 27 0:53 / /mnt/odd rw - xfs /dev/sdd1 rw
not a line at all
"""
UUIDS = {"/dev/sdb1": "1A2B-3C4D", "/dev/sdc1": "btrfs-uuid"}


def linux() -> dict[str, Mount]:
    numbers = {"/": 0xA3A8, "/mnt/odd": 0}
    return {mount.point: mount for mount in mounts_of_linux(MOUNTINFO, UUIDS, lambda point: numbers.get(point, 0))}


def test_the_identities_of_linux() -> None:
    assert {point: mount.identity for point, mount in linux().items()} == {
        "/": "fsid:a3a8",
        "/media/me/My Music": "uuid:1a2b-3c4d",
        "/mnt/nas": "share:nas:/export",
        "/home": "uuid:btrfs-uuid",
        "/srv/music": "uuid:btrfs-uuid",
        "/run/user": "path:/run/user",
        "/mnt/odd": "path:/mnt/odd",
    }


@pytest.mark.parametrize(
    ("path", "volume", "relative"),
    [
        ("/etc/x.wav", "fsid:a3a8", "etc/x.wav"),
        ("/", "fsid:a3a8", ""),
        ("/media/me/My Music", "uuid:1a2b-3c4d", ""),
        ("/media/me/My Music/a/b", "uuid:1a2b-3c4d", "a/b"),
        ("/media/me/My Music 2/a", "fsid:a3a8", "media/me/My Music 2/a"),
        ("/home/me/music", "uuid:btrfs-uuid", "@home/me/music"),
        ("/srv/music/me", "uuid:btrfs-uuid", "music/me"),
    ],
)
def test_a_path_is_located_and_found_again(path: str, volume: str, relative: str) -> None:
    volumes = Volumes(linux().values())
    assert volumes.locate(path)[:2] == (volume, relative)
    assert volumes.path_of(volume, relative) == path


def test_a_part_of_a_file_system_that_is_not_mounted_is_nowhere() -> None:
    volumes = Volumes(linux().values())
    assert volumes.path_of("uuid:btrfs-uuid", "snapshots/1") is None
    assert volumes.path_of("uuid:unknown", "a") is None
    assert not volumes.is_mounted("uuid:unknown")
    assert not volumes.is_mounted("path:/mnt/gone")


def test_the_identities_of_macos() -> None:
    said = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
/dev/disk4s2 on /Volumes/My (old) Music (hfs, local, nodev)
//me@nas.local/Music on /Volumes/Music (smbfs, nodev, nosuid, mounted by me)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
/dev/disk5 on /Volumes/No Id (msdos, local)
"""
    uuids = {"/System/Volumes/Data": "DATA", "/Volumes/My (old) Music": "OLD"}

    def ask(point: str) -> bytes:
        return plistlib.dumps({"VolumeUUID": uuids[point]}) if point in uuids else b"Could not find disk"

    assert {mount.point: mount.identity for mount in mounts_of_macos(said, ask)} == {
        "/": "uuid:data",
        "/System/Volumes/Data": "uuid:data",
        "/Volumes/My (old) Music": "uuid:old",
        "/Volumes/Music": "share://nas.local/music",
        "/System/Volumes/Data/home": "path:/System/Volumes/Data/home",
        "/Volumes/No Id": "path:/Volumes/No Id",
    }


def test_this_machine_has_volumes(tmp_path: Path) -> None:
    volumes = system_volumes()
    identity, relative, _ = volumes.locate(str(tmp_path.resolve()))
    assert volumes.is_mounted(identity)
    found = volumes.path_of(identity, relative)
    assert found is not None
    assert Path(found).samefile(tmp_path)


def test_a_disk_that_is_away_keeps_its_records(shelf: Shelf) -> None:
    disk = shelf.mount("uuid:disk", shelf.root / "disk")
    a_wav(disk / "a" / "x.wav", 1, isrc="DEABC1234567")
    a_wav(shelf.root / "here.wav", 2)
    shelf.index()
    shelf.unmount(disk, shelf.root.parent / "parked")
    report = shelf.index()
    assert (report.away, report.gone, report.files, report.complete) == ({"uuid:disk": 1}, 0, 1, True)
    assert set(shelf.rows()) == {"x.wav", "here.wav"}
    assert find_on_disk(shelf.journal, isrc="DEABC1234567", volumes=shelf.volumes) == []


def test_a_disk_named_itself_is_away_and_not_missing(shelf: Shelf) -> None:
    disk = shelf.mount("uuid:disk", shelf.root / "disk")
    a_wav(disk / "x.wav")
    shelf.index(disk)
    shelf.unmount(disk, shelf.root.parent / "parked")
    report = shelf.index(disk)
    assert report.missing == []
    assert report.away[str(disk)] == 0 or report.away["uuid:disk"] == 1
    assert set(shelf.rows()) == {"x.wav"}


def test_an_empty_mount_point_is_no_empty_disk(shelf: Shelf) -> None:
    disk = shelf.mount("uuid:disk", shelf.root / "disk")
    a_wav(disk / "x.wav")
    shelf.index(disk)
    shelf.unmount(disk, shelf.root.parent / "parked")
    disk.mkdir()
    report = shelf.index(disk)
    assert (report.gone, report.away) == (0, {"uuid:disk": 1})


def test_another_mount_point_changes_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = shelf.mount("uuid:disk", shelf.root / "disk")
    a_wav(disk / "a" / "x.wav", 1, isrc="DEABC1234567")
    shelf.index()
    shelf.unmount(disk, shelf.root.parent / "parked")
    again = shelf.mount("uuid:disk", shelf.root / "elsewhere" / "disk 1")
    again.rmdir()
    (shelf.root.parent / "parked").rename(again)
    found = find_on_disk(shelf.journal, isrc="DEABC1234567", volumes=shelf.volumes)
    assert [file.path for file in found] == [again / "a" / "x.wav"], "also before the index has looked again"
    monkeypatch.setattr("tracksync.library.index.build.read_file", None)
    report = shelf.index()
    assert (report.unchanged, report.gone, report.away) == (1, 0, {})
    assert shelf.rows()["x.wav"].path == str(again / "a" / "x.wav")


def test_a_disk_mounted_over_a_folder_hides_its_files_and_loses_none(shelf: Shelf) -> None:
    a_wav(shelf.root / "point" / "below.wav", 1)
    shelf.index()
    (shelf.root / "point").rename(shelf.root.parent / "hidden")
    disk = shelf.mount("uuid:disk", shelf.root / "point")
    a_wav(disk / "on.wav", 2)
    report = shelf.index()
    assert report.gone == 0
    assert set(shelf.rows()) == {"below.wav", "on.wav"}
