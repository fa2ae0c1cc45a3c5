"""Keeping the index current while files come and go: the system says where, the index looks there."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.errors import Interrupted, Misconfigured
from tracksync.journal import Journal
from tracksync.library.index.build import IndexReport, index_folders

__all__ = ["watch_folders"]

_POLL_S = 0.25
_ROOTS_S = 5.0
_CHANGES = frozenset({"created", "deleted", "modified", "moved", "closed"})
"""Of watchdog's events; opening and reading change nothing."""


def watch_folders(
    journal: Journal,
    folders: Sequence[Path],
    *,
    ffmpeg: Ffmpeg,
    stop: threading.Event,
    fingerprint: bool = False,
    leave_out: Collection[Path] = (),
    quiet_s: float = 2.0,
    longest_s: float = 30.0,
    everything_s: float = 600.0,
    heard: Callable[[IndexReport], None] = lambda _: None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Look again wherever something has changed, until `stop` is set.

    A folder is looked at when it has been quiet for `quiet_s` seconds, so that a file is not read while it is written,
    and after `longest_s` at the latest. Folders that are not there are waited for: a volume that is connected is
    indexed when it appears. What the system does not tell (another machine's change on a share, events that were too
    many at once) is found by a look at everything each `everything_s` seconds, which costs the `stat`s.

    Args:
        heard: hears what each look found.
        ready: called once when everything that is there is watched; what changes from then on is seen.

    Raises:
        Misconfigured: the system lets no more folders be watched.
    """
    dirty = _Dirty()
    observer = Observer()
    observer.start()
    watched: dict[Path, Any] = {}
    try:
        _attach(observer, dirty, folders, watched)
        ready()
        waited, looked = 0.0, monotonic()
        while not stop.wait(_POLL_S):
            waited += _POLL_S
            if waited >= _ROOTS_S:
                waited = 0.0
                dirty.add(_attach(observer, dirty, folders, watched))
            due = dirty.due(quiet_s, longest_s)
            if monotonic() - looked >= everything_s:
                due, looked = list(watched), monotonic()
            if due:
                places = _topmost(_nearest(path, folders) for path in due)
                with suppress(Interrupted):  # `stop` was set; what was read is kept
                    report = index_folders(
                        journal, places, ffmpeg=ffmpeg, fingerprint=fingerprint, leave_out=leave_out, cancel=stop
                    )
                    heard(report)
    finally:
        observer.stop()
        observer.join(timeout=10)


def _attach(observer: Any, dirty: _Dirty, folders: Iterable[Path], watched: dict[Path, Any]) -> list[Path]:
    """Watch the folders that are there and are not watched; those that have gone are let go. The new ones."""
    new = []
    for folder in folders:
        is_there = folder.is_dir()
        if not is_there and folder in watched:
            with suppress(KeyError, OSError):
                observer.unschedule(watched.pop(folder))
            dirty.add([folder])
        elif is_there and folder not in watched:
            try:
                watched[folder] = observer.schedule(dirty, str(folder), recursive=True)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EMFILE, errno.ENFILE):
                    raise Misconfigured(
                        f"The system lets no more folders be watched than it has; {folder} is beyond that.",
                        action="Raise fs.inotify.max_user_watches, or watch fewer folders.",
                    ) from None
                continue
            new.append(folder)
    return new


class _Dirty(FileSystemEventHandler):
    """The folders in which something has changed, and when; filled by the observer's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed: dict[Path, list[float]] = {}

    def add(self, folders: Iterable[Path]) -> None:
        """Something has changed in these."""
        now = monotonic()
        with self._lock:
            for folder in folders:
                self._changed.setdefault(folder, [now, now])[1] = now

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Hear of a change; of a move both ends count."""
        if event.event_type not in _CHANGES or (event.is_directory and event.event_type == "modified"):
            return
        paths = [Path(os.fsdecode(text)) for text in (event.src_path, event.dest_path) if text]
        # A folder that comes may hold files already; one that goes took its files along.
        self.add([*(path.parent for path in paths), *(paths if event.is_directory else [])])

    def due(self, quiet_s: float, longest_s: float) -> list[Path]:
        """The folders that are quiet now, or were noisy for too long."""
        now = monotonic()
        with self._lock:
            due = [
                path for path, (first, last) in self._changed.items()
                if now - last >= quiet_s or now - first >= longest_s
            ]  # fmt: skip
            for path in due:
                del self._changed[path]
        return due


def _nearest(path: Path, folders: Sequence[Path]) -> Path:
    """The folder itself, or what is left above it within the folders that are watched."""
    while not path.is_dir() and path not in folders and path != path.parent:
        path = path.parent
    return path


def _topmost(paths: Iterable[Path]) -> list[Path]:
    found = sorted(set(paths))
    return [path for path in found if not any(path != other and path.is_relative_to(other) for other in found)]
