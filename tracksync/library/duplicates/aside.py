"""Setting duplicates aside, and putting them back. Nothing is ever deleted, and nothing written over.

A file goes into a folder of its own below `TRACKSYNC_HOME/quarantine/<time>/`, and only where another file was found to
hold exactly the same audio a moment before. What is to be moved is written down first, one JSON object a line, and
that line is on the disk before the file moves: whatever happens then, the file is at one of the two places that the
line names, or at both.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.audio.packets import read_packets
from tracksync.errors import Damaged, Misconfigured, TracksyncError
from tracksync.journal import Journal
from tracksync.library.duplicates.model import Group, Kind, Member
from tracksync.library.index.scope import QUARANTINE
from tracksync.library.publish import NameTaken, publish_file
from tracksync.library.storage import ensure_folder, fsync_folder, storage_errors
from tracksync.text import one_line

__all__ = ["UNDO_NAME", "PutBack", "SetAside", "put_back", "set_aside"]

UNDO_NAME = "undo.jsonl"
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})


@dataclass
class SetAside:
    """What was moved, what stayed, and how to undo it."""

    undo: Path | None = None
    """The file that `put_back` takes; None where nothing was moved."""
    moved: list[tuple[Path, Path]] = field(default_factory=list)
    stayed: list[tuple[Path, str]] = field(default_factory=list)
    """Files that are never moved, and why."""
    problems: list[tuple[Path, str]] = field(default_factory=list)
    """Files that could not be moved, and why; they are where they were."""


@dataclass
class PutBack:
    """What is at its place again, and what could not be put there."""

    back: list[Path] = field(default_factory=list)
    already: list[Path] = field(default_factory=list)
    problems: list[tuple[Path, str]] = field(default_factory=list)


def set_aside(
    journal: Journal,
    groups: Iterable[Group],
    *,
    ffmpeg: Ffmpeg,
    home: Path,
    told: Callable[[Path], None] = lambda _: None,
) -> SetAside:
    """Move every file of the groups that is not kept, nor protected, into quarantine.

    Groups of another kind than exactly the same audio are left alone.

    Args:
        home: TRACKSYNC_HOME.
        told: hears of each file that was moved.

    Raises:
        Misconfigured, DiskFull: the quarantine can't be written. What was moved before is in the undo file.
    """
    done = SetAside()
    with _Undo(home / QUARANTINE) as undo:
        for group in groups:
            if group.kind is not Kind.EXACT:
                continue
            for member in group.members[1:]:
                if member.protected:
                    done.stayed.append((member.path, member.protected))
                    continue
                try:
                    _check(ffmpeg, group.keep, member)
                    target = undo.announce(group.keep, member)
                    _move(member.path, target)
                except _Differs as error:
                    done.problems.append((member.path, str(error)))
                    continue
                journal.put_indexed(gone=[member.place])
                done.moved.append((member.path, target))
                done.undo = undo.path
                told(member.path)
    return done


def put_back(undo: Path, *, told: Callable[[Path], None] = lambda _: None) -> PutBack:
    """Move what an undo file names back to where it was, the last first. Nothing is overwritten.

    Doing it twice is fine.

    Raises:
        Misconfigured: it is no undo file, or can't be read.
    """
    done = PutBack()
    for line in reversed(_lines(undo)):
        origin, target = Path(line["from"]), Path(line["to"])
        try:
            _put_one_back(origin, target, line, done, told)
        except (TracksyncError, OSError) as error:
            done.problems.append((origin, str(error)))
    return done


class _Differs(Exception):
    """It is not, or no longer, as the index has it."""


class _Undo:
    """The undo file of one run; its folder is made with the first file that is moved."""

    def __init__(self, quarantine: Path) -> None:
        self._quarantine = quarantine
        self._stream: IO[str] | None = None
        self._count = 0
        self.path = quarantine

    def __enter__(self) -> _Undo:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def announce(self, keep: Member, member: Member) -> Path:
        """Write down that the file is about to be moved; where to."""
        stream = self._stream or self._open()
        self._count += 1
        target = self.path.parent / f"{self._count:05}" / member.path.name
        line = {
            "from": str(member.path),
            "to": str(target),
            "kept": str(keep.path),
            "size": member.file.size,
            "mtime_ns": member.file.mtime_ns,
            "audio_sha256": member.file.audio_sha256,
            "at": datetime.now(UTC).isoformat(),
        }
        with storage_errors(self.path):
            ensure_folder(target.parent)
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        return target

    def _open(self) -> IO[str]:
        ensure_folder(self._quarantine)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        for attempt in range(1, 1000):
            folder = self._quarantine / (stamp if attempt == 1 else f"{stamp}-{attempt}")
            with storage_errors(folder):
                try:
                    folder.mkdir()
                except FileExistsError:
                    continue
                self.path = folder / UNDO_NAME
                # Closed by `__exit__`; never an existing one.
                self._stream = self.path.open("x", encoding="ascii")
                fsync_folder(folder)
                fsync_folder(self._quarantine)
                return self._stream
        raise Misconfigured(f"There is no free folder in {self._quarantine}.", action="Move older ones away.")


def _check(ffmpeg: Ffmpeg, keep: Member, member: Member) -> None:
    """Both files are as the index has them and hold the same audio: read now, not remembered."""
    for one in (keep, member):
        try:
            stat = one.path.lstat()
            if (stat.st_size, stat.st_mtime_ns) != (one.file.size, one.file.mtime_ns) and not one.path.is_symlink():
                raise _Differs(f"{one_line(one.path)} has changed since it was indexed.")
            if read_packets(ffmpeg, one.path).sha256 != member.file.audio_sha256:
                raise _Differs(f"{one_line(one.path)} no longer holds the audio that was indexed.")
        except (OSError, TracksyncError) as error:
            raise _Differs(f"{one_line(one.path)} can't be read: {error}") from error
    if member.path.is_symlink() or keep.path.samefile(member.path):
        raise _Differs(f"{one_line(member.path)} is another name of the file that is kept.")


def _move(source: Path, target: Path) -> None:
    """Give the file its new place; within a volume in one step, else by a copy that was read back first.

    Raises:
        _Differs: something stands at `target`, or `source` changed meanwhile. It is where it was.
        DiskFull, Misconfigured, VolumeAway: the target's folder can't be written. It is where it was.
    """
    with storage_errors(target):
        try:
            os.link(source, target)
        except FileExistsError:
            raise _Differs(f"{target} exists already.") from None
        except OSError as error:
            if error.errno == errno.EXDEV:
                _copy_over(source, target)
                return
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(target):
                raise _Differs(f"{target} exists already.") from None
            os.rename(source, target)  # noqa: PTH104 (beside link)
        else:
            fsync_folder(target.parent)
            source.unlink()
        fsync_folder(target.parent)
        with suppress(OSError):
            fsync_folder(source.parent)


def _copy_over(source: Path, target: Path) -> None:
    """To another volume: the original goes only after the copy was flushed and read back, and if it did not change."""
    before = source.stat()
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        publish_file(source, target, digest)
    except NameTaken:
        raise _Differs(f"{target} exists already.") from None
    except Damaged as error:
        raise _Differs(error.message) from error
    shutil.copystat(source, target)
    after = source.stat()
    if (after.st_size, after.st_mtime_ns, after.st_ino) != (before.st_size, before.st_mtime_ns, before.st_ino):
        raise _Differs(f"{one_line(source)} changed while it was copied; it stays, and so does the copy {target}.")
    source.unlink()
    with suppress(OSError):
        fsync_folder(source.parent)


def _lines(undo: Path) -> list[dict[str, Any]]:
    try:
        text = undo.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(
            f"{undo} is no undo file that can be read.", action=f"Give the {UNDO_NAME} that --apply named."
        ) from None
    found = []
    whole = text.splitlines()
    for number, line in enumerate(whole):
        try:
            entry = json.loads(line)
            found.append({name: entry[name] for name in ("from", "to", "size", "mtime_ns")})
        except (ValueError, TypeError, KeyError):
            if number == len(whole) - 1 and not text.endswith("\n"):
                continue  # cut off while it was written: its file was not moved yet
            raise Misconfigured(
                f"{undo} is no undo file: its line {number + 1} is not one.",
                action=f"Give the {UNDO_NAME} that --apply named.",
            ) from None
    return found


def _put_one_back(
    origin: Path, target: Path, line: dict[str, Any], done: PutBack, told: Callable[[Path], None]
) -> None:
    if not os.path.lexists(target):
        if os.path.lexists(origin):
            done.already.append(origin)
        else:
            done.problems.append((origin, f"It is neither there nor at {target}."))
        return
    if os.path.lexists(origin):
        if origin.samefile(target):
            target.unlink()  # the run ended between giving the new name and taking the old: one file, two names
            done.already.append(origin)
            return
        done.problems.append((origin, f"Another file stands there now; the one set aside is still at {target}."))
        return
    if target.stat().st_size != line["size"]:
        done.problems.append((origin, f"{target} is not the file that was set aside."))
        return
    ensure_folder(origin.parent)
    try:
        _move(target, origin)
    except _Differs as error:
        done.problems.append((origin, str(error)))
        return
    with suppress(OSError):
        target.parent.rmdir()
    done.back.append(origin)
    told(origin)
