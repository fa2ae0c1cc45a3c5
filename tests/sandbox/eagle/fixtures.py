"""Fixtures of the tests that talk to Eagle's stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from tests.sandbox.eagle.server import LoopbackEagle
from tests.sandbox.journals import a_track
from tracksync.catalogue import EmbeddedCatalogue
from tracksync.journal import Journal
from tracksync.library.eagle.house import EagleHouse
from tracksync.library.eagle.imports import EagleImports, Patience
from tracksync.model import (
    Analysis,
    DownloadReceipt,
    Facts,
    MusicalKey,
    PublishReceipt,
    RenderReceipt,
    SourceAudio,
    Stage,
    Track,
)
from tracksync.report import Reporter
from tracksync.settings import Settings
from tracksync.stages.download import file_fact
from tracksync.stages.workshop import Workshop

__all__ = ["HURRIED", "a_published_track", "eagle_settings", "open_shop"]

HURRIED = Patience(import_s=1.0, forgotten_s=4.0, lost_s=0.4, poll_s=0.01)
"""As the real one, in a fraction of the time."""


class Notes(Reporter):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def progress(self, track: Track, stage: str, fraction: float | None) -> None:
        """Not looked at."""

    def finished(self, event: dict[str, Any]) -> None:
        """Not looked at."""

    def note(self, text: str) -> None:
        self.said.append(text)


def eagle_settings(eagle: LoopbackEagle, home: Path, **more: str) -> Settings:
    """As a user of this Eagle has them; `more` by their names in the environment, an empty one is not set."""
    values = {
        "TRACKSYNC_HOME": str(home),
        "EAGLE_API_BASE": eagle.base,
        "EAGLE_LIBRARY_PATH": str(eagle.library.path),
        **({"EAGLE_TOKEN": eagle.token} if eagle.token else {}),
        **more,
    }
    return Settings(_env_file=None, **{name: value for name, value in values.items() if value})  # type: ignore[call-arg,arg-type]


def open_shop(
    settings: Settings, journal: Journal, *, patience: Patience = HURRIED, timeout_s: float = 5.0
) -> Workshop:
    """A workshop with Eagle in it, and nothing that this stage does not use."""
    notes, cancel = Notes(), threading.Event()
    house = EagleHouse(settings, journal, note=notes.note, cancel=cancel, timeout_s=timeout_s)
    unused = cast(Any, None)
    return Workshop(
        settings=settings,
        journal=journal,
        catalogue=EmbeddedCatalogue(journal),
        ffmpeg=unused,
        pool=unused,
        reporter=notes,
        cancel=cancel,
        eagle=EagleImports(house, patience),
    )


def said(shop: Workshop) -> list[str]:
    """What a run said."""
    return cast(Notes, shop.reporter).said


def a_published_track(journal: Journal, folder: Path, key: str = "", **changes: Any) -> Track:
    """A track whose files are in the library: published, measured, not in Eagle. `changes` are those of its facts."""
    track = a_track(key)
    number = track.key.rpartition(":")[2]
    facts = Facts(
        title=f"Song {number} (Extended Mix)",
        artists=("Someone", "Else"),
        genre="House",
        link=f"https://soundcloud.com/someone/song-{number}",
    ).model_copy(update={name: value for name, value in changes.items() if name != "playlist"})
    track = track.model_copy(
        update={"facts": facts, **({"playlist": changes["playlist"]} if "playlist" in changes else {})}
    )
    journal.ensure(track)
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for fmt in ("m4a", "wav", "aiff"):
        path = folder / f"{abs(hash(track.key))}.{fmt}"
        path.write_bytes(f"{fmt} of {track.key}".encode() * 400)
        files[fmt] = file_fact(path)
    audio = SourceAudio(
        container="mp3", codec="mp3", sample_rate=44_100, channels=2, bitrate_kbps=320, duration_s=200, lossy=True
    )
    rendered = RenderReceipt(
        **files, pcm_sha256="00", duration_s=200.4, sample_rate=44_100, channels=2, bits=16, m4a_codec="alac",
        m4a_same_samples=True, lufs=-8.21, true_peak_db=-0.3, ffmpeg="7",
    )  # fmt: skip
    journal.put_receipt(
        track.key,
        Stage.DOWNLOAD,
        DownloadReceipt(file=files["m4a"], source_audio=audio, facts=facts, fetched_by="soundcloud"),
    )
    journal.put_receipt(track.key, Stage.TRANSCODE, rendered)
    journal.put_receipt(track.key, Stage.ANALYSE, Analysis(bpm=127.6, key=MusicalKey(tonic=9, mode="minor")))
    published = PublishReceipt(m4a=files["m4a"], wav=files["wav"], aiff=files["aiff"])
    journal.put_receipt(track.key, Stage.PUBLISH, published)
    return track


@pytest.fixture(params=[1, 2], ids=["v1", "v2"])
def eagle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoopbackEagle]:
    """An Eagle of the test's own, in both versions of its API."""
    with LoopbackEagle(tmp_path / "eagle", version=request.param) as stand_in:
        yield stand_in


@pytest.fixture
def shops(eagle: LoopbackEagle, journal: Journal, tmp_path: Path) -> Iterator[Callable[..., Workshop]]:
    """Opens a workshop, as a run does; again, as the next run does."""
    with ExitStack() as stack:

        def make(*, patience: Patience = HURRIED, timeout_s: float = 5.0, **more: str) -> Workshop:
            settings = eagle_settings(eagle, tmp_path / "state", **more)
            shop = open_shop(settings, journal, patience=patience, timeout_s=timeout_s)
            assert shop.eagle is not None
            stack.callback(shop.eagle.house.close)
            return shop

        yield make


@pytest.fixture
def shop(shops: Callable[..., Workshop]) -> Workshop:
    return shops()


@pytest.fixture
def track(journal: Journal, tmp_path: Path) -> Track:
    return a_published_track(journal, tmp_path / "music")
