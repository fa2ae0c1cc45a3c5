"""What Eagle was asked to import and has not shown yet, kept on this machine between runs.

An import is made some time after it was asked for. A run that dies in between must not make the next one ask again, so
each request is written down before it is sent, below TRACKSYNC_HOME: Eagle belongs to the machine, as this folder does.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tracksync.library.storage import ensure_folder, storage_errors

__all__ = ["Asked", "AskedNotes"]


@dataclass(frozen=True)
class Asked:
    """One request: for which track, in which library, when (seconds since 1970), and under which id."""

    key: str
    library: str
    at: float
    item_id: str
    is_in_doubt: bool = False
    """Its answer was lost, or Eagle was gone afterwards: it may never be done."""

    @property
    def age_s(self) -> float:
        """Seconds since. A clock that was set back makes it an old one."""
        age = time.time() - self.at
        return age if age >= 0 else float("inf")


class AskedNotes:
    """A small file a track, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Asked | None:
        """The note of a track; None where there is none that can be read."""
        try:
            return Asked(**json.loads(self._path(key).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, asked: Asked) -> None:
        """Write it down; it is on the disk when this returns.

        Raises:
            DiskFull, Misconfigured, VolumeAway: it can't be.
        """
        ensure_folder(self._folder)
        path = self._path(asked.key)
        part = path.with_suffix(f".{os.getpid()}.part")
        with storage_errors(path):
            with part.open("w", encoding="utf-8") as stream:
                json.dump(asdict(asked), stream)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)

    def drop(self, key: str) -> None:
        """It was shown, or never taken on."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.json"
