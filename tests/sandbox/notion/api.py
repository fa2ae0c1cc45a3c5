"""The endpoints, as the versions 2025-09-03 and 2026-03-11 have them."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.sandbox.notion.databases import DataSource, Space, StandInPage
from tests.sandbox.notion.queries import matcher, sorter
from tests.sandbox.notion.values import Invalid, stored, units
from tests.sandbox.serving import Answer

__all__ = ["Api", "error"]

_SHARE = "Make sure the relevant pages and databases are shared with your integration."


def error(status: int, code: str, message: str, headers: Mapping[str, str] = {}) -> Answer:
    """An error as Notion puts it."""
    told = {"object": "error", "status": status, "code": code, "message": message}
    return Answer(status, told, headers=headers)


class _NotThere(Exception):
    pass


class Api:
    """What the endpoints do to the space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", r"users/me", self._me),
            ("GET", r"databases/([\w-]+)", self._database),
            ("GET", r"data_sources/([\w-]+)", self._data_source),
            ("POST", r"data_sources/([\w-]+)/query", self._query),
            ("POST", r"pages", self._create),
            ("GET", r"pages/([\w-]+)", self._page),
            ("PATCH", r"pages/([\w-]+)", self._update),
            ("GET", r"pages/([\w-]+)/properties/([^/]+)", self._property),
            ("GET", r"blocks/([\w-]+)/children", self._children),
            ("PATCH", r"blocks/([\w-]+)/children", self._append),
            ("PATCH", r"blocks/([\w-]+)", self._update_block),
            ("DELETE", r"blocks/([\w-]+)", self._delete_block),
        ]

    def handle(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: Any,
        version: str,
        *,
        drops: set[str],
        lag: float,
        rows: int | None,
        cap: int | None,
    ) -> Answer:
        """Answer a request; `drops`, `lag`, `rows` and `cap` are faults that are due."""
        self._asked = {**query, **body} if isinstance(body, dict) else query
        for wanted, pattern, act in self._routes:
            found = re.fullmatch(pattern, path)
            if method == wanted and found:
                try:
                    ids = [self._uuid(text) if index == 0 else text for index, text in enumerate(found.groups())]
                    with self.space.lock:
                        if act == self._query:
                            return Answer(200, self._query(ids[0], {**body}, version, lag, rows, cap))
                        if act in (self._create, self._update):
                            return Answer(200, act(*ids, body=body, version=version, drops=drops))
                        return Answer(200, act(*ids, asked={**query, **body}, version=version))
                except Invalid as wrong:
                    return error(400, "validation_error", str(wrong))
                except _NotThere as wrong:
                    return error(404, "object_not_found", f"Could not find {wrong}. {_SHARE}")
        return error(400, "invalid_request_url", "Invalid request URL.")

    @staticmethod
    def _uuid(text: str) -> str:
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise Invalid(f"path failed validation: path.id should be a valid uuid, instead was `{text}`.") from None

    # -- databases -----------------------------------------------------------------------------------------------------

    def _me(self, **_: Any) -> Any:
        return {"object": "user", "id": str(uuid.UUID(int=1)), "type": "bot", "name": "Loopback", "bot": {}}

    def _database(self, database_id: str, *, version: str, **_: Any) -> Any:
        database = self.space.databases.get(database_id)
        if database is None or not database.shared:
            raise _NotThere(f"database with ID: {database_id}")
        return database.json(version)

    def _source(self, source_id: str) -> DataSource:
        source = self.space.sources.get(source_id)
        if source is None or not source.database.shared:
            raise _NotThere(f"data source with ID: {source_id}")
        return source

    def _data_source(self, source_id: str, *, version: str, **_: Any) -> Any:
        return self._source(source_id).json(version)

    def _query(
        self, source_id: str, body: dict[str, Any], version: str, lag: float, rows: int | None, cap: int | None
    ) -> Any:
        source = self._source(source_id)
        size = body.get("page_size", 100)
        if not 1 <= size <= 100:
            raise Invalid("body.page_size should be ≤ `100`.")
        passes = matcher(source, body.get("filter"))
        ripe = time.monotonic() - lag
        gone = body.get("in_trash", False)
        found = [page for page in source.pages.values() if page.trashed is gone and page.born <= ripe and passes(page)]
        found = sorter(found, body.get("sorts"))
        start = int(body["start_cursor"].rpartition("-")[2], 16) if body.get("start_cursor") else 0
        status: dict[str, Any] = {"type": "complete"}
        if cap is not None and len(found) > cap:
            found = found[:cap]
            if start == 0:
                status = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
        shown = found[start : start + size]
        more = start + size < len(found)
        if rows is not None and len(shown) > rows:
            shown, more, status = (
                shown[:rows],
                False,
                {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"},
            )
        return {
            "object": "list",
            "results": [page.json(version) for page in shown],
            "has_more": more,
            "next_cursor": str(uuid.UUID(int=start + size)) if more else None,
            "type": "page_or_data_source",
            "request_status": status,
        }

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _find(self, page_id: str) -> StandInPage:
        page = self.space.pages.get(page_id)
        if page is None or not page.source.database.shared:
            raise _NotThere(f"page with ID: {page_id}")
        return page

    def _page(self, page_id: str, *, version: str, **_: Any) -> Any:
        return self._find(page_id).json(version)

    def _create(self, *, body: Any, version: str, drops: set[str]) -> Any:
        parent = body.get("parent", {})
        if "database_id" in parent and parent["database_id"] in self.space.databases:
            source = self.space.databases[parent["database_id"]].source
        else:
            source = self._source(self._uuid(str(parent.get("data_source_id"))))
        values = self._values(source, body.get("properties", {}), drops)
        now = datetime.now(UTC)
        page = StandInPage(str(uuid.uuid4()), source, values, now, now)
        page.blocks = self._blocks(body.get("children", []))
        source.pages[page.id] = page
        self.space.pages[page.id] = page
        self._keep_in_step(page, {}, values)
        return page.json(version)

    def _update(self, page_id: str, *, body: Any, version: str, drops: set[str]) -> Any:
        page = self._find(page_id)
        gone = body.get("in_trash", body.get("archived") if version < "2026" else None)
        if "archived" in body and version >= "2026":
            raise Invalid("body.archived should be not present.")
        if page.trashed and gone is not False:
            raise Invalid("Can't edit block that is archived. You must unarchive the block before editing.")
        if gone is not None:
            page.trashed = bool(gone)
        values = self._values(page.source, body.get("properties", {}), drops)
        before = dict(page.values)
        page.values |= values
        if any(before.get(name) != value for name, value in values.items()) or gone is not None:
            page.edited = datetime.now(UTC)
        self._keep_in_step(page, before, values)
        return page.json(version)

    def _values(self, source: DataSource, properties: Any, drops: set[str]) -> dict[str, Any]:
        def home_of(page_id: str) -> str | None:
            page = self.space.pages.get(page_id)
            return page.source.id if page is not None and not page.trashed else None

        values = {}
        for name, raw in properties.items():
            prop = source.properties.get(name) or next((p for p in source.properties.values() if p.id == name), None)
            if prop is None:
                raise Invalid(f"{name} is not a property that exists.")
            value = stored(prop, raw, home_of)
            if prop.name not in drops:
                values[prop.name] = value
        return values

    def _keep_in_step(self, page: StandInPage, before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        for name, ids in values.items():
            prop = page.source.properties[name]
            if prop.type != "relation" or not prop.dual:
                continue
            for other in set(ids or ()) ^ set(before.get(name) or ()):
                back = self.space.pages[other]
                there = tuple(i for i in back.values.get(prop.dual) or () if i != page.id)
                back.values[prop.dual] = (*there, page.id) if other in (ids or ()) else there

    def _property(self, page_id: str, property_id: str, *, asked: Any, **_: Any) -> Any:
        page = self._find(page_id)
        prop = next((p for p in page.source.properties.values() if property_id in (p.id, p.name)), None)
        if prop is None:
            raise _NotThere(f"property with ID: {property_id}")
        assert prop.type == "relation", "only relations are asked for so"
        ids = page.values.get(prop.name) or ()
        size, start = int(asked.get("page_size", 100)), int(asked.get("start_cursor") or 0)
        items = [
            {"object": "property_item", "type": "relation", "id": prop.id, "relation": {"id": related}}
            for related in ids[start : start + size]
        ]
        more = start + size < len(ids)
        return {
            "object": "list",
            "results": items,
            "has_more": more,
            "next_cursor": str(start + size) if more else None,
        }

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _blocks(self, children: Any) -> list[dict[str, Any]]:
        if len(children) > 100:
            raise Invalid(f"body.children.length should be ≤ `100`, instead was `{len(children)}`.")
        made = []
        for child in children:
            kind = child["type"]
            made.append({"object": "block", "id": str(uuid.uuid4()), "type": kind, kind: self._texts(child[kind])})
        return made

    @staticmethod
    def _texts(content: dict[str, Any]) -> dict[str, Any]:
        for index, part in enumerate(content.get("rich_text", [])):
            text = part.get("text", {}).get("content", "")
            if units(text) > 2000:
                raise Invalid(
                    f"rich_text[{index}].text.content.length should be ≤ `2000`, instead was `{units(text)}`."
                )
            part["plain_text"] = text
        return content

    def _children(self, block_id: str, *, asked: Any, **_: Any) -> Any:
        blocks = self._find(block_id).blocks
        size, start = int(asked.get("page_size", 100)), int(asked.get("start_cursor") or 0)
        more = start + size < len(blocks)
        return {
            "object": "list",
            "results": blocks[start : start + size],
            "has_more": more,
            "next_cursor": str(start + size) if more else None,
        }

    def _append(self, block_id: str, *, asked: Any, **_: Any) -> Any:
        page = self._find(block_id)
        if page.trashed:
            raise Invalid("Can't edit block that is archived.")
        made = self._blocks(asked["children"])
        page.blocks += made
        return {"object": "list", "results": made, "has_more": False, "next_cursor": None}

    def _block(self, block_id: str) -> tuple[StandInPage, dict[str, Any]]:
        for page in self.space.pages.values():
            for block in page.blocks:
                if block["id"] == block_id:
                    return page, block
        raise _NotThere(f"block with ID: {block_id}")

    def _update_block(self, block_id: str, *, asked: Any, **_: Any) -> Any:
        block = self._block(block_id)[1]
        if block["type"] not in asked:
            raise Invalid(f"body.{block['type']} should be defined.")
        block[block["type"]] |= self._texts(asked[block["type"]])
        return block

    def _delete_block(self, block_id: str, **_: Any) -> Any:
        home, block = self._block(block_id)
        home.blocks.remove(block)
        return {**block, "in_trash": True}
