"""The meanings of a track's page, and the names and types under which the user's databases have them.

A meaning has several names, because databases were made at different times: the first that exists with a type that can
hold the value wins. What can hold it: the types below, in this order of preference only where two names tie.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracksync.catalogue.protocol import Service
from tracksync.model import AudioFormat

__all__ = ["ARTIST_FIELDS", "FILES", "LINKS", "PLAYLIST_FIELDS", "TRACK_FIELDS", "Field"]

_TEXT = ("rich_text", "select", "multi_select", "title")
_ID = ("rich_text", "select", "title", "number")
_NUMBER = ("number", "rich_text")
_LINK = ("url", "rich_text")
_PATH = ("rich_text", "url")


@dataclass(frozen=True)
class Field:
    """A meaning: its names, best first, the types that can hold it, and what it is called in a message."""

    meaning: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    told: str
    essential: bool = False
    """Without it the database can't be the one that was meant."""


FILES = {
    AudioFormat.M4A: "file_m4a",
    AudioFormat.WAV: "file_wav",
    AudioFormat.AIFF: "file_aiff",
}
"""The meaning of each file's path."""

LINKS = {service: f"link_{service.name.lower()}" for service in Service}
"""The meaning of each service's link."""

_LINK_NAMES = {
    Service.SOUNDCLOUD: "SoundCloud URL",
    Service.SPOTIFY: "Spotify URL",
    Service.YOUTUBE: "YouTube URL",
    Service.APPLE_MUSIC: "Apple Music URL",
    Service.BANDCAMP: "Bandcamp URL",
    Service.BEATPORT: "Beatport URL",
}

TRACK_FIELDS = (
    Field("title", ("Title", "Name"), ("title",), "the title", essential=True),
    Field("downloaded", ("Downloaded", "DL"), ("checkbox",), "a checkbox that says downloaded", essential=True),
    Field("artists", ("Artist Name", "Artists"), ("rich_text", "multi_select", "select"), "the artists as text"),
    Field("artist_pages", ("Artist", "Artists", "Artist Relation"), ("relation",), "the artists as pages"),
    Field(
        "playlists",
        ("Playlists", "Playlist", "Playlist Relation", "Related Playlists"),
        ("relation", "multi_select", "rich_text", "select"),
        "the playlists",
    ),
    Field("album", ("Album", "Album Name"), _TEXT, "the album"),
    Field("genre", ("Genre", "Genres"), ("select", "multi_select", "rich_text"), "the genre"),
    *(Field(FILES[f], (f"{f.upper()} File Path",), _PATH, f"the path of the {f.upper()}") for f in AudioFormat),
    Field("bpm", ("Tempo", "AverageBpm", "BPM"), _NUMBER, "the tempo"),
    Field("musical_key", ("Key", "Key ", "Musical Key"), _TEXT, "the key"),
    Field("duration_s", ("Audio Duration (seconds)", "Duration (s)", "TotalTime"), _NUMBER, "the length in seconds"),
    Field("duration_ms", ("Duration (ms)",), _NUMBER, "the length in milliseconds"),
    Field("eagle_id", ("Eagle File ID", "Eagle ID", "EagleID"), _TEXT, "Eagle's item"),
    *(Field(LINKS[s], (name,), _LINK, f"the link ({name})") for s, name in _LINK_NAMES.items()),
    Field("spotify_id", ("Spotify ID", "Spotify Track ID", "SpotifyID"), ("rich_text", "title"), "Spotify's id"),
    Field("isrc", ("ISRC", "Track ISRC"), ("rich_text", "title"), "the ISRC"),
    Field("djay_id", ("djay Pro ID",), _ID, "djay Pro's id"),
    Field("states", ("Audio Processing", "Audio Processing Status"), ("multi_select",), "the states of the work"),
    Field("download_source", ("Download Source",), ("select", "rich_text", "multi_select"), "where the audio is from"),
    Field("fallback_used", ("Fallback Used",), ("checkbox",), "whether another source had to do"),
    Field("fingerprint", ("Fingerprint",), ("rich_text",), "the fingerprint"),
    *(Field(f"fingerprint_{f}", (f"{f.upper()} Fingerprint",), ("rich_text",), f"the fingerprint of the {f.upper()}")
      for f in AudioFormat),
    Field("lufs", ("Audio LUFS Level", "Loudness Level"), _NUMBER, "the loudness"),
    Field("true_peak_db", ("Audio Peak Level",), _NUMBER, "the true peak"),
    Field("sample_rate", ("Audio Sample Rate",), _NUMBER, "the sample rate"),
    Field("bitrate_kbps", ("BitRate",), _NUMBER, "the bit rate"),
    Field("size_mb", ("Audio File Size (MB)",), _NUMBER, "the file's size"),
    Field("processing_s", ("Processing Duration",), _NUMBER, "how long the work took"),
    Field("processed_at", ("Processing Timestamp", "Processed At"), ("date", "rich_text"), "when the work was done"),
    Field("priority", ("Priority",), ("select", "status", "rich_text", "number", "multi_select"), "the priority"),
    Field("date", ("Release Date",), ("date", "rich_text"), "the date of release"),
)  # fmt: skip

ARTIST_FIELDS = (
    Field("title", ("Name", "Title"), ("title",), "the name", essential=True),
    Field("spotify_id", ("Spotify ID",), ("rich_text",), "Spotify's id"),
    Field("link_spotify", ("Spotify URL",), _LINK, "the link (Spotify URL)"),
)
PLAYLIST_FIELDS = ARTIST_FIELDS
