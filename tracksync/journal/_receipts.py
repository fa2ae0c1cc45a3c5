"""The receipts of the stages: what each did, as it read it back."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import delete, select, update

from tracksync.journal._core import Database, plain
from tracksync.journal._schema import receipts, tracks
from tracksync.model import Stage, as_json

__all__ = ["Receipts"]

_log = logging.getLogger(__name__)
_Model = TypeVar("_Model", bound=BaseModel)


class Receipts(Database):
    """One receipt for each track and stage; a new one replaces the old."""

    def put_receipt(self, key: str, stage: Stage, receipt: BaseModel) -> None:
        """Keep what the stage did.

        Raises:
            NotFound: the journal has no such track.
        """
        now = self._now()
        row = {"track_key": plain(key), "stage": stage.value, "content": as_json(receipt), "written": now}
        insert = self._insert(receipts).values(row)
        with self._write(key) as connection:
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["track_key", "stage"],
                    set_={"content": insert.excluded.content, "written": insert.excluded.written},
                )
            )
            connection.execute(update(tracks).where(tracks.c.key == row["track_key"]).values(updated=now))

    def receipt(self, key: str, stage: Stage, model: type[_Model]) -> _Model | None:
        """The stage's receipt; None where there is none, or where it is one that this version cannot read."""
        query = select(receipts.c.content).where(receipts.c.track_key == plain(key), receipts.c.stage == stage.value)
        with self._read() as connection:
            content = connection.execute(query).scalar()
        if content is None:
            return None
        try:
            return model.model_validate(content)
        except ValidationError:
            _log.warning("The %s receipt of %s cannot be read and counts as missing.", stage.value, key)
            return None

    def drop_receipts(self, key: str, stages: Iterable[Stage]) -> None:
        """Forget what these stages did; where there is no receipt nothing happens."""
        names = [stage.value for stage in stages]
        with self._write() as connection:
            connection.execute(delete(receipts).where(receipts.c.track_key == plain(key), receipts.c.stage.in_(names)))
