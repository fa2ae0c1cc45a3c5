"""A YouTube and a YouTube Music on the loopback, for yt-dlp's own extractors and for ytmusicapi."""

from tests.sandbox.youtube.site import YouTube
from tests.sandbox.youtube.videos import Play, Video

__all__ = ["Play", "Video", "YouTube"]
