"""The schemas are read once a run: the engine takes what the command line, its parent, has just read."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import time

import pytest

from tests.sandbox.notion import House
from tracksync.catalogue import TrackRecord
from tracksync.catalogue.notion import NotionCatalogue, handed

Open = Callable[..., NotionCatalogue]


@pytest.fixture
def as_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is opened next is as in a process that the one before has started."""
    monkeypatch.setattr(os, "getppid", os.getpid)


def schemas_read(house: House) -> int:
    return house.notion.count("GET", "data(base|_source)s/[^/]+$")


@pytest.mark.usefixtures("as_its_child")
def test_the_engine_reads_no_schema_again(house: House, opened: Open, record: TrackRecord) -> None:
    opened().prepare()
    assert schemas_read(house) == 4, "the database, and three data sources"
    house.notion.clear()
    catalogue = opened()
    catalogue.prepare()
    assert house.notion.count() == 0
    assert catalogue.upsert(record).record == record
    assert schemas_read(house) == 0


def test_another_command_reads_it_anew(house: House, opened: Open) -> None:
    opened().prepare()
    house.tracks.source.remove_property("Album")
    assert "album" not in opened().house().tracks


@pytest.mark.usefixtures("as_its_child")
@pytest.mark.parametrize("age", [61.0, -1.0])
def test_what_was_read_long_ago_is_read_anew(
    house: House, opened: Open, monkeypatch: pytest.MonkeyPatch, age: float
) -> None:
    opened().prepare()
    house.tracks.source.remove_property("Album")
    now = time()
    monkeypatch.setattr(handed, "time", lambda: now + age)
    assert "album" not in opened().house().tracks


@pytest.mark.usefixtures("as_its_child")
def test_what_changed_in_between_is_noticed(house: House, opened: Open, record: TrackRecord, notes: list[str]) -> None:
    opened().prepare()
    house.tracks.source.remove_property("Album")
    page = opened().upsert(record)
    assert page.properties.title == record.facts.title
    assert len(house.tracks.pages) == 1
    assert [note for note in notes if "was changed during the run" in note and "“Album”" in note]
