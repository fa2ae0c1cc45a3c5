"""A SoundCloud on the loopback, for yt-dlp's own extractors: pages, API, searches, likes, sets, sound."""

from tests.sandbox.soundcloud.site import SoundCloud
from tests.sandbox.soundcloud.songs import Kind, Person, PlaylistOf, Song

__all__ = ["Kind", "Person", "PlaylistOf", "Song", "SoundCloud"]
