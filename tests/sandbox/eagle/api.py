"""What the stand-in answers, in both versions of the API, with its quirks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sandbox.eagle.library import StandInLibrary

__all__ = ["Api", "Refused"]


class Refused(Exception):
    """An error as Eagle puts it: status and what it says."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status = status
        self.told = told


class Api:
    """Imports are done `delay_s` after they were asked for, when somebody asks for anything.

    The quirks: nothing is deduplicated, folder names neither; version 1 gives no id for a new item, its `offset` counts
    pages, and its `update` clears what it is not given of tags, annotation, url and star; version 2 shows the trash in
    its lists, version 1 does not.
    """

    def __init__(self, library: StandInLibrary, version: int) -> None:
        self.library = library
        self.version = version
        self.delay_s = 0.05
        self.spoils = False
        """Whether files are copied wrongly."""
        self.knows_tag_filter = True
        self.adds = 0
        """How many imports were asked for."""
        self.updates = 0
        self._queue: list[tuple[float, Callable[[], None]]] = []

    def quit(self) -> None:
        """What was to be imported is forgotten."""
        self._queue.clear()

    def finish(self) -> None:
        """All that was asked for is due now."""
        self._queue = [(0.0, todo) for _, todo in self._queue]

    def do_due(self) -> None:
        """Import what is due."""
        now = time.monotonic()
        due = [todo for at, todo in self._queue if at <= now]
        self._queue = [entry for entry in self._queue if entry[0] > now]
        for todo in due:
            todo()

    def handle(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        """The answer's `data`."""
        known = _V1 | (_V2 if self.version == 2 else {})
        call = known.get((method, path))
        if call is None:
            raise Refused(404, "")
        return call(self, {**query, **body})

    # -- both ----------------------------------------------------------------------------------------------------------

    def app_info(self, _: dict[str, Any]) -> dict[str, Any]:
        version, build = ("4.0.0", "20260401") if self.version == 2 else ("3.0.0", "build83")
        return {"version": version, "prereleaseVersion": None, "buildVersion": build, "platform": "darwin"}

    def library_info_v1(self, _: dict[str, Any]) -> dict[str, Any]:
        inner = {"path": str(self.library.path), "name": self.library.name}
        return {"folders": self.library.folders, "smartFolders": [], "library": inner}

    def library_info_v2(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"name": self.library.name, "path": str(self.library.path), "folders": self.library.folders}

    def folder_list(self, _: dict[str, Any]) -> list[dict[str, Any]]:
        return self.library.folders

    def folder_create(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            made = self.library.add_folder(asked["folderName"], asked.get("parent"))
        except KeyError:
            raise Refused(500, "no such parent") from None
        return next(folder for folder in self.library.walk() if folder["id"] == made)

    def _import(self, asked: dict[str, Any], folders: list[str], item_id: str | None) -> None:
        path = Path(asked["path"])
        if not path.is_file():
            raise Refused(500, "no such file")
        self.adds += 1
        library = self.library

        def todo() -> None:
            made = library.add(
                id=item_id,
                source=path,
                name=asked["name"],
                ext=path.suffix[1:],
                url=asked.get("website", ""),
                tags=list(asked.get("tags", ())),
                annotation=asked.get("annotation", ""),
                folders=folders,
            )
            if self.spoils:
                library.file_of(made).write_bytes(b"something else")

        self._queue.append((time.monotonic() + self.delay_s, todo))

    # -- version 1 -----------------------------------------------------------------------------------------------------

    def list_v1(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self.library.live
        if tags := asked.get("tags"):
            wanted = set(tags.split(",")) if self.knows_tag_filter else {"nobody has this tag"}
            rows = [item for item in rows if wanted & set(item["tags"])]
        limit, page = int(asked.get("limit", 200)), int(asked.get("offset", 0))
        return rows[page * limit : (page + 1) * limit]

    def info_v1(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._item(asked)

    def add_v1(self, asked: dict[str, Any]) -> None:
        folder = asked.get("folderId")
        self._import(asked, [folder] if folder else [], None)

    def update_v1(self, asked: dict[str, Any]) -> dict[str, Any]:
        item = self._item(asked)
        self.updates += 1
        for field, empty in {"tags": [], "annotation": "", "url": "", "star": 0}.items():
            item[field] = asked.get(field, empty)
        self.library.write(item["id"], on_disk=self.library.path.joinpath("images", f"{item['id']}.info").is_dir())
        return item

    def _item(self, asked: dict[str, Any]) -> dict[str, Any]:
        item = self.library.items.get(str(asked.get("id")))
        if item is None:
            raise Refused(500, "no such item")
        return item

    # -- version 2 -----------------------------------------------------------------------------------------------------

    def get_v2(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = list(self.library.items.values())
        if "id" in asked:
            rows = [self.library.items[asked["id"]]] if asked["id"] in self.library.items else []
        if "tags" in asked:
            rows = [item for item in rows if self.knows_tag_filter and set(asked["tags"]) & set(item["tags"])]
        if "url" in asked:
            rows = [item for item in rows if item["url"] == asked["url"]]
        offset, limit = int(asked.get("offset", 0)), min(int(asked.get("limit", 50)), 1000)
        shown = rows[offset : offset + limit]
        if fields := asked.get("fields"):
            shown = [{field: item[field] for field in fields} for item in shown]
        return {"data": shown, "total": len(rows), "offset": offset, "limit": limit}

    def add_v2(self, asked: dict[str, Any]) -> dict[str, str]:
        item_id = asked.get("id")
        if item_id in self.library.items:
            raise Refused(400, "there is such an item")
        self._import(asked, list(asked.get("folders", ())), item_id)
        return {"id": item_id} if item_id else {}

    def update_v2(self, asked: dict[str, Any]) -> dict[str, Any]:
        item = self._item(asked)
        self.updates += 1
        item.update(asked)
        return item


_V1: dict[tuple[str, str], Callable[[Api, dict[str, Any]], Any]] = {
    ("GET", "application/info"): Api.app_info,
    ("GET", "library/info"): Api.library_info_v1,
    ("GET", "folder/list"): Api.folder_list,
    ("POST", "folder/create"): Api.folder_create,
    ("GET", "item/list"): Api.list_v1,
    ("GET", "item/info"): Api.info_v1,
    ("POST", "item/addFromPath"): Api.add_v1,
    ("POST", "item/update"): Api.update_v1,
}
_V2: dict[tuple[str, str], Callable[[Api, dict[str, Any]], Any]] = {
    ("GET", "v2/app/info"): Api.app_info,
    ("GET", "v2/library/info"): Api.library_info_v2,
    ("POST", "v2/item/get"): Api.get_v2,
    ("POST", "v2/item/add"): Api.add_v2,
    ("POST", "v2/item/update"): Api.update_v2,
}
