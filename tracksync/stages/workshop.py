"""What the stages of a run share: the settings, the journal, the catalogue, ffmpeg, the analysis pool.

One workshop is open in a process at a time; a stage asks for it with `workshop()`, so that nothing of it has to travel
through the parameters of an engine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracksync.errors import TracksyncError
from tracksync.library.publish import ensure_folder
from tracksync.report import Event, Reporter, SilentReporter
from tracksync.settings import Settings, load_settings, use_network_settings

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.audio.pool import AnalysisPool
    from tracksync.catalogue.protocol import Catalogue
    from tracksync.journal import Journal
    from tracksync.library.eagle.imports import EagleImports
    from tracksync.matching import Candidate
    from tracksync.model import Stage

__all__ = ["BeforeRefresh", "Workshop", "interrupt", "open_workshop", "workshop"]

# A track's analysis takes well under a tenth of its length; this is for machines that are very slow or very busy.
_ANALYSIS_LIMIT_S = 300.0
# Nine or so a track, of as many tracks at a time as may be worked on.
_SEARCHES_KEPT = 640


@dataclass(frozen=True)
class BeforeRefresh:
    """A track as it was: its receipts, and size and time of its files."""

    receipts: dict[Stage, BaseModel]
    looks: dict[Path, tuple[int, int]]


@dataclass
class Workshop:
    """The tools of one run."""

    settings: Settings
    journal: Journal
    catalogue: Catalogue
    ffmpeg: Ffmpeg
    pool: AnalysisPool
    reporter: Reporter
    cancel: threading.Event = field(default_factory=threading.Event)
    """Set when the run has to end: long work looks at it."""
    events: list[Event] = field(default_factory=list)
    """The lines of the tracks that came to their end."""
    eagle: EagleImports | None = None
    """Eagle, where it is configured."""
    stopped_by: TracksyncError | None = None
    """What every further track would meet too (no space, a folder that can't be written)."""
    found: dict[tuple[str, str], tuple[list[Candidate], list[str]]] = field(default_factory=dict)
    """What searches found, by service and query, with what can't be had: after a miss nobody is asked again."""
    before_refresh: dict[str, BeforeRefresh] = field(default_factory=dict)
    """Tracks that were whole and are to be made again, by their keys."""
    _aside: bool = False

    def remember(self, asked: tuple[str, str], candidates: list[Candidate], unusable: list[str]) -> None:
        """Keep what a search found. Only the last ones are kept: those of the tracks that are being worked on."""
        self.found[asked] = (candidates, unusable)
        while len(self.found) > _SEARCHES_KEPT:
            self.found.pop(next(iter(self.found)), None)

    def stop(self, error: TracksyncError) -> None:
        """No further track is begun."""
        if self.stopped_by is None:
            self.stopped_by = error

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What comes to its end in this block was not asked for: it is done without a line of its own."""
        self._aside = True
        try:
            yield
        finally:
            self._aside = False

    def tell(self, event: Event) -> Event:
        """A track has come to its end."""
        if self._aside:
            return event
        self.events.append(event)
        self.reporter.finished(event)
        return event

    def catalogue_ready(self) -> None:
        """Look whether the catalogue is as it has to be, before anything is done. One that is away is no reason not to.

        Raises:
            Misconfigured: it is not.
        """
        from tracksync.errors import CatalogueAway

        try:
            self.catalogue.prepare()
        except CatalogueAway as error:
            self.reporter.note(f"{error.message} The files are made all the same.")

    def staging(self, key: str) -> Path:
        """The track's own staging folder."""
        return self.settings.staging_dir / hashlib.sha256(key.encode()).hexdigest()[:20]

    def clear_staging(self, key: str) -> None:
        """Remove what is left of the track's work in progress."""
        shutil.rmtree(self.staging(key), ignore_errors=True)


_open: list[Workshop] = []


def workshop() -> Workshop:
    """The workshop that is open.

    Raises:
        RuntimeError: none is.
    """
    if not _open:
        raise RuntimeError("No workshop is open: stages run inside `open_workshop()`.")
    return _open[-1]


def interrupt() -> bool:
    """Ask the run that is under way to end: what is done stays. False where none is under way."""
    for shop in _open:
        shop.cancel.set()
    return bool(_open)


@contextmanager
def open_workshop(
    settings: Settings | None = None,
    reporter: Reporter | None = None,
    gate: Callable[[], None] | None = None,
) -> Iterator[Workshop]:
    """Open the tools, and put them away at the end, whichever.

    Args:
        settings: the settings; by default as the environment has them.
        reporter: hears how the run goes.
        gate: waited for before each request to the catalogue's service, where several machines share its budget.

    Raises:
        Misconfigured: a setting, ffmpeg, or a folder is not as it has to be.
    """
    from tracksync.audio.ffmpeg import find_ffmpeg
    from tracksync.audio.pool import AnalysisPool
    from tracksync.catalogue import open_catalogue
    from tracksync.journal import Journal
    from tracksync.library.eagle import open_eagle

    use_network_settings()
    settings = settings or load_settings()
    ensure_folder(settings.home)
    ensure_folder(settings.staging_dir)
    workers = min(settings.concurrency, os.cpu_count() or 1)
    reporter = reporter or SilentReporter()
    cancel = threading.Event()
    with (
        Journal.open(settings.journal_url) as journal,
        AnalysisPool(workers=workers, time_limit_s=_ANALYSIS_LIMIT_S) as pool,
    ):
        shop = Workshop(
            settings=settings,
            journal=journal,
            catalogue=open_catalogue(settings, journal, note=reporter.note, cancel=cancel, gate=gate),
            ffmpeg=find_ffmpeg(settings.ffmpeg),
            pool=pool,
            reporter=reporter,
            cancel=cancel,
            eagle=open_eagle(settings, journal, note=reporter.note, cancel=cancel),
        )
        _open.append(shop)
        try:
            yield shop
        finally:
            _open.remove(shop)
            shop.catalogue.close()
            if shop.eagle is not None:
                shop.eagle.house.close()
