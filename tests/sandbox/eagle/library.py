"""A library of the stand-in: items, folders, the trash, and all of it on disk as Eagle has it."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

__all__ = ["StandInLibrary"]

_ids = itertools.count(1)


def new_id() -> str:
    """As Eagle's own: thirteen capitals and digits."""
    return f"M{next(_ids):012X}"


class StandInLibrary:
    """`X.library` in `home`. Items are in the order in which they came; dictionaries are as the API shows them."""

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self.path = home / f"{name}.library"
        (self.path / "images").mkdir(parents=True)
        (self.path / "metadata.json").write_text("{}")
        self.items: dict[str, dict[str, Any]] = {}
        self.folders: list[dict[str, Any]] = []
        self._times = itertools.count(1_700_000_000_000)

    @property
    def live(self) -> list[dict[str, Any]]:
        """What is not in the trash."""
        return [item for item in self.items.values() if not item["isDeleted"]]

    def add(self, *, on_disk: bool = True, content: bytes = b"sound", source: Path | None = None, **more: Any) -> str:
        """An item; `more` are its properties. Gives its id."""
        item: dict[str, Any] = {
            "id": more.pop("id", None) or new_id(),
            "name": "Some name",
            "ext": "wav",
            "url": "",
            "tags": [],
            "folders": [],
            "annotation": "",
            "star": 0,
            "isDeleted": False,
            "size": len(content),
            "modificationTime": next(self._times),
            **more,
        }
        if on_disk:
            place = self.path / "images" / f"{item['id']}.info"
            place.mkdir()
            file = place / f"{re.sub(r'[/:*?<>|]', '_', item['name'])}.{item['ext']}"
            if source is not None:
                shutil.copyfile(source, file)
            else:
                file.write_bytes(content)
            item["size"] = file.stat().st_size
            (place / f"{file.stem}_thumbnail.png").write_bytes(b"a picture")
        self.items[item["id"]] = item
        self.write(item["id"], on_disk=on_disk)
        return str(item["id"])

    def write(self, item_id: str, *, on_disk: bool = True) -> None:
        """Its `metadata.json`."""
        if on_disk:
            place = self.path / "images" / f"{item_id}.info"
            (place / "metadata.json").write_text(json.dumps(self.items[item_id]))

    def purge(self, item_id: str) -> None:
        """It is taken out of the trash, for good."""
        del self.items[item_id]
        shutil.rmtree(self.path / "images" / f"{item_id}.info")

    def file_of(self, item_id: str) -> Path:
        """The item's file."""
        place = self.path / "images" / f"{item_id}.info"
        return next(path for path in place.iterdir() if path.suffix not in (".json", ".png"))

    def add_folder(self, name: str, parent: str | None = None) -> str:
        """A folder; names are not unique. Gives its id."""
        made = {"id": new_id(), "name": name, "children": [], "tags": [], "images": [], "isExpand": True}
        self._children(parent).append(made)
        return str(made["id"])

    def _children(self, parent: str | None) -> list[dict[str, Any]]:
        if parent is None:
            return self.folders
        found = next((folder for folder in self.walk() if folder["id"] == parent), None)
        if found is None:
            raise KeyError(parent)
        children: list[dict[str, Any]] = found["children"]
        return children

    def walk(self, below: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        """All folders."""
        found = []
        for folder in self.folders if below is None else below:
            found += [folder, *self.walk(folder["children"])]
        return found

    def paths(self, below: list[dict[str, Any]] | None = None, above: str = "") -> list[str]:
        """All folders as paths, in their order."""
        found = []
        for folder in self.folders if below is None else below:
            path = f"{above}{folder['name']}"
            found += [path, *self.paths(folder["children"], f"{path}/")]
        return found

    def path_of(self, folder_id: str) -> str:
        """A folder's path."""
        for folder, path in zip(self.walk(), self.paths(), strict=True):
            if folder["id"] == folder_id:
                return path
        raise KeyError(folder_id)
