"""The index as a file that other programs read: `music_volume_index.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tracksync.errors import Misconfigured
from tracksync.journal import IndexedRow, Journal
from tracksync.library.index.scope import folders_to_index
from tracksync.library.publish import part_path
from tracksync.library.storage import ensure_folder, fsync_folder, storage_errors
from tracksync.settings import Settings

__all__ = ["EXPORT_NAME", "export_default", "export_index"]

EXPORT_NAME = "music_volume_index.json"
_MARK = "index export"


def export_default(
    journal: Journal,
    settings: Settings,
    chosen: Sequence[Path],
    *,
    touched: bool = True,
    target: Path | None = None,
) -> Path:
    """Export after the folders `chosen` were indexed: to `target`, else to the usual file in TRACKSYNC_HOME.

    The usual file holds all that the index usually covers, also where only a part was looked at now.

    Raises:
        Misconfigured, VolumeAway, DiskFull: as `export_index`.
    """
    covered = list(chosen)
    if target is None:
        with suppress(Misconfigured):  # nothing is configured: what was named is all there is
            covered = list(dict.fromkeys([*folders_to_index(settings, ()), *chosen]))
    where = target or settings.home / EXPORT_NAME
    export_index(journal, where, covered, [folder for folder in covered if not folder.is_dir()], touched=touched)
    return where


def export_index(
    journal: Journal, target: Path, scan_paths: Sequence[Path], missing_paths: Sequence[Path], *, touched: bool = True
) -> bool:
    """Write the records of what lies below the scanned folders; whole, or not at all.

    A record is `path`, `extension` (with its dot, in lower case), `size` (bytes), `mtime` (seconds since 1970),
    `title_cleaned`, `artist_cleaned` (case folded, without accents), `file_hash` (SHA-256 of the sound, so independent
    of tags; null where it could not be read) and `is_valid`. Files of a volume that is not mounted are kept: its folder
    stands in `missing_paths`. JSON in ASCII, so that names of any bytes survive.

    Args:
        touched: whether the index has changed. Where not, a file that was written for the same folders stays.

    Returns:
        Whether it was written.

    Raises:
        Misconfigured, VolumeAway, DiskFull: the folder can't be written. What was there stays.
    """
    scanned, missing = [str(path) for path in scan_paths], [str(path) for path in missing_paths]
    if not touched and (look := _look(target)) is not None:
        mark = journal.mark(_MARK) or {}
        if mark == {"target": str(target), "look": look, "scanned": scanned, "missing": missing}:
            return False
    ensure_folder(target.parent)
    part = part_path(target)
    try:
        with storage_errors(target):
            with part.open("w", encoding="ascii") as stream:
                _write(stream, journal, scanned, missing)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(target)
            fsync_folder(target.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    mark = {"target": str(target), "look": _look(target), "scanned": scanned, "missing": missing}
    journal.set_mark(_MARK, mark)
    return True


def _write(stream: IO[str], journal: Journal, scanned: list[str], missing: list[str]) -> None:
    head = {"generated_at": datetime.now(UTC).isoformat(), "scan_paths": scanned, "missing_paths": missing}
    stream.write(json.dumps(head)[:-1] + ', "records": [')
    for number, record in enumerate(_records(journal, scanned)):
        stream.write(("," if number else "") + "\n" + json.dumps(record))
    stream.write("\n]}\n")


def _records(journal: Journal, scanned: Sequence[str]) -> Iterator[dict[str, Any]]:
    folders = tuple(path.rstrip("/") + "/" for path in scanned)
    for row in journal.every_file(in_order=True):
        if row.path.startswith(folders):
            yield _record(row)


def _record(row: IndexedRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "extension": os.path.splitext(row.name)[1].lower(),  # noqa: PTH122 (a name of any bytes)
        "size": row.size,
        "mtime": row.mtime_ns / 1e9,
        "title_cleaned": row.content.get("title_cleaned"),
        "artist_cleaned": row.content.get("artist_cleaned"),
        "file_hash": row.audio_sha256,
        "is_valid": row.problem is None,
    }


def _look(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]
