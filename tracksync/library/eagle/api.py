"""What we use of Eagle's API, in its two versions.

Version 1 (https://api.eagle.cool) is in every Eagle; version 2 (https://developer.eagle.cool/web-api, `/api/v2`, from
4.0 build 21) takes an id of the caller's for a new item and changes only the fields that it is given. Which there is,
is found by asking for version 2: builds are numbered in more than one way (`build21`, `20260401`).

Nothing here removes or trashes: no such call is written down.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracksync.errors import EagleAway
from tracksync.library.eagle.item import FIELDS, Item
from tracksync.library.eagle.transport import OPEN_EAGLE, Refusal, Transport

__all__ = ["App", "EagleApi", "Folder", "Library"]

_PAGE = 1000
"""Items a page: the most that version 2 gives."""
_MOST_PAGES = 10_000


@dataclass(frozen=True)
class App:
    """The Eagle that answers. `api` is 1 or 2."""

    version: str
    build: str
    api: int


@dataclass(frozen=True)
class Library:
    """The library that is open. `path` is empty where Eagle does not say."""

    name: str
    path: str


@dataclass(frozen=True)
class Folder:
    """A folder of the library; `parent` is None at the top. `order` is its place in Eagle's own list."""

    id: str
    name: str
    parent: str | None
    order: int


class EagleApi:
    """The calls, from any thread. Each raises EagleAway or Misconfigured as `Transport` does."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._app: App | None = None
        self._lock = threading.Lock()

    def app(self) -> App:
        """Which Eagle answers; asked once."""
        with self._lock:
            if self._app is None:
                self._app = self._ask_app()
            return self._app

    def _ask_app(self) -> App:
        try:
            told = self.transport.get("/api/v2/app/info")
            if isinstance(told, dict) and told.get("version"):
                return App(str(told["version"]), str(told.get("buildVersion") or ""), 2)
        except Refusal:
            pass
        except EagleAway as error:
            # An older Eagle may answer an unknown address with whatever it likes, but version 1 with what it is.
            self.transport.forget_away()
            try:
                return self._ask_app_v1()
            except EagleAway:
                raise error from None
        return self._ask_app_v1()

    def _ask_app_v1(self) -> App:
        told = self._get("/api/application/info")
        if not isinstance(told, dict) or not told.get("version"):
            raise _unexpected(self.transport.base)
        return App(str(told["version"]), str(told.get("buildVersion") or ""), 1)

    @property
    def _is_v2(self) -> bool:
        return self.app().api == 2

    def library(self) -> Library:
        """The library that is open now."""
        told = self._get("/api/v2/library/info" if self._is_v2 else "/api/library/info")
        inner: Any = told if isinstance(told, dict) else {}
        if isinstance(inner.get("library"), dict):
            inner = inner["library"]
        path, name = (str(inner.get(field) or "") for field in ("path", "name"))
        if not path and not name:
            raise _unexpected(self.transport.base)
        return Library(name or library_name(path), path)

    # -- items ---------------------------------------------------------------------------------------------------------

    def items(self) -> Iterator[Item]:
        """Every item, a thousand a request. An item that moves between two pages meanwhile may come twice."""
        for number in range(_MOST_PAGES):
            # Version 1 counts pages, version 2 items.
            rows = (
                self._find({"offset": number * _PAGE, "limit": _PAGE})
                if self._is_v2
                else self._list({"offset": number, "limit": _PAGE})
            )
            yield from rows
            if len(rows) < _PAGE:
                return

    def item(self, item_id: str) -> Item | None:
        """One item, also from the trash; None where there is none."""
        try:
            if self._is_v2:
                asked = {"id": item_id, "limit": 10, "fields": list(FIELDS)}
                told = self.transport.post("/api/v2/item/get", asked)
                rows = told.get("data") if isinstance(told, dict) and "data" in told else told
            else:
                rows = self.transport.get("/api/item/info", {"id": item_id})
        except Refusal:  # there is no item of this id
            return None
        found = [Item.read(row) for row in (rows if isinstance(rows, list) else [rows])]
        return next((item for item in found if item and item.id == item_id), None)

    def tagged(self, tag: str) -> list[Item]:
        """The items that bear this very tag."""
        rows = (
            self._find({"tags": [tag], "limit": _PAGE})
            if self._is_v2
            else self._list({"tags": tag, "offset": 0, "limit": _PAGE})
        )
        return [item for item in rows if tag in item.tags]

    def linked(self, link: str) -> list[Item]:
        """Items of this link as the second version finds them; the first has no such question and gives none."""
        return self._find({"url": link, "limit": _PAGE}) if self._is_v2 else []

    def _find(self, asked: dict[str, Any]) -> list[Item]:
        told = self._post("/api/v2/item/get", {**asked, "fields": list(FIELDS)})
        rows = told.get("data") if isinstance(told, dict) else told
        return _items(rows, self.transport.base)

    def _list(self, asked: dict[str, str | int]) -> list[Item]:
        return _items(self._get("/api/item/list", asked), self.transport.base)

    def add(
        self,
        path: Path,
        *,
        item_id: str,
        name: str,
        website: str,
        annotation: str,
        tags: Sequence[str],
        folder_id: str,
    ) -> str | None:
        """Ask for a file to be imported, which is done some time after the answer. Gives the item's id if it is told.

        Raises:
            LostAnswer: it may have been taken on.
            Refusal: it was not.
        """
        body: dict[str, Any] = {"path": str(path), "name": name, "annotation": annotation, "tags": list(tags)}
        if website:
            body["website"] = website
        if self._is_v2:
            body |= {"id": item_id, "folders": [folder_id]}
            told = self.transport.post("/api/v2/item/add", body, makes=True)
        else:
            body["folderId"] = folder_id
            told = self.transport.post("/api/item/addFromPath", body, makes=True)
        found = told.get("id") if isinstance(told, dict) else told
        return found if isinstance(found, str) and found else None

    def update(self, item: Item, *, tags: Sequence[str], annotation: str, url: str) -> None:
        """Set these three. The first version is sent the star, too, as it stands: it replaces what it knows."""
        body: dict[str, Any] = {"id": item.id, "tags": list(tags), "annotation": annotation}
        if url:
            body["url"] = url
        if self._is_v2:
            self._post("/api/v2/item/update", body)
            return
        if item.star:
            body["star"] = item.star
        self._post("/api/item/update", body)

    # -- folders: version 1 in every Eagle, which gives the whole tree at once -----------------------------------------

    def folders(self) -> list[Folder]:
        """Every folder, parents first, in Eagle's order."""
        found: dict[str, Folder] = {}

        def walk(rows: object, parent: str | None) -> None:
            for row in rows if isinstance(rows, list) else []:
                if not isinstance(row, dict) or not isinstance(row.get("id"), str):
                    continue
                above = row.get("parent") if isinstance(row.get("parent"), str) else parent
                known = Folder(row["id"], str(row.get("name") or ""), above or None, len(found))
                if found.setdefault(known.id, known) is known:
                    walk(row.get("children"), known.id)

        walk(self._get("/api/folder/list"), None)
        return list(found.values())

    def create_folder(self, name: str, parent: str | None) -> str | None:
        """Make a folder; names are not unique.

        Raises:
            LostAnswer: it may have been made.
            Refusal: it was not.
        """
        body = {"folderName": name} | ({"parent": parent} if parent else {})
        told = self.transport.post("/api/folder/create", body, makes=True)
        found = told.get("id") if isinstance(told, dict) else None
        return found if isinstance(found, str) else None

    # ------------------------------------------------------------------------------------------------------------------

    def _get(self, path: str, params: dict[str, str | int] | None = None) -> Any:
        try:
            return self.transport.get(path, params)
        except Refusal as error:
            raise _refused(error) from None

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            return self.transport.post(path, body)
        except Refusal as error:
            raise _refused(error) from None


def library_name(path: str) -> str:
    """`/a/Music.library` and `D:\\a\\Music.library` are `Music`."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].removesuffix(".library")


def _items(rows: object, base: str) -> list[Item]:
    if not isinstance(rows, list):
        raise _unexpected(base)
    return [item for row in rows if (item := Item.read(row))]


def _refused(error: Refusal) -> EagleAway:
    return EagleAway(f"Eagle refuses what it is asked ({error.message}).", action=OPEN_EAGLE)


def _unexpected(base: str) -> EagleAway:
    return EagleAway(f"What answers at {base} does not answer as Eagle does.", action=OPEN_EAGLE)
