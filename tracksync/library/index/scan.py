"""The look at the disk: which folders are as the index has them, which are not, which are no longer there.

A folder's files are told apart by one digest of their names, sizes and times. Where it is the one that was written down
when all of them were in the index, nothing more is asked: a tree that has not changed costs its `stat`s.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracksync.errors import Interrupted
from tracksync.journal import FolderRow, place_of
from tracksync.library.index.volumes import Volumes
from tracksync.library.storage import away_volume
from tracksync.sources.files import walk_folders

__all__ = ["Look", "Scan", "Seen", "scan"]

Look = tuple[str, int, int, int]
"""A file's name, size, mtime_ns and inode."""


@dataclass(frozen=True)
class Seen:
    """A folder as it is on the disk."""

    row: FolderRow
    """As it is to be written; `digest` is what it has to be when all is done."""
    files: list[Look]


@dataclass
class Scan:
    """What there is below some folders."""

    changed: list[Seen] = field(default_factory=list)
    moved: list[FolderRow] = field(default_factory=list)
    """As they were but for the mount point, or the way that leads there."""
    mounts: dict[str, str] = field(default_factory=dict)
    """Mount points by the volume's identity, of the volumes that were met."""
    lost: list[str] = field(default_factory=list)
    """Places of folders that are in the index and no longer on their volumes, which are mounted."""
    away: dict[str, int] = field(default_factory=dict)
    """Volumes that are not mounted, by a place of theirs, with how many files the index keeps there."""
    missing: list[Path] = field(default_factory=list)
    """Named folders that are not there, though their volumes are."""
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    files: int = 0
    unchanged: int = 0


def scan(
    folders: Sequence[Path],
    known: Mapping[str, FolderRow],
    volumes: Volumes,
    *,
    fingerprint: bool,
    leave_out: Collection[str] = (),
    progress: Callable[[int], None] = lambda _: None,
    cancel: threading.Event | None = None,
) -> Scan:
    """Walk the folders and hold them against the index. Nothing is opened.

    Args:
        known: the folders of the index, by their places.
        fingerprint: a folder whose files have no fingerprints counts as changed.
        leave_out: folders that are not entered.
        progress: hears how many files there are so far.

    Raises:
        Interrupted: `cancel` was set.
    """
    found = Scan()
    seen: set[tuple[int, int]] = set()
    walked: set[str] = set()
    real_of: dict[str, str] = {}

    def unreadable(path: Path, error: OSError) -> None:
        found.unreadable.append((path, error.strerror or type(error).__name__))

    for root in folders:
        if not _is_there(root, known, volumes, found):
            continue
        for path, entries in walk_folders(root, unreadable, seen, leave_out):
            if cancel is not None and cancel.is_set():
                raise Interrupted("The index was broken off.", action="The same command takes up the rest.")
            folder = _folder_at(path, real_of, volumes, found)
            walked.add(folder.place)
            _hold(folder, entries, known.get(folder.place), found, fingerprint, unreadable)
            progress(found.files)
    _miss(folders, known, walked, volumes, found)
    return found


def _is_there(root: Path, known: Mapping[str, FolderRow], volumes: Volumes, found: Scan) -> bool:
    if os.path.isdir(root):  # noqa: PTH112 (never raises: a name may be too long)
        return True
    away = away_volume(root)
    if away is None:
        # A mount point of another system, or one that the index knows: its volume is what is away.
        below = [row for row in known.values() if _is_below(row.path, str(root))]
        away = root if below and not any(volumes.is_mounted(row.volume) for row in below) else None
    if away is None:
        found.missing.append(root)
    else:
        found.away.setdefault(str(away), 0)
    return False


def _folder_at(path: str, real_of: dict[str, str], volumes: Volumes, found: Scan) -> FolderRow:
    parent, name = os.path.split(path)
    above = real_of.get(parent)
    # One look instead of one for each folder above.
    is_plain = above is not None and not os.path.islink(path)  # noqa: PTH114
    real = os.path.join(above, name) if is_plain and above is not None else os.path.realpath(path)  # noqa: PTH118
    real_of[path] = real
    volume, relative, mount = volumes.locate(real)
    found.mounts.setdefault(volume, mount)
    return FolderRow(
        place=place_of(volume, relative), volume=volume, relative=relative, path=path,
        digest=None, fingerprinted=False, files=0,
    )  # fmt: skip


def _hold(
    folder: FolderRow,
    entries: list[os.DirEntry[str]],
    before: FolderRow | None,
    found: Scan,
    fingerprint: bool,
    unreadable: Callable[[Path, OSError], None],
) -> None:
    looks: list[Look] = []
    for entry in entries:
        try:
            stat = entry.stat()
        except OSError as error:
            unreadable(Path(entry.path), error)
            continue
        looks.append((entry.name, stat.st_size, stat.st_mtime_ns, stat.st_ino))
    found.files += len(looks)
    if not looks and before is None:
        return
    digest = _digest(looks)
    with_prints = before is not None and before.fingerprinted
    as_it_is = FolderRow(
        place=folder.place, volume=folder.volume, relative=folder.relative, path=folder.path,
        digest=digest,
        fingerprinted=fingerprint, files=len(looks),
    )  # fmt: skip
    if before is not None and before.digest == digest and (with_prints or not fingerprint):
        found.unchanged += len(looks)
        if before.path != folder.path:
            found.moved.append(replace(as_it_is, fingerprinted=with_prints))
        return
    found.changed.append(Seen(as_it_is, looks))


def _digest(looks: Iterable[Look]) -> str:
    text = "\0".join(f"{name}/{size}/{mtime}" for name, size, mtime, _ in sorted(looks))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _miss(
    folders: Sequence[Path], known: Mapping[str, FolderRow], walked: set[str], volumes: Volumes, found: Scan
) -> None:
    """What the index has below the named folders, and the walk did not meet."""
    scopes = [str(folder) for folder in folders]
    real = [volumes.locate(os.path.realpath(folder))[:2] for folder in folders]
    closed = [str(path) for path, _ in found.unreadable]
    for place, row in known.items():
        if place in walked or not row.files:
            continue
        inside = any(_is_below(row.path, scope) for scope in scopes) or any(
            row.volume == volume and (not relative or _is_below(row.relative, relative)) for volume, relative in real
        )
        if not inside:
            continue
        now = volumes.path_of(row.volume, row.relative)
        if now is None:
            away = str(away_volume(Path(row.path)) or row.volume)
            found.away[away] = found.away.get(away, 0) + row.files
        elif volumes.locate(now)[0] != row.volume:
            continue  # another volume is mounted over it
        elif not any(_is_below(now, path) or _is_below(row.path, path) for path in closed) and not _exists(now):
            found.lost.append(place)


def _exists(path: str) -> bool:
    """Whether there is something of this name. What can't be looked at is taken to be there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")
