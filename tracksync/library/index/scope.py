"""Which folders the index covers where none is named, and which it never enters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tracksync.errors import Misconfigured, Refused, Unsupported
from tracksync.library.storage import away_volume
from tracksync.settings import Settings

__all__ = ["QUARANTINE", "folders_to_index", "is_eagles", "left_out", "own_folders"]

QUARANTINE = "quarantine"
"""The folder in TRACKSYNC_HOME where duplicates are set aside."""


def folders_to_index(settings: Settings, named: Sequence[Path]) -> list[Path]:
    """The folders that are named, else MUSIC_DIRECTORY_PATHS, the output folders and Eagle's library; absolute.

    An output folder that no run has made yet is left out.

    Raises:
        Misconfigured: nothing is named, and there is none of these.
        Unsupported: what is named is no folder.
        Refused: what is named may not be read.
    """
    if named:
        return list(dict.fromkeys(_named(path) for path in named))
    folders = [*settings.music_directories, *(path for path in own_folders(settings) if _may_be(path))]
    if not folders:
        raise Misconfigured(
            "There is no folder to index.",
            action="Name one: `tracksync index FOLDER …`, or set MUSIC_DIRECTORY_PATHS.",
        )
    return list(dict.fromkeys(folders))


def own_folders(settings: Settings) -> list[Path]:
    """The output folders, and the files of Eagle's library."""
    eagle = settings.eagle_library / "images" if settings.eagle_library else None
    return [path for path in (settings.out_dir, settings.backup_dir, settings.wav_backup_dir, eagle) if path]


def left_out(settings: Settings) -> tuple[Path, ...]:
    """What is never indexed: work in progress, and what was set aside."""
    return (settings.staging_dir, settings.home / QUARANTINE)


def is_eagles(path: Path) -> bool:
    """Whether a file lies in a library of Eagle's: it may be read, and is nobody's to name as a track's own."""
    parts = path.parts
    return any(
        parts[at].endswith(".library") and parts[at + 1] == "images" and parts[at + 2].endswith(".info")
        for at in range(len(parts) - 3)
    )


def _may_be(path: Path) -> bool:
    return os.path.isdir(path) or away_volume(path) is not None  # noqa: PTH112 (never raises)


def _named(path: Path) -> Path:
    where = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111 (no symlinks resolved; never raises)
    if os.path.isfile(where):  # noqa: PTH113 (never raises: a name may be too long)
        raise Unsupported(f"{where} is not a folder.", action="Name the folder that it is in.")
    if os.path.isdir(where) and not os.access(where, os.R_OK | os.X_OK):  # noqa: PTH112 (never raises)
        raise Refused(f"{where} may not be read.", action="Give yourself permission to read it, then run again.")
    return where
