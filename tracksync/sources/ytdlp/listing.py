"""Which tracks are behind a link? Lists are read flat: ids, titles and addresses, no media."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracksync.errors import NotAudio
from tracksync.sources.links import Link
from tracksync.sources.secrets import redact
from tracksync.sources.ytdlp.errors import spotify_refusal
from tracksync.sources.ytdlp.facts import facts_of, key_of, link_or_none, page_of
from tracksync.sources.ytdlp.options import YtdlpOptions

if TYPE_CHECKING:
    import threading

    from tracksync.sources.ytdlp.session import Session

__all__ = ["Found", "Listing", "list_tracks"]

_LISTS = frozenset({"playlist", "multi_video"})
_LIST_EXTRACTOR = re.compile(r"(?:Set|Playlist|Tab|Album|User|Channel|Station|Search|Weekly)$")
# What YouTube's lists show in the place of a video that nobody can play.
_GONE = frozenset({"[Private video]", "[Deleted video]", "[Unavailable video]"})


@dataclass(frozen=True)
class Found:
    """A track behind a link. Title, artists and length where they are known without opening its own page."""

    link: Link
    key: str
    title: str | None = None
    artists: tuple[str, ...] = ()
    duration_s: float | None = None

    @property
    def url(self) -> str:
        """What to fetch. May hold a secret."""
        return self.link.origin


@dataclass(frozen=True)
class Listing:
    """The tracks behind a link, each once, in the list's order.

    `skipped` counts the entries that cannot be tracks: holes, removed ones, lists within the list. `playlist` is the
    list's title, None where the link is a single track.
    """

    tracks: tuple[Found, ...]
    skipped: int = 0
    playlist: str | None = None


def list_tracks(
    link: Link, options: YtdlpOptions, limit: int | None = None, cancel: threading.Event | None = None
) -> Listing:
    """The tracks behind a link, at most `limit`; holes and lists within the list don't count.

    A link that names one track by itself (a YouTube video, a file with an audio ending) is answered without asking
    the network. A page may turn out to be one track, or a list.

    Raises:
        TracksyncError: the page cannot be read. An unreadable list is an error, never an empty one.
    """
    if link.service == "spotify":
        raise spotify_refusal(link.text)
    if link.key is not None and link.is_list is False:
        return Listing((Found(link, link.key),))

    from tracksync.sources.ytdlp.attempts import Log, with_retries
    from tracksync.sources.ytdlp.session import Session
    from tracksync.sources.ytdlp.watch import Watch

    def read(log: Log) -> Listing:
        with Session(options, watch, log) as session:
            return _read(session, link, limit)

    with Watch(redact(link.text), options.stall_seconds, options.backoff_seconds, cancel) as watch:
        return with_retries(read, link.text, watch)


def _read(session: Session, link: Link, limit: int | None) -> Listing:
    from tracksync.sources.ytdlp.session import entries_of

    info = session.extract_info(link.origin, download=False, process=False)
    while info and info.get("_type") in {"url", "url_transparent"}:
        info = session.extract_info(info["url"], download=False, process=False, ie_key=info.get("ie_key"))
    if not info:
        raise NotAudio(f"There is no audio behind {session.watch.shown}.")
    if info.get("_type", "video") not in _LISTS:
        return Listing((_found(info, link_or_none(page_of(info, link)) or link),))
    tracks: dict[str, Found] = {}
    skipped = 0
    for entry in entries_of(info):
        session.watch.check()
        found = _entry(entry)
        if found is None:
            skipped += 1
        elif found.key not in tracks:
            tracks[found.key] = found
            if limit is not None and len(tracks) >= limit:
                break
    if link.is_list is None and len(tracks) + skipped == 1:
        # A page with one track on it: the page is the track's link, and fetching it finds the track.
        return Listing(tuple(tracks.values()) or (_found(info, link),))
    return Listing(tuple(tracks.values()), skipped, str(info.get("title") or info.get("id") or link.service))


def _entry(entry: dict[str, Any] | None) -> Found | None:
    """An entry of a list as a track; None where it can be none."""
    if not entry or entry.get("_type") in _LISTS or entry.get("title") in _GONE:
        return None
    if _LIST_EXTRACTOR.search(str(entry.get("ie_key") or "")):
        return None
    link = link_or_none(entry.get("url") or entry.get("webpage_url")) or _media(entry)
    if link is None or link.is_list or link.service == "spotify":
        return None
    return _found(entry, link)


def _media(entry: dict[str, Any]) -> Link | None:
    """The address of the media itself, for an entry without a page of its own."""
    formats = (
        [item for item in entry.get("formats") or () if item.get("vcodec") == "none"] or entry.get("formats") or ()
    )
    return next((link for item in reversed(formats) if (link := link_or_none(item.get("url")))), None)


def _found(info: dict[str, Any], link: Link) -> Found:
    duration = info.get("duration")
    key = key_of(info, link)
    seconds = float(duration) if isinstance(duration, int | float) and duration > 0 else None
    if not info.get("title"):
        return Found(link, key, duration_s=seconds)
    facts = facts_of(info, link)
    return Found(link, key, facts.title, facts.artists, seconds)
