"""What a catalogue is: what the user sees and edits. Notion and the embedded one are put to the same tests."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tracksync.model import AudioFormat, Check, Facts, Frozen, MusicalKey

__all__ = ["Catalogue", "Page", "TrackRecord"]


class TrackRecord(Frozen):
    """What the pipeline has to say of a track. Measured values only; what was not measured is None."""

    key: str
    facts: Facts
    playlists: tuple[str, ...] = ()
    files: dict[AudioFormat, Path]
    copies: tuple[Path, ...] = ()
    bpm: float | None = None
    bpm_confidence: float | None = None
    musical_key: MusicalKey | None = None
    duration_s: float
    lufs: float | None = None
    true_peak_db: float | None = None
    sample_rate: int
    size_bytes: int
    fingerprint: str | None = None
    source_audio: str
    """`MP3 320 kbit/s`, `FLAC 24 bit 96 kHz`."""
    download_source: str


class Page(Frozen):
    """A track's page: its id, what was recorded on it, and whether it says Downloaded."""

    page_id: str
    record: TrackRecord
    downloaded: bool = False


class Catalogue(Protocol):
    """One page a track, found again by the track's key."""

    name: str

    def find(self, key: str) -> Page | None:
        """The track's page, None where it has none."""

    def upsert(self, record: TrackRecord) -> Page:
        """Make or update the one page of the track, and give it as it was read back.

        A page that says Downloaded goes on saying so only while its record stays the same.
        """

    def mark_downloaded(self, key: str) -> Page:
        """Say Downloaded: the last thing that is written of a track, after everything was read back.

        Raises:
            NotFound: the track has no page.
        """

    def check(self, key: str) -> list[Check]:
        """Hold the page against itself and its files' names: for `verify`."""

    def unfinished(self) -> list[Page]:
        """The pages that don't say Downloaded, newest first."""
