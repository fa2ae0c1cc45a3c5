"""The pages that a track is related to: its artists and playlists, found or made once."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracksync.catalogue.notion.api import LostAnswer, NotionApi, Rejected
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


@dataclass(frozen=True)
class _Wanted:
    """What is looked for: a name, and Spotify's id where it is known."""

    name: str
    spotify_id: str | None = None


class RelatedPages:
    """The pages of one database: found by Spotify's id first, by their exact name second, else made.

    What is found is kept in the journal, so that each is asked for once; of two that want the same new page at once,
    one makes it and the other finds it.

    Args:
        api: Notion.
        journal: keeps what was found.
        schema: the database.
        kind: what Spotify's links call what the pages are of: `artist`, `playlist`.
    """

    def __init__(self, api: NotionApi, journal: Journal, schema: Schema, kind: str) -> None:
        self._api, self._journal, self._schema, self._kind = api, journal, schema, kind
        self._title = schema.properties["title"]
        self._id = schema.properties.get("spotify_id")
        self._home = schema.data_source_id

    def ids_of(self, names: Sequence[str], spotify_ids: Mapping[str, str] = {}) -> tuple[str, ...]:
        """The page of each name; made where there is none.

        A page that bears another id of Spotify's is of somebody else with the same name. One that bears none, and has
        the name, is given the id.

        Args:
            names: as they are to be written.
            spotify_ids: Spotify's ids by name, as far as they are known.
        """
        wanted = self._wanted(names, spotify_ids)
        found = self._sure(wanted)
        if len(found) < len(wanted):
            with self._journal.alone(f"notion {self._home}"):
                found |= self._settled([one for one in wanted if one not in found])
        return tuple(dict.fromkeys(found[one] for one in wanted))

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

    def forget(self, names: Sequence[str], spotify_ids: Mapping[str, str] = {}) -> bool:
        """Ask for these again when they are needed; whether anything was known of them."""
        known = {
            page.page_id
            for one in self._wanted(names, spotify_ids)
            for pages in self._journal.seen_by(self._home, _names_of(one)).values()
            for page in pages
        }
        self._journal.drop_seen(self._home, known)
        return bool(known)

    # -- the parts -----------------------------------------------------------------------------------------------------

    def _wanted(self, names: Sequence[str], spotify_ids: Mapping[str, str]) -> list[_Wanted]:
        ids = {fold(_proper(name)): value for name, value in spotify_ids.items()} if self._id else {}
        proper = filter(None, (_proper(name) for name in names))
        return list(dict.fromkeys(_Wanted(name, ids.get(fold(name))) for name in proper))

    def _sure(self, wanted: Sequence[_Wanted]) -> dict[_Wanted, str]:
        """Those that the journal knows by their id; by their name, where no id is known."""
        kinds = {one: ("spotify", one.spotify_id) if one.spotify_id else ("name", fold(one.name)) for one in wanted}
        seen = self._journal.seen_by(self._home, kinds.values())
        return {one: _by_name(one.name, pages)[0].page_id for one in wanted if (pages := seen.get(kinds[one]))}

    def _settled(self, wanted: Sequence[_Wanted]) -> dict[_Wanted, str]:
        found = self._sure(wanted)
        fresh = self._ask([one for one in wanted if one not in found])
        found |= self._sure(wanted)
        for one in wanted:
            if one not in found:
                # Once more: it may be another way to write one that was just made.
                made = self._sure([one]).get(one)
                found[one] = made or self._claimed(one, fresh) or self._make(one)
        return found

    def _ask(self, wanted: Sequence[_Wanted]) -> set[str]:
        """Read what bears these ids or names; the ids of the pages."""
        conditions = [condition for one in wanted for condition in self._conditions(one)]
        fresh: set[str] = set()
        for start in range(0, len(conditions), _CONDITIONS):
            some = conditions[start : start + _CONDITIONS]
            fresh |= {page.page_id for page in self._note(list(self._api.query(self._home, {"or": some})))}
        return fresh

    def _conditions(self, one: _Wanted) -> list[dict[str, Any]]:
        how = {"equals": one.name}
        if units(one.name) > _LONG_UNITS:
            how = {"starts_with": pieces(one.name, _LONG_UNITS)[0]}
        conditions: list[dict[str, Any]] = [{"property": self._title.name, "title": how}]
        if self._id and one.spotify_id:
            conditions.append({"property": self._id.name, self._id.type: {"equals": one.spotify_id}})
        return conditions

    def _claimed(self, one: _Wanted, fresh: Collection[str]) -> str | None:
        """The page that has the name and no id, which is given the id. What a person wrote there stays."""
        named = self._journal.seen_by(self._home, [("name", fold(one.name))]).get(("name", fold(one.name)), [])
        for seen in _by_name(one.name, named):
            page = seen if seen.page_id in fresh else self._read(seen.page_id)
            if page is None or fold(page.content["title"]) != fold(one.name):
                continue
            there = page.content["spotify_id"]
            if not there:
                self._fill(page, one)
            if there in ("", one.spotify_id):
                return page.page_id
        return None

    def _read(self, page_id: str) -> SeenPage | None:
        try:
            raw = self._api.page(page_id)
        except NotFound:
            raw = {}
        if not raw or raw.get("in_trash") or raw.get("archived"):
            self._journal.drop_seen(self._home, [page_id])
            return None
        return self._note([raw])[0]

    def _fill(self, page: SeenPage, one: _Wanted) -> None:
        payload = self._of_spotify(one)
        if (link := self._schema.properties.get("link_spotify")) and page.content["has_link"]:
            payload.pop(link.name, None)
        # Without the property, which is gone meanwhile, the page is the right one all the same.
        with suppress(Rejected):
            self._note([self._api.update_page(page.page_id, payload)])

    def _of_spotify(self, one: _Wanted) -> dict[str, Any]:
        """The payload for id and link, where they are known and the database has a place for them."""
        if not self._id or not one.spotify_id:
            return {}
        payload = {self._id.name: written(self._id, one.spotify_id)}
        if link := self._schema.properties.get("link_spotify"):
            payload[link.name] = written(link, f"https://open.spotify.com/{self._kind}/{one.spotify_id}")
        return payload

    def _make(self, one: _Wanted) -> str:
        title = {self._title.name: written(self._title, one.name)}

        def make() -> str:
            more = self._of_spotify(one)
            try:
                page = self._api.create_page(self._home, title | more)
            except Rejected:
                if not more:
                    raise
                page = self._api.create_page(self._home, title)  # a property of theirs is gone meanwhile
            return self._note([page])[0].page_id

        def look() -> str | None:
            fresh = self._ask([one])
            return self._sure([one]).get(one) or self._claimed(one, fresh)

        return look_again(self._api, make, look)

    def _note(self, raws: Sequence[dict[str, Any]]) -> list[SeenPage]:
        pages = []
        link = self._schema.properties.get("link_spotify")
        for raw in raws:
            there = raw.get("properties") or {}
            title = str(plain(there.get(self._title.name) or {}) or "").strip()
            spotify_id = str(plain(there.get(self._id.name) or {}) or "").strip() if self._id else ""
            edited = datetime.fromisoformat(raw["last_edited_time"])
            pages.append(
                SeenPage(
                    page_id=raw["id"],
                    edited=(edited if edited.tzinfo else edited.replace(tzinfo=UTC)).timestamp(),
                    content={
                        "title": title,
                        "spotify_id": spotify_id,
                        "has_link": bool(link and plain(there.get(link.name) or {})),
                    },
                    names=tuple(_names_of(_Wanted(title, spotify_id or None))),
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


def _names_of(one: _Wanted) -> list[tuple[str, str]]:
    """Under what a page is found in the journal."""
    by_id = [("spotify", one.spotify_id)] if one.spotify_id else []
    return by_id + ([("name", fold(one.name))] if one.name else [])


def _by_name(name: str, pages: Sequence[SeenPage]) -> list[SeenPage]:
    """What is written exactly so first, then what reads the same."""
    return sorted(pages, key=lambda page: _proper(page.content["title"]) != name)
