"""Files come into the library whole, or not at all, and never over somebody else's.

The bytes are copied to a hidden `.part` file in the target's own folder, flushed to the disk, read back and compared,
and only then given their name in one step. They are copied and not hard-linked, although that would be cheaper: a link
shares its inode with the staging file, so a later render into the same staging path, or DJ software writing cues into
the published file, would change both.
"""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tracksync.errors import Busy, Damaged, NotFound
from tracksync.library.storage import (
    check_writable,
    ensure_folder,
    free_bytes,
    fsync_folder,
    storage_error,
    storage_errors,
)
from tracksync.model import FileFact

try:
    import fcntl
except ImportError:  # Windows: a part file in use can't be removed or renamed there anyway
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "NameTaken",
    "check_writable",
    "ensure_folder",
    "free_bytes",
    "part_path",
    "publish_file",
    "remove_leftovers",
    "replace_file",
]

_CHUNK = 2**20
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EINVAL, errno.EACCES}
)
# Without hard links a name is looked for and then taken: one at a time, at least within this process.
_taking_a_name = threading.Lock()


class NameTaken(Exception):
    """Another file stands at the target. It was not touched."""

    def __init__(self, target: Path) -> None:
        super().__init__(f"{target} is another file")
        self.target = target


def part_path(target: Path) -> Path:
    """The hidden file in the target's folder under which it is written. Its name is short whatever the target's is."""
    digest = hashlib.sha256(target.name.encode("utf-8", "surrogatepass")).hexdigest()
    return target.with_name(f".tracksync-{digest[:16]}.part")


def publish_file(source: Path, target: Path, sha256: str) -> FileFact:
    """Put a copy of `source` at `target`, if nothing stands there.

    A target that has the same bytes already is left as it is. Nothing can be seen at `target` before it is whole. On a
    file system without hard links (exFAT, FAT, some network shares) the last step is a look and a rename: a file that
    another program puts there in that very instant would be replaced.

    Args:
        source: the staging file; it is only read.
        target: the path in the library; its folder is made if need be.
        sha256: what the bytes have to be, in hex.

    Returns:
        The file as it was read back.

    Raises:
        NameTaken: another file stands at `target`.
        Damaged: `source` is not, or what reached the disk is not, what `sha256` says.
        NotFound: `source` is not there.
        Busy: another run is writing this very target.
        DiskFull, Misconfigured, VolumeAway: as the target's folder has it.
    """
    ensure_folder(target.parent)
    if (there := _standing(source, target, sha256)) is not None:
        return there
    with _part_of(target) as (part, stream):
        fact = _fill(source, part, stream, target, sha256)
        with storage_errors(target):
            _take_name(part, stream, target)
            fsync_folder(target.parent)
    return fact


def replace_file(source: Path, target: Path, sha256: str) -> FileFact:
    """Put a copy of `source` in the place of our own file at `target`.

    The old file stays until the new one is on the disk and was read back; then the name changes over in one step. The
    caller answers for the old file being ours. Where there is none this is `publish_file`.

    Raises:
        Damaged, NotFound, Busy, DiskFull, Misconfigured, VolumeAway: as `publish_file`. The old file is untouched then.
    """
    if not os.path.lexists(target):
        return publish_file(source, target, sha256)
    with suppress(NameTaken):
        if (there := _standing(source, target, sha256)) is not None:
            return there
    with _part_of(target) as (part, stream):
        fact = _fill(source, part, stream, target, sha256)
        with storage_errors(target):
            _ours_still(part, stream)
            part.replace(target)
            fsync_folder(target.parent)
    return fact


def remove_leftovers(folder: Path, target_names: Iterable[str]) -> list[Path]:
    """Remove what killed runs left of these targets: their `.part` files, and nothing else.

    A part that a live run is writing (it holds a lock) is left alone. What can't be removed is left too: it is hidden,
    and the next write of the target has to deal with it.

    Returns:
        The paths that were removed.
    """
    removed = []
    for name in target_names:
        part = part_path(folder / name)
        with suppress(OSError):
            if part.is_file() and _remove_leftover(part):
                removed.append(part)
    return removed


def _standing(source: Path, target: Path, sha256: str) -> FileFact | None:
    """What stands at the target, if it is the wanted file already; None if nothing stands there."""
    if not os.path.lexists(target):
        return None
    try:
        if not target.is_file() or target.stat().st_size != source.stat().st_size:
            raise NameTaken(target)
        with target.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except FileNotFoundError as error:
        if not source.exists():
            raise _no_source(source, target) from error
        return None
    except PermissionError as error:  # what can't be read was not written by this user
        raise NameTaken(target) from error
    except OSError as error:
        raise storage_error(error, target) from error
    if found != sha256:
        raise NameTaken(target)
    return FileFact(path=target, size=size, sha256=found)


@contextmanager
def _part_of(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """An empty part file, open and locked; it is gone when the block ends, whichever way."""
    part = part_path(target)
    with storage_errors(target):
        stream = _open_part(part)
    try:
        yield part, stream
    finally:
        with suppress(OSError):
            if _same_file(part, stream):
                part.unlink(missing_ok=True)
        with suppress(OSError):  # what a full disk did not take is offered to it once more
            stream.close()


def _open_part(part: Path) -> IO[bytes]:
    """A new part, locked. Whoever holds the lock of the file that bears the name is the one who writes."""
    if os.path.lexists(part) and not _remove_leftover(part):
        raise _busy(part)
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
    except FileExistsError:
        raise _busy(part) from None
    stream = os.fdopen(handle, "r+b")
    # Between the two steps another run may have taken it for a leftover: it holds the lock then, or the name is gone.
    if not _lock(stream) or not _same_file(part, stream):
        stream.close()
        raise _busy(part)
    return stream


def _remove_leftover(part: Path) -> bool:
    """Remove the part of a run that is dead: a lock ends with its run, however that ends. False for a live one's."""
    if fcntl is None or part.is_symlink():
        part.unlink(missing_ok=True)
        return True
    try:
        stream = part.open("rb")
    except FileNotFoundError:
        return True
    with stream:
        # Only under its lock, and only while it bears the name: it could be another run's new one by now.
        if not _lock(stream) or not _same_file(part, stream):
            return False
        part.unlink(missing_ok=True)
    return True


def _lock(stream: IO[bytes]) -> bool:
    """Lock this file for as long as it is open; False if another has it. Some network shares have no locks."""
    if fcntl is not None:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def _busy(part: Path) -> Busy:
    return Busy(
        f"Another run is writing the same file into {part.parent}.", action="It is taken up when that run is done."
    )


def _fill(source: Path, part: Path, stream: IO[bytes], target: Path, sha256: str) -> FileFact:
    """Copy, flush to the disk, read back."""
    try:
        reader = source.open("rb")
    except FileNotFoundError as error:
        raise _no_source(source, target) from error
    with reader, storage_errors(target):
        while block := reader.read(_CHUNK):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
        size = stream.tell()
        with part.open("rb") as written:
            found = hashlib.file_digest(written, "sha256").hexdigest()
    if found != sha256:
        raise Damaged(
            f"{target.name} did not reach {target.parent} as it was made.",
            action="Run the same command again; if it stays so, check the disk.",
        )
    return FileFact(path=target, size=size, sha256=found)


def _no_source(source: Path, target: Path) -> NotFound:
    return NotFound(f"{source.name}, which was to become {target.name}, is gone.", action="Run the same command again.")


def _same_file(path: Path, stream: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _ours_still(part: Path, stream: IO[bytes]) -> None:
    # On a share without locks another run may have taken our part for a leftover.
    if not _same_file(part, stream):
        raise _busy(part)


def _take_name(part: Path, stream: IO[bytes], target: Path) -> None:
    """Give the finished part its name. Never replaces."""
    _ours_still(part, stream)
    try:
        os.link(part, target)
    except FileExistsError:
        raise NameTaken(target) from None
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        with _taking_a_name:
            if os.path.lexists(target):
                raise NameTaken(target) from None
            part.rename(target)
    # The part's own name goes when `_part_of` ends.
