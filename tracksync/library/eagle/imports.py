"""A track's file becomes an item of Eagle's library: looked for, adopted or added, waited for, read back.

Everything that could be the track's item is looked at before one is made: the receipt's, the one that the catalogue
names, those with the track's key among their tags, those with its link, of files that were there before us those with
the same bytes. A name alone never counts. What is asked for is
written down first (`asked.py`), so that an answer that is lost, an Eagle that restarts, or a run that dies does not
make a second item.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace

from tracksync.errors import Damaged, EagleAway, Interrupted, Misconfigured, NeedsPerson
from tracksync.library.eagle.api import Library
from tracksync.library.eagle.asked import Asked
from tracksync.library.eagle.disk import item_fact, item_file
from tracksync.library.eagle.folders import folder_path
from tracksync.library.eagle.house import EagleHouse
from tracksync.library.eagle.item import Item
from tracksync.library.eagle.looking import Hints, Looking, own_id
from tracksync.library.eagle.transport import OPEN_EAGLE, LostAnswer, Refusal
from tracksync.library.eagle.wanted import Wanted, annotation_with, merged_tags
from tracksync.model import EagleReceipt, FileFact

__all__ = ["EagleImports", "Patience"]


_TIMES_ASKED = 2
"""In one run, and only where the answer was lost."""


@dataclass(frozen=True)
class Patience:
    """How long is waited, in seconds.

    `import_s`: a run waits so long for an import that Eagle took on. `forgotten_s`: one that was asked for so long ago
    and can't be found is asked for again; before, it may merely be slow. `lost_s`: the same for one that is in doubt
    (its answer was lost, or Eagle was gone afterwards). `poll_s`: between the first looks; later ones are up to ten
    times as far apart.
    """

    import_s: float = 60.0
    forgotten_s: float = 600.0
    lost_s: float = 20.0
    poll_s: float = 0.15


class EagleImports:
    """The ensure."""

    def __init__(self, house: EagleHouse, patience: Patience = Patience()) -> None:
        self.house = house
        self._api = house.api
        self._patience = patience
        self._looking = Looking(house)

    def ensure(
        self,
        wanted: Wanted,
        source: FileFact,
        playlist: str | None,
        hints: Hints,
        *,
        receipt: EagleReceipt | None = None,
        refresh: bool = False,
    ) -> EagleReceipt:
        """The track is an item, says what it should, and its file is the one that was given.

        An item that a person put into the trash stays there, and no other is made, unless with `refresh`.

        Args:
            wanted: what the item shall say.
            source: the file to import, as it is now.
            playlist: which names the folder of a new item. One that is there stays where it is.
            hints: what else the track may be known by.
            receipt: of the last time.
            refresh: a person wants it made anew.

        Raises:
            EagleAway: Eagle is closed, has another library open, or has not shown the import yet.
            Misconfigured: Eagle does not accept the token.
            Damaged: what Eagle holds is not what it was given.
            NeedsPerson: it has the track's file already, as another track's item.
            Busy, DiskFull, Interrupted: as everywhere.
        """
        # Two pages may name one file: the second one sees what the first made of it.
        name = f"eagle file {source.sha256[:32]}"
        with self.house.journal.alone(name) if hints.files else nullcontext():
            return self._ensure(wanted, source, playlist, hints, receipt, refresh=refresh)

    def _ensure(
        self,
        wanted: Wanted,
        source: FileFact,
        playlist: str | None,
        hints: Hints,
        receipt: EagleReceipt | None,
        *,
        refresh: bool,
    ) -> EagleReceipt:
        library = self.house.library()
        known = self._of_this_library(receipt, library)
        found = self._looking.find(wanted, hints, known, library)
        if found.item is None and not refresh and (found.trashed or (known and known.trashed)):
            return self._left_in_trash(wanted, found.trashed, known, library, source)
        asked = self._pending(wanted, library)
        if found.item is None and found.taken is not None and asked is None:
            raise _taken(wanted, found.taken)
        item = found.item
        ours = True
        if item is None:
            item = self._add(wanted, source, playlist, hints, library)
        elif asked is not None and (wanted.key in item.tags or item.id == asked.item_id):
            item = self._whole(item, wanted, source)
        else:
            ours = False
            wanted = wanted.of_format(item.ext)
        item = self._agree(item, wanted, adopting=not ours and (known is None or known.item_id != item.id))
        self.house.asked.drop(wanted.key)
        self.house.index.note([item])
        if ours:
            return _receipt(item, library, source, playlist)
        if known is not None and known.item_id == item.id:
            return known.model_copy(update={"trashed": False, "library": library.name})
        return self._adopted(item, library, source, playlist)

    def _of_this_library(self, receipt: EagleReceipt | None, library: Library) -> EagleReceipt | None:
        if receipt is None or receipt.library == library.name or self.house.settings.eagle_library is not None:
            return receipt
        raise EagleAway(
            f"The track is in Eagle's library “{receipt.library}”, and “{library.name}” is open.",
            action=f"Open “{receipt.library}” in Eagle, or set EAGLE_LIBRARY_PATH to the library that is wanted.",
        )

    def _left_in_trash(
        self, wanted: Wanted, item: Item | None, known: EagleReceipt | None, library: Library, source: FileFact
    ) -> EagleReceipt:
        self.house.asked.drop(wanted.key)
        if known is not None and known.trashed:
            return known
        self.house.note(
            f"{wanted.name} was put into Eagle's trash and is left there; `tracksync sync {wanted.key} --refresh` "
            "imports it again."
        )
        if known is not None:
            return known.model_copy(update={"trashed": True})
        assert item is not None  # noqa: S101 (the caller's condition)
        return EagleReceipt(item_id=item.id, library=library.name, file=source, folder="", trashed=True)

    # -- adding --------------------------------------------------------------------------------------------------------

    def _pending(self, wanted: Wanted, library: Library) -> Asked | None:
        asked = self.house.asked.get(wanted.key)
        return asked if asked and asked.library == _place(library) else None

    def _add(self, wanted: Wanted, source: FileFact, playlist: str | None, hints: Hints, library: Library) -> Item:
        pending = self._pending(wanted, library)
        if pending is not None:
            item = self._shown(wanted, pending, self._left(pending))
            if item := item or self._looking.everywhere(wanted, hints):
                return self._whole(item, wanted, source)
            if not pending.is_in_doubt and pending.age_s < self._patience.forgotten_s:
                raise self._not_shown(wanted)
        folder_id = self.house.folders.ensure(folder_path(playlist))
        item_id = pending.item_id if pending else self._free_id(wanted.key)
        for _ in range(_TIMES_ASKED):
            # Right before it is asked for: a person may have switched the library meanwhile.
            if _place(self.house.library()) != _place(library):
                raise EagleAway("Eagle's library was switched.", action=OPEN_EAGLE)
            asked = Asked(wanted.key, _place(library), time.time(), item_id)
            told, asked = self._ask(wanted, source, asked, folder_id, before=pending)
            item = self._shown(wanted, asked, self._left(asked), told) or self._looking.everywhere(wanted, hints)
            if item is not None:
                return self._whole(item, wanted, source)
            if not asked.is_in_doubt:
                break
            pending = asked
        raise self._not_shown(wanted)

    def _left(self, asked: Asked) -> float:
        """How many seconds to wait for it."""
        if asked.is_in_doubt:
            return self._patience.lost_s
        return min(self._patience.import_s, self._patience.forgotten_s - asked.age_s)

    def _not_shown(self, wanted: Wanted) -> EagleAway:
        return EagleAway(
            f"Eagle was asked to import {wanted.name} but has not shown it yet.",
            action="See whether Eagle is busy; the next run, or `tracksync recover`, looks for it first.",
        )

    def _ask(
        self, wanted: Wanted, source: FileFact, asked: Asked, folder_id: str, *, before: Asked | None
    ) -> tuple[str | None, Asked]:
        """The item's id where Eagle tells it, and the request as it was noted."""
        self.house.asked.put(asked)
        try:
            told = self._api.add(
                source.path,
                item_id=asked.item_id,
                name=wanted.name,
                website=wanted.link,
                annotation=wanted.annotation,
                tags=wanted.tags,
                folder_id=folder_id,
            )
        except LostAnswer:
            return None, self._doubted(asked)
        except Refusal as error:
            self._not_asked(asked, before)
            raise EagleAway(
                f"Eagle does not import {wanted.name} ({error.message}).",
                action="See what Eagle says of it; the next run tries again.",
            ) from None
        except (EagleAway, Interrupted, Misconfigured):
            self._not_asked(asked, before)  # nothing was sent, or it was refused at the door
            raise
        return told, asked

    def _doubted(self, asked: Asked) -> Asked:
        doubted = replace(asked, is_in_doubt=True)
        self.house.asked.put(doubted)
        return doubted

    def _not_asked(self, asked: Asked, before: Asked | None) -> None:
        if before is not None:
            self.house.asked.put(before)
        else:
            self.house.asked.drop(asked.key)

    def _free_id(self, key: str) -> str:
        """An id of our own that no item has, trashed ones included."""
        number = 1
        while self._api.app().api == 2 and self._api.item(own_id(key, number)) is not None:
            number += 1
        return own_id(key, number)

    def _shown(self, wanted: Wanted, asked: Asked, limit_s: float, told_id: str | None = None) -> Item | None:
        """The item that was asked for, once it shows; None where it does not within the time."""
        try:
            for _ in self._looks(wanted, limit_s):
                if item := self._looking.asked_for(wanted.key, asked.item_id, told_id):
                    return item
        except EagleAway as error:
            # An Eagle that is opened again has forgotten what it was to import, or has not.
            self._doubted(asked)
            raise EagleAway(
                f"Eagle went away before it showed {wanted.name}: {error.message}",
                action=error.action,
                retry_after=error.retry_after,
            ) from None
        return None

    def _whole(self, item: Item, wanted: Wanted, source: FileFact) -> Item:
        """The item once its file is there, and is the one that was given.

        Raises:
            Damaged: it is another.
        """
        wrong = ""
        for _ in self._looks(wanted, self._patience.import_s):
            fresh = self._api.item(item.id)
            if fresh is None or fresh.is_deleted:
                raise EagleAway(f"{wanted.name}: its item vanished.", action="Run the same command again.")
            wrong = self._difference(fresh, source)
            if not wrong:
                return fresh
        raise Damaged(
            f"{wanted.name}: what Eagle holds (item {item.id}) is not what it was given: {wrong}.",
            action="Move that item to Eagle's trash and empty it, then run the same command again.",
        )

    def _looks(self, wanted: Wanted, limit_s: float) -> Iterator[None]:
        """One at once, others with growing pauses, the last one when the time is over."""
        deadline = time.monotonic() + limit_s
        pause = self._patience.poll_s
        yield
        while (left := deadline - time.monotonic()) > 0:
            if self.house.cancel.wait(min(pause, left)):
                raise Interrupted(
                    f"{wanted.name} was asked of Eagle, and not waited for: the run was ended.",
                    action="Run the same command again.",
                )
            pause = min(pause * 1.5, self._patience.poll_s * 10)
            yield

    def _difference(self, item: Item, source: FileFact) -> str:
        """What is not right of an imported file; empty where all is."""
        library = self.house.settings.eagle_library
        if library is None or not self.house.can_read_files:
            return f"{item.size} bytes instead of {source.size}" if item.size not in (0, source.size) else ""
        path = item_file(library, item)
        fact = item_fact(path) if path else None
        if fact is None:
            return "there is no file in the library's folder"
        if fact.size != source.size:
            return f"{fact.size} bytes instead of {source.size}"
        return "" if fact.sha256 == source.sha256 else "other bytes"

    # -- agreeing ------------------------------------------------------------------------------------------------------

    def _agree(self, item: Item, wanted: Wanted, *, adopting: bool) -> Item:
        """The item says what it should, with all that it said before; written only where something differs."""
        if not _changes(item, wanted):
            return item
        if not adopting:
            return self._written(item, wanted)
        # Two tracks that share a link must not both take one item: the second one sees the first one's key.
        with self.house.journal.alone("eagle adopting"):
            fresh = self._api.item(item.id)
            if fresh is None or fresh.is_deleted or any(key != wanted.key for key in fresh.keys):
                raise EagleAway(f"{wanted.name}: its item changed just now.", action="Run the same command again.")
            return self._written(fresh, wanted)

    def _written(self, item: Item, wanted: Wanted) -> Item:
        for _ in range(2):
            tags, annotation, url = _merged(item, wanted)
            self._api.update(item, tags=tags, annotation=annotation, url=url)
            fresh = self._api.item(item.id)
            if fresh is None or fresh.is_deleted:
                raise EagleAway(f"{wanted.name}: its item vanished.", action="Run the same command again.")
            self.house.index.note([fresh])
            if not wanted.lacking(fresh.tags) and set(item.tags) <= set(fresh.tags):
                return fresh
            # Somebody wrote at the same moment: what stands now, and what stood before, and ours.
            item = replace(fresh, tags=merged_tags(fresh.tags, item.tags))
        raise EagleAway(f"Eagle does not keep the tags of {wanted.name}.", action="Run the same command again.")

    def _adopted(self, item: Item, library: Library, source: FileFact, playlist: str | None) -> EagleReceipt:
        """An item that was there: one with the very file that we would have given is ours from an earlier time."""
        folder = self.house.settings.eagle_library
        path = item_file(folder, item) if folder is not None else None
        fact = item_fact(path) if path else None
        if fact is not None and fact.sha256 == source.sha256:
            return _receipt(item, library, source, playlist)
        if fact is None:
            if item.size == source.size:
                return _receipt(item, library, source, playlist)
            fact = source.model_copy(update={"size": item.size, "sha256": ""})
        return _receipt(item, library, fact, playlist).model_copy(update={"adopted": True, "folder": ""})


def _taken(wanted: Wanted, item: Item) -> NeedsPerson:
    others = ", ".join(key for key in item.keys if key != wanted.key)
    return NeedsPerson(
        f"Eagle has the file of {wanted.name} already, as the item {item.id} of another track ({others}).",
        action="See whether the two are one track; if so, remove the page of one of them.",
    )


def _merged(item: Item, wanted: Wanted) -> tuple[tuple[str, ...], str, str]:
    """Tags, annotation and link as they shall stand."""
    tags = merged_tags(item.tags, wanted.tags)
    return tags, annotation_with(item.annotation, wanted.lines), item.url or wanted.link


def _changes(item: Item, wanted: Wanted) -> bool:
    tags, annotation, url = _merged(item, wanted)
    return tags != item.tags or _plain(annotation) != _plain(item.annotation) or url != item.url


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def _place(library: Library) -> str:
    return library.path or library.name


def _receipt(item: Item, library: Library, file: FileFact, playlist: str | None) -> EagleReceipt:
    return EagleReceipt(item_id=item.id, library=library.name, file=file, folder="/".join(folder_path(playlist)))
