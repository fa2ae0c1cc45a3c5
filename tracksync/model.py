"""The words of the house: a track, what is known of it, and the receipts of its stages.

Everything here is frozen and serialises to JSON, so that the journal can keep it and an engine can hand it on.
Durations are in seconds, tempo in beats a minute, loudness in LUFS, true peak in dBTP, sizes in bytes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from tracksync.text import without_controls

__all__ = [
    "Adopted",
    "Analysis",
    "AudioFormat",
    "Check",
    "DownloadReceipt",
    "EagleReceipt",
    "Facts",
    "FileFact",
    "M4AMode",
    "MusicalKey",
    "PublishReceipt",
    "RecordReceipt",
    "RenderReceipt",
    "SourceAudio",
    "Stage",
    "State",
    "Track",
    "VerifyReceipt",
]


class State(StrEnum):
    """Where a track stands, as a person sees it."""

    NEW = "new"
    MATCHING = "matching"
    DOWNLOADING = "downloading"
    RENDERING = "rendering"
    IMPORTING = "importing"
    SYNCED = "synced"
    WAITING = "waiting"
    NEEDS_REVIEW = "needs-review"
    FAILED = "failed"


class Stage(StrEnum):
    """The stages of a track, in their order. Each leaves one receipt."""

    MATCH = "match"
    DOWNLOAD = "download"
    TRANSCODE = "transcode"
    ANALYSE = "analyse"
    PUBLISH = "publish"
    EAGLE = "eagle"
    RECORD = "record"
    VERIFY = "verify"


class AudioFormat(StrEnum):
    """The three files of a track."""

    M4A = "m4a"
    WAV = "wav"
    AIFF = "aiff"


class M4AMode(StrEnum):
    """What the M4A holds (SC_COMP_MODE)."""

    LOSSLESS = "LOSSLESS"
    """ALAC; keeps rate and depth of a source that is lossless and deeper than the WAV."""
    HIGH = "HIGH"
    """ALAC, 16 bit, the same samples as the WAV."""
    PORTABLE = "PORTABLE"
    """AAC, 256 kbit/s."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Facts(Frozen):
    """What is known of a recording apart from its sound: the same facts go into the tags of all three files."""

    title: str
    """With its version in brackets, as released: `One More Time (Radio Edit)`."""
    artists: tuple[str, ...] = ()
    album: str | None = None
    genre: str | None = None
    date: str | None = None
    """ISO 8601, as precise as known: `2024`, `2024-05`, `2024-05-17`."""
    isrc: str | None = None
    link: str | None = None
    """The public page or link it came from, without secrets."""
    artist_ids: dict[str, str] = {}
    """Spotify's ids of artists, by their names as they stand in `artists`; of those that Spotify told."""

    @field_validator("title")
    @classmethod
    def _title_on_one_line(cls, text: str) -> str:
        return without_controls(text) or "Untitled" if text else text

    @field_validator("album", "genre", "date")
    @classmethod
    def _shown_on_one_line(cls, text: str | None) -> str | None:
        return (without_controls(text) or None) if text else text

    @field_validator("artists")
    @classmethod
    def _each_on_one_line(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = tuple(map(without_controls, names))
        return names if cleaned == names else tuple(dict.fromkeys(filter(None, cleaned)))

    @field_validator("artist_ids")
    @classmethod
    def _by_the_same_names(cls, ids: dict[str, str]) -> dict[str, str]:
        return {without_controls(name): number for name, number in ids.items()}

    @property
    def artist_text(self) -> str:
        """`A, B`, or an empty text where nobody is known."""
        return ", ".join(self.artists)

    @property
    def display(self) -> str:
        """`Artist - Title`: how messages name the track."""
        return f"{self.artist_text} - {self.title}" if self.artists else self.title


class Track(Frozen):
    """A track that is wanted.

    `key` names its origin (`soundcloud:track:<id>`, `youtube:video:<id>`, `url:<sha256>`,
    `file:<sha256 of the audio>`),
    `source` says which source named it (`file`, `link`, …), `origin` is the path or the full link to fetch (it may hold
    a secret: it is never printed), `duration_s` is the length that the source announced.
    """

    key: str
    source: str
    origin: str
    facts: Facts
    duration_s: float | None = None
    playlist: str | None = None
    playlist_spotify_id: str | None = None
    """Spotify's id of the playlist, where it is one of Spotify's."""

    def in_playlist(self, name: str | None) -> Track:
        """The track in the playlist of this name; the id stays where the playlist does."""
        kept = self.playlist_spotify_id if name == self.playlist else None
        return self.model_copy(update={"playlist": name, "playlist_spotify_id": kept})


class FileFact(Frozen):
    """A file as it was when it was written: what a later look is held against."""

    path: Path
    size: int
    sha256: str


class SourceAudio(Frozen):
    """What a file holds, by its header. `duration_s` is None where the header does not say."""

    container: str
    codec: str
    sample_rate: int
    channels: int
    bits: int | None = None
    """Bits a sample of a lossless source; None for a lossy one."""
    bitrate_kbps: int | None = None
    duration_s: float | None = None
    lossy: bool = False
    is_float: bool = False

    @property
    def describe(self) -> str:
        """`MP3 320 kbit/s`, `FLAC 24 bit 96 kHz`: for the comment tag and the record."""
        name = self.codec.split("_")[0].upper()
        if self.lossy:
            return f"{name} {self.bitrate_kbps} kbit/s" if self.bitrate_kbps else name
        depth = f" {self.bits} bit" if self.bits else ""
        return f"{name}{depth} {self.sample_rate / 1000:g} kHz"


class DownloadReceipt(Frozen):
    """The source audio is in staging (or is the user's own file, which is never changed)."""

    file: FileFact
    source_audio: SourceAudio
    facts: Facts
    cover: FileFact | None = None
    announced_s: float | None = None
    fetched_by: str = "file"
    """`file`, or the name of yt-dlp's extractor."""
    format_id: str | None = None
    begun: datetime | None = None
    """When the work on the track began."""


class RenderReceipt(Frozen):
    """The three files are in staging, untagged, and their loudness is known."""

    m4a: FileFact
    wav: FileFact
    aiff: FileFact
    pcm_sha256: str
    """SHA-256 of the samples, little endian, that WAV and AIFF share."""
    duration_s: float
    sample_rate: int
    channels: int
    bits: int
    m4a_codec: str
    m4a_same_samples: bool
    """Whether the M4A, decoded, gives the very samples of the WAV."""
    lufs: float | None
    true_peak_db: float | None
    ffmpeg: str


class MusicalKey(Frozen):
    """A key: `tonic` is a pitch class (C = 0 … B = 11), `mode` is `major` or `minor`."""

    tonic: int
    mode: str


class Analysis(Frozen):
    """What was measured of the sound. None where there is none, and `problems` says why."""

    bpm: float | None = None
    bpm_confidence: float | None = None
    """0 to 1."""
    bpm_alternatives: tuple[float, ...] = ()
    """The runners-up, best first."""
    key: MusicalKey | None = None
    key_confidence: float | None = None
    """0 to 1."""
    key_alternative: MusicalKey | None = None
    beats: tuple[float, ...] = ()
    """Seconds from the start."""
    fingerprint: str | None = None
    """Chromaprint, compressed and base64url, as fpcalc prints it."""
    waveform: tuple[float, ...] = ()
    """Peaks, 0 to 1, evenly spaced over the track."""
    problems: tuple[str, ...] = ()
    versions: dict[str, str] = {}
    incomplete: bool = False
    """The analyser crashed or ran out of time: worth another try on a later run."""
    pcm_sha256: str | None = None
    """The samples that were measured (RenderReceipt.pcm_sha256)."""


class PublishReceipt(Frozen):
    """The files stand in the library. `copies` are the further places (BACKUP_DIR)."""

    m4a: FileFact
    wav: FileFact
    aiff: FileFact
    copies: tuple[FileFact, ...] = ()
    done: datetime | None = None
    """When they were put there."""

    @property
    def files(self) -> tuple[FileFact, ...]:
        """All of them, the further places last."""
        return (self.m4a, self.wav, self.aiff, *self.copies)


class EagleReceipt(Frozen):
    """The track is an item of Eagle's library, as it was read back."""

    item_id: str
    library: str
    """Eagle's name of the library."""
    file: FileFact
    """What was imported, as it stands in the output folders. Of an adopted item: its own file in Eagle's library (where
    that can't be looked at the hash is empty)."""
    folder: str
    """`Playlists/<playlist>`; empty where a person chose it."""
    adopted: bool = False
    """The item was there before us."""
    trashed: bool = False
    """A person put it into Eagle's trash, where it is left."""


class Adopted(Frozen):
    """A track that the catalogue had, with files that were there before us. Nothing of it was made or measured here."""

    files: dict[AudioFormat, Path]
    bpm: float | None = None
    key_name: str | None = None
    """As it stands on the page."""
    duration_s: float | None = None
    eagle_id: str | None = None
    """Its item in Eagle, as the page names it."""
    facts: Facts | None = None
    """As they stand on the page. None in receipts of the time when they were not kept."""
    playlists: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """All of the page, the one that says best where it comes from first."""
    source: str = ""
    """Where the audio came from, as the page says."""


class RecordReceipt(Frozen):
    """The catalogue knows the track."""

    catalogue: str
    page_id: str | None = None
    adopted: Adopted | None = None


class Check(Frozen):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str = ""


class VerifyReceipt(Frozen):
    """Every file was read back."""

    checks: tuple[Check, ...]
    at: str

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def failures(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]


def as_json(value: BaseModel) -> dict[str, Any]:
    """A model as plain JSON values."""
    return value.model_dump(mode="json")
