"""A search with yt-dlp, flat: what the service's own list of results says, and no page of a result opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tracksync.sources.ytdlp.options import YtdlpOptions

if TYPE_CHECKING:
    import threading

__all__ = ["search"]

_NAMES = {
    "scsearch": ("SoundCloud", "https://soundcloud.com/search"),
    "ytsearch": ("YouTube", "https://www.youtube.com/results"),
}
_DEADLINE_S = 30.0


def search(
    where: Literal["scsearch", "ytsearch"],
    query: str,
    limit: int,
    options: YtdlpOptions,
    cancel: threading.Event | None = None,
) -> list[dict[str, Any]]:
    """The results, best first as the service has them, in yt-dlp's terms; `noted` facts of SoundCloud's among them.

    Raises:
        TracksyncError: the search could not be made. An empty list is an answer of the service's.
    """
    from tracksync.sources.ytdlp.attempts import Log, with_retries
    from tracksync.sources.ytdlp.session import Session, entries_of
    from tracksync.sources.ytdlp.watch import Watch

    name, page = _NAMES[where]

    def ask(log: Log) -> list[dict[str, Any]]:
        with Session(options, watch, log) as session:
            session.flat = True
            found = session.extract_info(f"{where}{limit}:{query}", download=False, process=False)
            return [entry for entry in entries_of(found or {}) if entry]

    shown = f"{name}'s search for “{query}”"
    with Watch(shown, options.stall_seconds, options.backoff_seconds, cancel, _DEADLINE_S) as watch:
        return with_retries(ask, page, watch, authorised=options.soundcloud_auth is not None)
