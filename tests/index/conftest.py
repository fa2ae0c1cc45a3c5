from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.index.shelf import Shelf
from tracksync.journal import Journal


@pytest.fixture
def shelf(tmp_path: Path, migrated_file: Path) -> Iterator[Shelf]:
    """An empty shelf, and an empty index on SQLite."""
    path = tmp_path / "journal.db"
    shutil.copyfile(migrated_file, path)
    folder = tmp_path / "shelf"
    folder.mkdir()
    with Journal.open(f"sqlite:///{path}") as journal:
        yield Shelf(folder, journal)
