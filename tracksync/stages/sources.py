"""What is to be brought in when nothing is named: the chain of the sources.

One after the other is read until one has something to bring in. A source whose tracks are all there gives way to the
next; one that can't be read is named, left alone for a while, and passed over. What it gave is said of each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from tracksync.errors import (
    CatalogueAway,
    Interrupted,
    LoginNeeded,
    Misconfigured,
    RateLimited,
    TracksyncError,
    Unexpected,
)
from tracksync.model import State
from tracksync.sources.likes import LIKED, PLAYING, SOUNDCLOUD, not_set_up, read_source, service_behind
from tracksync.sources.pages import NEXT, next_pages, page_key
from tracksync.sources.timely import timely
from tracksync.stages.standing import Standing, is_set_aside, standing

if TYPE_CHECKING:
    from tracksync.catalogue import Catalogue
    from tracksync.journal import Cooled, Journal
    from tracksync.report import Event
    from tracksync.settings import Settings
    from tracksync.sources.detected import Detected

__all__ = ["AUTO", "CHAIN", "DEFAULT_LIMIT", "SOURCES", "Chosen", "Ground", "SourceReport", "check_source", "choose"]

AUTO = "auto"
CHAIN = (PLAYING, SOUNDCLOUD, LIKED, NEXT)
SOURCES = (AUTO, *CHAIN)
DEFAULT_LIMIT = 5

_UNFINISHED = (State.NEW, State.MATCHING, State.DOWNLOADING, State.RENDERING, State.IMPORTING, State.WAITING)
_AT_ONCE = 50
# A source that fails is passed over within half a minute.
_PATIENCE_S = 25.0
# How long the chain leaves a source alone that could not be read and did not say for how long.
_UNREADABLE_S = 60.0
_ASKED_S = 600.0


@dataclass(frozen=True)
class Ground:
    """What the sources are read with."""

    settings: Settings
    journal: Journal
    catalogue: Catalogue
    note: Callable[[str], None]
    cancel: threading.Event = field(default_factory=threading.Event)
    dry_run: bool = False


@dataclass
class SourceReport:
    """What one source gave."""

    source: str
    found: int = 0
    """Tracks that were looked at."""
    already: int = 0
    """Of them, there already."""
    set_aside: int = 0
    """Of them, failed, up to a person, or waiting for their moment."""
    taken: int = 0
    """Of them, to be brought in now."""
    gave_way: str = ""
    """Why the next source was asked; empty of the one that has something."""
    failed: bool = False
    """It could not be read."""
    set_up: bool = True

    def sentence(self) -> str:
        """The report as a line for a person."""
        if self.gave_way:
            return f"{self.source}: {self.gave_way}"
        rest = [f"{self.already} there already"] if self.already else []
        rest += [f"{self.set_aside} set aside"] if self.set_aside else []
        told = f" ({', '.join(rest)})" if rest else ""
        return f"{self.source}: {self.taken} to bring in{told}."

    def as_json(self) -> dict[str, object]:
        """As the run's line has it."""
        return {
            "source": self.source,
            "found": self.found,
            "already": self.already,
            "set_aside": self.set_aside,
            "taken": self.taken,
            "gave_way": self.gave_way or None,
            "failed": self.failed,
        }


@dataclass
class Chosen:
    """The source that has something, and what: `what` has still to be opened, `found` is known."""

    source: str
    what: list[str] = field(default_factory=list)
    found: list[Detected] = field(default_factory=list)
    reports: list[SourceReport] = field(default_factory=list)

    @property
    def unread(self) -> list[SourceReport]:
        """The sources that could not be read."""
        return [report for report in self.reports if report.failed]

    def told(self, run: Event) -> Event:
        """A run's line with what the sources gave."""
        return run | {"sources": [report.as_json() for report in self.reports]}


def check_source(name: str) -> None:
    """Raise where there is no such source.

    Raises:
        Misconfigured: there is none; the sentence names the one that was probably meant.
    """
    if name in SOURCES:
        return
    from rapidfuzz import fuzz, process

    meant = process.extractOne(name, SOURCES, scorer=fuzz.ratio, score_cutoff=60)
    guess = f" Did you mean {meant[0]}?" if meant else ""
    raise Misconfigured(f"There is no source {name}.{guess}", action=f"The sources are {', '.join(SOURCES)}.")


def choose(source: str, ground: Ground, limit: int | None = None) -> Chosen:
    """Ask the chain, or the one source that is named, what is to be brought in.

    Args:
        source: one of `SOURCES`.
        limit: how many tracks at most; five by default, of the catalogue's pages one.

    Raises:
        Misconfigured: there is no such source, or none that is set up; a named one lacks a setting or a login.
        TracksyncError: a named source could not be read.
    """
    check_source(source)
    chosen = Chosen(source)
    for name in CHAIN if source == AUTO else (source,):
        report = SourceReport(name)
        chosen.reports.append(report)
        try:
            _ask(name, ground, limit, report, chosen, named=source != AUTO)
        except TracksyncError as error:
            if source != AUTO or (name == NEXT and isinstance(error, Misconfigured)):
                raise
            report.failed = report.set_up = True
            report.gave_way = f"it could not be read. {error.message}{f' {error.action}' if error.action else ''}"
        if report.set_up or source != AUTO:
            ground.note(report.sentence())
        if chosen.what or chosen.found:
            chosen.source = name
            break
    if source == AUTO and not any(report.set_up for report in chosen.reports):
        raise Misconfigured(
            "Nothing was named to sync, and no source is configured.",
            action="Give links, files or folders: `tracksync sync LINK|FILE|FOLDER …`; or set SOUNDCLOUD_PROFILE, "
            "SPOTIFY_CLIENT_ID or NOTION_TOKEN.",
        )
    return chosen


def _ask(name: str, ground: Ground, limit: int | None, report: SourceReport, chosen: Chosen, *, named: bool) -> None:
    if name == NEXT:
        chosen.what = _next(ground, limit or 1, report)
        return
    if lacking := not_set_up(name, ground.settings):
        if named:
            raise Misconfigured(f"{name} is not set up: {lacking}.", action="Set it in the environment or in .env.")
        report.set_up = False
        report.gave_way = f"{lacking}."
        return
    service = service_behind(name)
    behind = _left_alone(service, ground.journal.cooled(service), named=True)
    held = _left_alone("It", ground.journal.cooled(name), named=named) or (behind if name != PLAYING else None)
    if held is not None:
        raise held
    try:
        taken = _take(name, ground, 1 if name == PLAYING else limit or DEFAULT_LIMIT, report, behind)
        # Another player's link or file: only opening it tells which track it is.
        chosen.what = [item.track.origin for item in taken if item.track and _has_to_be_opened(item)]
        chosen.found = [item for item in taken if not _has_to_be_opened(item)]
    except LoginNeeded as error:
        if name == PLAYING and not named and ground.settings.spotify_client_id is None:
            # No player runs here, and Spotify's Web API was never set up: that is nothing to complain of.
            report.set_up = False
            report.gave_way = error.message
            return
        raise
    except TracksyncError as error:
        _leave_alone(ground, name, service, error)
        raise
    except Exception as error:
        raise Unexpected(
            f"{name} met a fault of the program ({type(error).__name__}).", action="Please report it."
        ) from error


def _left_alone(what: str, cooled: Cooled | None, *, named: bool) -> RateLimited | None:
    """Why a source is not asked: by nobody where its service asked for a pause, else by the chain alone."""
    if cooled is None or (named and not cooled.asked):
        return None
    return RateLimited(
        f"{what} is left alone until {cooled.until.astimezone():%H:%M}. {cooled.reason}", retry_after=cooled.left_s
    )


def _has_to_be_opened(item: Detected) -> bool:
    return item.track is not None and item.source == PLAYING and not item.key.startswith(("spotify:", "name:"))


def _take(name: str, ground: Ground, limit: int, report: SourceReport, held: RateLimited | None) -> list[Detected]:
    """Read a source as far as it takes to find so many tracks that are not there yet.

    One that breaks off after some were found has given them.
    """
    taken: dict[str, Detected] = {}
    try:
        _read(name, ground, limit, report, held, taken)
    except TracksyncError as error:
        if not taken or isinstance(error, Interrupted):
            raise
        ground.note(f"{name} was not read to its end: {error.message}")
    report.taken = min(len(taken), limit)
    if not taken:
        report.gave_way = _why_nothing(name, report)
    return list(taken.values())[:limit]


def _read(
    name: str,
    ground: Ground,
    limit: int,
    report: SourceReport,
    held: RateLimited | None,
    taken: dict[str, Detected],
) -> None:
    size = limit
    error: TracksyncError | None = None
    with closing(
        timely(
            lambda given_up: read_source(name, ground.settings, given_up, ground.note, held),
            name,
            _PATIENCE_S,
            ground.cancel,
        )
    ) as entries:
        while len(taken) < limit and error is None:
            some, error = _next_ones(entries, size)
            for item in _open_ones(some, ground, report):
                taken.setdefault(item.key, item)
            if len(some) < size:
                break
            size = _AT_ONCE
    if error is not None:
        raise error


def _next_ones(entries: Iterator[Detected], count: int) -> tuple[list[Detected], TracksyncError | None]:
    """The next entries, and what ended them: an error takes nothing away that came before it."""
    some: list[Detected] = []
    try:
        for entry in islice(entries, count):
            some.append(entry)  # noqa: PERF402 (what came before an error is kept)
    except TracksyncError as error:
        return some, error
    return some, None


def _open_ones(some: list[Detected], ground: Ground, report: SourceReport) -> Iterator[Detected]:
    tracks = list({item.key: item for item in some if item.track is not None}.values())
    report.found += len(tracks)
    in_eagle = ground.settings.uses_eagle
    where = standing(ground.journal, ground.catalogue, tracks, ground.note, in_eagle=in_eagle)
    for item in tracks:
        report.already += where[item.key] is Standing.SYNCED
        report.set_aside += where[item.key] is Standing.SET_ASIDE
        if where[item.key] is Standing.OPEN:
            yield item


def _why_nothing(name: str, report: SourceReport) -> str:
    if report.found == 0:
        return f"{'nothing is playing' if name == PLAYING else 'nothing is there'}."
    if not report.set_aside:
        return f"{'it is' if report.found == 1 else f'all {report.found} are'} there already."
    there = f"{report.already} {_are(report.already)} there already, " if report.already else ""
    return f"{there}{report.set_aside} {_are(report.set_aside)} set aside (`tracksync status` says why)."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _next(ground: Ground, count: int, report: SourceReport) -> list[str]:
    """The catalogue's next pages; of the embedded one, what is unfinished."""
    journal, catalogue = ground.journal, ground.catalogue
    if catalogue.name == "embedded":
        entries = [
            entry
            for entry in journal.entries(states=_UNFINISHED)
            if entry.merged_into is None and not is_set_aside(entry)
        ]
        keys = [entry.key for entry in reversed(entries)][:count]
        report.set_up = bool(keys)
    else:
        try:
            pages = next_pages(catalogue, journal, count, remember=not ground.dry_run)
            keys = [page_key(page) for page in pages]
        except CatalogueAway as error:
            error.action = "Run the same command again later; nothing was begun."
            raise
    report.found = report.taken = len(keys)
    if not keys:
        report.gave_way = "nothing is next."
    return keys


def _leave_alone(ground: Ground, name: str, service: str, error: TracksyncError) -> None:
    """A service that asked for a pause is left alone by all; what could merely not be read, by the chain."""
    if ground.dry_run or isinstance(error, Misconfigured):
        return
    if isinstance(error, RateLimited):
        ground.journal.cool(service, error.retry_after or _ASKED_S, error.message)
    else:
        ground.journal.cool(name, _UNREADABLE_S, error.message, asked=False)
