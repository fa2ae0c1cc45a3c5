"""A track whose files were moved is told as there, and its page and receipt follow: nothing is made again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.index.shelf import Shelf, a_wav
from tests.sandbox.journals import a_record, a_track
from tests.sandbox.notion import House
from tests.sandbox.notion.databases import StandInPage
from tests.sandbox.notion.fixtures import notion_catalogue
from tests.stages.story import Heard
from tracksync.library.index import finding
from tracksync.model import (
    DownloadReceipt,
    Facts,
    FileFact,
    PublishReceipt,
    RenderReceipt,
    SourceAudio,
    Stage,
    State,
    Track,
)
from tracksync.settings import Settings
from tracksync.stages.on_disk import mended_page
from tracksync.stages.outcome import already
from tracksync.stages.recover import unfinished
from tracksync.stages.workshop import Workshop


@pytest.fixture
def shop(shelf: Shelf, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A workshop without tools: whatever would be made again can't be."""
    monkeypatch.setattr(finding, "system_volumes", lambda: shelf.volumes)
    for kind in ("M4A", "AIFF"):
        house.tracks.source.remove_property(f"{kind} File Path")
    catalogue = notion_catalogue(house, shelf.journal)
    nothing = cast("Any", None)
    named = {"TRACKSYNC_HOME": str(tmp_path / "home")}
    settings = Settings(_env_file=None, **named)  # type: ignore[call-arg,arg-type]
    yield Workshop(settings, shelf.journal, catalogue, nothing, nothing, Heard(), threading.Event(), eagle=None)
    catalogue.close()


def moved(shelf: Shelf, path: Path) -> Path:
    there = shelf.root / "Sorted" / path.name
    there.parent.mkdir(exist_ok=True)
    path.rename(there)
    shelf.index()
    return there


def told(shop: Workshop, track: Track) -> str | None:
    """The state that the run tells of it; None where it would be made again."""
    event = already(shop, track, shop.journal.ensure(track))
    return str(event["state"]) if event else None


LINK = "https://soundcloud.com/someone/one"
ONE = a_track("soundcloud:track:1", origin=LINK, facts=Facts(title="One", artists=("A",), link=LINK))


def a_page_of_years_ago(house: House, path: Path) -> StandInPage:
    return house.tracks.add_page(
        {"Title": "One", "Downloaded": True, "WAV File Path": str(path), "SoundCloud URL": LINK}
    )


def test_a_page_of_years_ago(shop: Workshop, shelf: Shelf, house: House) -> None:
    path = a_wav(shelf.root / "One.wav", 1)
    shelf.index()
    page = a_page_of_years_ago(house, path)
    there = moved(shelf, path)
    assert told(shop, ONE) == "synced"
    assert page.plain("WAV File Path") == str(there)
    assert page.plain("Downloaded") is True
    assert house.notion.writes == 1, "its page is mended, and no other is made"
    assert any("were moved" in note for note in cast("Heard", shop.reporter).notes)


def test_a_file_that_nobody_finds_leaves_the_page_as_it_is(shop: Workshop, shelf: Shelf, house: House) -> None:
    path = a_wav(shelf.root / "One.wav", 1)
    shelf.index()
    page = a_page_of_years_ago(house, path)
    path.unlink()
    shelf.index()
    assert shop.catalogue.look_up([ONE])[ONE.key].page_id == page.id
    assert mended_page(shop.journal, shop.catalogue, shop.catalogue.page_of(page.id)) is None
    assert told(shop, ONE) is None
    assert house.notion.writes == 0


def test_a_track_that_was_made_here(shop: Workshop, shelf: Shelf, house: House) -> None:
    paths = [a_wav(shelf.root / f"{kind}.wav", number) for number, kind in enumerate(("m4a", "wav", "aiff"), 1)]
    shelf.index()
    facts = [FileFact(path=path, size=path.stat().st_size, sha256="") for path in paths]
    m4a, wav, aiff = facts
    track = a_track()
    journal = shop.journal
    journal.ensure(track)
    audio = SourceAudio(container="wav", codec="pcm_s16le", sample_rate=8000, channels=1)
    rendered = RenderReceipt(
        m4a=m4a, wav=wav, aiff=aiff, pcm_sha256="", duration_s=1.0, sample_rate=8000, channels=1, bits=16,
        m4a_codec="alac", m4a_same_samples=True, lufs=None, true_peak_db=None, ffmpeg="0",
    )  # fmt: skip
    journal.put_receipt(track.key, Stage.DOWNLOAD, DownloadReceipt(file=wav, source_audio=audio, facts=track.facts))
    journal.put_receipt(track.key, Stage.TRANSCODE, rendered)
    journal.put_receipt(track.key, Stage.PUBLISH, PublishReceipt(m4a=m4a, wav=wav, aiff=aiff))
    record = a_record(track.key, facts=track.facts, files={"wav": wav.path}, playlists=(), copies=())
    shop.catalogue.upsert(record)
    shop.catalogue.mark_downloaded(track.key)
    journal.set_state(track.key, State.SYNCED)

    there = moved(shelf, wav.path)
    assert unfinished(journal, shop.catalogue, shop.settings) == [track.key], "not its page once more"
    assert told(shop, track) == "synced"
    (page,) = house.tracks.pages
    assert page.plain("WAV File Path") == str(there)
    receipt = journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    assert receipt is not None
    assert (receipt.wav.path, receipt.m4a.path) == (there, m4a.path)
    assert [(check.ok, check.detail) for check in shop.catalogue.check(track.key)] == [
        (True, f"page {page.id} is right")
    ]
    house.notion.clear()
    assert told(shop, track) == "synced"
    assert house.notion.writes == 0
