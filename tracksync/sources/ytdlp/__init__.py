"""Links read with yt-dlp: which tracks are behind one, and the audio of one.

yt-dlp is imported when something is asked of it, never on import of this package.
"""

from __future__ import annotations

from tracksync.sources.ytdlp.download import Fetched, NotNeeded, fetch
from tracksync.sources.ytdlp.errors import classify_error
from tracksync.sources.ytdlp.listing import Found, Listing, each_track, list_tracks
from tracksync.sources.ytdlp.options import YtdlpOptions

__all__ = [
    "Fetched",
    "Found",
    "Listing",
    "NotNeeded",
    "YtdlpOptions",
    "classify_error",
    "each_track",
    "fetch",
    "list_tracks",
]
