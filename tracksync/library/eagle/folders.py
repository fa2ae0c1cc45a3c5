"""`Playlists/<playlist>`: found, or made once.

Eagle lets any number of folders have one name. Of several the one that stands first in Eagle's own list is taken,
always the same. Making is done alone among all processes that share the journal, after another look; where the answer
to it is lost, the folder is looked for before it is asked for again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracksync.errors import EagleAway
from tracksync.library.eagle.api import EagleApi, Folder
from tracksync.library.eagle.transport import LostAnswer, Refusal
from tracksync.library.names import folder_name

if TYPE_CHECKING:
    from tracksync.journal import Journal

__all__ = ["ROOT", "Folders", "folder_path"]

ROOT = "Playlists"
_TRIES = 2


def folder_path(playlist: str | None) -> tuple[str, str]:
    """The names on the way to a playlist's folder. They are those of the output folders, without `/` and `:`."""
    return ROOT, folder_name(playlist)


class Folders:
    """The folders of the library that is open."""

    def __init__(self, api: EagleApi, journal: Journal) -> None:
        self._api = api
        self._journal = journal

    def ensure(self, path: Sequence[str]) -> str:
        """The id of the folder at this path.

        Raises:
            EagleAway: Eagle can't be asked, or does not make it.
            Busy: another run has been making one for minutes.
        """
        found = find(self._api.folders(), path)
        if len(found) == len(path):
            return found[-1].id
        with self._journal.alone("eagle folders"):
            found = find(self._api.folders(), path)
            for name in path[len(found) :]:
                found.append(self._make(name, found[-1] if found else None))
        return found[-1].id

    def _make(self, name: str, parent: Folder | None) -> Folder:
        above = parent.id if parent else None
        for _ in range(_TRIES):
            try:
                self._api.create_folder(name, above)
            except Refusal as error:
                raise EagleAway(
                    f"Eagle does not make the folder “{name}” ({error.message}).", action=f"Make it in Eagle: {name}."
                ) from None
            except LostAnswer:
                pass
            made = child(self._api.folders(), above, name)
            if made is not None:
                return made
        raise EagleAway(f"The folder “{name}” did not appear in Eagle.", action=f"Make it in Eagle: {name}.")


def find(folders: Sequence[Folder], path: Sequence[str]) -> list[Folder]:
    """As much of the path as there is, from the top.

    Of several folders of one name at the top the first one counts that leads furthest.
    """
    best: list[Folder] = []
    heads = [folder for folder in folders if folder.parent is None and _same(folder.name, path[0])]
    for head in heads:
        way = [head]
        for name in path[1:]:
            below = child(folders, way[-1].id, name)
            if below is None:
                break
            way.append(below)
        if len(way) > len(best):
            best = way
    return best


def child(folders: Sequence[Folder], parent: str | None, name: str) -> Folder | None:
    """The first folder of this name below that one."""
    return next((folder for folder in folders if folder.parent == parent and _same(folder.name, name)), None)


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
