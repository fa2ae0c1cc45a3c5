"""The pages of the embedded catalogue."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, Select, select, update

from tracksync.journal._core import Database, plain
from tracksync.journal._entry import as_moment
from tracksync.journal._schema import pages

__all__ = ["Pages", "StoredPage"]


class StoredPage(BaseModel):
    """A page as it is kept. What its content means is the catalogue's business."""

    model_config = ConfigDict(frozen=True)

    page_id: str
    track_key: str
    content: dict[str, Any]
    created: datetime
    edited: datetime


class Pages(Database):
    """One page for each track at most."""

    def page(self, key: str) -> StoredPage | None:
        """The track's page."""
        return self._one(select(pages).where(pages.c.track_key == plain(key)))

    def page_by_id(self, page_id: str) -> StoredPage | None:
        """The page of this id."""
        return self._one(select(pages).where(pages.c.page_id == plain(page_id)))

    def pages(self) -> list[StoredPage]:
        """Every page, newest first."""
        with self._read() as connection:
            rows = connection.execute(select(pages).order_by(pages.c.created.desc(), pages.c.track_key)).all()
        return [_stored(row) for row in rows]

    def change_page(self, key: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> StoredPage:
        """Read the track's page, change it and write it, with nobody in between; make it where there is none.

        Args:
            key: the track's key.
            change: gets the content as it stands, `{}` of a new page, and returns it as it shall be. Where that is
                the same nothing is written, and `edited` stays.

        Raises:
            NotFound: the journal has no such track.
        """
        key, now = plain(key), self._now()
        fresh = {"track_key": key, "page_id": str(uuid.uuid4()), "properties": {}, "created": now, "edited": now}
        query = select(pages).where(pages.c.track_key == key).with_for_update()
        with self._write(key) as connection:
            connection.execute(self._insert(pages).values(fresh).on_conflict_do_nothing(index_elements=["track_key"]))
            before = _stored(connection.execute(query).one())
            after = change(dict(before.content))
            if after == before.content:
                return before
            connection.execute(
                update(pages).where(pages.c.track_key == key).values(properties=after, edited=self._now())
            )
            return _stored(connection.execute(query).one())

    def _one(self, query: Select[Any]) -> StoredPage | None:
        with self._read() as connection:
            row = connection.execute(query).first()
        return _stored(row) if row else None


def _stored(row: Row[Any]) -> StoredPage:
    return StoredPage.model_validate(
        {
            "page_id": row.page_id,
            "track_key": row.track_key,
            "content": row.properties,
            "created": as_moment(row.created),
            "edited": as_moment(row.edited),
        }
    )
