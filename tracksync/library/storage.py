"""Folders, volumes and free space; and what an operating system's refusal means for a run."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tracksync.errors import DiskFull, Misconfigured, TracksyncError, Unexpected, VolumeAway

__all__ = [
    "away_volume",
    "check_writable",
    "ensure_folder",
    "free_bytes",
    "fsync_folder",
    "storage_error",
    "storage_errors",
]

# Where systems mount removable volumes, and how many names below each make up one mount point.
_MOUNT_ROOTS: Final[tuple[tuple[Path, int], ...]] = (
    (Path("/Volumes"), 1),
    (Path("/run/media"), 2),
    (Path("/media"), 2),
    (Path("/mnt"), 1),
)
_FSTAB = Path("/etc/fstab")

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_GONE = frozenset(
    {errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.ETIMEDOUT}
)


def away_volume(path: Path) -> Path | None:
    """The mount point that `path` needs and that is not there; None where all is well.

    Looked at are the places where systems mount removable and network volumes: `/Volumes/X`, `/media/*/X`,
    `/run/media/*/X`, `/mnt/X`. A mount point that is an empty shell counts as away where `/etc/fstab` lists it; else
    a folder there is taken for what it looks like. Links are followed, for a music folder may point to a volume.
    """
    for real in dict.fromkeys((Path(os.path.abspath(path)), Path(os.path.realpath(path)))):  # noqa: PTH100
        for root, depth in _MOUNT_ROOTS:
            if not real.is_relative_to(root):
                continue
            names = real.relative_to(root).parts[:depth]
            points = [root.joinpath(*names[: n + 1]) for n in range(len(names))]
            if not points or any(os.path.ismount(point) for point in points):
                continue
            if not _is_there(points[-1]) or str(points[-1]) in _listed_mount_points():
                return points[-1]
    return None


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # there, and not for us to look at
        return True
    return True


def _listed_mount_points() -> set[str]:
    try:
        lines = _FSTAB.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    fields = (line.split() for line in lines if not line.lstrip().startswith("#"))
    # fstab writes a space as \040.
    return {field[1].replace("\\040", " ").rstrip("/") for field in fields if len(field) > 1}


def storage_error(error: OSError, path: Path) -> TracksyncError:
    """What an error of the operating system on `path` (a folder, or a file in one) means, in our own words."""
    folder = path if path.is_dir() else path.parent
    if (volume := away_volume(path)) is not None:
        return _volume_away(volume, path)
    if error.errno in _FULL:
        return DiskFull(
            f"There is no space left for {path.name} in {folder}.",
            action="Make room there, and run the same command again.",
        )
    if error.errno in _FORBIDDEN:
        readonly = "is on a read-only disk" if error.errno == errno.EROFS else "can't be written"
        return Misconfigured(
            f"The folder {folder} {readonly}.", action="Allow this user to write there, or set another folder."
        )
    if error.errno in _GONE:
        return VolumeAway(
            f"The disk under {folder} does not answer ({_reason(error)}).",
            action="Connect it again, and run the same command again.",
        )
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.ELOOP):
        return Misconfigured(f"{path} can't be a folder: {_reason(error)}.", action="Set another folder.")
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
        return Misconfigured(
            f"The disk under {folder} does not take the name {path.name} ({_reason(error)}).",
            action="Set a folder on another disk, or one with a shorter path.",
        )
    if error.errno == errno.ENOENT:
        return Misconfigured(
            f"{path} was removed while it was worked on.",
            action="Run the same command again; nothing else was touched.",
        )
    return Unexpected(f"{path} could not be written: {_reason(error)}.")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn every OSError of the block into ours; `path` is the file or folder that it was about."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _volume_away(volume: Path, path: Path) -> VolumeAway:
    return VolumeAway(f"The volume {volume} is not mounted; {path} is on it.", action="Connect it, and run again.")


def ensure_folder(path: Path) -> Path:
    """Make the folder, and those above it, if it is not there. Nothing is made below a volume that is away.

    Raises:
        Misconfigured: a file stands in its place, or it can't be made or written.
        VolumeAway: the volume it is on is not mounted.
        DiskFull: there is no space left.
    """
    if (volume := away_volume(path)) is not None:
        raise _volume_away(volume, path)
    made = [folder for folder in (path, *path.parents) if not os.path.lexists(folder)]
    with storage_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        for folder in made:
            fsync_folder(folder.parent)
    if not os.access(path, os.W_OK | os.X_OK):
        raise Misconfigured(
            f"The folder {path} can't be written.", action="Allow this user to write there, or set another folder."
        )
    return path


def check_writable(folder: Path, setting: str) -> None:
    """Write and remove a small hidden file, because permissions alone do not tell (network shares, sandboxes).

    Args:
        folder: a folder that exists.
        setting: the name of the setting that names it, for the sentence.

    Raises:
        Misconfigured: the folder can't be written.
        VolumeAway: the disk does not answer.
        DiskFull: not even a byte has room.
    """
    trial = folder / f".tracksync-{secrets.token_hex(4)}.trial"
    try:
        trial.write_bytes(b"\0")
    except OSError as error:
        found = storage_error(error, trial)
        if isinstance(found, Misconfigured):
            raise Misconfigured(
                f"The folder {folder} ({setting}) can't be written: {_reason(error)}.",
                action=f"Allow this user to write there, or set {setting} to another folder.",
            ) from error
        raise found from error
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)


def free_bytes(path: Path) -> int:
    """Bytes that this user may still write where `path` is or would be.

    Raises:
        VolumeAway: its volume is not mounted, so the number would be another disk's.
    """
    if (volume := away_volume(path)) is not None:
        raise _volume_away(volume, path)
    nearest = next(folder for folder in (path, *path.absolute().parents) if os.path.exists(folder))  # noqa: PTH110 (never raises)
    with storage_errors(nearest):
        return shutil.disk_usage(nearest).free


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (Windows and some file systems can't)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows; or a folder that may be entered but not listed
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EACCES):
            raise
    finally:
        os.close(handle)
