"""Fixtures of the tests of what a person decides."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracksync.journal import Journal

__all__ = ["journal"]


@pytest.fixture
def journal(migrated_file: Path, tmp_path: Path) -> Iterator[Journal]:
    path = tmp_path / "journal.db"
    shutil.copyfile(migrated_file, path)
    with Journal.open(f"sqlite:///{path}") as opened:
        yield opened
