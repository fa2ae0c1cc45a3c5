"""Notion's API, asked in step and until it answers: which fault is tried again, and which one ends it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.sandbox.notion import Capped, Fault, House, Html, Incomplete, LostAnswer, Reset, Silence, Status
from tests.sandbox.notion.fixtures import notion_catalogue
from tracksync.catalogue.notion import NotionApi, Pace
from tracksync.catalogue.notion.api import LostAnswer as MayBeDone
from tracksync.catalogue.notion.api import Rejected
from tracksync.errors import CatalogueAway, Interrupted, Misconfigured, NotFound, Unreachable
from tracksync.journal import Journal

PASSING: dict[str, Fault] = {
    "429": Status(code=429, retry_after="1"),
    "429 without a time": Status(code=429),
    "429 until a date": Status(code=429, retry_after=formatdate(time.time() + 2, usegmt=True)),
    "429 with nonsense": Status(code=429, retry_after="soon"),
    "409": Status(code=409),
    "500": Status(code=500),
    "502": Html(code=502),
    "503": Status(code=503),
    "504": Status(code=504),
    "529": Status(code=529),
    "HTML that says 200": Html(code=200),
    "HTML that says 403": Html(code=403),
    "a reset": Reset(),
    "an answer that is lost": LostAnswer(),
    "no answer": Silence(),
}


@pytest.fixture
def journal(sqlite_address: str) -> Iterator[Journal]:
    with Journal.open(sqlite_address) as opened:
        yield opened


@pytest.fixture
def api(house: House, journal: Journal, request: pytest.FixtureRequest) -> Iterator[NotionApi]:
    """Patient, but where the answer never comes: on a machine that is busy a small one may take a second."""
    is_silent = request.node.name.endswith("[no answer]")
    catalogue = notion_catalogue(house, journal, timeout_s=1.5 if is_silent else 30.0)
    with closing(catalogue):
        yield catalogue._api


def times(fault: Fault, number: int | None) -> Fault:
    return type(fault)(**{**fault.__dict__, "times": number})


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_asked_again(house: House, api: NotionApi, name: str) -> None:
    page = house.tracks.add_page({"Title": "One"})
    house.notion.add_fault(times(PASSING[name], 2))
    assert api.page(page.id)["id"] == page.id
    assert house.notion.count() == 3


@pytest.mark.parametrize("name", PASSING)
def test_a_write_that_does_no_harm_twice_is_repeated(house: House, api: NotionApi, name: str) -> None:
    page = house.tracks.add_page({"Title": "One"})
    house.notion.add_fault(PASSING[name])
    api.update_page(page.id, {"Album": {"rich_text": [{"text": {"content": "Al"}}]}})
    assert page.plain("Album") == "Al"
    assert house.notion.count("PATCH") == 2


@pytest.mark.parametrize("name", PASSING)
def test_what_makes_something_is_repeated_only_where_it_was_not_done(house: House, api: NotionApi, name: str) -> None:
    fault = PASSING[name]
    surely_not_done = isinstance(fault, Status) and fault.code in (409, 429)
    house.notion.add_fault(fault)
    title = {"Title": {"title": [{"text": {"content": "One"}}]}}
    if surely_not_done:
        api.create_page(house.tracks.source.id, title)
        assert len(house.tracks.pages) == 1
    else:
        with pytest.raises(MayBeDone):
            api.create_page(house.tracks.source.id, title)
        assert house.notion.count("POST") == 1


def test_what_does_not_pass_ends_in_a_sentence_and_is_left_alone_for_a_while(house: House, api: NotionApi) -> None:
    house.notion.add_fault(Status(code=503, times=None))
    with pytest.raises(CatalogueAway) as caught:
        api.me()
    assert "503" in caught.value.message
    assert "recover" in caught.value.action
    asked = house.notion.count()
    assert asked == 6
    with pytest.raises(CatalogueAway):
        api.database(house.tracks.id)
    assert house.notion.count() == asked, "nothing else waits for it"


def test_notion_that_can_t_be_reached_is_away(house: House, api: NotionApi) -> None:
    house.notion.proxy.hosts.clear()
    with pytest.raises(CatalogueAway, match="can't be reached"):
        api.me()


def test_a_long_pause_is_not_slept_through(house: House, api: NotionApi) -> None:
    house.notion.add_fault(Status(code=429, retry_after="7200"))
    with pytest.raises(CatalogueAway, match="7200 s") as caught:
        api.me()
    assert caught.value.retry_after == 7200
    assert house.notion.count() == 1


def test_a_pause_that_is_asked_for_holds_everybody(house: House, journal: Journal) -> None:
    pace = Pace(journal)
    api = NotionApi(house.notion.token, "2025-09-03", pace)
    house.notion.add_fault(Status(code=429, retry_after="2"))
    with closing(api):
        api.me()
    first, second = (seen.at for seen in house.notion.requests)
    assert second - first >= 2.0


def test_never_more_than_three_requests_a_second_all_together(house: House, journal: Journal) -> None:
    from concurrent.futures import ThreadPoolExecutor

    apis = [NotionApi(house.notion.token, "2025-09-03", Pace(journal)) for _ in range(3)]
    begun = time.monotonic()
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda api: [api.me() for _ in range(4)], apis))
    for api in apis:
        api.close()
    arrived = sorted(seen.at - begun for seen in house.notion.requests)
    assert len(arrived) == 12
    # None comes before its turn. A machine that is busy may let one come late, and so near to the next.
    assert all(came > number / 3 for number, came in enumerate(arrived)), arrived
    assert arrived[-1] > 11 / 3


def test_a_run_that_is_ended_does_not_wait_on(house: House, journal: Journal) -> None:
    import threading

    cancel = threading.Event()
    cancel.set()
    api = NotionApi(house.notion.token, "2025-09-03", Pace(journal, cancel))
    with closing(api), pytest.raises(Interrupted):
        api.me()
    assert house.notion.count() == 0


@pytest.mark.parametrize(("status", "error"), [(401, Misconfigured), (403, Misconfigured), (404, NotFound)])
def test_what_will_not_pass_is_not_asked_again(
    house: House, api: NotionApi, status: int, error: type[Exception]
) -> None:
    house.notion.add_fault(Status(code=status, times=None))
    with pytest.raises(error):
        api.me()
    assert house.notion.count() == 1


def test_a_refusal_is_in_notion_s_own_words(house: House, api: NotionApi) -> None:
    page = house.tracks.add_page({"Title": "One"})
    with pytest.raises(Rejected, match="Nope is not a property that exists"):
        api.update_page(page.id, {"Nope": {"number": 1}})


def test_the_token_is_in_no_sentence_and_no_log(
    house: House, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    catalogue = notion_catalogue(house, journal, token="ntn_secret_of_mine")
    with closing(catalogue), pytest.raises(Misconfigured) as caught:
        catalogue.prepare()
    assert "NOTION_TOKEN" in caught.value.message
    assert "ntn_secret" not in f"{caught.value} {caplog.text}"


def test_a_certificate_that_is_not_trusted_is_said(
    house: House, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with closing(notion_catalogue(house, journal)) as catalogue, pytest.raises(Misconfigured, match="not trusted"):
        catalogue.prepare()


def test_every_page_is_read_over_several_answers(house: House, api: NotionApi) -> None:
    house.tracks.add_pages({"Title": f"T{number}"} for number in range(250))
    assert len(list(api.query(house.tracks.source.id))) == 250
    assert house.notion.count("POST") == 3


def test_a_query_that_ends_early_is_gone_on_with(house: House, api: NotionApi) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(60):
        house.tracks.add_page({"Title": f"T{number}"}, created=start + timedelta(minutes=number))
    house.notion.add_fault(Incomplete(path=r"data_sources/.*/query", rows=20, times=2))
    titles = [page["properties"]["Title"]["title"][0]["plain_text"] for page in api.query(house.tracks.source.id)]
    assert titles == [f"T{number}" for number in range(60)]


def test_a_query_that_says_early_that_it_is_not_all_is_gone_on_with(house: House, api: NotionApi) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(450):
        house.tracks.add_page({"Title": f"T{number}"}, created=start + timedelta(minutes=number))
    house.notion.add_fault(Capped(path=r"data_sources/.*/query", rows=200))
    assert len({page["id"] for page in api.query(house.tracks.source.id)}) == 450


def test_more_pages_of_one_minute_than_a_query_gives_are_an_error_and_no_short_list(
    house: House, api: NotionApi
) -> None:
    house.tracks.add_pages({"Title": f"T{number}"} for number in range(30))
    house.notion.add_fault(Capped(path=r"data_sources/.*/query", rows=20))
    with pytest.raises(Unreachable, match="of one minute"):
        list(api.query(house.tracks.source.id))


def test_a_relation_is_read_beyond_what_a_page_s_answer_holds(house: House, api: NotionApi) -> None:
    artists = [house.artists.add_page({"Name": f"A{number}"}).id for number in range(130)]
    page = house.tracks.add_page({"Title": "One", "Artist": tuple(artists)})
    held = api.page(page.id)["properties"]["Artist"]
    assert len(held["relation"]) == 25
    assert api.relation(page.id, held["id"]) == artists


def test_the_stand_in_refuses_a_host_that_it_is_not(house: House, tmp_path: Path) -> None:
    import httpx

    with pytest.raises(httpx.ProxyError):
        httpx.get("https://example.org/")
    assert house.notion.proxy.asked == ["example.org"]
