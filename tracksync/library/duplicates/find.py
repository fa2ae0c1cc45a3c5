"""The groups of duplicates in the index of volumes. Nothing is changed here."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.catalogue.songs import DURATION_TOLERANCE_S
from tracksync.journal import IndexedRow, Journal
from tracksync.library.duplicates.compare import Alike, Judge, alike_pairs
from tracksync.library.duplicates.eagle import eagle_file
from tracksync.library.duplicates.keep import in_order, why_first
from tracksync.library.duplicates.model import Group, Kind, Member
from tracksync.library.index.finding import present
from tracksync.library.index.volumes import Volumes, system_volumes

__all__ = ["Duplicates", "find_duplicates"]

Progress = Callable[[str, int, int], None]
_SETS_AT_A_TIME = 300


@dataclass
class Duplicates:
    """What was found, the surest first."""

    groups: list[Group] = field(default_factory=list)
    without_fingerprint: int = 0
    """Files of which another quality can't be found."""


def find_duplicates(
    journal: Journal,
    *,
    ffmpeg: Ffmpeg,
    named: Mapping[str, str],
    copies: Mapping[str, Path] = {},
    volumes: Volumes | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> Duplicates:
    """Group the files of the index that are there now.

    The files of one track (M4A, WAV, AIFF, the copies, Eagle's) belong together and are no duplicates of each other.

    Args:
        named: the files that the journal and the catalogue name, with the track or page whose they are.
        copies: folders whose files are copies on purpose, by the setting that names each.
        volumes: what is mounted; by default asked of the system.
        progress: hears what is done, and how much of it.
    """
    return _Search(journal, ffmpeg, named, copies, volumes or system_volumes(), progress).run()


class _Joined:
    """Sets that grow together (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        above = self._above.setdefault(name, name)
        while above != self._above[above]:
            self._above[above] = self._above[self._above[above]]
            above = self._above[above]
        self._above[name] = above
        return above

    def join(self, one: str, other: str) -> bool:
        """Join the sets of two; False where they were one."""
        first, second = sorted((self.root(one), self.root(other)))
        self._above[second] = first
        return first != second

    def sets(self, names: Iterable[str]) -> list[list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in names:
            found[self.root(name)].append(name)
        return list(found.values())


class _Search:
    def __init__(
        self,
        journal: Journal,
        ffmpeg: Ffmpeg,
        named: Mapping[str, str],
        copies: Mapping[str, Path],
        volumes: Volumes,
        progress: Progress,
    ) -> None:
        self._journal, self._ffmpeg, self._volumes = journal, ffmpeg, volumes
        self._named, self._copies, self._progress = named, copies, progress
        # By device and inode: a file has several names where there are links, or where a disk does not tell A from a.
        self._named_files = {identity: of for path, of in named.items() if (identity := _identity(path)) is not None}
        self._members: dict[str, Member | None] = {}
        self._rows = {
            row.place: row for row in journal.every_file() if row.audio_sha256 is not None and row.problem is None
        }
        # Sounds (hashes) that are the same recording; those of one track are from the start.
        self._same = _Joined()

    def run(self) -> Duplicates:
        by_sound: dict[str, list[IndexedRow]] = defaultdict(list)
        for row in self._rows.values():
            by_sound[row.audio_sha256 or ""].append(row)
        exact = [group for rows in by_sound.values() if len(rows) > 1 and (group := self._exact(rows)) is not None]
        self._join_own(by_sound)
        tracks = self._same.sets(by_sound)
        # One sound of each set as it is before anything was listened to: a set with several of them has grown.
        own = {self._same.root(sounds[0]) for sounds in tracks}
        doubts, missing = self._listen(by_sound, tracks)
        same = []
        for sounds in self._same.sets(by_sound):
            if len(own.intersection(sounds)) > 1:
                group = self._group(Kind.SAME, sounds, by_sound, self._proofs(sounds))
                same += [group] if group is not None else []
        doubtful = self._doubtful(by_sound, doubts)
        groups = [sorted(part, key=lambda group: -group.spare_bytes) for part in (exact, same, doubtful)]
        return Duplicates([group for part in groups for group in part], missing)

    # -- exactly the same audio ---------------------------------------------------------------------------------------

    def _exact(self, rows: Sequence[IndexedRow]) -> Group | None:
        members = self._there(rows)
        if len({member.unit for member in members}) < 2:
            return None
        ordered = _without_second_names(in_order(members))
        return Group(Kind.EXACT, tuple(ordered), why_first(ordered), "the same audio packets") if ordered[1:] else None

    # -- the same recording -------------------------------------------------------------------------------------------

    def _join_own(self, by_sound: Mapping[str, Sequence[IndexedRow]]) -> None:
        """The three files of a track have three hashes and are one recording, as is known without listening."""
        of_track: dict[str, str] = {}
        for sound, rows in by_sound.items():
            for row in rows:
                key = self._named.get(row.path) or row.track_key
                if key is not None:
                    self._same.join(of_track.setdefault(key, sound), sound)

    def _listen(
        self, by_sound: Mapping[str, Sequence[IndexedRow]], tracks: Sequence[Sequence[str]]
    ) -> tuple[list[tuple[str, str, str]], int]:
        """Join what is proved to be the same; the rest, with what speaks for and against it, and how many are deaf."""
        self._evidence: dict[tuple[str, str], str] = {}
        prints, places, missing = self._prints(by_sound, tracks)
        durations = {place: self._rows[place].duration_s or 0.0 for place in prints}
        doubts: list[tuple[str, str, str]] = []
        alike = list(
            alike_pairs(prints, durations, lambda done, total: self._progress("Comparing fingerprints", done, total))
        )
        with Judge(self._journal, self._ffmpeg) as judge:
            for number, pair in enumerate(sorted(alike, key=lambda pair: -pair.score)):
                self._progress("Comparing sounds", number, len(alike))
                one, other = places[pair.one], places[pair.other]
                if self._same.root(one) == self._same.root(other):
                    continue
                files = self._there(by_sound[one]), self._there(by_sound[other])
                if not all(files):
                    continue
                same, evidence = judge.same((one, files[0][0].path), (other, files[1][0].path))
                if same:
                    self._same.join(one, other)
                    self._evidence[one, other] = evidence
                else:
                    doubts.append((one, other, _doubt(pair, evidence)))
        return doubts, missing

    def _prints(
        self, by_sound: Mapping[str, Sequence[IndexedRow]], tracks: Sequence[Sequence[str]]
    ) -> tuple[dict[str, str], dict[str, str], int]:
        """A fingerprint for each set of sounds, by a place; the sounds of the places; and how many files have none."""
        prints: dict[str, str] = {}
        places: dict[str, str] = {}
        missing = 0
        for start in range(0, len(tracks), _SETS_AT_A_TIME):
            part = tracks[start : start + _SETS_AT_A_TIME]
            found = self._journal.fingerprints_at(
                row.place for sounds in part for sound in sounds for row in by_sound[sound] if row.duration_s
            )
            for sounds in part:
                rows = [(row.place, sound) for sound in sounds for row in by_sound[sound]]
                place, sound = next(((place, sound) for place, sound in rows if place in found), (None, ""))
                if place is None:
                    missing += len(rows)
                    continue
                prints[place], places[place] = found[place], sound
        return prints, places, missing

    def _proofs(self, sounds: Sequence[str]) -> str:
        within = set(sounds)
        return "; ".join(text for (one, other), text in self._evidence.items() if {one, other} <= within)

    # -- in doubt -----------------------------------------------------------------------------------------------------

    def _doubtful(
        self, by_sound: Mapping[str, Sequence[IndexedRow]], doubts: Sequence[tuple[str, str, str]]
    ) -> list[Group]:
        maybe, why = _Joined(), defaultdict[str, list[str]](list)
        pairs = [*doubts, *self._same_names(by_sound)]
        for one, other, text in pairs:
            ours, theirs = self._same.root(one), self._same.root(other)
            if ours == theirs:
                continue
            maybe.join(ours, theirs)
            why[ours].append(text)
        whole = defaultdict[str, list[str]](list)
        for sound in by_sound:
            whole[self._same.root(sound)].append(sound)
        found = []
        for roots in maybe.sets({root for pair in pairs for root in map(self._same.root, pair[:2])}):
            if len(roots) < 2:
                continue
            sounds = [sound for root in roots for sound in whole[root]]
            evidence = "; ".join(dict.fromkeys(text for root in roots for text in why[root]))
            if (group := self._group(Kind.DOUBT, sounds, by_sound, evidence)) is not None:
                found.append(group)
        return found

    def _same_names(self, by_sound: Mapping[str, Sequence[IndexedRow]]) -> list[tuple[str, str, str]]:
        by_song: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for sound, rows in by_sound.items():
            for row in rows:
                if row.song and row.duration_s:
                    by_song[row.song].append((row.duration_s, sound))
        pairs = []
        for lengths in by_song.values():
            ordered = sorted(set(lengths))
            for (before, one), (after, other) in pairwise(ordered):
                if one != other and after - before <= DURATION_TOLERANCE_S:
                    pairs.append((one, other, "the same artists, title and length"))
        return pairs

    # -- members ------------------------------------------------------------------------------------------------------

    def _group(
        self, kind: Kind, sounds: Sequence[str], by_sound: Mapping[str, Sequence[IndexedRow]], evidence: str
    ) -> Group | None:
        """One file for each unit, its best: the rest of a track's files is no news."""
        members = in_order(self._there([row for sound in sounds for row in by_sound[sound]]))
        best = list({member.unit: member for member in reversed(members)}.values())[::-1]
        ordered = in_order(best)
        return Group(kind, tuple(ordered), why_first(ordered), evidence) if len(ordered) > 1 else None

    def _there(self, rows: Iterable[IndexedRow]) -> list[Member]:
        found = []
        for row in rows:
            if row.place not in self._members:
                self._members[row.place] = self._member(row)
            if (member := self._members[row.place]) is not None:
                found.append(member)
        return found

    def _member(self, row: IndexedRow) -> Member | None:
        file = present(row, self._volumes)
        if file is None:
            return None
        real = Path(os.path.realpath(file.path))
        item = eagle_file(file.path) or eagle_file(real)
        if item is not None and item.trashed:
            return None
        named_by = self._named.get(str(file.path)) or self._named_files.get(file.identity)
        unit = f"track:{named_by}" if named_by else f"file:{file.identity[0]}:{file.identity[1]}"
        if item is not None and file.track_key:
            unit = f"track:{file.track_key}"  # imported by us, or of the same track
        return Member(
            file=file,
            place=row.place,
            unit=unit,
            named_by=named_by,
            eagle_item=item.item_id if item else None,
            protected=self._protection((file.path, real), named_by, in_eagle=item is not None),
        )

    def _protection(self, paths: tuple[Path, Path], named_by: str | None, *, in_eagle: bool) -> str | None:
        if in_eagle:
            return "it is Eagle's own file"
        if named_by:
            return f"the catalogue names it ({named_by})"
        for setting, folder in self._copies.items():
            if any(path.is_relative_to(folder) for path in paths):
                return f"it is in {setting}, where copies belong"
        if paths[0].is_symlink():
            return "it is a link"
        return None


def _identity(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 (tens of thousands of them)
    except (OSError, ValueError):
        return None
    return stat.st_dev, stat.st_ino


def _without_second_names(ordered: Sequence[Member]) -> list[Member]:
    """Two names of one file (hard or symbolic links) are one: the first counts."""
    return list({member.file.identity: member for member in reversed(ordered)}.values())[::-1]


def _doubt(pair: Alike, evidence: str) -> str:
    return f"fingerprints {pair.score:.0%} alike, {evidence}"
