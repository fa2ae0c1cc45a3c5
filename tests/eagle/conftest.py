"""Fixtures of Eagle's tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.eagle.before import Years
from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.eagle.fixtures import eagle, shop, shops, track
from tests.sandbox.notion import House
from tracksync.journal import Journal
from tracksync.library.eagle import transport
from tracksync.stages.workshop import Workshop

__all__ = ["eagle", "journal", "shop", "shops", "track"]


@pytest.fixture
def journal(migrated_file: Path, tmp_path: Path) -> Iterator[Journal]:
    path = tmp_path / "journal.db"
    shutil.copyfile(migrated_file, path)
    with Journal.open(f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries of a request nobody has to wait."""
    monkeypatch.setattr(transport, "_PAUSE_S", 0.01)


@pytest.fixture
def years(
    eagle: LoopbackEagle, house: House, journal: Journal, shops: Callable[..., Workshop], tmp_path: Path
) -> Iterator[Years]:
    with closing(Years(eagle, house, journal, tmp_path / "old", shops)) as opened:
        yield opened
