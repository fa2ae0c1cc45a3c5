"""Is this recording on a disk already, and where has a file gone? Exact answers only, from the index of volumes.

What is given is there at this moment, with the size and time that it was read with: anything else counts as unknown
until the index has looked again.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tracksync.catalogue.songs import normal_isrc, same_length
from tracksync.journal import IndexedRow, Journal, index_text, place_of
from tracksync.library.index.reading import song_key
from tracksync.library.index.scope import is_eagles
from tracksync.library.index.volumes import Volumes, system_volumes
from tracksync.model import Track

__all__ = ["IndexedFile", "find_many", "find_on_disk", "present", "where_moved", "where_moved_many"]


@dataclass(frozen=True)
class IndexedFile:
    """A file that is on a disk now."""

    path: Path
    size: int
    mtime_ns: int
    audio_sha256: str
    duration_s: float | None
    lossless: bool
    """False also where it was made from a lossy source and says so."""
    bitrate_kbps: int
    sample_rate: int
    bits: int
    format: str
    """`FLAC 16 bit 44.1 kHz`."""
    title: str
    artists: tuple[str, ...]
    isrc: str | None
    track_key: str | None
    """In its tags: this program made it."""
    tags: int
    """How many of title, artists, album, genre, date, ISRC and cover it has."""
    identity: tuple[int, int] = (0, 0)
    """Device and inode: two names of one file have the same."""
    how: str = ""
    """By what it was found: `isrc`, `track key`, `audio` or `name and length`."""

    @property
    def quality(self) -> tuple[bool, int]:
        """To compare: lossless first; then, there, bits a second before packing, else the bit rate."""
        return self.lossless, self.bits * self.sample_rate if self.lossless else self.bitrate_kbps


@dataclass(frozen=True)
class _Wanted:
    isrc: str | None
    key: str | None
    audio: str | None
    song: str | None
    duration_s: float | None


def find_on_disk(
    journal: Journal,
    *,
    isrc: str | None = None,
    key: str | None = None,
    audio_sha256: str | None = None,
    title: str | None = None,
    artists: Sequence[str] = (),
    duration_s: float | None = None,
    volumes: Volumes | None = None,
) -> list[IndexedFile]:
    """The files that hold the recording, best quality first.

    One is found by its ISRC (and a length within two seconds, where both are known), by the track's key in its tags, by
    the hash of its sound; or by exactly this title with its version, exactly these artists, and a length within two
    seconds, which both have to have. Nothing is fuzzy. A file that was moved since is found where it is now.

    Args:
        isrc: with or without dashes.
        key: the track's key.
        audio_sha256: as `audio_sha256` of `tracksync.audio.decode` has it.
        title: with its version.
        duration_s: in seconds.
        volumes: what is mounted; by default asked of the system.
    """
    wanted = _Wanted(
        normal_isrc(isrc), key, audio_sha256, song_key(title, tuple(artists)) if title else None, duration_s
    )
    return _find(journal, {"": wanted}, volumes)[""]


def find_many(
    journal: Journal, tracks: Iterable[Track], *, volumes: Volumes | None = None
) -> dict[str, list[IndexedFile]]:
    """The same for many tracks in few questions: the files of each track that has any, by the track's key."""
    wanted = {track.key: _wanted_of(track) for track in tracks}
    return {key: files for key, files in _find(journal, wanted, volumes).items() if files}


def where_moved(journal: Journal, path: Path, *, volumes: Volumes | None = None) -> Path | None:
    """Where a file is now that is no longer at `path`; None where it is there, or nobody knows.

    It is a file of the same sound and the same ending, which no receipt names as another file of a track, and none that
    is Eagle's. Where there are several, the one of the same name counts, then the one that came latest.
    """
    return where_moved_many(journal, [path], volumes=volumes).get(path)


def where_moved_many(
    journal: Journal, paths: Iterable[Path], *, key: str | None = None, volumes: Volumes | None = None
) -> dict[Path, Path]:
    """The same for many files in few questions: those that are found elsewhere, by where they were.

    Args:
        key: of the track whose files they are, where this program made them: one that the index never saw at its old
            place is found by the key in its tags.
    """
    now = volumes
    named: dict[str, str] | None = None
    found: dict[Path, Path] = {}
    for path in paths:
        if os.path.lexists(path):
            continue
        now = now or system_volumes()
        hashes = {row.audio_sha256 for row in _known_at(journal, path) if row.audio_sha256}
        rows = (
            journal.files_by("audio_sha256", hashes) if hashes else journal.files_by("track_key", [key] if key else [])
        )
        candidates = []
        for row in rows:
            if row.gone is not None or Path(row.name).suffix.lower() != path.suffix.lower():
                continue
            there = present(row, now)
            if there is None or there.path == path or there.path in found.values() or is_eagles(there.path):
                continue
            named = journal.named_files() if named is None else named
            if str(there.path) not in named:
                candidates.append((row.name == path.name, row.found, there.path))
        if candidates:
            found[path] = max(candidates)[2]
    return found


def present(row: IndexedRow, volumes: Volumes) -> IndexedFile | None:
    """The file of a row, if it is there and looks as it did when it was read; None for a broken one."""
    if row.problem or row.audio_sha256 is None:
        return None
    for folder in dict.fromkeys((row.folder_path, volumes.path_of(row.volume, row.relative))):
        if folder is None:
            continue
        path = os.path.join(folder, row.name)  # noqa: PTH118 (a name of any bytes)
        try:
            stat = os.stat(path)  # noqa: PTH116
        except (OSError, ValueError):
            continue
        if (stat.st_size, stat.st_mtime_ns) == (row.size, row.mtime_ns):
            return _file(Path(path), row, (stat.st_dev, stat.st_ino))
    return None


def _file(path: Path, row: IndexedRow, identity: tuple[int, int]) -> IndexedFile:
    content = row.content
    return IndexedFile(
        path=path,
        size=row.size,
        mtime_ns=row.mtime_ns,
        audio_sha256=row.audio_sha256 or "",
        duration_s=row.duration_s,
        lossless=bool(content.get("lossless")),
        bitrate_kbps=content.get("bitrate_kbps") or 0,
        sample_rate=content.get("sample_rate") or 0,
        bits=content.get("bits") or 0,
        format=content.get("format") or "",
        title=content.get("title") or "",
        artists=tuple(content.get("artists") or ()),
        isrc=row.isrc,
        track_key=row.track_key,
        tags=content.get("tags") or 0,
        identity=identity,
    )


def _wanted_of(track: Track) -> _Wanted:
    facts = track.facts
    audio = track.key.removeprefix("file:") if track.key.startswith("file:") else None
    return _Wanted(normal_isrc(facts.isrc), track.key, audio, song_key(facts.title, facts.artists), track.duration_s)


def _find(journal: Journal, wanted: Mapping[str, _Wanted], volumes: Volumes | None) -> dict[str, list[IndexedFile]]:
    by_isrc = _rows_by(journal, "isrc", [one.isrc for one in wanted.values()])
    by_key = _rows_by(journal, "track_key", [one.key for one in wanted.values()])
    by_audio = _rows_by(journal, "audio_sha256", [one.audio for one in wanted.values()])
    # A name alone is none: without a length nothing is asked.
    by_song = _rows_by(journal, "song", [one.song if one.duration_s else None for one in wanted.values()])
    hits: dict[str, list[tuple[IndexedRow, str]]] = {}
    for name, one in wanted.items():
        found = [(row, "audio") for row in by_audio.get(one.audio or "", ())]
        found += [(row, "track key") for row in by_key.get(one.key or "", ())]
        found += [
            (row, "isrc")
            for row in by_isrc.get(one.isrc or "", ())
            if same_length(row.duration_s, one.duration_s) is not False
        ]
        found += [
            (row, "name and length")
            for row in by_song.get(one.song or "", ())
            if same_length(row.duration_s, one.duration_s)
        ]
        hits[name] = found
    if not any(hits.values()):
        return {name: [] for name in wanted}
    now = volumes or system_volumes()
    # The same sound may be elsewhere by now, under a name and with tags that say less.
    sounds = {row.audio_sha256 for found in hits.values() for row, _ in found}
    twins = _rows_by(journal, "audio_sha256", sounds)
    seen: dict[str, IndexedFile | None] = {}
    return {name: _there(found, twins, seen, now) for name, found in hits.items()}


def _rows_by(journal: Journal, kind: str, values: Iterable[str | None]) -> dict[str, list[IndexedRow]]:
    found: dict[str, list[IndexedRow]] = defaultdict(list)
    asked = {index_text(value): value for value in values if value}  # as the journal gives it back
    for row in journal.files_by(kind, asked.values()):
        found[asked[getattr(row, kind)]].append(row)
    return found


def _there(
    found: Sequence[tuple[IndexedRow, str]],
    twins: Mapping[str, Sequence[IndexedRow]],
    seen: dict[str, IndexedFile | None],
    volumes: Volumes,
) -> list[IndexedFile]:
    how: dict[str, tuple[IndexedRow, str]] = {}
    for row, by in found:
        how.setdefault(row.place, (row, by))
    for row, by in found:
        for twin in twins.get(row.audio_sha256 or "", ()):
            how.setdefault(twin.place, (twin, by))
    files: dict[Path, IndexedFile] = {}
    for place, (row, by) in how.items():
        if place not in seen:
            seen[place] = present(row, volumes) if row.gone is None else None
        if (file := seen[place]) is not None:
            files.setdefault(file.path, replace(file, how=by))
    return sorted(files.values(), key=lambda file: (*(-int(part) for part in file.quality), str(file.path)))


def _known_at(journal: Journal, path: Path) -> list[IndexedRow]:
    """What the index has of a path: where it was found last, or where its volume was mounted once."""
    found = journal.files_at(str(path.parent), path.name)
    places = []
    for identity, mounts in journal.volumes().items():
        for mount in mounts:
            if path.is_relative_to(mount):
                relative = os.path.relpath(path.parent, mount)
                places.append(place_of(identity, "" if relative == "." else relative, path.name))
    return [*found, *journal.files_at_places(places)]
