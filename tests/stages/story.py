"""One run as the flow tells it, stage by stage, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sandbox.town import Town
from tracksync.catalogue import Catalogue
from tracksync.errors import TracksyncError
from tracksync.journal import Entry, Journal
from tracksync.matching import MatchReceipt
from tracksync.model import (
    Adopted,
    AudioFormat,
    DownloadReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
)
from tracksync.report import Event
from tracksync.stages.candidates import confirm_length, held_already, pass_over
from tracksync.stages.detect import Batch, ensure_chosen, ensure_enrolled
from tracksync.stages.download import ensure_download
from tracksync.stages.match import ensure_matched
from tracksync.stages.outcome import settle
from tracksync.stages.transcode import ensure_rendered
from tracksync.stages.workshop import Workshop

__all__ = ["Heard", "Story"]

Got = tuple[DownloadReceipt, RenderReceipt] | Entry


@dataclass
class Heard:
    """A reporter that remembers."""

    notes: list[str] = field(default_factory=list)
    ended: list[Event] = field(default_factory=list)

    def progress(self, track: Track, stage: str, fraction: float | None) -> None:
        pass

    def finished(self, event: Event) -> None:
        self.ended.append(event)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class Story:
    """A workshop that is open, and what is told in it."""

    shop: Workshop
    heard: Heard
    town: Town

    @property
    def journal(self) -> Journal:
        return self.shop.journal

    @property
    def catalogue(self) -> Catalogue:
        return self.shop.catalogue

    def detect(self, *what: str, playlist: str | None = None) -> Batch:
        """What is named, written into the journal."""
        return ensure_enrolled(self.shop, what, playlist)

    def choose(self, source: str = "auto", limit: int | None = None) -> Batch:
        """What the sources say, written into the journal."""
        return ensure_chosen(self.shop, source, limit, None)

    def track(self, *what: str) -> Track:
        """The one track that is named."""
        tracks = self.detect(*what).tracks
        assert len(tracks) == 1, self.heard.ended
        return tracks[0]

    def fetch(self, track: Track) -> Got:
        """As the flow does it: the audio of the first candidate that gives it, or who holds it already."""
        while True:
            matched = ensure_matched(self.shop, track)
            if holder := held_already(self.shop, track, matched):
                return holder
            try:
                source = ensure_download(self.shop, track, matched)
                if source is None:
                    continue
                rendered = ensure_rendered(self.shop, track.model_copy(update={"facts": source.facts}), source)
                confirm_length(track, matched, rendered)
            except TracksyncError as error:
                pass_over(self.shop, track, matched, error)
            else:
                return source, rendered

    def audio(self, track: Track) -> tuple[DownloadReceipt, RenderReceipt]:
        """The audio that was fetched."""
        got = self.fetch(track)
        assert not isinstance(got, Entry)
        return got

    def end(self, track: Track) -> Event:
        """The line of a track that did not get its audio."""
        try:
            got = self.fetch(track)
        except TracksyncError as error:
            return settle(self.shop, track, error)
        raise AssertionError(f"it got {got}")

    def matched(self, track: Track) -> MatchReceipt:
        """What the journal knows of its audio."""
        receipt = self.journal.receipt(track.key, Stage.MATCH, MatchReceipt)
        assert receipt is not None
        return receipt

    def everything_said(self, events: Sequence[Any] = ()) -> str:
        """All that a person could have read."""
        return "\n".join([*self.heard.notes, *map(str, self.heard.ended), *map(str, events)])

    def keep(self, track: Track, folder: Path) -> None:
        """As a finished run leaves a track: synced, and its files there."""
        files = {fmt: folder / f"{track.key.replace(':', '-')}.{fmt}" for fmt in AudioFormat}
        for path in files.values():
            path.write_bytes(b"audio")
        receipt = RecordReceipt(catalogue="embedded", adopted=Adopted(files=files))
        self.journal.put_receipt(track.key, Stage.RECORD, receipt)
        self.journal.set_state(track.key, State.SYNCED)
