"""What is kept of the volumes: folders, the audio files in them, and which of these were compared.

A file is kept by its place: a digest of its volume, its folder within that, and its name. So a volume that is mounted
elsewhere keeps its records, and names may hold any bytes. Nothing is ever removed: what is no longer there is `gone`.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, case, select, update

from tracksync.journal._core import Database, index_text, plain
from tracksync.journal._schema import compared, indexed_files, indexed_folders, volumes
from tracksync.journal._schema import receipts as receipts_table
from tracksync.model import Adopted, PublishReceipt, RecordReceipt, Stage

__all__ = ["FolderRow", "Indexed", "IndexedRow", "place_of"]

_AT_A_TIME = 400
"""Values of one question: SQLite takes 999 in old versions."""

_FILE_COLUMNS = [column for column in indexed_files.c if column.name != "fingerprint"]


def place_of(*parts: str) -> str:
    """The place that a volume's identity, a path in it and a name make: 32 hex digits, whatever bytes they hold."""
    text = "\0".join(parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder as the index has it."""

    place: str
    volume: str
    relative: str
    """Its path in the volume, without a slash in front; empty for the volume's own root."""
    path: str
    """Where it was found last."""
    digest: str | None = None
    """Of its files' names, sizes and times when all of them were in the index; None while they are not."""
    fingerprinted: bool = False
    files: int = 0


@dataclass(frozen=True, slots=True)
class IndexedRow:
    """A file as the index has it, and the folder that it is in. Small, for there are hundreds of thousands."""

    place: str
    folder: str
    name: str
    size: int
    mtime_ns: int
    inode: int
    found: float
    """Seconds since 1970: when it was first seen at this place."""
    gone: float | None = None
    """Since when it is known not to be there."""
    problem: str | None = None
    """Why it is broken, or could not be read; a sentence."""
    again: bool = False
    """Whether the problem may pass, so that the file is looked at again."""
    duration_s: float | None = None
    isrc: str | None = None
    track_key: str | None = None
    audio_sha256: str | None = None
    song: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    fingerprint: str | None = None
    volume: str = ""
    relative: str = ""
    """Of its folder."""
    folder_path: str = ""

    @property
    def path(self) -> str:
        """Where it was found last."""
        return os.path.join(self.folder_path, self.name)  # noqa: PTH118 (names of any bytes, many of them)


class Indexed(Database):
    """The index of volumes."""

    def volumes(self) -> dict[str, list[str]]:
        """Where each volume was mounted, latest first, by its identity."""
        with self._read() as connection:
            return {row.identity: row.mounts for row in connection.execute(select(volumes))}

    def put_volume(self, identity: str, mount: str) -> None:
        """The volume is mounted there now."""
        known = self.volumes().get(identity, [])
        mounts = [mount, *(other for other in known if other != mount)][:8]
        row = {"identity": plain(identity), "mounts": mounts, "seen": self._now()}
        with self._write() as connection:
            self._upsert(connection, volumes, ["identity"], [row])

    def indexed_folders(self) -> dict[str, FolderRow]:
        """Every folder of the index, by its place."""
        with self._read() as connection:
            rows = connection.execute(select(indexed_folders)).all()
        return {row.place: FolderRow(**_folder_values(row)) for row in rows}

    def put_indexed(
        self, folders: Sequence[FolderRow] = (), files: Sequence[IndexedRow] = (), gone: Iterable[str] = ()
    ) -> None:
        """Write folders and files, and note the places of files that are gone: all of it, or nothing.

        The folders' volumes must be known (`put_volume`). A file that was there before keeps the time it was found,
        unless it had been gone.
        """
        now, lost = self._now(), list(gone)
        with self._write() as connection:
            if folders:
                rows = [asdict(folder) | {"path_key": place_of(folder.path)} for folder in folders]
                self._upsert(connection, indexed_folders, ["place"], rows)
            if files:
                columns = {column.name for column in indexed_files.c}
                self._upsert(connection, indexed_files, ["place"], [_file_values(file, columns) for file in files])
            for part in _parts(lost):
                still = indexed_files.c.place.in_(part) & indexed_files.c.gone.is_(None)
                connection.execute(update(indexed_files).where(still).values(gone=now))
                # Should they come back as they were, their folders must not look as if nothing had happened.
                theirs = select(indexed_files.c.folder).where(indexed_files.c.place.in_(part))
                opened = update(indexed_folders).where(indexed_folders.c.place.in_(theirs))
                connection.execute(opened.values(digest=None))

    def lose_folders(self, places: Iterable[str]) -> int:
        """These folders are gone, and all files in them; how many those were."""
        now, count = self._now(), 0
        with self._write() as connection:
            for part in _parts(list(places)):
                still = indexed_files.c.folder.in_(part) & indexed_files.c.gone.is_(None)
                count += connection.execute(update(indexed_files).where(still).values(gone=now)).rowcount
                emptied = update(indexed_folders).where(indexed_folders.c.place.in_(part))
                connection.execute(emptied.values(digest=None, files=0))
        return count

    def files_in(self, folders: Iterable[str]) -> list[IndexedRow]:
        """The files of these folders, gone ones too, with their fingerprints."""
        return self._files(indexed_files.c.folder, folders, fingerprints=True)

    def files_by(self, kind: str, values: Iterable[str | int], *, fingerprints: bool = False) -> list[IndexedRow]:
        """The files that have one of these values, gone ones too.

        Args:
            kind: `isrc`, `track_key`, `audio_sha256`, `song` or `inode`.
        """
        wanted = [value if isinstance(value, int) else index_text(value) for value in values]
        return self._files(indexed_files.c[kind], wanted, fingerprints=fingerprints)

    def files_at(self, path: str, name: str) -> list[IndexedRow]:
        """The files of this name that were found last in the folder `path`, on whichever volume."""
        matching = (indexed_folders.c.path_key == place_of(path)) & (indexed_files.c.name == name)
        return list(self._rows(matching))

    def files_at_places(self, places: Iterable[str]) -> list[IndexedRow]:
        """The files of these places."""
        return self._files(indexed_files.c.place, places)

    def every_file(self, *, fingerprints: bool = False, in_order: bool = False) -> Iterator[IndexedRow]:
        """Every file that is not gone; by folder and name where `in_order`. To be read to the end, and soon."""
        return self._rows(indexed_files.c.gone.is_(None), fingerprints=fingerprints, in_order=in_order)

    def fingerprints_at(self, places: Iterable[str]) -> dict[str, str]:
        """The fingerprints of the files of these places that have one, by place."""
        found: dict[str, str] = {}
        with self._read() as connection:
            for part in _parts(list(places)):
                query = select(indexed_files.c.place, indexed_files.c.fingerprint)
                where = indexed_files.c.place.in_(part) & (indexed_files.c.fingerprint != "")
                found.update((row.place, row.fingerprint) for row in connection.execute(query.where(where)))
        return found

    def verdicts(self) -> dict[tuple[str, str], tuple[bool, str]]:
        """What comparing two sounds gave: by their hashes in order, whether they are the same recording, and why."""
        with self._read() as connection:
            rows = connection.execute(select(compared)).all()
        return {(row.one, row.other): (bool(row.same), row.evidence) for row in rows}

    def put_verdict(self, one: str, other: str, *, same: bool, evidence: str) -> None:
        """Keep what comparing two sounds gave."""
        first, second = sorted((one, other))
        row = {"one": first, "other": second, "same": int(same), "evidence": plain(evidence)}
        with self._write() as connection:
            self._upsert(connection, compared, ["one", "other"], [row])

    def named_files(self) -> dict[str, str]:
        """The files that receipts name as a track's, whether made or taken over, with the track's key."""
        stages = [Stage.PUBLISH.value, Stage.RECORD.value]
        query = select(receipts_table.c.track_key, receipts_table.c.stage, receipts_table.c.content)
        found: dict[str, str] = {}
        with self._read() as connection:
            for row in connection.execute(query.where(receipts_table.c.stage.in_(stages))):
                for path in _paths_of(row.stage, row.content):
                    found.setdefault(path, row.track_key)
        return found

    def _files(
        self, column: ColumnElement[Any], values: Iterable[str | int], *, fingerprints: bool = False
    ) -> list[IndexedRow]:
        found: list[IndexedRow] = []
        for part in _parts(list(dict.fromkeys(values))):
            found.extend(self._rows(column.in_(part), fingerprints=fingerprints))
        return found

    def _rows(
        self, where: ColumnElement[bool], *, fingerprints: bool = False, in_order: bool = False
    ) -> Iterator[IndexedRow]:
        columns = [*indexed_files.c] if fingerprints else _FILE_COLUMNS
        query = (
            select(*columns, indexed_folders.c.volume, indexed_folders.c.relative, indexed_folders.c.path)
            .join(indexed_folders, indexed_folders.c.place == indexed_files.c.folder)
            .where(where)
        )
        if in_order:
            query = query.order_by(indexed_folders.c.path, indexed_files.c.name)
        # Piece by piece: all rows of a large index at once would be half a gigabyte.
        with self._stream() as connection, connection.execute(query) as found:
            for row in found:
                values = dict(row._mapping)
                # Once for all files of a folder.
                values["folder_path"] = sys.intern(values.pop("path"))
                values["relative"] = sys.intern(values["relative"])
                values["again"] = bool(values["again"])
                yield IndexedRow(**values)

    def _upsert(self, connection: Any, table: Table, keys: list[str], rows: list[dict[str, Any]]) -> None:
        insert = self._insert(table)
        changed: dict[str, Any] = {
            column.name: insert.excluded[column.name] for column in table.c if column.name not in keys
        }
        if table is indexed_files:
            # A file that comes back where it had been is found anew.
            was_gone = indexed_files.c.gone.is_not(None)
            changed["found"] = case((was_gone, insert.excluded.found), else_=indexed_files.c.found)
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def _folder_values(row: Any) -> dict[str, Any]:
    values = dict(row._mapping)
    del values["path_key"]
    return values | {"fingerprinted": bool(values["fingerprinted"])}


def _file_values(file: IndexedRow, columns: set[str]) -> dict[str, Any]:
    values = {name: getattr(file, name) for name in columns}
    for name in ("isrc", "track_key", "audio_sha256", "song"):
        if values[name] is not None:
            values[name] = index_text(values[name])
    if values["problem"] is not None:
        values["problem"] = plain(values["problem"])
    return values | {"again": int(values["again"]), "inode": _signed(values["inode"])}


def _signed(value: int) -> int:
    # The same 64 bits as databases have them.
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def _parts(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _AT_A_TIME):
        yield values[start : start + _AT_A_TIME]


def _paths_of(stage: str, content: Any) -> list[str]:
    try:
        if stage == Stage.PUBLISH.value:
            published = PublishReceipt.model_validate(content)
            facts = published.files
            return [str(fact.path) for fact in facts]
        adopted: Adopted | None = RecordReceipt.model_validate(content).adopted
    except ValueError:
        return []
    return [str(path) for path in adopted.files.values()] if adopted else []
