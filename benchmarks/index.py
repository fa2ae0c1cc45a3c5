"""How long the index of volumes takes: `python -m benchmarks.index [--files 100000] [--known 200000] [--tracks 2000]`.

The files are made here, tiny WAVs of different audio, a hundred to a folder. "bare" is nothing but `os.scandir` and
`stat` over the same tree, in the same run; the unchanged index is held against it. The lookup asks an index of its own
for tracks, half of which are on a disk, a third of these by ISRC, by key and by name each.
"""

from __future__ import annotations

import argparse
import os
import struct
import sys
import tempfile
from pathlib import Path
from time import monotonic, time

from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.journal import FolderRow, IndexedRow, Journal, place_of
from tracksync.library.index import find_many, index_folders
from tracksync.library.index.reading import song_key
from tracksync.library.index.volumes import Mount, Volumes
from tracksync.model import Facts, Track

_A_FOLDER = 100
_TRIES = 3


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--known", type=int, default=200_000)
    parser.add_argument("--tracks", type=int, default=2_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracksync-bench-") as folder:
        root = Path(os.path.realpath(folder))
        _walk(root, asked.files)
        _lookup(root, asked.known, asked.tracks)
    return 0


def _walk(root: Path, files: int) -> None:
    music = root / "music"
    _fill(music, files)
    ffmpeg = find_ffmpeg(None)
    with Journal.open(f"sqlite:///{root / 'walk.db'}") as journal:
        begun = monotonic()
        first = index_folders(journal, [music], ffmpeg=ffmpeg)
        took = monotonic() - begun
        if (first.new, len(first.broken)) != (files, 0):
            sys.exit(f"{first.new} of {files} files were read, {len(first.broken)} are broken: no figures")
        print(f"index of {files:,} files, first: {took:.1f} s, {took / files * 1000:.2f} ms a file")
        bare, again = [], []
        for _ in range(_TRIES):
            begun = monotonic()
            _bare(music)
            bare.append(monotonic() - begun)
            begun = monotonic()
            report = index_folders(journal, [music], ffmpeg=ffmpeg)
            again.append(monotonic() - begun)
            if report.unchanged != files:
                sys.exit(f"{report.unchanged} of {files} files are unchanged: no figures")
        print(
            f"the same, unchanged: {min(again):.2f} s, {min(again) / min(bare):.2f} x a bare walk ({min(bare):.2f} s), "
            f"best of {_TRIES}"
        )


def _fill(music: Path, files: int) -> None:
    for start in range(0, files, _A_FOLDER):
        folder = music / f"{start // _A_FOLDER // 100}" / f"{start // _A_FOLDER}"
        folder.mkdir(parents=True)
        for number in range(start, min(start + _A_FOLDER, files)):
            sound = number.to_bytes(4, "little") * 16
            header = struct.pack(
                "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE",
                b"fmt ", 16, 1, 1, 8000, 16_000, 2, 16, b"data", len(sound),
            )  # fmt: skip
            (folder / f"Artist {number % 700} - Song {number}.wav").write_bytes(header + sound)


def _bare(music: Path) -> int:
    count, waiting = 0, [os.fspath(music)]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for entry in found:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    entry.stat()
                    count += 1
    return count


def _lookup(root: Path, known: int, wanted: int) -> None:
    shelf = root / "shelf"
    shelf.mkdir()
    file = shelf / "there.wav"
    file.write_bytes(b"x")
    volumes = Volumes([Mount(str(root), "/", "uuid:bench")])
    with Journal.open(f"sqlite:///{root / 'lookup.db'}") as journal:
        _know(journal, shelf, known, wanted)
        tracks = [_track(number, known) for number in range(wanted)]
        begun = monotonic()
        found = find_many(journal, tracks, volumes=volumes)
        took = monotonic() - begun
        if len(found) != (wanted + 1) // 2:
            sys.exit(f"{len(found)} of {(wanted + 1) // 2} tracks were found: no figures")
        print(
            f"lookup of {wanted:,} tracks in an index of {known:,}: {took:.2f} s, {took / wanted * 1000:.2f} ms a track"
        )


def _know(journal: Journal, shelf: Path, known: int, there: int) -> None:
    """An index of so many files, the first of which are there."""
    stat = (shelf / "there.wav").stat()
    journal.put_volume("uuid:bench", str(shelf.parent))
    for start in range(0, known, 1000):
        folder = shelf / str(start // 1000)
        folder.mkdir()
        relative = f"shelf/{start // 1000}"
        row = FolderRow(
            place=place_of("uuid:bench", relative), volume="uuid:bench", relative=relative, path=str(folder)
        )
        rows = []
        for number in range(start, min(start + 1000, known)):
            name = f"{number}.wav"
            if number < there:
                (folder / name).write_bytes(b"x")
                os.utime(folder / name, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            rows.append(
                IndexedRow(
                    place=place_of("uuid:bench", relative, name), folder=row.place, name=name, size=stat.st_size,
                    mtime_ns=stat.st_mtime_ns, inode=number, found=time(), duration_s=180.0 + number % 200,
                    isrc=_isrc(number), track_key=f"url:{number}", audio_sha256=f"{number:064x}",
                    song=song_key(f"Song {number}", (f"Artist {number % 700}",)), content={"lossless": True},
                )
            )  # fmt: skip
        journal.put_indexed([row], rows)


def _isrc(number: int) -> str:
    return f"GBAYE{number:07}"


def _track(index: int, known: int) -> Track:
    number = index // 2 if index % 2 == 0 else known + index
    by = index // 2 % 3
    facts = Facts(
        title=f"Song {number}" if by == 0 else "Another",
        artists=(f"Artist {number % 700}",),
        isrc=_isrc(number) if by == 1 else None,
    )
    key = f"url:{number}" if by == 2 else f"spotify:track:{number}"
    return Track(key=key, source="bench", origin="", facts=facts, duration_s=180.0 + number % 200)


if __name__ == "__main__":
    sys.exit(main())
