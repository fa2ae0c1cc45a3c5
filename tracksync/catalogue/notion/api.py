"""Notion's API, asked in step and until it answers: which fault is tried again, which one ends it, and in what words.

The client's own retries are switched off: they know neither 409, 502, 504 and 529 nor broken connections, and would not
keep the pace. What reads, or writes the same again, is simply repeated. What makes something is repeated only where it
can't have been applied; else it ends in `LostAnswer`, and whoever asked looks before it asks again.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import httpx
from notion_client import Client
from notion_client.errors import (
    HTTPResponseError,
    InvalidPathParameterError,
    RequestTimeoutError,
    UnknownHTTPResponseError,
)
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    wait_exponential,
    wait_random,
)

from tracksync.catalogue.notion.pace import Pace
from tracksync.errors import CatalogueAway, Misconfigured, NotFound, Permanent, RateLimited, Transient, Unreachable

__all__ = ["LostAnswer", "NotionApi", "Rejected"]

_log = logging.getLogger(__name__)

_ATTEMPTS = 6
# A budget that is used up fills again by itself: more patience than with a fault.
_ATTEMPTS_IN_TIME = 12
# Whatever the attempts: answers that never come take half a minute each.
_PATIENCE_S = 90.0
# Longer pauses than this are not slept through: the track waits instead, and the others go on.
_LONGEST_PAUSE_S = 60.0
# Once Notion did not answer through all attempts, it is left alone for this long.
_REST_S = 60.0
_LONGEST_REST_S = 24 * 3600.0
_PAGE_SIZE = 100
_TOKEN_HELP = "Make an integration at notion.so/my-integrations and put its secret into NOTION_TOKEN."  # noqa: S105


class Rejected(Permanent):
    """Notion refuses what was to be written or asked: its own words are in the message."""


class LostAnswer(Transient):
    """Something was to be made, and the answer was lost: it may have been made, or not."""


class _Again(Transient):
    """Nothing was changed: to be asked again."""


class _NotYet(_Again):
    """The budget is used up, or Notion has too much to do: it said so itself."""


class NotionApi:
    """The calls that the catalogue needs.

    Args:
        token: the integration's secret.
        version: `2025-09-03` or `2026-03-11`.
        pace: waited for before each request.
        timeout_s: how long an answer may take.
    """

    def __init__(self, token: str, version: str, pace: Pace, *, timeout_s: float = 30.0) -> None:
        quiet = logging.getLogger("tracksync.notion_client")
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False  # it logs what it sends
        self._client = Client(
            auth=token,
            notion_version=version,
            timeout_ms=int(timeout_s * 1000),
            retry=False,
            logger=quiet,
            log_level=logging.CRITICAL,
        )
        self._pace = pace
        self._lock = threading.Lock()
        self._away: tuple[float, CatalogueAway] | None = None

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def sleep(self, seconds: float) -> None:
        """Wait, in a way that an ended run breaks off."""
        self._pace.sleep(seconds)

    # -- reading -------------------------------------------------------------------------------------------------------

    def me(self) -> dict[str, Any]:
        """The integration itself."""
        return self._ask("who this is", lambda: self._client.users.me())

    def database(self, database_id: str) -> dict[str, Any]:
        """A database, with its data sources."""
        return self._ask(f"database {database_id}", lambda: self._client.databases.retrieve(database_id))

    def data_source(self, data_source_id: str) -> dict[str, Any]:
        """A data source, with its schema."""
        return self._ask(f"data source {data_source_id}", lambda: self._client.data_sources.retrieve(data_source_id))

    def page(self, page_id: str) -> dict[str, Any]:
        """A page with its properties."""
        return self._ask(f"page {page_id}", lambda: self._client.pages.retrieve(page_id))

    def relation(self, page_id: str, property_id: str) -> list[str]:
        """The ids of the pages that a relation names, all of them: a page's own answer stops at 25."""
        found: list[str] = []
        cursor: dict[str, Any] = {}
        while True:
            asked = dict(cursor)
            answer = self._ask(
                f"a relation of page {page_id}",
                lambda: self._client.pages.properties.retrieve(page_id, property_id, page_size=_PAGE_SIZE, **asked),  # noqa: B023 (called at once)
            )
            found += [item["relation"]["id"] for item in answer.get("results", []) if item.get("type") == "relation"]
            if not answer.get("has_more"):
                return found
            cursor = {"start_cursor": answer["next_cursor"]}

    def children(self, block_id: str) -> Iterator[dict[str, Any]]:
        """The blocks of a page."""
        cursor: dict[str, Any] = {}
        while True:
            asked = dict(cursor)
            answer = self._ask(
                f"blocks of {block_id}",
                lambda: self._client.blocks.children.list(block_id, page_size=_PAGE_SIZE, **asked),  # noqa: B023 (called at once)
            )
            yield from answer.get("results", [])
            if not answer.get("has_more"):
                return
            cursor = {"start_cursor": answer["next_cursor"]}

    def query(
        self, data_source_id: str, filter_: dict[str, Any] | None = None, *, in_trash: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Every page of a data source that the filter lets through, oldest first; with `in_trash` those in the trash.

        A query ends after 10,000 pages, and says so in its `request_status` (developers.notion.com, "Query large data
        sources"; any of its answers may say it): it is gone on with from the last page it had.
        """
        since: str | None = None
        seen: set[str] = set()
        while True:
            complete, last, new = True, since, 0
            for answer in self._query_pages(data_source_id, _since(filter_, since), in_trash):
                for page in answer.get("results", []):
                    if page.get("object") == "page" and page["id"] not in seen:
                        seen.add(page["id"])
                        last, new = page["created_time"], new + 1
                        yield page
                complete = complete and (answer.get("request_status") or {}).get("type") != "incomplete"
            if complete:
                return
            if not new:
                raise Unreachable(
                    f"Notion ended a query before its end, and has more pages of one minute ({since}) than it gives.",
                    action="Run it again.",
                )
            since = last

    def _query_pages(
        self, data_source_id: str, filter_: dict[str, Any] | None, in_trash: bool
    ) -> Iterator[dict[str, Any]]:
        order = [{"timestamp": "created_time", "direction": "ascending"}]
        body: dict[str, Any] = {"page_size": _PAGE_SIZE, "sorts": order}
        if filter_:
            body["filter"] = filter_
        if in_trash:
            body["in_trash"] = True
        while True:
            answer = self._ask(
                f"a query of {data_source_id}", lambda: self._client.data_sources.query(data_source_id, **body)
            )
            yield answer
            if not answer.get("has_more"):
                return
            body["start_cursor"] = answer["next_cursor"]

    # -- writing -------------------------------------------------------------------------------------------------------

    def update_page(self, page_id: str, properties: dict[str, Any]) -> dict[str, Any]:
        """Set properties; the same again does no harm."""
        return self._ask(f"page {page_id}", lambda: self._client.pages.update(page_id, properties=properties))

    def create_page(
        self, data_source_id: str, properties: dict[str, Any], children: list[dict[str, Any]] | None = None
    ) -> dict[str, Any]:
        """Make a page.

        Raises:
            LostAnswer: it may have been made.
        """
        parent = {"type": "data_source_id", "data_source_id": data_source_id}
        body: dict[str, Any] = {"parent": parent, "properties": properties}
        if children:
            body["children"] = children
        return self._ask("a new page", lambda: self._client.pages.create(**body), makes=True)

    def append(self, page_id: str, children: list[dict[str, Any]]) -> dict[str, Any]:
        """Add blocks at a page's end.

        Raises:
            LostAnswer: they may have been added.
        """
        return self._ask(
            f"blocks of {page_id}",
            lambda: self._client.blocks.children.append(page_id, children=children),
            makes=True,
        )

    def update_block(self, block_id: str, **content: Any) -> dict[str, Any]:
        """Replace a block's content."""
        return self._ask(f"block {block_id}", lambda: self._client.blocks.update(block_id, **content))

    # -- asking --------------------------------------------------------------------------------------------------------

    def _ask(self, about: str, call: Callable[[], Any], *, makes: bool = False) -> dict[str, Any]:
        with self._lock:
            away = self._away
        if away and monotonic() < away[0]:
            raise away[1]
        retrying = Retrying(
            stop=_is_enough,
            wait=_pause,
            retry=retry_if_exception_type(_Again),
            sleep=self._pace.sleep,
            reraise=True,
        )
        try:
            answer: dict[str, Any] = retrying(self._once, about, call, makes)
            return answer
        except (_Again, RateLimited) as error:
            raise self._give_up(error) from None

    def _once(self, about: str, call: Callable[[], Any], makes: bool) -> Any:
        self._pace.wait()
        try:
            answer = call()
        except HTTPResponseError as error:
            raise self._meaning(error, about, makes) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Misconfigured(
                    "The certificate of Notion's server is not trusted here.",
                    action="Name your authority's bundle in SSL_CERT_FILE.",
                ) from None
            raise _Again(f"Notion can't be reached ({type(error).__name__}).") from None
        except (httpx.HTTPError, RequestTimeoutError) as error:
            raise self._unanswered(f"Notion did not answer ({type(error).__name__})", makes) from None
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise self._unanswered("Notion answered with something that is no JSON", makes) from None
        except InvalidPathParameterError:
            raise NotFound(f"Notion has nothing under the name {about}.") from None
        if not isinstance(answer, dict):
            raise self._unanswered("Notion answered with something unexpected", makes)
        return answer

    def _meaning(self, error: HTTPResponseError, about: str, makes: bool) -> Exception:
        told = _own_words(error)
        if error.status == 429:
            return self._asked_for_a_pause(error)
        if error.status >= 500 or (told is None and error.status != 413):
            # A page of HTML is some gateway's on the way, whatever its status says.
            seconds = _retry_after(error)
            if seconds is not None and seconds > _LONGEST_PAUSE_S:
                return RateLimited(f"Notion answered with {error.status}.", retry_after=seconds)
            if seconds:
                self._pace.hold(seconds)
            return self._unanswered(f"Notion answered with {error.status}", makes, seconds)
        if error.status == 401:
            return Misconfigured("Notion does not accept the token in NOTION_TOKEN.", action=_TOKEN_HELP)
        if error.status == 403:
            return Misconfigured(
                f"Notion does not let the integration do this ({told}).",
                action="Give it read, update and insert rights, and share the databases with it.",
            )
        if error.status == 404:
            return NotFound(f"Notion does not show us {about}.", action="Share it with the integration.")
        if error.status == 409:
            return _Again("Notion was busy with the same page.", retry_after=_retry_after(error))
        return Rejected(f"Notion refuses it: {told or error.status}")

    def _asked_for_a_pause(self, error: HTTPResponseError) -> Exception:
        seconds = _retry_after(error)
        if seconds is not None and seconds > _LONGEST_PAUSE_S:
            return RateLimited(f"Notion asked for a pause of {seconds:.0f} s.", retry_after=seconds)
        if seconds:
            self._pace.hold(seconds)
        return _NotYet("Notion's budget is used up.", retry_after=seconds)

    def _unanswered(self, told: str, makes: bool, retry_after: float | None = None) -> Exception:
        if makes:
            return LostAnswer(f"{told}; it may have been done all the same.", retry_after=retry_after)
        return _Again(f"{told}.", retry_after=retry_after)

    def _give_up(self, error: Transient) -> CatalogueAway:
        rest = max(_REST_S, error.retry_after or 0.0)
        away = CatalogueAway(
            f"{error.message} Its pages wait.",
            action="Nothing is lost: the next run, or `tracksync recover`, writes them.",
            retry_after=rest,
        )
        with self._lock:
            self._away = (monotonic() + rest, away)
        return away


_backoff = wait_exponential(multiplier=0.5, max=8.0) + wait_random(0, 0.5)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Transient) else None
    # Nobody is helped by being asked again at once, even where that is what was said.
    return min(asked, _LONGEST_PAUSE_S) if asked else _backoff(state)


def _is_enough(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    most = _ATTEMPTS_IN_TIME if isinstance(error, _NotYet) else _ATTEMPTS
    return state.attempt_number >= most or (state.seconds_since_start or 0.0) >= _PATIENCE_S


def _own_words(error: HTTPResponseError) -> str | None:
    """What Notion said; None where the answer is not Notion's. Codes that the client does not know may well be."""
    if not isinstance(error, UnknownHTTPResponseError):
        return " ".join(str(error).split())
    try:
        body = json.loads(error.body)
    except ValueError:
        return None
    if not isinstance(body, dict) or not isinstance(body.get("message"), str):
        return None
    return " ".join(f"{body.get('code') or ''}: {body['message']}".split())


def _retry_after(error: HTTPResponseError) -> float | None:
    """Seconds; a date is understood, nonsense is nothing."""
    from email.utils import parsedate_to_datetime
    from time import time

    text = str(error.headers.get("retry-after") or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time()
        except (ValueError, TypeError):
            return None
    return min(max(0.0, seconds), _LONGEST_REST_S)


def _since(filter_: dict[str, Any] | None, moment: str | None) -> dict[str, Any] | None:
    if moment is None:
        return filter_
    later = {"timestamp": "created_time", "created_time": {"on_or_after": moment}}
    return {"and": [later, filter_]} if filter_ else later
