"""Volumes, by an identity that outlives a mount point, and paths within them.

A disk is at `/Volumes/Music` today and at `/Volumes/Music 1` tomorrow, and on another machine at `/media/me/Music`.
So a file is known by its volume and its path in it. Nothing is written onto a volume for that; its identity is the
first that there is of

1. the file system's UUID: on Linux from `/dev/disk/by-uuid`, on macOS from `diskutil info -plist` (VolumeUUID);
2. for a network share its address (`//server/share`, `server:/export`), which needs no mount point either;
3. on Linux the file system's own number (statvfs, f_fsid): the UUID, folded, for ext4 and btrfs. On other file
   systems it may change with the mount: then the files are read again, and nothing worse happens;
4. the mount point itself, where all else is missing.

On Linux a mount may show a part of a file system (a bind mount, a subvolume of btrfs): paths are those in the file
system, so the same file is the same by either way.
"""

from __future__ import annotations

import os
import plistlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mount", "Volumes", "mounts_of_linux", "mounts_of_macos", "system_volumes"]

_BY_UUID = Path("/dev/disk/by-uuid")
_MOUNTINFO = Path("/proc/self/mountinfo")
_SHARES = ("nfs", "cifs", "smb", "afp", "sshfs", "fuse.sshfs", "9p", "davfs", "webdav")
_MAC_MOUNT = re.compile(r"^(?P<source>.+?) on (?P<point>/.*) \((?P<kind>[^,()]+)[^()]*\)$")
_MAC_DATA = "/System/Volumes/Data"
_ASK_LIMIT_S = 15.0


@dataclass(frozen=True)
class Mount:
    """A mounted file system: where, which part of it (`/` is all), and whose identity it has."""

    point: str
    root: str
    identity: str


class Volumes:
    """The volumes that are mounted at this moment.

    Args:
        mounts: in the order in which they were mounted: of two at one point the later one is seen.
    """

    def __init__(self, mounts: Iterable[Mount]) -> None:
        self._by_point = {mount.point: mount for mount in mounts}
        self.mounts = tuple(self._by_point.values())

    def locate(self, real: str) -> tuple[str, str, str]:
        """The volume of a path (absolute, without symbolic links), the path in it, and its mount point."""
        point = real
        while point not in self._by_point:
            above = os.path.dirname(point)  # noqa: PTH120 (strings: once for each folder of a large tree)
            if above == point:
                return f"path:{point}", real[len(point) :].strip("/"), point
            point = above
        mount = self._by_point[point]
        return mount.identity, f"{mount.root.strip('/')}/{real[len(point) :].strip('/')}".strip("/"), point

    def is_mounted(self, identity: str) -> bool:
        """Whether the volume is there now."""
        point = identity.removeprefix("path:")
        if point != identity and (not self._by_point or os.path.dirname(point) == point):  # noqa: PTH120
            return True
        return any(mount.identity == identity for mount in self.mounts)

    def path_of(self, identity: str, relative: str) -> str | None:
        """Where a path of a volume is now; None where the volume, or the part of it, is not mounted."""
        if identity.startswith("path:") and self.is_mounted(identity):
            return os.path.join(identity.removeprefix("path:"), relative)  # noqa: PTH118
        for mount in self.mounts:
            root = mount.root.strip("/")
            if mount.identity != identity or not (not root or relative == root or relative.startswith(f"{root}/")):
                continue
            below = relative[len(root) :].strip("/")
            return os.path.join(mount.point, below) if below else mount.point  # noqa: PTH118
        return None


def system_volumes() -> Volumes:
    """The volumes of this machine as they are now."""
    if sys.platform == "darwin":
        return Volumes(mounts_of_macos(_mount_words(), _diskutil))
    with suppress(OSError):
        text = os.fsdecode(_MOUNTINFO.read_bytes())
        return Volumes(mounts_of_linux(text, _uuids(_BY_UUID), _fsid))
    return Volumes(())


def mounts_of_linux(text: str, uuids: dict[str, str], fsid: Callable[[str], int]) -> list[Mount]:
    """The mounts that a mountinfo file lists (man 5 proc: id, parent, device, root, point, options … - type, source).

    Args:
        uuids: UUIDs by the device's real path.
        fsid: asks a mount point for its file system's number; 0 where it has none.
    """
    found: dict[str, Mount] = {}
    for line in text.splitlines():
        before, dash, after = line.partition(" - ")
        fields, behind = before.split(" "), after.split(" ")
        if not dash or len(fields) < 6 or len(behind) < 2:
            continue
        root, point = _unescaped(fields[3]), _unescaped(fields[4])
        kind, source = behind[0], _unescaped(behind[1])
        found[point] = Mount(point, root, _identity(kind, source, point, uuids, fsid))
    return list(found.values())


def _identity(kind: str, source: str, point: str, uuids: dict[str, str], fsid: Callable[[str], int]) -> str:
    if source.startswith("/dev/") and (uuid := uuids.get(os.path.realpath(source))):
        return f"uuid:{uuid.lower()}"
    if kind.startswith(_SHARES):
        return f"share:{source.rstrip('/').lower()}"
    if source.startswith("/dev/") and (number := fsid(point)):
        return f"fsid:{number:x}"
    return f"path:{point}"


def mounts_of_macos(text: str, ask: Callable[[str], bytes]) -> list[Mount]:
    """The mounts that `mount` prints, with the identities that `diskutil info -plist` gives.

    The system's own volume is asked for under the one that holds the user's files: `/` is a sealed snapshot.
    """
    found = []
    for line in text.splitlines():
        parts = _MAC_MOUNT.match(line)
        if parts is None:
            continue
        point, source, kind = parts["point"], parts["source"], parts["kind"].strip()
        identity = f"path:{point}"
        if source.startswith("/dev/"):
            uuid = _uuid_in(ask(_MAC_DATA if point == "/" else point)) or (_uuid_in(ask("/")) if point == "/" else None)
            identity = f"uuid:{uuid.lower()}" if uuid else identity
        elif kind.startswith((*_SHARES, "smbfs", "afpfs")):
            # //me@server/share: who mounts it makes no other share of it.
            identity = f"share:{re.sub(r'^//[^/@]*@', '//', source).rstrip('/').lower()}"
        found.append(Mount(point, "/", identity))
    return found


def _uuid_in(plist: bytes) -> str | None:
    with suppress(Exception):  # whatever a tool of the system prints
        value = plistlib.loads(plist).get("VolumeUUID")
        return value if isinstance(value, str) and value else None
    return None


def _mount_words() -> str:
    return _said(["/sbin/mount"]).decode("utf-8", "surrogateescape")


def _diskutil(point: str) -> bytes:
    return _said(["/usr/sbin/diskutil", "info", "-plist", point])


def _said(command: list[str]) -> bytes:
    try:
        return subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_ASK_LIMIT_S, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""


def _uuids(folder: Path) -> dict[str, str]:
    try:
        return {os.path.realpath(link): _unescaped_udev(link.name) for link in folder.iterdir()}
    except OSError:
        return {}


def _fsid(point: str) -> int:
    try:
        return os.statvfs(point).f_fsid
    except (OSError, AttributeError):
        return 0


def _unescaped(text: str) -> str:
    """mountinfo writes space, tab, line break and backslash as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _unescaped_udev(text: str) -> str:
    """udev writes what it does not like in a link's name as \\x20."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
