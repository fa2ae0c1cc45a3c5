"""How long Notion is waited for, and who waits: pauses that it asks for, answers that never come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.sandbox.notion import House, Status
from tests.sandbox.notion.fixtures import notion_catalogue
from tracksync.catalogue.notion import NotionApi
from tracksync.catalogue.notion.api import LostAnswer, Rejected
from tracksync.errors import CatalogueAway, Misconfigured
from tracksync.journal import Journal


@pytest.fixture
def journal(sqlite_address: str) -> Iterator[Journal]:
    with Journal.open(sqlite_address) as opened:
        yield opened


@pytest.fixture
def api(house: House, journal: Journal) -> Iterator[NotionApi]:
    with closing(notion_catalogue(house, journal)) as catalogue:
        yield catalogue._api


def slept(api: NotionApi) -> list[float]:
    pace: Any = api._pace
    return list(pace.slept)


@pytest.mark.parametrize("retry_after", ["0", "1", None])
def test_a_budget_that_is_used_up_is_waited_for_with_patience(
    house: House, api: NotionApi, retry_after: str | None
) -> None:
    house.notion.add_fault(Status(code=429, retry_after=retry_after, times=9))
    api.me()
    assert house.notion.count() == 10


def test_nobody_is_asked_again_at_once_though_the_pause_is_nothing(house: House, api: NotionApi) -> None:
    house.notion.add_fault(Status(code=429, retry_after="0", times=3))
    api.me()
    assert len(slept(api)) == 3
    assert min(slept(api)) >= 0.5


@pytest.mark.parametrize("code", [429, 503, 529])
def test_a_pause_that_is_asked_for_is_kept_whatever_the_status(house: House, api: NotionApi, code: int) -> None:
    house.notion.add_fault(Status(code=code, retry_after="20"))
    api.me()
    assert slept(api).count(20.0) == 2, "everybody is held, and this one waits"


@pytest.mark.parametrize("code", [429, 503, 529])
@pytest.mark.parametrize("seconds", ["70", "3600"])
def test_a_long_pause_is_left_to_a_later_run(house: House, api: NotionApi, code: int, seconds: str) -> None:
    house.notion.add_fault(Status(code=code, retry_after=seconds, times=None))
    title = {"Title": {"title": [{"text": {"content": "One"}}]}}
    with pytest.raises(CatalogueAway) as caught:
        api.create_page(house.tracks.source.id, title)
    assert caught.value.retry_after == float(seconds)
    assert house.notion.count() == 1
    assert slept(api) == []


def test_answers_that_never_come_are_not_waited_for_all_day(
    house: House, api: NotionApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracksync.catalogue.notion import api as module

    monkeypatch.setattr(module, "_PATIENCE_S", 0.0)
    house.notion.add_fault(Status(code=503, times=None))
    with pytest.raises(CatalogueAway):
        api.me()
    assert house.notion.count() == 1


@pytest.mark.parametrize(
    ("code", "name", "error"),
    [(400, "missing_version", Rejected), (400, "brand_new_code", Rejected), (401, "invalid_grant", Misconfigured)],
)
def test_a_code_that_the_client_does_not_know_is_notion_s_word_all_the_same(
    house: House, api: NotionApi, code: int, name: str, error: type[Exception]
) -> None:
    house.notion.add_fault(Status(code=code, name=name, times=None))
    with pytest.raises(error):
        api.me()
    assert house.notion.count() == 1


def test_a_create_that_a_busy_notion_turned_away_may_have_been_done(house: House, api: NotionApi) -> None:
    house.notion.add_fault(Status(code=529, retry_after="5"))
    with pytest.raises(LostAnswer) as caught:
        api.create_page(house.tracks.source.id, {"Title": {"title": [{"text": {"content": "One"}}]}})
    assert caught.value.retry_after == 5
