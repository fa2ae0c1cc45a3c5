"""Building the index, and keeping it: what has changed is read, in threads, and written in batches.

Whatever ends a run, what was written stays, and the next run reads the rest: a folder counts as done only when the
digest of its files was written, after all of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.audio.pool import AnalysisPool
from tracksync.errors import Interrupted
from tracksync.journal import FolderRow, IndexedRow, Journal, place_of
from tracksync.library.index.reading import Reading, read_file
from tracksync.library.index.scan import Look, Scan, Seen, scan
from tracksync.library.index.sounding import fingerprint_pool, sound_of
from tracksync.library.index.volumes import Volumes, system_volumes

__all__ = ["IndexReport", "index_folders"]

_BATCH_FILES = 500
_BATCH_S = 2.0
_FOLDERS_AT_A_TIME = 300
_READING = {
    "problem",
    "again",
    "duration_s",
    "isrc",
    "track_key",
    "audio_sha256",
    "song",
    "content",
    "fingerprint",
}


@dataclass
class IndexReport:
    """What a walk found. Counts are of files."""

    folders: list[Path]
    files: int = 0
    """There now."""
    unchanged: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    """Known from another place of their volume, by inode, size and time: not read again, unless their name changed."""
    gone: int = 0
    """No longer there, nor moved."""
    broken: list[tuple[Path, str]] = field(default_factory=list)
    """Files of this run that are broken or could not be read, and why."""
    away: dict[str, int] = field(default_factory=dict)
    """Volumes that are not mounted, by their place, with how many files the index keeps there."""
    missing: list[Path] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """The figures, by their names."""
        return {
            "files": self.files,
            "new": self.new,
            "changed": self.changed,
            "moved": self.moved,
            "unchanged": self.unchanged,
            "gone": self.gone,
            "broken": len(self.broken),
        }

    @property
    def touched(self) -> bool:
        """Whether anything in the index is another than before."""
        return bool(self.new or self.changed or self.moved or self.gone)

    @property
    def complete(self) -> bool:
        """Whether everything that was named could be looked at; a volume that is away is nobody's fault."""
        return not (self.missing or self.unreadable)


Progress = Callable[[int, int | None], None]
"""Hears how many files are done, and of how many; None while they are still counted."""


def index_folders(
    journal: Journal,
    folders: Sequence[Path],
    *,
    ffmpeg: Ffmpeg,
    fingerprint: bool = False,
    volumes: Volumes | None = None,
    leave_out: Collection[Path] = (),
    progress: Progress = lambda _done, _total: None,
    cancel: threading.Event | None = None,
    workers: int | None = None,
) -> IndexReport:
    """Bring the index up to date with what is below the folders.

    Args:
        folders: absolute paths. One that is not there is reported, and the others are done.
        fingerprint: take the fingerprints of all files that have none, too.
        volumes: what is mounted; by default asked of the system.
        leave_out: folders that are not entered.
        progress: called from this thread.
        cancel: set to end the run in order.
        workers: files that are read side by side; as many as there are processors by default.

    Raises:
        Interrupted: `cancel` was set. What was read is kept.
        TracksyncError: as the journal has it.
    """
    begun = time.monotonic()
    volumes = volumes or system_volumes()
    known = journal.indexed_folders()
    found = scan(
        folders, known, volumes, fingerprint=fingerprint, leave_out={str(path) for path in leave_out},
        progress=lambda count: progress(count, None), cancel=cancel,
    )  # fmt: skip
    mounted = journal.volumes()
    for identity, mount in found.mounts.items():
        if mounted.get(identity, [""])[0] != mount:
            journal.put_volume(identity, mount)
    report = IndexReport(
        folders=list(folders), files=found.files, unchanged=found.unchanged, away=found.away,
        missing=found.missing, unreadable=found.unreadable,
    )  # fmt: skip
    if found.moved:
        journal.put_indexed(found.moved)
    workers = workers or os.cpu_count() or 1
    with fingerprint_pool(workers) as pool:
        update = _Update(journal, ffmpeg, pool if fingerprint else None, volumes, report, progress, cancel, workers)
        update.run(found)
    if found.lost:
        report.gone += journal.lose_folders(found.lost)
    report.gone -= update.moved_from(found.lost)
    report.seconds = time.monotonic() - begun
    return report


@dataclass(frozen=True)
class _Job:
    """A file to be read."""

    folder: FolderRow
    look: Look
    before: IndexedRow | None
    only_sound: bool
    """All but the fingerprint is known."""
    renamed: bool = False
    """It is known under another name: what it is called may stand in its name alone."""


_Read = tuple[_Job, IndexedRow | None]
"""A file that was read; without a row where the run ended before."""


class _Update:
    """The changed folders of one scan, on their way into the index."""

    def __init__(
        self,
        journal: Journal,
        ffmpeg: Ffmpeg,
        pool: AnalysisPool | None,
        volumes: Volumes,
        report: IndexReport,
        progress: Progress,
        cancel: threading.Event | None,
        workers: int,
    ) -> None:
        self._journal, self._ffmpeg, self._pool, self._volumes = journal, ffmpeg, pool, volumes
        self._report, self._progress = report, progress
        self._cancel, self._workers = cancel or threading.Event(), workers
        self._stop = threading.Event()
        self._ready: list[IndexedRow] = []
        self._left: dict[str, int] = {}
        self._folders: dict[str, FolderRow] = {}
        self._again: set[str] = set()
        self._vanished: set[str] = set()
        self._moved_from: dict[str, IndexedRow] = {}
        self._done: list[str] = []
        self._written = time.monotonic()

    def run(self, found: Scan) -> None:
        """Take the changed folders to their end."""
        if not found.changed:
            return
        total = sum(len(seen.files) for seen in found.changed)
        self._progress(0, total)
        count = 0
        threads = ThreadPoolExecutor(max_workers=self._workers, thread_name_prefix="index")
        try:
            running: set[Future[_Read]] = set()
            for job in self._jobs(found.changed):
                if isinstance(job, int):
                    count += job
                    self._progress(count, total)
                    continue
                running.add(threads.submit(self._read, job))
                # A few more than there are threads, so that none of them waits for this one.
                while len(running) >= 4 * self._workers:
                    count += self._collect(running)
                    self._progress(count, total)
            while running:
                count += self._collect(running)
                self._progress(count, total)
        finally:
            # Also on Ctrl-C: the files that are being read are not waited for, what was read is kept.
            self._stop.set()
            threads.shutdown(wait=False, cancel_futures=True)
            self._write()
        if self._cancel.is_set():
            raise Interrupted("The index was broken off.", action="The same command takes up the rest.")

    def _jobs(self, changed: Sequence[Seen]) -> Iterator[_Job | int]:
        """What has to be read, folder by folder, and numbers: of files that need not be."""
        waiting = iter(changed)
        while group := list(islice(waiting, _FOLDERS_AT_A_TIME)):
            self._journal.put_indexed([replace(seen.row, digest=None) for seen in group])
            rows: dict[str, dict[str, IndexedRow]] = {seen.row.place: {} for seen in group}
            for row in self._journal.files_in(rows):
                rows[row.folder][row.name] = row
            strangers = [
                look[3]
                for seen in group
                for look in seen.files
                if (known := rows[seen.row.place].get(look[0])) is None or known.gone is not None
            ]
            elsewhere = self._by_inode(strangers)
            for seen in group:
                if self._cancel.is_set():
                    return
                yield from self._folder_jobs(seen, rows[seen.row.place], elsewhere)

    def _folder_jobs(
        self, seen: Seen, before: dict[str, IndexedRow], elsewhere: dict[int, list[IndexedRow]]
    ) -> Iterator[_Job | int]:
        folder = seen.row
        names = {look[0] for look in seen.files}
        vanished = [row.place for name, row in before.items() if name not in names and row.gone is None]
        if vanished:
            self._journal.put_indexed(gone=vanished)
            self._report.gone += len(vanished)
            self._vanished.update(vanished)
        jobs: list[_Job] = []
        settled = 0
        for look in seen.files:
            row = before.get(look[0])
            same = row is not None and (row.size, row.mtime_ns) == look[1:3] and not row.again
            if row is not None and same:
                if self._pool is None or row.fingerprint is not None or row.problem:
                    if row.gone is not None:
                        twin = self._moved(folder, look, elsewhere)
                        self._ready.append(replace(row, gone=None, found=time.time()))
                        if twin is not None and twin.gone is None:  # it is back where it was once
                            self._moved_from[twin.place] = twin
                            self._report.moved += 1
                        else:
                            self._report.new += 1
                    else:
                        self._report.unchanged += 1
                    settled += 1
                    continue
                jobs.append(_Job(folder, look, row, only_sound=True))
            elif row is None and (twin := self._moved(folder, look, elsewhere)) is not None:
                self._moved_from[twin.place] = twin
                if twin.name == look[0]:
                    self._ready.append(self._taken_over(folder, look, twin))
                    self._report.moved += 1
                    settled += 1
                else:
                    jobs.append(_Job(folder, look, row, only_sound=False, renamed=True))
            else:
                jobs.append(_Job(folder, look, row, only_sound=False))
        self._folders[folder.place] = folder
        self._left[folder.place] = len(jobs)
        if not jobs:
            self._done.append(folder.place)
        yield settled
        yield from jobs
        self._write_in_time()

    def moved_from(self, lost: Collection[str]) -> int:
        """How many of the files that are gone from their place are at another: `lost` are the folders that are gone."""
        gone = set(lost)
        return sum(
            place in self._vanished or (row.gone is None and row.folder in gone)
            for place, row in self._moved_from.items()
        )

    def _by_inode(self, inodes: Sequence[int]) -> dict[int, list[IndexedRow]]:
        found: dict[int, list[IndexedRow]] = {}
        wanted = [inode for inode in inodes if inode > 0]
        for row in self._journal.files_by("inode", wanted, fingerprints=True):
            found.setdefault(row.inode, []).append(row)
        return found

    def _moved(self, folder: FolderRow, look: Look, elsewhere: dict[int, list[IndexedRow]]) -> IndexedRow | None:
        """The file's record at a place of the same volume where it is no longer, if it was moved and not touched."""
        _, size, mtime, inode = look
        # Where it was last, before where it was long ago.
        for row in sorted(elsewhere.get(inode, ()), key=lambda row: (row.gone is None, row.found), reverse=True):
            if (row.volume, row.size, row.mtime_ns) != (folder.volume, size, mtime) or row.again:
                continue
            now = self._volumes.path_of(row.volume, row.relative)
            if now is not None and not os.path.lexists(os.path.join(now, row.name)):  # noqa: PTH118 (a name of any bytes)
                return row
        return None

    def _taken_over(self, folder: FolderRow, look: Look, twin: IndexedRow) -> IndexedRow:
        return replace(self._row(folder, look), **{name: getattr(twin, name) for name in _READING})

    def _read(self, job: _Job) -> _Read:
        if self._stop.is_set() or self._cancel.is_set():
            return job, None
        path = Path(job.folder.path, job.look[0])
        if job.only_sound and job.before is not None:
            read = {name: getattr(job.before, name) for name in _READING}
        else:
            reading: Reading = read_file(self._ffmpeg, path)
            read = {name: getattr(reading, name) for name in _READING}
        if self._pool is not None and read["problem"] is None and read["fingerprint"] is None:
            read["fingerprint"] = sound_of(self._ffmpeg, self._pool, path, read["duration_s"])
        return job, replace(self._row(job.folder, job.look), **read)

    def _row(self, folder: FolderRow, look: Look) -> IndexedRow:
        name, size, mtime, inode = look
        return IndexedRow(
            place=place_of(folder.volume, folder.relative, name), folder=folder.place, name=name, size=size,
            mtime_ns=mtime, inode=inode, found=time.time(), gone=None, volume=folder.volume,
            relative=folder.relative, folder_path=folder.path,
        )  # fmt: skip

    def _collect(self, running: set[Future[_Read]]) -> int:
        """Take what is read; how many that were."""
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        running -= done
        for future in done:
            job, row = future.result()
            if row is None:
                continue
            if job.renamed:
                self._report.moved += 1
            elif job.before is None or job.before.gone is not None:
                self._report.new += 1
            elif not job.only_sound:
                self._report.changed += 1
            else:
                self._report.unchanged += 1
            self._ready.append(row)
            if row.problem:
                self._report.broken.append((Path(row.path), row.problem))
            if row.again or (self._pool is not None and row.fingerprint is None and not row.problem):
                self._again.add(row.folder)
            self._left[row.folder] -= 1
            if not self._left[row.folder]:
                self._done.append(row.folder)
        self._write_in_time()
        return len(done)

    def _write_in_time(self) -> None:
        if len(self._ready) + len(self._done) >= _BATCH_FILES or time.monotonic() - self._written > _BATCH_S:
            self._write()

    def _write(self) -> None:
        """One transaction: what is read, and the digests of the folders that are complete by it."""
        # A folder with a file that is to be looked at again stays open, and so is looked into by the next run.
        complete = [self._folders[place] for place in self._done if place not in self._again]
        if self._ready or complete:
            self._journal.put_indexed(complete, self._ready)
        self._ready, self._done, self._written = [], [], time.monotonic()
