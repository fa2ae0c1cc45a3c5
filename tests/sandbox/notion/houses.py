"""Databases as their users have them: every property of the tracks' table under its first name."""

from __future__ import annotations

from dataclasses import dataclass

from tests.sandbox.notion.databases import Database
from tests.sandbox.notion.server import LoopbackNotion
from tracksync.catalogue.protocol import ProcessingOption

__all__ = ["House", "standard_house"]


@dataclass
class House:
    """The three databases."""

    notion: LoopbackNotion
    tracks: Database
    artists: Database
    playlists: Database

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to have it for its catalogue."""
        return {
            **self.notion.environment,
            "NOTION_TOKEN": self.notion.token,
            "TRACKS_DB_ID": self.tracks.id,
            "ARTISTS_DB_ID": self.artists.id,
            "PLAYLISTS_DB_ID": self.playlists.id,
        }


def standard_house(notion: LoopbackNotion) -> House:
    """Tracks, Artists and Playlists, empty."""
    named = {"Name": "title", "Spotify ID": "rich_text", "Spotify URL": "url"}
    artists = notion.add_database("Artists", {**named, "SoundCloud Profile URL": "url", "Genres": "multi_select"})
    playlists = notion.add_database("Playlists", {**named, "Track Count": "number"})
    tracks = notion.add_database(
        "Tracks",
        {
            "Title": "title",
            "Artist Name": "rich_text",
            "Artist": {"relation": artists, "dual": "Tracks"},
            "Playlists": {"relation": playlists},
            "Album": "rich_text",
            "Genre": "select",
            "Downloaded": "checkbox",
            **{f"{kind} File Path": "rich_text" for kind in ("M4A", "WAV", "AIFF")},
            "Tempo": "number",
            "Key": "rich_text",
            "Audio Duration (seconds)": "number",
            "Duration (ms)": "number",
            "Eagle File ID": "rich_text",
            **{f"{s} URL": "url" for s in ("SoundCloud", "Spotify", "YouTube", "Apple Music", "Bandcamp", "Beatport")},
            "Spotify ID": "rich_text",
            "ISRC": "rich_text",
            "djay Pro ID": "rich_text",
            "Audio Processing": {"multi_select": [option.value for option in ProcessingOption]},
            "Download Source": "select",
            "Fallback Used": "checkbox",
            "Fingerprint": "rich_text",
            **{f"{kind} Fingerprint": "rich_text" for kind in ("AIFF", "WAV", "M4A")},
            **{f"Audio {what} Level": "number" for what in ("LUFS", "Peak")},
            "Audio Sample Rate": "number",
            "BitRate": "number",
            "Audio File Size (MB)": "number",
            "Processing Duration": "number",
            "Processing Timestamp": "date",
            "Last Used": "date",
            "Priority": {"select": ["5 - Critical", "High", "Medium", "Low"]},
            "Release Date": "date",
        },
    )
    artists.source.add_property("Tracks", {"relation": tracks, "dual": "Artist"})
    return House(notion, tracks, artists, playlists)
