"""What a catalogue is: what the user sees and edits. Notion and the embedded one are put to the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import Field, field_serializer, field_validator

from tracksync.model import AudioFormat, Check, Facts, Frozen, MusicalKey, Track

__all__ = [
    "Catalogue",
    "Page",
    "ProcessingOption",
    "Properties",
    "Service",
    "TrackRecord",
    "service_of",
]


class Service(StrEnum):
    """The services whose links a page has a place for."""

    SOUNDCLOUD = "soundcloud"
    SPOTIFY = "spotify"
    YOUTUBE = "youtube"
    APPLE_MUSIC = "apple-music"
    BANDCAMP = "bandcamp"
    BEATPORT = "beatport"


_HOSTS = {
    "soundcloud.com": Service.SOUNDCLOUD,
    "spotify.com": Service.SPOTIFY,
    "youtube.com": Service.YOUTUBE,
    "youtu.be": Service.YOUTUBE,
    "music.apple.com": Service.APPLE_MUSIC,
    "itunes.apple.com": Service.APPLE_MUSIC,
    "bandcamp.com": Service.BANDCAMP,
    "beatport.com": Service.BEATPORT,
}


def service_of(link: str) -> Service | None:
    """The service that a link is of, by its host alone; None of any other.

    A page of Bandcamp under an artist's own domain can't be told from another web page.
    """
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    return next((service for name, service in _HOSTS.items() if host == name or host.endswith(f".{name}")), None)


class ProcessingOption(StrEnum):
    """The options of a page's state that the pipeline sets; the user's databases have them under these names."""

    ANALYSED = "Audio Analysis Complete"
    CONVERTED = "Format Conversion Complete"
    TAGGED = "Metadata Enriched"
    IN_EAGLE = "Files Imported to Eagle"
    MERGED = "Merged Duplicate"
    NO_AUDIO_SOURCE = "Spotify - No Audio Source Found"
    MIX_DETECTED = "Mix/Set Detected - Manual Review Required"
    NOT_FOUND = "SC_404"
    GEO_BLOCKED = "SC_Geo_Blocked"
    DOWNLOAD_FAILED = "Download_Failed"
    CONVERSION_FAILED = "Conversion_Failed"
    EAGLE_IMPORT_FAILED = "Eagle_Import_Failed"
    CATALOGUE_UPDATE_FAILED = "Notion_Update_Failed"
    DEDUP_FAILED = "Dedup_Failed"
    LOCK_CONFLICT = "Lock_Conflict"
    METADATA_FAILED = "Metadata_Failed"
    UNKNOWN_ERROR = "Unknown_Error"


class TrackRecord(Frozen):
    """What the pipeline has to say of a track. Measured values only; what was not measured is None.

    Without files it is a track that is not there yet: its page says what is wanted, and what a person has to decide.
    """

    key: str
    facts: Facts
    playlists: tuple[str, ...] = ()
    playlist_ids: dict[str, str] = Field(default_factory=dict)
    """Spotify's ids of playlists, by their names."""
    files: dict[AudioFormat, Path] = Field(default_factory=dict)
    copies: tuple[Path, ...] = ()
    bpm: float | None = None
    bpm_confidence: float | None = None
    musical_key: MusicalKey | None = None
    duration_s: float | None = None
    lufs: float | None = None
    true_peak_db: float | None = None
    sample_rate: int | None = None
    size_bytes: int | None = None
    """Of the M4A."""
    fingerprint: str | None = None
    same_samples: tuple[AudioFormat, ...] = ()
    """The files that hold the very samples which the fingerprint was taken of."""
    source_audio: str = ""
    """`MP3 320 kbit/s`, `FLAC 24 bit 96 kHz`."""
    download_source: str = ""
    fell_back: bool | None = None
    """Whether another source had to do than the track's own, or the first that is searched."""
    processed_at: datetime | None = None
    """When the files were put into the library."""
    processing_s: float | None = None
    """From the first stage's beginning until then, in seconds."""
    evidence: tuple[str, ...] = ()
    """Why this audio is the track's: sentences for a person."""
    links: dict[Service, str] = Field(default_factory=dict)
    """Each of its own service. The facts' link is added by itself."""
    spotify_id: str | None = None
    eagle_id: str | None = None
    """Eagle's item."""
    states: frozenset[ProcessingOption] = frozenset()
    """Options to add; the failures of a stage that these say was completed are taken away."""

    @field_validator("links")
    @classmethod
    def _of_their_services(cls, links: dict[Service, str]) -> dict[Service, str]:
        for service, link in links.items():
            if service_of(link) is not service:
                raise ValueError(f"not a link of {service}")
        return links

    @field_serializer("states", when_used="json")
    def _in_order(self, states: frozenset[ProcessingOption]) -> list[str]:
        # A set has no order of its own, and the same record must look the same each time.
        return sorted(states)


class Properties(Frozen):
    """What stands on a page, whoever wrote it."""

    title: str = ""
    artists: tuple[str, ...] = ()
    album: str | None = None
    genre: str | None = None
    date: str | None = None
    isrc: str | None = None
    spotify_id: str | None = None
    djay_id: str | None = None
    """Read only. Where it is set, djay Pro is the authority on tempo and key."""
    priority: str | None = None
    """Read only."""
    playlists: tuple[str, ...] = ()
    links: dict[Service, str] = Field(default_factory=dict)
    bpm: float | None = None
    bpm_confidence: float | None = None
    musical_key: str | None = None
    """`A Minor (8A)`, or as a person wrote it."""
    files: dict[AudioFormat, Path] = Field(default_factory=dict)
    copies: tuple[Path, ...] = ()
    duration_s: float | None = None
    lufs: float | None = None
    true_peak_db: float | None = None
    sample_rate: int | None = None
    size_bytes: int | None = None
    fingerprint: str | None = None
    source_audio: str | None = None
    download_source: str | None = None
    states: frozenset[str] = frozenset()
    """Options of the pipeline's, and any of the user's own."""
    eagle_id: str | None = None

    def facts(self, link: str | None = None) -> Facts:
        """What the page calls its track; `link` is where that comes from."""
        return Facts(
            title=self.title,
            artists=self.artists,
            album=self.album,
            genre=self.genre,
            date=self.date,
            isrc=self.isrc,
            link=link,
        )

    @field_serializer("states", when_used="json")
    def _in_order(self, states: frozenset[str]) -> list[str]:
        return sorted(states)


class Page(Frozen):
    """A track's page as it was read."""

    page_id: str
    key: str
    """The track's key."""
    properties: Properties
    record: TrackRecord | None = None
    """What the pipeline recorded last, while the page holds it; None where it does not, or not any more."""
    downloaded: bool = False
    created: datetime
    edited: datetime


class Catalogue(Protocol):
    """One page a track, found again by the track's key.

    Who writes what: measured values are the pipeline's and are written each time; lists are added to; every other
    property is written where it is empty or where the pipeline wrote what stands there. What a person wrote stays,
    unless a refresh is asked for, and tempo and key stay even then where djay Pro knows the track. An implementation
    that can't tell who wrote a value takes it for a person's. A run that changes nothing leaves no trace.
    """

    name: str
    """`embedded`, `notion`: as receipts have it."""

    def prepare(self) -> None:
        """Make sure that it can be used, before anything is done.

        Raises:
            Misconfigured: it is not as it has to be.
            CatalogueAway: it can't be asked now; what is to be written waits.
        """

    def close(self) -> None:
        """Close its connections. Closing twice is fine."""

    def formats(self) -> tuple[AudioFormat, ...]:
        """The files that a page has a place for."""

    def look_up(self, tracks: Sequence[Track], names: Mapping[str, Sequence[tuple[str, str]]] = {}) -> dict[str, Page]:
        """The page of each track that has one, by the track's key; however many, in few requests.

        Args:
            tracks: what is looked for. The journal need not know them.
            names: further names of a track, as (kind, value), by its key.
        """

    def page_of(self, page_id: str) -> Page:
        """A page by its id, whether a track is known to be its or not.

        Raises:
            NotFound: there is no such page.
        """

    def every_page(self, progress: Callable[[int], None] = lambda _: None) -> list[Page]:
        """Every page, read in bulk; `progress` hears how many there are so far."""

    def find(self, key: str, identities: Iterable[tuple[str, str]] = ()) -> Page | None:
        """The track's page, None where it has none.

        Args:
            key: the track's key. Of a track that was merged, it is the page of the one that holds the recording.
            identities: further names of the track, as (kind, value): asked in this order where the key finds nothing.
        """

    def upsert(self, record: TrackRecord, *, refresh: bool = False) -> Page:
        """Make or update the one page of the track, and give it as it was read back.

        A page that says Downloaded goes on saying so only while its record stays the same.

        Args:
            record: what is to stand there.
            refresh: write over what a person wrote, too.

        Raises:
            NotFound: the journal has no such track.
            Transient: what was written does not stand there.
        """

    def read_back(self, page_id: str) -> Page:
        """The page as it is now.

        Raises:
            NotFound: there is no such page.
        """

    def mark_downloaded(self, key: str) -> Page:
        """Say Downloaded: the last thing that is written of a track, after everything was read back.

        The page is read once more before, and failures of the stages that led here are taken off it.

        Raises:
            NotFound: the track has no page.
            Transient: the page does not hold what was recorded.
        """

    def note_states(self, key: str, states: frozenset[str]) -> None:
        """Add options to the state of the track's page, where it has one: what failed is to be seen there.

        Args:
            key: the track's key, or `notion:page:<id>` of a page that is no known track's.
            states: the options.
        """

    def move_files(self, page_id: str, files: Mapping[AudioFormat, Path]) -> Page:
        """Let the page name its files where they are now, and give it as it was read back.

        What was recorded of it follows: it still holds its record, and still says Downloaded where it did.

        Raises:
            NotFound: there is no such page.
            Transient: what was written does not stand there.
        """

    def has_place_for_item(self) -> bool:
        """Whether a page can name its item in Eagle."""

    def name_item(self, page_id: str, item_id: str) -> Page:
        """Let the page name its item in Eagle, and say that its files are there; give it as it was read back.

        Nothing else is touched: it still says Downloaded where it did. An item that it names already stays named.

        Raises:
            NotFound: there is no such page.
            Transient: what was written does not stand there.
        """

    def check(self, key: str) -> list[Check]:
        """Hold the page against what was recorded, and the files that it names against the disk: for `verify`."""

    def unfinished(self) -> list[Page]:
        """The pages that don't say Downloaded, by priority, then newest first."""
