"""Fixtures of Eagle's tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.eagle.fixtures import eagle, shop, shops, track
from tracksync.journal import Journal
from tracksync.library.eagle import transport

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
