"""A library of years in Notion, with files that were there before us; and a run beside Eagle, as the flow tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.index.shelf import a_wav
from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.notion.databases import StandInPage
from tests.sandbox.notion.fixtures import notion_catalogue
from tests.sandbox.notion.houses import House
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.errors import EagleAway, TracksyncError
from tracksync.journal import Journal
from tracksync.model import Track
from tracksync.report import Event
from tracksync.sources.pages import PAGE_KEY
from tracksync.stages.adopted import there_from_before
from tracksync.stages.detect import ensure_enrolled, undelivered
from tracksync.stages.eagle import ensure_imported
from tracksync.stages.outcome import already, finish, settle, take_up
from tracksync.stages.publish import look_published
from tracksync.stages.record import ensure_recorded
from tracksync.stages.recover import unfinished
from tracksync.stages.verify import ensure_verified
from tracksync.stages.workshop import Workshop

__all__ = ["LIBRARY", "WouldBeFetched", "Years", "end"]

LIBRARY = "Files Imported to Eagle"


class WouldBeFetched(Exception):
    """The run would go on with looking for the track's audio."""


def end(shop: Workshop, track: Track) -> Event:
    """One track, as the flow takes it to its end."""
    try:
        with take_up(shop, track) as entry:
            if whole := already(shop, track, entry):
                return whole
            if not (look_published(shop, track) or there_from_before(shop, track)):
                raise WouldBeFetched(track.key)
            away: EagleAway | None = None
            try:
                ensure_imported(shop, track)
            except EagleAway as error:
                away = error
            ensure_recorded(shop, track)
            ensure_verified(shop, track)
            if away is not None:
                raise away
            return finish(shop, track)
    except TracksyncError as error:
        return settle(shop, track, error)


@dataclass
class Years:
    """Pages that name a WAV each; the databases have no place for another file."""

    eagle: LoopbackEagle
    house: House
    journal: Journal
    folder: Path
    shops: Callable[..., Workshop]
    notes: list[str] = field(default_factory=list)
    opened: list[NotionCatalogue] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind in ("M4A", "AIFF"):
            self.house.tracks.source.remove_property(f"{kind} File Path")

    def file(self, number: int, *, sound: int | None = None, **more: Any) -> Path:
        """A second of sound, told by its number."""
        return a_wav(self.folder / f"Old {number}.wav", number if sound is None else sound, **more)

    def page(self, number: int, more: Mapping[str, Any] = {}, *, path: Path | None = None) -> StandInPage:
        """A page of years ago; its title has the number, `more` are further properties."""
        values = {"Title": f"Song {number}", "Artist Name": "Someone, Else", "Downloaded": True}
        named = {"WAV File Path": str(path or self.file(number))}
        return self.house.tracks.add_page({**values, **named, **more})

    def run(self, **more: Any) -> Workshop:
        """The next run."""
        shop = self.shops(**more)
        catalogue = notion_catalogue(self.house, self.journal, note=self.notes.append)
        self.opened.append(catalogue)
        shop.catalogue, shop.ffmpeg = catalogue, find_ffmpeg(None)
        catalogue.prepare()
        return shop

    def close(self) -> None:
        """The end of all runs."""
        for catalogue in self.opened:
            catalogue.close()

    def tracks(self, shop: Workshop, *what: StandInPage | str) -> list[Track]:
        """The tracks of pages, or of what else is named."""
        named = [one if isinstance(one, str) else f"{PAGE_KEY}{one.id}" for one in what]
        batch = ensure_enrolled(shop, named, None, source="recover")
        assert not batch.events, batch.events
        return batch.tracks

    def end(self, shop: Workshop, *what: StandInPage | str) -> list[Event]:
        """What became of them."""
        return [end(shop, track) for track in self.tracks(shop, *what)]

    def recover(self, shop: Workshop | None = None) -> list[Event]:
        """A run that takes up whatever is unfinished."""
        shop = shop or self.run()
        return self.end(shop, *self.unfinished(shop))

    def unfinished(self, shop: Workshop) -> Sequence[str]:
        """The keys that `recover` would take up."""
        return unfinished(shop.journal, shop.catalogue, shop.settings, note=self.notes.append)

    def deliver(self, shop: Workshop) -> list[Event]:
        """What waits for Eagle, as every run tries it at its end."""
        return [end(shop, track) for track in undelivered(shop.journal, EagleAway)]
