"""Every catalogue, for tests that each of them has to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.journals import a_record, a_track
from tests.sandbox.notion import House
from tests.sandbox.notion.fixtures import by_hand, notion_catalogue
from tracksync.catalogue import Catalogue, EmbeddedCatalogue, Properties, TrackRecord
from tracksync.journal import Journal

__all__ = ["Bench", "bench"]


@dataclass
class Bench:
    """A catalogue, its journal, and a person who edits its pages."""

    catalogue: Catalogue
    journal: Journal
    write_by_hand: Callable[[str, dict[str, Any]], object]
    """Takes a page's id and values by the names of `Properties`."""
    places: frozenset[str] = frozenset(Properties.model_fields)
    """The properties that a page has a place for."""
    fine_moments: bool = True
    """Whether two edits in one minute can be told apart."""
    knows_writers: bool = True
    """Whether a person's value is known for theirs where it is the one that was there."""

    def held(self, properties: Properties) -> Properties:
        """What of these a page can hold."""
        kept = {name: value for name, value in properties if name in self.places}
        return Properties.model_validate(kept)

    def a_record(self, key: str = "", **changes: Any) -> TrackRecord:
        """A record of a track that the journal has."""
        key = key or self.journal.ensure(a_track()).key
        return a_record(key, **changes)


@pytest.fixture(params=["embedded", "notion 2025-09-03", "notion 2026-03-11"])
def bench(request: pytest.FixtureRequest, journal: Journal) -> Iterator[Bench]:
    if request.param == "embedded":
        catalogue = EmbeddedCatalogue(journal)
        yield Bench(catalogue, journal, catalogue.edit)
        return
    house: House = request.getfixturevalue("house")
    notion = notion_catalogue(house, journal, version=request.param.split()[1])
    places = frozenset(Properties.model_fields) - {"bpm_confidence", "copies", "source_audio"}
    with closing(notion):
        yield Bench(
            notion,
            journal,
            lambda page, values: by_hand(house, page, values),
            places,
            fine_moments=False,
            knows_writers=False,
        )
