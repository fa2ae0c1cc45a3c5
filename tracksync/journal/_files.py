"""What the journal knows of files: the names they bear, how they looked when they were read, how they sound."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from sqlalchemy import delete, select

from tracksync.errors import Unexpected
from tracksync.journal._core import Database, index_text, plain
from tracksync.journal._schema import fingerprints, receipts, seen_files, stems, tracks
from tracksync.model import Stage

__all__ = ["Files"]


class Files(Database):
    """File names that are claimed, files that were read, fingerprints."""

    def claim_stem(
        self,
        track_key: str,
        candidates: Iterable[str],
        taken_on_disk: Callable[[str], bool],
        normal: Callable[[str], str],
    ) -> str:
        """The name under which the track's files stand: the one it has, or the first that is free.

        There is one namespace for the whole library, since copies of it are flat. No lock is held while the disk is
        asked: of two tracks that want one name at once, in whatever processes, one gets it and the other the next.

        Args:
            track_key: the track's key.
            candidates: the names it may have, without extension, best first.
            taken_on_disk: whether a file that is not the track's own has the name.
            normal: what two names have in common that a disk takes for one.

        Raises:
            NotFound: the journal has no such track.
            Unexpected: none of the candidates is free.
        """
        key = plain(track_key)
        held = self._stem_of(key)
        if held is not None:
            return held
        for stem in candidates:
            same_name = index_text(normal(stem))
            if self._stem_is_claimed(same_name) or taken_on_disk(stem):
                continue
            row = {"same_name": same_name, "stem": stem, "track_key": key}
            with self._write(track_key) as connection:
                connection.execute(self._insert(stems).values(row).on_conflict_do_nothing())
            # By this candidate, or by another thread's for the same track.
            held = self._stem_of(key)
            if held is not None:
                return held
        raise Unexpected(f"There is no free file name for the track {track_key}.")

    def release_stem(self, track_key: str) -> None:
        """Give the track's name back; without one nothing happens."""
        with self._write() as connection:
            connection.execute(delete(stems).where(stems.c.track_key == plain(track_key)))

    def _stem_of(self, key: str) -> str | None:
        with self._read() as connection:
            return connection.execute(select(stems.c.stem).where(stems.c.track_key == key)).scalar()

    def _stem_is_claimed(self, same_name: str) -> bool:
        with self._read() as connection:
            query = select(stems.c.track_key).where(stems.c.same_name == same_name)
            return connection.execute(query).first() is not None

    def find_seen(self, path: str | os.PathLike[str], stat: os.stat_result) -> str | None:
        """The key of the track that this file held when it was read, None unless it is unchanged since.

        Unchanged is: the same path, size, inode, device, and both times to the nanosecond.
        """
        with self._read() as connection:
            row = connection.execute(select(seen_files).where(seen_files.c.path == _path_text(path))).first()
        if row is None or any(row._mapping[name] != value for name, value in _look(stat).items()):
            return None
        return str(row.track_key)

    def remember_seen(self, path: str | os.PathLike[str], stat: os.stat_result, key: str) -> None:
        """Note that the file, as it looks now, holds this track.

        Raises:
            NotFound: the journal has no such track.
        """
        row = {"path": _path_text(path), **_look(stat), "track_key": plain(key)}
        insert = self._insert(seen_files).values(row)
        with self._write(key) as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["path"], set_={name: insert.excluded[name] for name in row if name != "path"}
                )
            )

    def put_fingerprint(self, key: str, duration_s: float, fingerprint: str) -> None:
        """Keep how the track sounds, by which the same recording is found under another name.

        Raises:
            NotFound: the journal has no such track.
        """
        row = {"track_key": plain(key), "duration_s": duration_s, "fingerprint": fingerprint}
        insert = self._insert(fingerprints).values(row)
        with self._write(key) as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["track_key"],
                    set_={"duration_s": insert.excluded.duration_s, "fingerprint": insert.excluded.fingerprint},
                )
            )

    def fingerprints_near(self, duration_s: float, tolerance_s: float) -> list[tuple[str, str]]:
        """Key and fingerprint of each track in the library whose length is this one, give or take `tolerance_s`.

        In the library is a track that was published and that holds its recording itself (was not merged).
        """
        query = (
            select(fingerprints.c.track_key, fingerprints.c.fingerprint)
            .join(tracks, tracks.c.key == fingerprints.c.track_key)
            .join(receipts, receipts.c.track_key == fingerprints.c.track_key)
            .where(
                receipts.c.stage == Stage.PUBLISH.value,
                tracks.c.merged_into.is_(None),
                fingerprints.c.duration_s.between(duration_s - tolerance_s, duration_s + tolerance_s),
            )
            .order_by(tracks.c.created, tracks.c.key)
        )
        with self._read() as connection:
            return [(row.track_key, row.fingerprint) for row in connection.execute(query)]


def _path_text(path: str | os.PathLike[str]) -> str:
    return index_text(os.fspath(path))


def _look(stat: os.stat_result) -> dict[str, int]:
    return {
        "size": stat.st_size,
        "mtime_ns": stat.st_mtime_ns,
        "ctime_ns": stat.st_ctime_ns,
        "inode": _signed(stat.st_ino),
        "device": _signed(stat.st_dev),
    }


def _signed(value: int) -> int:
    """The same 64 bits as databases have them: some file systems number their files from the top."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
