"""A shelf for tests: folders with small real audio files, volumes of our own making, and the index over them."""

from __future__ import annotations

import os
import wave
from dataclasses import dataclass, field
from pathlib import Path

from mutagen.id3 import TIT2, TPE1, TSRC, TXXX
from mutagen.wave import WAVE

from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.journal import IndexedRow, Journal
from tracksync.library.index import IndexReport, index_folders
from tracksync.library.index.volumes import Mount, Volumes

__all__ = ["NO_FFMPEG", "Shelf", "a_wav"]

NO_FFMPEG = Ffmpeg(Path("/nothing/ffmpeg"), "0", "setting")
"""Plain WAV files need none: a test with this one proves it."""


def a_wav(
    path: Path,
    sound: int = 1,
    *,
    seconds: float = 1.0,
    title: str = "",
    artist: str = "",
    isrc: str = "",
    key: str = "",
    rate: int = 8000,
) -> Path:
    """A WAV whose audio is told by a number, with tags where any are given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream, wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound.to_bytes(4, "little") * (int(rate * seconds) // 2 + 1))[: int(rate * seconds) * 2])
    if title or artist or isrc or key:
        tagged = WAVE(path)
        tagged.add_tags()
        frames = [TIT2(text=title)] * bool(title) + [TPE1(text=artist)] * bool(artist) + [TSRC(text=isrc)] * bool(isrc)
        for frame in [*frames, *([TXXX(desc="TRACKSYNC_KEY", text=key)] if key else [])]:
            tagged.tags.add(frame)
        tagged.save(v2_version=3)
    return path


@dataclass
class Shelf:
    """`root` holds the mount points `one`, `two` …; each mounted volume is named after what it holds."""

    root: Path
    journal: Journal
    ffmpeg: Ffmpeg = NO_FFMPEG
    mounts: dict[str, str] = field(default_factory=dict)
    """Identities by mount point."""

    def __post_init__(self) -> None:
        self.root = Path(os.path.realpath(self.root))
        self.mounts.setdefault(str(self.root), "uuid:system")

    @property
    def volumes(self) -> Volumes:
        return Volumes(Mount(point, "/", identity) for point, identity in self.mounts.items())

    def mount(self, identity: str, folder: Path) -> Path:
        """A volume is at this folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self.mounts[str(folder)] = identity
        return folder

    def unmount(self, folder: Path, parked: Path) -> None:
        """The volume goes, and takes its files along; its mount point is removed, as systems do."""
        del self.mounts[str(folder)]
        folder.rename(parked)

    def index(self, *folders: Path, **more: object) -> IndexReport:
        """Bring the index up to date."""
        return index_folders(
            self.journal,
            folders or (self.root,),
            ffmpeg=self.ffmpeg,
            volumes=self.volumes,
            **more,  # type: ignore[arg-type]
        )

    def rows(self) -> dict[str, IndexedRow]:
        """What the index has, by the file's name."""
        return {row.name: row for row in self.journal.every_file()}
