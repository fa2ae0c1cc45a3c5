"""The pages that a track is related to: its artists and playlists, found or made once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tracksync.catalogue.notion.api import LostAnswer, NotionApi
from tracksync.catalogue.notion.schema import Schema
from tracksync.catalogue.notion.values import clean, pieces, plain, units, written
from tracksync.catalogue.songs import fold
from tracksync.errors import NotFound, Transient
from tracksync.journal import Journal, SeenPage

__all__ = ["RelatedPages", "look_again"]

_CONDITIONS = 100
_LONG_UNITS = 500
# After a lost answer: how long to wait before each further look.
LOOKS_AFTER_S = (1.0, 3.0, 6.0)


class RelatedPages:
    """The pages of one database, by their names.

    What is found is kept in the journal, so that a name is asked for once; of two that want the same new name at once,
    one makes its page and the other finds it.
    """

    def __init__(self, api: NotionApi, journal: Journal, schema: Schema) -> None:
        self._api, self._journal, self._schema = api, journal, schema
        self._title = schema.properties["title"]
        self._home = schema.data_source_id

    def ids_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The page of each name; made where there is none."""
        wanted = list(dict.fromkeys(filter(None, (_proper(name) for name in names))))
        found = self._known(wanted)
        missing = [name for name in wanted if name not in found]
        if missing:
            with self._journal.alone(f"notion {self._home}"):
                found |= self._known(missing)
                found |= self._ask([name for name in missing if name not in found])
                for name in missing:
                    if name not in found:
                        found[name] = self._make(name)
        return tuple(found[name] for name in wanted)

    def titles_of(self, ids: Sequence[str]) -> list[str]:
        """The names of pages; one that is gone is left out."""
        known = {page.page_id: page.content["title"] for page in self._journal.seen(self._home, ids)} if ids else {}
        titles = []
        for page_id in ids:
            if page_id not in known:
                try:
                    known[page_id] = self._note([self._api.page(page_id)])[0].content["title"]
                except NotFound:
                    continue
            if known[page_id]:
                titles.append(known[page_id])
        return titles

    def forget(self, names: Sequence[str]) -> bool:
        """Ask for these names again when they are needed; whether anything was known of them."""
        known = self._known([_proper(name) for name in names])
        self._journal.drop_seen(self._home, known.values())
        return bool(known)

    def _known(self, names: Sequence[str]) -> dict[str, str]:
        found = self._journal.seen_by(self._home, [("name", fold(name)) for name in names])
        return {name: _best(name, pages) for name in names if (pages := found.get(("name", fold(name))))}

    def _ask(self, names: Sequence[str]) -> dict[str, str]:
        for start in range(0, len(names), _CONDITIONS):
            some = names[start : start + _CONDITIONS]
            self._note(list(self._api.query(self._home, {"or": [self._condition(name) for name in some]})))
        return self._known(names)

    def _condition(self, name: str) -> dict[str, Any]:
        if units(name) > _LONG_UNITS:
            return {"property": self._title.name, "title": {"starts_with": pieces(name, _LONG_UNITS)[0]}}
        return {"property": self._title.name, "title": {"equals": name}}

    def _make(self, name: str) -> str:
        def make() -> str:
            page = self._api.create_page(self._home, {self._title.name: written(self._title, name)})
            return self._note([page])[0].page_id

        return look_again(self._api, make, lambda: self._ask([name]).get(name))

    def _note(self, raws: Sequence[dict[str, Any]]) -> list[SeenPage]:
        pages = []
        for raw in raws:
            title = str(plain((raw.get("properties") or {}).get(self._title.name) or {}) or "").strip()
            edited = datetime.fromisoformat(raw["last_edited_time"])
            pages.append(
                SeenPage(
                    page_id=raw["id"],
                    edited=(edited if edited.tzinfo else edited.replace(tzinfo=UTC)).timestamp(),
                    content={"title": title},
                    names=(("name", fold(title)),) if title else (),
                )
            )
        self._journal.put_seen(self._home, pages)
        return pages


def look_again(api: NotionApi, make: Any, look: Any) -> str:
    """Make something once. Where the answer is lost: look, wait, look, and make it again only if it is not there.

    Args:
        api: to wait with.
        make: makes it and gives its id.
        look: gives the id of what was made, None where it can't be seen.

    Raises:
        Transient: the answers were lost again and again.
    """
    for _ in range(3):
        try:
            return str(make())
        except LostAnswer as lost:
            for pause in LOOKS_AFTER_S:
                api.sleep(max(pause, lost.retry_after or 0.0))
                if found := look():
                    return str(found)
    raise Transient("Notion's answers were lost three times.", action="Run the same command again.")


def _proper(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(clean(name).split()))


def _best(name: str, pages: Sequence[SeenPage]) -> str:
    """The page that is written exactly so, else the first that reads the same."""
    exact = [page for page in pages if _proper(page.content["title"]) == name]
    return (exact or list(pages))[0].page_id
