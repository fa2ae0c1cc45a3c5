"""A page of the catalogue as a source: which track is it, and where is its audio?

The files that it names come first, if one is still there: what exists is not fetched again. Then its links, in a fixed
order. Its title and artists are a person's, and count for more than what the source says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING

from tracksync.catalogue.protocol import Page, ProcessingOption, Service
from tracksync.errors import MixDetected, NeedsPerson, NotFound, Permanent, TracksyncError, Unsupported
from tracksync.model import AudioFormat, Facts, State, Track
from tracksync.sources.detect import detect
from tracksync.sources.detected import Detected, named_track
from tracksync.sources.links import Link, classify

if TYPE_CHECKING:
    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.catalogue.protocol import Catalogue
    from tracksync.journal import Journal
    from tracksync.settings import Settings

__all__ = ["NEXT", "PAGE_KEY", "from_page", "is_eligible", "next_pages", "page_key", "remember_looks", "set_aside"]

PAGE_KEY = "notion:page:"
NEXT = "next"
"""The source of tracks that a page names."""

_LINKS = (
    Service.SOUNDCLOUD,
    Service.YOUTUBE,
    Service.BANDCAMP,
    Service.APPLE_MUSIC,
    Service.BEATPORT,
)
_LOSSLESS_FIRST = (AudioFormat.WAV, AudioFormat.AIFF, AudioFormat.M4A)


def page_key(page: Page) -> str:
    """The key under which a page can be named before a track is known to be its."""
    return f"{PAGE_KEY}{page.page_id}"


def is_eligible(page: Page) -> bool:
    """Whether a page waits to be brought in: it says from where, and nothing is there yet."""
    held = page.properties
    has_source = bool(held.links) or bool(held.spotify_id)
    return has_source and not page.downloaded and not held.files and not held.eagle_id


def next_pages(catalogue: Catalogue, journal: Journal, limit: int, *, remember: bool = True) -> list[Page]:
    """The pages whose turn it is: by priority, then newest; each read again before it is chosen.

    One that failed, needs a person or was merged is passed over until somebody edits it. How a page looked when it was
    chosen is kept: so an edit is known for one. With `remember` False nothing is kept.
    """
    chosen: list[Page] = []
    for page in catalogue.unfinished():
        if len(chosen) >= limit:
            break
        if not is_eligible(page) or _is_set_aside(journal, page):
            continue
        try:
            now = catalogue.page_of(page.page_id)
        except NotFound:  # trashed since
            continue
        if is_eligible(now):
            if remember:
                remember_looks(journal, page)
            chosen.append(now)
    return chosen


def _is_set_aside(journal: Journal, page: Page) -> bool:
    entry = journal.find(page.key) or journal.find_by("page", page.page_id)
    if entry and entry.state is State.WAITING:
        return entry.waiting_until is not None and entry.waiting_until > datetime.now(UTC)
    # One that was merged is another's recording: its page is as finished as it gets.
    has_ended = entry and (entry.state in (State.FAILED, State.NEEDS_REVIEW) or entry.merged_into)
    ended = [entry.updated.timestamp()] if entry and has_ended else []
    if refused := journal.mark(_refused(page.page_id)):
        ended.append(refused["at"])
    # Our own note of the failure is an edit, too; moments on pages are whole minutes.
    if not ended or page.edited.timestamp() - max(ended) >= 120:
        return False
    looked = journal.mark(_chosen(page.page_id))
    return looked is None or looked["as"] == _looks(page)


def remember_looks(journal: Journal, page: Page) -> None:
    """Keep how a page looks now: what is other than that later is somebody's edit."""
    journal.set_mark(_chosen(page.page_id), {"as": _looks(page)})


def _chosen(page_id: str) -> str:
    return f"page chosen {page_id}"


def _refused(page_id: str) -> str:
    return f"page refused {page_id}"


def _looks(page: Page) -> str:
    """What a person edits, in short; not the states, which are noted by us."""
    held = page.properties.model_dump_json(exclude={"states"})
    return hashlib.sha256(held.encode()).hexdigest()


def set_aside(
    found: Sequence[Detected], catalogue: Catalogue, journal: Journal, note: Callable[[str], None] = lambda _: None
) -> None:
    """Of pages that turned out to be no track: note it, on the page too, and don't choose them again as they are."""
    for item in found:
        if item.track is not None or not item.key.startswith(PAGE_KEY):
            continue
        if not isinstance(item.error, Permanent | NeedsPerson):
            continue  # it passes by itself
        journal.set_mark(_refused(item.key.removeprefix(PAGE_KEY)), {"at": time()})
        if option := _option_for(item.error):
            try:
                catalogue.note_states(item.key, frozenset({option.value}))
            except TracksyncError as failure:
                note(f"The page of {item.label} does not say so: {failure.message}")


def _option_for(error: Permanent | NeedsPerson) -> ProcessingOption | None:
    if isinstance(error, MixDetected):
        return ProcessingOption.MIX_DETECTED
    if isinstance(error, NeedsPerson):
        return None
    return ProcessingOption.NOT_FOUND if isinstance(error, NotFound) else ProcessingOption.DOWNLOAD_FAILED


def from_page(
    page: Page,
    *,
    journal: Journal,
    settings: Settings,
    ffmpeg: Ffmpeg,
    playlist: str | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> Detected:
    """The track of a page, with its audio found by what the page names."""
    from tracksync.library.index.finding import where_moved_many

    held = page.properties
    label = held.title or page.page_id
    key = page_key(page)
    paths = [held.files[fmt] for fmt in _LOSSLESS_FIRST if fmt in held.files]
    moved = where_moved_many(journal, paths, key=page.key)
    files = [str(where) for path in paths if (where := moved.get(path, path)).is_file()]
    links = [held.links[service] for service in _LINKS if held.links.get(service)]
    failed: Detected | None = None
    for place in (*files, *links):
        found = detect([place], journal=journal, settings=settings, ffmpeg=ffmpeg, playlist=playlist, note=note)
        tracks = [entry for entry in found if entry.track is not None]
        if len(tracks) == 1 and tracks[0].track is not None:
            return _as_the_page_has_it(tracks[0], tracks[0].track, page, playlist)
        if tracks:
            several = NeedsPerson(f"{label}: the link on its page leads to {len(tracks)} tracks, not to one.")
            failed = Detected(label, key, error=several, source=NEXT)
        elif found:
            failed = replace(found[0], label=label, key=key, source=NEXT)
            if not isinstance(found[0].error, Permanent):
                break  # it passes by itself: another link would be a guess
    if failed is not None and not isinstance(failed.error, Permanent):
        return failed
    named = _by_its_name(page, settings)
    if named is not None and named.track is not None:
        return _as_the_page_has_it(named, named.track, page, playlist)
    if (refused := failed or named) is not None:
        return replace(refused, label=label, key=key, source=NEXT)
    error = NeedsPerson(
        f"The page of {label} names no file that exists, no link, and no artist to look for.",
        action="Put a link onto the page.",
    )
    return Detected(label, key, error=error, source=NEXT)


def _by_its_name(page: Page, settings: Settings) -> Detected | None:
    """The track of a page that has no audio of its own to offer: by its Spotify id, or by its artists and title."""
    held = page.properties
    link = _spotify_link(held.spotify_id, held.links.get(Service.SPOTIFY))
    if held.title and held.artists:
        return named_track(held.facts(), link, NEXT, held.duration_s)
    if link is None:
        return None
    from tracksync.sources.spotify import behind, open_client

    try:
        with open_client(settings, user=False) as client:
            return next(behind(client, link)[1], None)
    except TracksyncError as error:
        return Detected(held.title or page.page_id, page_key(page), error=error, source=NEXT)


def _spotify_link(spotify_id: str | None, link: str | None) -> Link | None:
    for text in (f"https://open.spotify.com/track/{spotify_id}" if spotify_id else None, link):
        with suppress(Unsupported):
            found = classify(text) if text else None
            if found is not None and (found.key or "").startswith("spotify:track:"):
                return found
    return None


def _as_the_page_has_it(found: Detected, track: Track, page: Page, playlist: str | None) -> Detected:
    held = page.properties
    theirs = Facts(
        title=held.title or track.facts.title,
        artists=held.artists or track.facts.artists,
        album=held.album or track.facts.album,
        genre=held.genre or track.facts.genre,
        date=held.date or track.facts.date,
        isrc=held.isrc or track.facts.isrc,
        link=track.facts.link,
        artist_ids=track.facts.artist_ids,
    )
    length = track.duration_s or held.duration_s
    folder = playlist or (held.playlists[0] if held.playlists else track.playlist)
    named = track.in_playlist(folder).model_copy(update={"facts": theirs, "source": NEXT, "duration_s": length})
    names: Sequence[tuple[str, str]] = (("page", page.page_id), *found.identities)
    return replace(found, track=named, identities=tuple(names), source=NEXT)
