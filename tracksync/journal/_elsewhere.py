"""What the journal keeps of a catalogue that lives elsewhere.

Bindings say which page is which track's, and what was written there: they are the truth that covers a service's lag.
Seen pages are an index of what stood on every page when it was last read, to be asked instead of the service; it may be
behind, so whoever acts on it reads the page first. `catalogue` is the id of the database that the pages are in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, delete, func, select, update

from tracksync.errors import NotFound
from tracksync.journal._core import Database, index_text, plain
from tracksync.journal._schema import bindings, marks, page_names, seen_pages

__all__ = ["Binding", "Elsewhere", "SeenPage"]

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
_AT_ONCE = 500


class Binding(BaseModel):
    """A track and its page. What the content means is the catalogue's business."""

    model_config = ConfigDict(frozen=True)

    track_key: str
    page_id: str
    content: dict[str, Any]


class SeenPage(BaseModel):
    """A page as it was when it was last read. `edited` is in seconds since 1970, as the service has it."""

    model_config = ConfigDict(frozen=True)

    page_id: str
    edited: float
    content: dict[str, Any]
    names: tuple[tuple[str, str], ...] = ()
    """(kind, value), by which it is found; given when it is written."""


class Elsewhere(Database):
    """One page a track and one track a page, in each catalogue."""

    def binding(self, catalogue: str, key: str) -> Binding | None:
        """The page that is the track's."""
        return self._bound(catalogue, bindings.c.track_key == plain(key))

    def binding_of(self, catalogue: str, page_id: str) -> Binding | None:
        """The track that the page is of."""
        return self._bound(catalogue, bindings.c.page_id == plain(page_id))

    def bindings(self, catalogue: str) -> dict[str, str]:
        """Track keys by the page's id, all of them."""
        query = select(bindings.c.page_id, bindings.c.track_key).where(bindings.c.catalogue == catalogue)
        with self._read() as connection:
            return {row.page_id: row.track_key for row in connection.execute(query)}

    def bind(self, catalogue: str, key: str, page_id: str) -> Binding:
        """Let the page be the track's, unless the track has one, or the page is another track's already.

        Returns:
            The binding that stands, whoever made it: the track's own where it has one, else the page's.

        Raises:
            NotFound: the journal has no such track.
        """
        row = {
            "catalogue": catalogue,
            "track_key": plain(key),
            "page_id": plain(page_id),
            "content": {},
            "updated": self._now(),
        }
        with self._write(key) as connection:
            connection.execute(self._insert(bindings).values(row).on_conflict_do_nothing())
        standing = self.binding(catalogue, key) or self.binding_of(catalogue, page_id)
        if standing is None:
            raise NotFound(f"The binding of the track {key} was taken away meanwhile.")
        return standing

    def update_binding(self, catalogue: str, key: str, content: dict[str, Any]) -> None:
        """Replace what is kept of the page.

        Raises:
            NotFound: the track has no page.
        """
        where = (bindings.c.catalogue == catalogue) & (bindings.c.track_key == plain(key))
        statement = update(bindings).where(where).values(content=content, updated=self._now())
        with self._write(key) as connection:
            if connection.execute(statement).rowcount == 0:
                raise NotFound(f"The track {key} has no page.")

    def unbind(self, catalogue: str, key: str) -> None:
        """The page is the track's no more (it was trashed)."""
        with self._write() as connection:
            connection.execute(
                delete(bindings).where(bindings.c.catalogue == catalogue, bindings.c.track_key == plain(key))
            )

    def _bound(self, catalogue: str, where: Any) -> Binding | None:
        with self._read() as connection:
            row = connection.execute(select(bindings).where(bindings.c.catalogue == catalogue, where)).first()
        return Binding(track_key=row.track_key, page_id=row.page_id, content=row.content) if row else None

    # -- the index of what was seen ------------------------------------------------------------------------------------

    def put_seen(self, catalogue: str, found: Sequence[SeenPage]) -> None:
        """Note pages as they were read, with their names; what was noted of them before is replaced."""
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            rows = [
                {"catalogue": catalogue, "page_id": page.page_id, "edited": page.edited, "content": page.content}
                for page in some
            ]
            names = [
                {"catalogue": catalogue, "kind": kind, "value": index_text(value), "page_id": page.page_id}
                for page in some
                for kind, value in dict.fromkeys(page.names)
            ]
            ids = [page.page_id for page in some]
            insert = self._insert(seen_pages)
            with self._write() as connection:
                self._one_after_the_other(connection, catalogue)
                connection.execute(
                    insert.on_conflict_do_update(
                        index_elements=["catalogue", "page_id"],
                        set_={"edited": insert.excluded.edited, "content": insert.excluded.content},
                    ),
                    rows,
                )
                connection.execute(
                    delete(page_names).where(page_names.c.catalogue == catalogue, page_names.c.page_id.in_(ids))
                )
                if names:
                    connection.execute(self._insert(page_names).on_conflict_do_nothing(), names)

    def _one_after_the_other(self, connection: Connection, catalogue: str) -> None:
        """Wait for others that note pages: each could hold rows that the other waits for, and PostgreSQL would end one.

        SQLite has one writer at a time anyway. https://www.postgresql.org/docs/current/explicit-locking.html
        """
        if self.place.path is None:
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"pages seen of {catalogue}"))))

    def drop_seen(self, catalogue: str, page_ids: Iterable[str]) -> None:
        """Forget pages that are gone."""
        ids = list(page_ids)
        with self._write() as connection:
            self._one_after_the_other(connection, catalogue)
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                for table in (page_names, seen_pages):
                    connection.execute(delete(table).where(table.c.catalogue == catalogue, table.c.page_id.in_(some)))

    def seen_by(self, catalogue: str, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[SeenPage]]:
        """The pages that bear these names, by (kind, value); a name that no page bears is left out."""
        wanted: dict[str, dict[str, str]] = {}
        for kind, value in names:
            wanted.setdefault(kind, {})[index_text(value)] = value
        found: dict[tuple[str, str], list[SeenPage]] = {}
        columns = (page_names.c.value, seen_pages.c.page_id, seen_pages.c.edited, seen_pages.c.content)
        with self._read() as connection:
            for kind, values in wanted.items():
                texts = list(values)
                for start in range(0, len(texts), _AT_ONCE):
                    query = (
                        select(*columns)
                        .join(
                            seen_pages,
                            (seen_pages.c.catalogue == page_names.c.catalogue)
                            & (seen_pages.c.page_id == page_names.c.page_id),
                        )
                        .where(
                            page_names.c.catalogue == catalogue,
                            page_names.c.kind == kind,
                            page_names.c.value.in_(texts[start : start + _AT_ONCE]),
                        )
                        .order_by(seen_pages.c.page_id)
                    )
                    for row in connection.execute(query):
                        found.setdefault((kind, values[row.value]), []).append(_seen(row))
        return found

    def seen(self, catalogue: str, page_ids: Iterable[str] | None = None) -> list[SeenPage]:
        """The pages of these ids, or all."""
        query = select(seen_pages).where(seen_pages.c.catalogue == catalogue).order_by(seen_pages.c.page_id)
        if page_ids is not None:
            query = query.where(seen_pages.c.page_id.in_(list(page_ids)))
        with self._read() as connection:
            return [_seen(row) for row in connection.execute(query)]

    def mark(self, name: str) -> dict[str, Any] | None:
        """What was noted under this name."""
        with self._read() as connection:
            content = connection.execute(select(marks.c.content).where(marks.c.name == name)).scalar()
        return dict(content) if content is not None else None

    def set_mark(self, name: str, content: dict[str, Any]) -> None:
        """Note something under this name."""
        insert = self._insert(marks).values(name=name, content=content)
        with self._write() as connection:
            connection.execute(
                insert.on_conflict_do_update(index_elements=["name"], set_={"content": insert.excluded.content})
            )

    def drop_mark(self, name: str) -> None:
        """Forget what was noted under this name."""
        with self._write() as connection:
            connection.execute(delete(marks).where(marks.c.name == name))


def _seen(row: Any) -> SeenPage:
    return SeenPage(page_id=row.page_id, edited=row.edited, content=row.content)
