"""Where audio is looked for: SoundCloud, YouTube Music, YouTube, each asked in its own way and answered in one.

Nothing is chosen here. What a service says that can't be had (a preview, a blocked or encrypted stream, a live stream)
is left out, and the searcher's `unusable` says why. A search that could not be made is an error, never an empty list.
"""

from __future__ import annotations

import threading
from typing import Protocol

from tracksync.errors import Misconfigured
from tracksync.matching.model import Candidate
from tracksync.settings import SearchIn, Settings

__all__ = ["Searcher", "searcher"]


class Searcher(Protocol):
    """Looks for audio at one service."""

    name: SearchIn
    unusable: list[str]
    """What the last search found and left out: a sentence each."""

    def search(self, query: str, limit: int) -> list[Candidate]:
        """At most `limit` candidates, in the service's own order.

        Raises:
            Unsupported: the query is empty or a link.
            Unreachable, RateLimited: not now.
            Refused, Misconfigured, LoginNeeded, Unexpected: the service does not answer in this way.
            Interrupted: the run was ended.
        """
        ...


def searcher(name: SearchIn, settings: Settings, cancel: threading.Event | None = None) -> Searcher:
    """The searcher of a service; nothing is asked of the network yet.

    Raises:
        Misconfigured: there is no such service.
    """
    if name == "soundcloud":
        from tracksync.sources.search.soundcloud import SoundCloudSearch

        return SoundCloudSearch(settings, cancel)
    if name == "youtube":
        from tracksync.sources.search.youtube import YouTubeSearch

        return YouTubeSearch(settings, cancel)
    if name == "youtube-music":
        from tracksync.sources.search.youtube_music import YouTubeMusicSearch

        return YouTubeMusicSearch(settings, cancel)
    raise Misconfigured(
        f"There is no search at {name}.", action="TRACKSYNC_SEARCH_IN names soundcloud, youtube-music and youtube."
    )
