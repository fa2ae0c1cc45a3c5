"""Which tracks are behind a link? Lists are read flat: ids, titles and addresses, no media."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
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

    from tracksync.sources.ytdlp.attempts import Log
    from tracksync.sources.ytdlp.session import Session

__all__ = ["GONE", "Found", "Listing", "each_track", "list_tracks"]

_LISTS = frozenset({"playlist", "multi_video"})
_LIST_EXTRACTOR = re.compile(r"(?:Set|Playlist|Tab|Album|User|Channel|Station|Search|Weekly)$")
GONE = frozenset({"[Private video]", "[Deleted video]", "[Unavailable video]"})
"""What YouTube's lists show in the place of a video that nobody can play."""


@dataclass(frozen=True)
class Found:
    """A track behind a link. Title, artists and length where they are known without opening its own page."""

    link: Link
    key: str
    title: str | None = None
    artists: tuple[str, ...] = ()
    duration_s: float | None = None
    isrc: str | None = None
    offer: str | None = None
    """Why its sound can't be had where the list says so: `preview`, `blocked`, `protected`."""

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

    What a track of SoundCloud's is called is told also where its stream can't be had; `Found.offer` says why.
    A link that names one track by itself (a YouTube video, a file with an audio ending) is answered without asking
    the network. A page may turn out to be one track, or a list.

    Raises:
        TracksyncError: the page cannot be read. An unreadable list is an error, never an empty one.
    """
    if link.service == "spotify":
        raise spotify_refusal(link.text)
    if link.key is not None and link.is_list is False:
        return Listing((Found(link, link.key),))

    from tracksync.sources.ytdlp.attempts import with_retries
    from tracksync.sources.ytdlp.session import Session
    from tracksync.sources.ytdlp.watch import Watch

    def read(log: Log) -> Listing:
        with Session(options, watch, log) as session:
            return _read(session, link, limit)

    with Watch(redact(link.text), options.stall_seconds, options.backoff_seconds, cancel) as watch:
        return with_retries(read, link.text, watch, authorised=options.soundcloud_auth is not None)


def each_track(
    link: Link,
    options: YtdlpOptions,
    cancel: threading.Event | None = None,
    *,
    shown: str | None = None,
    deadline_seconds: float | None = None,
) -> Generator[Found | None, None, None]:
    """The tracks behind a list's link, one after the other: a page is asked for when the one before it is used up, so
    that who stops early pays for what was taken. None stands for an entry that can be no track. Each track once.

    A page that does not come is tried again, and the list goes on where it was.

    Args:
        link: the list.
        options: the user's settings.
        cancel: ends the reading soon after it is set.
        shown: what messages call the list; its link where None.
        deadline_seconds: how long the network may take without giving a new track.

    Raises:
        TracksyncError: the list cannot be read (further). Never a shorter list instead.
    """
    if link.service == "spotify":
        raise spotify_refusal(link.text)

    from tracksync.sources.ytdlp.attempts import Log, with_retries
    from tracksync.sources.ytdlp.watch import Watch

    name = shown or redact(link.text)
    log = Log()
    seen: set[str] = set()
    with Watch(name, options.stall_seconds, options.backoff_seconds, cancel, deadline_seconds) as watch:
        reading = _Reading(link, options, watch)
        try:
            while True:
                authorised = options.soundcloud_auth is not None
                entry = with_retries(reading.step, link.text, watch, log=log, authorised=authorised)
                if isinstance(entry, _End):
                    return
                if entry is not None and entry.key in seen:
                    continue
                if entry is not None:
                    seen.add(entry.key)
                    watch.renew()
                with watch.held():
                    yield entry
        finally:
            reading.close()


class _End:
    """The list has no more entries."""


class _Reading:
    """A list that is being read; after a failure it is opened again and goes on at the entry where it was."""

    def __init__(self, link: Link, options: YtdlpOptions, watch: Any) -> None:
        self._link, self._options, self._watch = link, options, watch
        self._session: Session | None = None
        self._entries: Iterator[Any] = iter(())
        self._done = 0

    def step(self, log: Log) -> Found | _End | None:
        """The next entry."""
        try:
            session = self._session or self._open(log)
            entry = next(self._entries, _End())
        except BaseException:
            self.close()
            raise
        if isinstance(entry, _End):
            return entry
        self._done += 1
        return _entry(entry, session.noted)

    def _open(self, log: Log) -> Session:
        from tracksync.sources.ytdlp.session import Session, entries_of

        self._session = session = Session(self._options, self._watch, log)
        session.flat = True
        info = session.extract_info(self._link.origin, download=False, process=False)
        if not info or info.get("_type") not in _LISTS:
            raise NotAudio(f"{self._watch.shown} is no list.", action="Give the link of a list.")
        self._entries = entries_of(info)
        for _ in range(self._done):
            next(self._entries, None)
        return session

    def close(self) -> None:
        """Let go of the network."""
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None


def _read(session: Session, link: Link, limit: int | None) -> Listing:
    from tracksync.sources.ytdlp.session import entries_of

    session.flat = True
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
        found = _entry(entry, session.noted)
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


def _entry(entry: dict[str, Any] | None, noted: dict[str, dict[str, Any]]) -> Found | None:
    """An entry of a list as a track; None where it can be none."""
    if entry and (more := noted.get(str(entry.get("id")))):
        entry = {**more, **{name: value for name, value in entry.items() if value is not None}}
    if not entry or entry.get("_type") in _LISTS or entry.get("title") in GONE:
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
    offer = info.get("tracksync_offer")
    if not info.get("title"):
        return Found(link, key, duration_s=seconds, offer=offer)
    facts = facts_of(info, link)
    return Found(link, key, facts.title, facts.artists, seconds, facts.isrc, offer)
