"""One recording under two names, brought in side by side: one set of files, whatever ends a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.sandbox.journals import a_track
from tests.sandbox.music import Music
from tests.stages.story import Heard
from tracksync.errors import NotFound
from tracksync.library.publish import publish_file
from tracksync.model import (
    Adopted,
    Analysis,
    AudioFormat,
    DownloadReceipt,
    PublishReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
)
from tracksync.settings import Settings, env_names
from tracksync.stages import publish
from tracksync.stages.analyse import ensure_analysed
from tracksync.stages.detect import ensure_enrolled
from tracksync.stages.download import ensure_download
from tracksync.stages.match import ensure_matched
from tracksync.stages.outcome import merge_into, settle
from tracksync.stages.publish import ensure_published
from tracksync.stages.refresh import forget_for_refresh
from tracksync.stages.same import alone_among_its_likes, find_same
from tracksync.stages.transcode import ensure_rendered
from tracksync.stages.workshop import Workshop, open_workshop

Made = tuple[Track, DownloadReceipt, RenderReceipt, Analysis]


def settings(folder: Path) -> Settings:
    named = {"TRACKSYNC_HOME": str(folder / "home"), "OUT_DIR": str(folder / "library")}
    return Settings(_env_file=None, **named)  # type: ignore[call-arg,arg-type]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    for name in env_names():
        monkeypatch.delenv(name, raising=False)
    with open_workshop(settings(tmp_path), Heard()) as opened:
        yield opened


def made(shop: Workshop, path: Path, name: str, folder: Path) -> Made:
    """A track from a file under this name, as far as the flow brings it before it is published."""
    copy = folder / f"{name}{path.suffix}"
    copy.write_bytes(path.read_bytes())
    (track,) = ensure_enrolled(shop, [str(copy)], None).tracks
    source = ensure_download(shop, track, ensure_matched(shop, track))
    assert source is not None
    track = track.model_copy(update={"facts": source.facts.model_copy(update={"title": name})})
    source = source.model_copy(update={"facts": track.facts})
    rendered = ensure_rendered(shop, track, source)
    return track, source, rendered, measured(shop, track, rendered)


_MEASURED: dict[str, Analysis] = {}


def measured(shop: Workshop, track: Track, rendered: RenderReceipt) -> Analysis:
    """The figures of these samples, which several tests share: they are measured once."""
    known = _MEASURED.get(rendered.pcm_sha256)
    if known is None:
        known = _MEASURED[rendered.pcm_sha256] = ensure_analysed(shop, track, rendered)
        return known
    assert known.fingerprint is not None
    shop.journal.put_receipt(track.key, Stage.ANALYSE, known)
    shop.journal.put_fingerprint(track.key, rendered.duration_s, known.fingerprint)
    return ensure_analysed(shop, track, rendered)


def brought_in(shop: Workshop, what: Made) -> None:
    """The rest, as the flow does it."""
    track, source, rendered, analysis = what
    with alone_among_its_likes(shop, rendered):
        if same := find_same(shop, track, rendered, analysis):
            merge_into(shop, track, same)
        else:
            ensure_published(shop, track, source, rendered, analysis)
            shop.journal.set_state(track.key, State.SYNCED)


def library(shop: Workshop) -> list[str]:
    return sorted(path.name for path in shop.settings.out_dir.rglob("*") if path.is_file())


def test_two_at_once_leave_one_set_of_files(shop: Workshop, music: Music, tmp_path: Path) -> None:
    pair = [made(shop, music.piece(0, suffix), name, tmp_path) for suffix, name in (("flac", "One"), ("mp3", "Uno"))]
    barrier = threading.Barrier(2)
    failed: list[BaseException] = []

    def run(what: Made) -> None:
        try:
            barrier.wait()
            brought_in(shop, what)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(what,)) for what in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(library(shop)) == 3
    entries = [shop.journal.find(track.key) for track, *_ in pair]
    assert sorted(bool(entry and entry.merged_into) for entry in entries) == [False, True]


def test_tracks_of_other_lengths_do_not_wait_for_each_other(shop: Workshop) -> None:
    def rendered(seconds: float) -> RenderReceipt:
        return RenderReceipt.model_construct(duration_s=seconds)

    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with alone_among_its_likes(shop, rendered(200.0)):
            inside.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    waited: dict[float, bool] = {}

    def look(seconds: float) -> None:
        with alone_among_its_likes(shop, rendered(seconds)):
            waited[seconds] = done.is_set()

    lengths = (194.0, 198.0, 199.5, 200.0, 201.9, 202.0, 206.0)
    threads = [threading.Thread(target=look, args=(seconds,)) for seconds in lengths]
    for thread in threads:
        thread.start()
    until = monotonic() + 10
    while len(waited) < 2 and monotonic() < until:
        done.wait(0.05)
    assert waited == {194.0: False, 206.0: False}
    done.set()
    for thread in [holder, *threads]:
        thread.join()
    assert {seconds for seconds in lengths if waited[seconds]} == {198.0, 199.5, 200.0, 201.9, 202.0}


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.stages.test_same import brought_in, made, settings
from tests.stages.story import Heard
from tracksync.stages import publish
from tracksync.stages.workshop import open_workshop

piece, folder = Path(sys.argv[1]), Path(sys.argv[2])
place, left = publish.publish_file, int(sys.argv[3])

def once(*what):
    global left
    fact = place(*what)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return fact

publish.publish_file = once
with open_workshop(settings(folder), Heard()) as shop:
    brought_in(shop, made(shop, piece, "Uno", folder))
"""


@pytest.mark.parametrize("placed", [1, 3])
def test_what_a_killed_run_had_placed_goes_when_another_holds_the_recording(
    shop: Workshop, music: Music, tmp_path: Path, placed: int
) -> None:
    mp3 = music.piece(0, "mp3")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(mp3), str(tmp_path), str(placed)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert len(library(shop)) == placed, "the run died in the middle"

    begun = monotonic()
    brought_in(shop, made(shop, music.piece(0, "flac"), "One", tmp_path))
    assert monotonic() - begun < 50, "a dead run is not waited for"
    assert len(library(shop)) == 3 + placed
    brought_in(shop, made(shop, mp3, "Uno", tmp_path))
    assert len(library(shop)) == 3
    assert not any("Uno" in name for name in library(shop))


def test_only_what_was_placed_by_it_is_taken_back(
    shop: Workshop, music: Music, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = made(shop, music.piece(0, "mp3"), "Uno", tmp_path)
    place = publish_file

    def dies(source: Path, target: Path, sha256: str) -> Any:
        if target.suffix == ".wav":
            raise KeyboardInterrupt
        return place(source, target, sha256)

    with monkeypatch.context() as killed:
        killed.setattr(publish, "publish_file", dies)
        with pytest.raises(KeyboardInterrupt):
            brought_in(shop, what)
    (mine,) = shop.settings.out_dir.rglob("*.m4a")
    assert len(library(shop)) == 2
    mine.write_bytes(mine.read_bytes() + b"my cues")
    brought_in(shop, made(shop, music.piece(0, "flac"), "One", tmp_path))
    brought_in(shop, what)
    assert len(library(shop)) == 4
    assert mine.read_bytes().endswith(b"my cues"), "it was changed since: it is somebody's"


def test_a_track_that_was_published_in_full_keeps_its_files(shop: Workshop, music: Music, tmp_path: Path) -> None:
    what = made(shop, music.piece(0, "flac"), "One", tmp_path)
    brought_in(shop, what)
    track = what[0]
    receipt = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    assert receipt is not None
    # As if the run had died after the receipt and before it forgot what it was about.
    facts = [fact.model_dump(mode="json") for fact in (receipt.m4a, receipt.wav, receipt.aiff)]
    shop.journal.set_mark(publish._intent(track), {"files": facts})
    publish.withdraw(shop, track)
    assert len(library(shop)) == 3
    assert shop.journal.mark(publish._intent(track)) is None


def test_a_refresh_that_fails_leaves_a_merged_track_with_its_holder(shop: Workshop, tmp_path: Path) -> None:
    journal = shop.journal
    holder, twin = a_track("soundcloud:track:1"), a_track("soundcloud:track:2")
    file = tmp_path / "one.wav"
    file.write_bytes(b"audio")
    for track in (holder, twin):
        journal.ensure(track)
    held = RecordReceipt(catalogue="embedded", adopted=Adopted(files={AudioFormat.WAV: file}))
    journal.put_receipt(holder.key, Stage.RECORD, held)
    journal.set_state(holder.key, State.SYNCED)
    journal.merge(twin.key, holder.key)
    journal.set_state(twin.key, State.SYNCED)
    forget_for_refresh(shop, twin)
    event = settle(shop, twin, NotFound("It is gone."))
    assert (event["state"], event["error"]["message"]) == ("failed", "It is gone.")
    entry = journal.find(twin.key)
    assert entry is not None
    assert (entry.state, entry.merged_into) == (State.SYNCED, holder.key)
    file.unlink()
    settle(shop, twin, NotFound("It is gone."))
    entry = journal.find(twin.key)
    assert entry is not None
    assert entry.state is State.FAILED, "there is no recording to be merged with"
