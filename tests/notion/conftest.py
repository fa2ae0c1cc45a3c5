"""Fixtures of the tests of Notion's catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.sandbox.journals import a_record, a_track
from tests.sandbox.notion import House
from tests.sandbox.notion.fixtures import notion_catalogue
from tracksync.catalogue import TrackRecord
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.journal import Journal


@pytest.fixture
def journal(sqlite_address: str) -> Iterator[Journal]:
    with Journal.open(sqlite_address) as opened:
        yield opened


@pytest.fixture
def notes() -> list[str]:
    """What the catalogue said."""
    return []


@pytest.fixture
def opened(house: House, journal: Journal, notes: list[str]) -> Iterator[Callable[..., NotionCatalogue]]:
    """Opens the catalogue, as a run does; again, as the next run does."""
    with ExitStack() as stack:

        def make(**more: Any) -> NotionCatalogue:
            catalogue = notion_catalogue(house, journal, note=notes.append, **more)
            stack.callback(catalogue.close)
            return catalogue

        yield make


@pytest.fixture
def catalogue(opened: Callable[..., NotionCatalogue]) -> NotionCatalogue:
    return opened()


@pytest.fixture
def record(journal: Journal) -> TrackRecord:
    return a_record(journal.ensure(a_track()).key)
