"""Which page is a track's? Asked in bulk, or of the index that the journal keeps.

For a few tracks, their ids, links and titles are asked for in `or` filters of up to a hundred. For many, or once the
whole database was read, the journal's index answers, brought up to date by one query for what was edited since. Either
way the number of requests does not grow with the number of tracks.

A page is a track's by Spotify's id, ISRC, SoundCloud's or YouTube's id, canonical link, the path of a file, or by
title, version and artists, exactly but for how they are written, with lengths no more than 2 s apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

from tracksync.catalogue.notion.api import NotionApi, Rejected
from tracksync.catalogue.notion.fields import FILES, LINKS
from tracksync.catalogue.notion.page import Namer, PageRead, artists_of, links_of, names_of, number_of, read_page
from tracksync.catalogue.notion.schema import Property, Schema
from tracksync.catalogue.notion.values import clean, pieces, units
from tracksync.catalogue.protocol import Service
from tracksync.catalogue.songs import normal_isrc, same_length, song
from tracksync.errors import NotFound, TracksyncError
from tracksync.journal import Journal, SeenPage
from tracksync.model import Track
from tracksync.sources.links import classify, looks_like_link
from tracksync.sources.short import is_short, resolve_short

__all__ = ["PageIndex", "Wanted", "wanted_of"]

_CONDITIONS = 100
# Up to so many queries the pages themselves are asked for, even if the index knows them all: what is in the trash does
# not answer. Beyond, a complete index is brought up to date by one query.
_FEW_QUERIES = 4
# From so many on, reading the whole database once is the better bargain: afterwards one query suffices.
_MOST_QUERIES = 10
_SHORT_LINKS_A_RUN = 30
_LONG_UNITS = 500
# Clocks differ and queries lag: a moment is over for good when it is so long ago.
_SETTLED = timedelta(minutes=15)
_LAG = timedelta(minutes=2)
_EVERYTHING_AGAIN_S = 24 * 3600.0
_KINDS = ("page", "spotify", "isrc", "soundcloud", "youtube", "link", "path")


@dataclass(frozen=True)
class Wanted:
    """A track that is looked for."""

    key: str
    title: str
    artists: tuple[str, ...]
    duration_s: float | None
    names: tuple[tuple[str, str], ...]

    def name(self, kind: str) -> str | None:
        """The first name of this kind."""
        return next((value for known, value in self.names if known == kind), None)


def wanted_of(
    track: Track, journal: Journal, more: Iterable[tuple[str, str]] = (), paths: Iterable[str] = ()
) -> Wanted:
    """What is known of a track, as names of the kinds by which pages are found."""
    names = [(kind, value) for kind, value in more if kind in _KINDS]
    service, _, rest = track.key.partition(":")
    number = rest.partition(":")[2]
    if service in ("spotify", "soundcloud", "youtube") and number:
        names.append((service, number))
    if isrc := normal_isrc(track.facts.isrc):
        names.append(("isrc", isrc))
    names += [(kind, value) for kind, value in journal.identities(track.key) if kind in _KINDS]
    if track.facts.link and looks_like_link(track.facts.link):
        with suppress(TracksyncError):
            names.append(("link", classify(track.facts.link).canonical))
    names += [("path", path) for path in paths]
    return Wanted(track.key, track.facts.title, track.facts.artists, track.duration_s, tuple(dict.fromkeys(names)))


class PageIndex:
    """The pages of one data source, by what their tracks are called."""

    def __init__(
        self, api: NotionApi, journal: Journal, schema: Schema, artist_names: Namer, note: Callable[[str], None]
    ) -> None:
        self._api, self._journal, self._schema = api, journal, schema
        self._home = schema.data_source_id
        self._artist_names = artist_names
        self._say = note
        self._mark = f"notion index of {self._home}"
        self._shorts_left = _SHORT_LINKS_A_RUN

    # -- keeping it ----------------------------------------------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        """Whether every page was read once."""
        return self._journal.mark(self._mark) is not None

    def note(self, pages: Sequence[PageRead]) -> None:
        """Keep pages as they were read; one in the trash is forgotten."""
        self._journal.drop_seen(self._home, [page.page_id for page in pages if page.trashed])
        kept = [page for page in pages if not page.trashed]
        self._journal.put_seen(self._home, [page.seen(names_of(page, self._resolved(page))) for page in kept])

    def read_all(self, progress: Callable[[int], None] = lambda _: None) -> list[PageRead]:
        """Read every page; afterwards the index is complete."""
        pages: list[PageRead] = []
        for raw in self._api.query(self._home):
            pages.append(read_page(raw, self._schema))
            if len(pages) % 100 == 0:
                progress(len(pages))
        self.note(pages)
        there = {page.page_id for page in pages}
        self._journal.drop_seen(
            self._home, [page.page_id for page in self._journal.seen(self._home) if page.page_id not in there]
        )
        self._set_mark(pages)
        return pages

    def refresh(self) -> None:
        """Read what was edited since the index was last brought up to date."""
        mark = self._journal.mark(self._mark) or {}
        since, read = mark.get("edited"), mark.get("read")
        # What was trashed is not among what was edited: once a day everything is looked at.
        if since is None or read is None or time() - read > _EVERYTHING_AGAIN_S:
            self.read_all()
            return
        # Notion's moments are whole minutes: what was edited in the same one is read again.
        filter_ = {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": since}}
        pages = [read_page(raw, self._schema) for raw in self._api.query(self._home, filter_)]
        self.note(pages)
        self._drop_trashed(filter_)
        self._set_mark(pages, since, read)

    def _drop_trashed(self, filter_: dict[str, Any]) -> None:
        """Forget what was put into the trash since, as far as Notion tells."""
        try:
            gone = list(self._api.query(self._home, filter_, in_trash=True))
        except Rejected:
            return
        self._journal.drop_seen(self._home, [raw["id"] for raw in gone if raw.get("in_trash") or raw.get("archived")])

    def _set_mark(self, pages: Sequence[PageRead], since: str | None = None, read: float | None = None) -> None:
        latest = max((page.edited for page in pages), default=None)
        if latest and datetime.now(UTC) - latest > _SETTLED:
            latest += timedelta(minutes=1)  # nothing can be edited in that minute any more
        elif latest:
            latest -= _LAG  # what was edited before may show later
        text = latest.astimezone(UTC).isoformat() if latest else since
        shape = sorted((meaning, prop.name) for meaning, prop in self._schema.properties.items())
        self._journal.set_mark(self._mark, {"edited": text, "shape": shape, "read": read or time()})

    def check_shape(self) -> None:
        """An index that was made from other properties than there are now is no use: read anew when it is needed."""
        mark = self._journal.mark(self._mark)
        shape = [[meaning, prop.name] for meaning, prop in sorted(self._schema.properties.items())]
        if mark is not None and mark.get("shape") != shape:
            self._journal.drop_mark(self._mark)

    # -- asking it -----------------------------------------------------------------------------------------------------

    def find(self, tracks: Sequence[Wanted]) -> dict[str, PageRead]:
        """The page of each track that has one, in as few requests as it takes."""
        if not tracks:
            return {}
        self.check_shape()
        conditions = self._conditions(tracks)
        queries = -(-len(conditions) // _CONDITIONS)
        fresh: set[str] | None = None
        if queries > _FEW_QUERIES and self.is_complete:
            self.refresh()
        elif queries > _MOST_QUERIES:
            self.read_all()
        else:
            fresh = self._ask(conditions)
        return self._match(tracks, fresh)

    def known(self, track: Wanted) -> PageRead | None:
        """The track's page as far as the index knows one: that one is read again, else nothing is asked."""
        return self._match([track], set()).get(track.key)

    def _ask(self, conditions: Sequence[dict[str, Any]]) -> set[str]:
        """Ask for pages by conditions, and note them; gives their ids."""
        pages: dict[str, PageRead] = {}
        for start in range(0, len(conditions), _CONDITIONS):
            some = list(conditions[start : start + _CONDITIONS])
            for raw in self._api.query(self._home, {"or": some} if len(some) > 1 else some[0]):
                page = read_page(raw, self._schema)
                pages[page.page_id] = page
        self.note(list(pages.values()))
        return set(pages)

    def _conditions(self, tracks: Sequence[Wanted]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        shorts = False
        for track in tracks:
            for kind, value in track.names:
                made += self._conditions_for(kind, value)
                shorts = shorts or kind == "soundcloud" or "//soundcloud.com/" in value
            made.append(self._title_condition(track.title))
        if shorts and self._shorts_left and (prop := self._schema.properties.get(LINKS[Service.SOUNDCLOUD])):
            made.append(_condition(prop, "contains", "on.soundcloud.com/"))
        unique = {repr(condition): condition for condition in made}
        return list(unique.values())

    def _conditions_for(self, kind: str, value: str) -> list[dict[str, Any]]:
        def of(meaning: str, how: str, text: str) -> list[dict[str, Any]]:
            prop = self._schema.properties.get(meaning)
            return [_condition(prop, how, text)] if prop else []

        if kind == "spotify":
            return of("spotify_id", "contains", value) + of(LINKS[Service.SPOTIFY], "contains", value)
        if kind == "isrc":
            dashed = f"{value[:2]}-{value[2:5]}-{value[5:7]}-{value[7:]}"
            return of("isrc", "equals", value) + of("isrc", "equals", dashed)
        if kind == "youtube":
            return of(LINKS[Service.YOUTUBE], "contains", value)
        if kind == "soundcloud":
            return of(LINKS[Service.SOUNDCLOUD], "contains", f"tracks/{value}")
        if kind == "path":
            return [condition for meaning in FILES.values() for condition in of(meaning, "equals", value)][:1]
        if kind == "link":
            return self._link_conditions(value)
        return []

    def _link_conditions(self, canonical: str) -> list[dict[str, Any]]:
        """A link is stored as it was shared: what all its ways have in common is looked for, and told apart later."""
        from tracksync.catalogue.protocol import service_of

        service = service_of(canonical)
        bare = re.sub(r"^https?://(?:www\.)?", "", canonical)
        if service is Service.YOUTUBE and "v=" in canonical:
            bare = canonical.rpartition("v=")[2]
        meanings = [LINKS[service]] if service else list(LINKS.values())
        props = [self._schema.properties[meaning] for meaning in meanings if meaning in self._schema]
        return [_condition(prop, "contains", bare) for prop in props]

    def _title_condition(self, title: str) -> dict[str, Any]:
        """What every way of writing the title has in common, and few others: half a library is an "Original Mix"."""
        prop = self._schema.properties["title"]
        own = re.split(r"[(\[]", title, maxsplit=1)[0].strip() or title
        runs = re.findall(r"[A-Za-z0-9](?:[A-Za-z0-9 ]*[A-Za-z0-9])?", own)
        longest = max(runs, key=len, default="")
        if len(longest) < 3:
            longest = max(re.findall(r"\w+", own), key=len, default="")
        if len(longest) >= 3 or (longest and not longest.isascii()):
            return _condition(prop, "contains", pieces(longest, 100)[0])
        return _condition(prop, "contains", pieces(clean(title).strip() or "?", 100)[0])

    def _match(self, tracks: Sequence[Wanted], fresh: set[str] | None) -> dict[str, PageRead]:
        """The tracks' pages by the index; one that was not among the `fresh` ones is read before it is believed."""
        names = [name for track in tracks for name in track.names if name[0] in _KINDS]
        names += [("song", song(track.title, track.artists)) for track in tracks]
        names += [("title", song(track.title, ())) for track in tracks]
        found = self._journal.seen_by(self._home, names)
        matched: dict[str, PageRead] = {}
        for track in tracks:
            page = self._page_of(track, found)
            if page is not None and fresh is not None and page.page_id not in fresh:
                page = self.read(page.page_id)
                page = self._page_of(track, self._journal.seen_by(self._home, names)) if page else None
            if page is not None:
                matched[track.key] = page
        return matched

    def read(self, page_id: str) -> PageRead | None:
        """The page as it is now; None where it is gone or in the trash."""
        try:
            page = read_page(self._api.page(page_id), self._schema)
        except NotFound:
            self._journal.drop_seen(self._home, [page_id])
            return None
        self.note([page])
        return None if page.trashed else page

    def _page_of(self, track: Wanted, found: Mapping[tuple[str, str], Sequence[SeenPage]]) -> PageRead | None:
        for kind in _KINDS:
            pages = [_page(seen) for name in track.names if name[0] == kind for seen in found.get(name, ())]
            if pages:
                return self._one(track, pages)
        if not track.artists:
            return None  # a title alone is no identity
        pages = [_page(seen) for seen in found.get(("song", song(track.title, track.artists)), ())]
        for seen in found.get(("title", song(track.title, ())), ()):
            page = _page(seen)
            if song(track.title, artists_of(page, self._artist_names)) == song(track.title, track.artists):
                pages.append(page)
        return self._by_length(track, pages)

    def _by_length(self, track: Wanted, pages: Sequence[PageRead]) -> PageRead | None:
        fitting = [page for page in pages if same_length(track.duration_s, _length(page)) is True]
        if fitting:
            return self._one(track, fitting)
        # A page that somebody began says no length yet: it is the one, if there is but one and no id speaks against it.
        open_ = [page for page in pages if same_length(track.duration_s, _length(page)) is None]
        if len(open_) == 1 and not _contradicts(track, open_[0]):
            return open_[0]
        return None

    def _one(self, track: Wanted, pages: Sequence[PageRead]) -> PageRead:
        """Of several pages of one track: the one that is downloaded and names files, else the oldest."""
        unique = {page.page_id: page for page in pages}
        if len(unique) > 1:
            self._say(f"{track.title} has {len(unique)} pages in Notion; the first finished or oldest one is used.")
        return min(unique.values(), key=lambda page: (not page.downloaded, not page.files, page.created, page.page_id))

    # -- short links ---------------------------------------------------------------------------------------------------

    def _resolved(self, page: PageRead) -> dict[str, str]:
        """Where the short links of a page lead; asked of their service once, and kept."""
        known: dict[str, str] = {}
        for text in links_of(page):
            with suppress(TracksyncError):
                canonical = classify(text).canonical if looks_like_link(text) else ""
                if not is_short(canonical):
                    continue
                mark = self._journal.mark(f"short link {canonical}")
                if mark is None and self._shorts_left > 0:
                    self._shorts_left -= 1
                    mark = {"to": resolve_short(canonical)}
                    self._journal.set_mark(f"short link {canonical}", mark)
                if mark and mark["to"]:
                    known[canonical] = mark["to"]
        return known


def _page(seen: SeenPage) -> PageRead:
    return PageRead.model_validate(seen.content)


def _length(page: PageRead) -> float | None:
    seconds = number_of(page.plain.get("duration_s"))
    ms = number_of(page.plain.get("duration_ms"))
    return seconds or (ms / 1000 if ms else None)


def _contradicts(track: Wanted, page: PageRead) -> bool:
    on_page = dict(reversed(names_of(page)))
    return any(
        (mine := track.name(kind)) is not None and on_page.get(kind) not in (None, mine)
        for kind in ("spotify", "isrc", "soundcloud", "youtube")
    )


def _condition(prop: Property, how: str, text: str) -> dict[str, Any]:
    kind = prop.type
    if kind == "select":
        how = "equals"
    elif units(text) > _LONG_UNITS:
        # A filter's text has its limit, too; what this lets through besides is told apart later.
        how, text = "starts_with" if how == "equals" else how, pieces(text, _LONG_UNITS)[0]
    return {"property": prop.name, kind: {how: text}}
