"""A track that is on a disk is taken from there, and never from what would make it worse."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from tests.index.shelf import Shelf, a_wav
from tests.sandbox.journals import a_track
from tracksync.library.index import finding
from tracksync.model import Facts, FileFact, PublishReceipt, Stage, Track
from tracksync.stages.on_disk import mended, take_from_disk

ISRC = "DEABC1234567"


@dataclass
class Shop:
    journal: Any
    settings: Any = field(default=None)


@pytest.fixture
def take(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(finding, "system_volumes", lambda: shelf.volumes)
    return lambda track, **more: take_from_disk(cast("Any", Shop(shelf.journal)), track, **more)


def wanted(**changes: Any) -> Track:
    facts = Facts(title="One", artists=("A",), isrc=ISRC)
    return a_track(facts=facts, duration_s=1.0, **changes)


def test_the_best_that_is_surely_it(shelf: Shelf, take: Any) -> None:
    a_wav(shelf.root / "low.wav", 1, isrc=ISRC)
    a_wav(shelf.root / "high.wav", 2, isrc=ISRC, rate=16_000)
    a_wav(shelf.root / "other.wav", 3, seconds=9, isrc=ISRC, rate=32_000)
    shelf.index()
    assert take(wanted()) == shelf.root / "high.wav"
    assert take(a_track(duration_s=1.0)) is None


def test_a_file_that_moved_is_taken_from_where_it_is(shelf: Shelf, take: Any) -> None:
    path = a_wav(shelf.root / "a.wav", 1)
    shelf.index()
    track = a_track("file:" + "0" * 64, origin=str(path))
    assert take(track) is None, "it is at its place"
    path.rename(shelf.root / "b.wav")
    shelf.index()
    assert take(track) == shelf.root / "b.wav"


def test_the_key_of_a_file_names_its_very_audio(shelf: Shelf, take: Any) -> None:
    a_wav(shelf.root / "other audio.wav", 2, isrc=ISRC)
    shelf.index()
    assert take(wanted()) is not None
    assert take(wanted(key="file:" + "0" * 64, origin=str(shelf.root / "gone.wav"))) is None
    sha = shelf.rows()["other audio.wav"].audio_sha256
    assert take(wanted(key=f"file:{sha}", origin=str(shelf.root / "gone.wav"))) is not None


def test_a_receipt_is_mended(shelf: Shelf, take: Any) -> None:
    paths = [a_wav(shelf.root / f"{name}.wav", number) for number, name in enumerate("abcd")]
    shelf.index()
    m4a, wav, aiff, copy = (FileFact(path=path, size=1, sha256=path.name) for path in paths)
    receipt = PublishReceipt(m4a=m4a, wav=wav, aiff=aiff, copies=(copy,))
    assert mended(shelf.journal, "file:x", receipt) is None
    paths[1].rename(shelf.root / "moved.wav")
    paths[3].unlink()
    shelf.index()
    assert mended(shelf.journal, "file:x", receipt) == receipt.model_copy(
        update={"wav": wav.model_copy(update={"path": shelf.root / "moved.wav"})}
    )


def test_what_we_made_is_no_source_for_a_refresh_nor_where_something_was_lost(shelf: Shelf, take: Any) -> None:
    track = wanted()
    a_wav(shelf.root / "ours.wav", 1, isrc=ISRC, key=track.key)
    shelf.index()
    assert take(track) == shelf.root / "ours.wav", "a lost M4A can be made of the WAV"
    assert take(track, refresh=True) is None
    row = shelf.rows()["ours.wav"]
    shelf.journal.put_indexed(files=[replace(row, content=row.content | {"lossless": False})])
    assert take(track) is None


def test_a_published_file_is_ours_whatever_its_tags(shelf: Shelf, take: Any) -> None:
    track = wanted()
    path = a_wav(shelf.root / "ours.wav", 1, isrc=ISRC)
    shelf.index()
    shelf.journal.ensure(track)
    fact = FileFact(path=path, size=1, sha256="")
    shelf.journal.put_receipt(track.key, Stage.PUBLISH, PublishReceipt(m4a=fact, wav=fact, aiff=fact))
    assert take(track, refresh=True) is None
    other = a_wav(shelf.root / "theirs.wav", 1, isrc=ISRC)
    shelf.index()
    assert take(track, refresh=True) == Path(other)
