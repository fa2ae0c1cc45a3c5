"""Fixtures of the tests that talk to Notion's stand-in, through the ordinary variables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.sandbox.net.environment import set_variables
from tests.sandbox.notion.databases import StandInPage
from tests.sandbox.notion.houses import House, standard_house
from tests.sandbox.notion.server import LoopbackNotion
from tracksync.catalogue.notion import NotionApi, NotionCatalogue, Pace
from tracksync.catalogue.notion.fields import FILES, LINKS, TRACK_FIELDS
from tracksync.journal import Journal
from tracksync.settings import Settings

__all__ = ["by_hand", "house", "notion", "notion_catalogue"]

_NAMES = {field.meaning: field.names[0] for field in TRACK_FIELDS}


@pytest.fixture
def notion(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackNotion]:
    """A Notion of the test's own, which this process reaches as it would reach the real one."""
    with LoopbackNotion() as stand_in:
        set_variables(stand_in.environment, monkeypatch)
        yield stand_in


@pytest.fixture
def house(notion: LoopbackNotion) -> House:
    """The user's three databases, empty."""
    return standard_house(notion)


def notion_catalogue(
    house: House,
    journal: Journal,
    *,
    version: str = "2025-09-03",
    note: Callable[[str], None] = lambda _: None,
    hurried: bool = True,
    token: str | None = None,
    timeout_s: float = 30.0,
    **settings: str,
) -> NotionCatalogue:
    """The catalogue on the stand-in; `hurried` asks without spacing and waits between tries for a hundredth."""
    pace = _Hurried(journal) if hurried else Pace(journal)
    named = {"TRACKS_DB_ID": house.tracks.id, "NOTION_TOKEN": "x", **settings}
    return NotionCatalogue(
        journal,
        NotionApi(token or house.notion.token, version, pace, timeout_s=timeout_s),
        Settings(_env_file=None, **named),  # type: ignore[call-arg,arg-type]
        note,
    )


class _Hurried(Pace):
    """Time runs a hundred times as fast."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal, threading.Event(), spacing_s=0.0)
        self.slept: list[float] = []

    def wait(self) -> None:
        self.sleep(0)  # no turn is taken: in the journal each costs two milliseconds, and the pace has tests of its own

    def hold(self, seconds: float) -> None:
        self.slept.append(seconds)

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(seconds)
        super().sleep(seconds / 100)


def by_hand(house: House, page_id: str, values: Mapping[str, Any]) -> None:
    """A person writes onto a page; the values have the names of `Properties`."""
    page: StandInPage = house.notion.space.pages[page_id]
    for name, value in values.items():
        if name == "files":
            page.put({_NAMES[meaning]: str(value.get(fmt, "")) for fmt, meaning in FILES.items()})
        elif name == "links":
            page.put({_NAMES[meaning]: value.get(service) for service, meaning in LINKS.items()})
        elif name == "artists":
            page.put({"Artist Name": ", ".join(value)})
        elif name == "playlists":
            page.put({"Playlists": tuple(_page_named(house, text) for text in value)})
        elif name == "states":
            page.put({"Audio Processing": tuple(value)})
        else:
            page.put({_NAMES[name]: value})


def _page_named(house: House, name: str) -> str:
    known = next((page for page in house.playlists.pages if page.plain("Name") == name), None)
    return (known or house.playlists.add_page({"Name": name})).id
