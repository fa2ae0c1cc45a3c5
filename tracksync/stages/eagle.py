"""Stage 5, Eagle: the track is an item of Eagle's library. Where Eagle is closed, all else is finished without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracksync.errors import Damaged, EagleAway, TracksyncError, VolumeAway
from tracksync.library.storage import away_volume
from tracksync.model import (
    Analysis,
    Check,
    DownloadReceipt,
    EagleReceipt,
    PublishReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
)
from tracksync.sources.whole import adopted_of, stands
from tracksync.stages.adopted import ToImport, to_import, wanted_of_page
from tracksync.stages.download import file_fact
from tracksync.stages.known import look_for
from tracksync.stages.workshop import Workshop

if TYPE_CHECKING:
    from tracksync.journal import Entry, Journal
    from tracksync.library.eagle.imports import EagleImports
    from tracksync.library.eagle.item import Item
    from tracksync.library.eagle.wanted import Wanted
    from tracksync.settings import Settings

__all__ = ["eagle_checks", "eagle_ready", "ensure_imported", "is_in_eagle", "named_item_checks", "not_in_eagle"]


_ANEW = "to import its file anew, empty Eagle File ID on its page and run `tracksync recover`"


def eagle_ready(shop: Workshop) -> None:
    """Look whether Eagle is as it has to be, before anything is done. One that is away is no reason not to begin.

    Raises:
        Misconfigured: it does not accept the token.
    """
    if shop.eagle is None:
        return
    try:
        shop.eagle.house.library()
    except EagleAway as error:
        shop.reporter.note(f"{error.message} {error.action}")


def ensure_imported(
    shop: Workshop, track: Track, *, known_id: str | None = None, refresh: bool = False
) -> EagleReceipt | None:
    """Let the track be an item of Eagle's library, once, and read it back.

    An item that is there stays where it is, under the name that it has, with the file that it has; one that a person
    put into the trash stays there (the receipt says so), unless with `refresh`.

    Args:
        shop: the run's tools.
        track: published already, or there before us.
        known_id: the item that the catalogue names for it (Eagle File ID).
        refresh: make another one where a person trashed it.

    Returns:
        The receipt; None where Eagle is not configured.

    Raises:
        EagleAway: Eagle is closed, has another library open, or has not shown the import yet.
        Misconfigured: it does not accept the token.
        Damaged: the journal lacks what the track was made from, or Eagle holds something else than it was given.
        VolumeAway: the file that it was to have is on a volume that is not mounted.
        NeedsPerson: a file that was there before us is not what its page says, or is another track's in Eagle.
        Busy, DiskFull, Interrupted: as everywhere.
    """
    if shop.eagle is None:
        return None
    if shop.journal.find(track.key) is not None:
        shop.journal.set_state(track.key, State.IMPORTING)
    shop.reporter.progress(track, Stage.EAGLE, None)
    before = shop.journal.receipt(track.key, Stage.EAGLE, EagleReceipt)
    adopted = adopted_of(shop.journal, track.key)
    if adopted is not None:
        given = to_import(shop, track, adopted, is_new=before is None)
    else:
        given = _made_here(shop, track, known_id, before)
    receipt = shop.eagle.ensure(given.wanted, given.file, given.playlist, given.hints, receipt=before, refresh=refresh)
    if refresh and before is not None and before.item_id == receipt.item_id and not receipt.adopted:
        shop.reporter.note(f"Eagle keeps the file of {track.facts.display} that it imported first.")
    if receipt != before:
        shop.journal.put_receipt(track.key, Stage.EAGLE, receipt)
    return receipt


def _made_here(shop: Workshop, track: Track, known_id: str | None, before: EagleReceipt | None) -> ToImport:
    from tracksync.library.eagle.looking import Hints

    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    fmt = shop.settings.eagle_format
    wanted = _wanted(shop.journal, track, fmt)
    if published is not None and (volume := away_volume(getattr(published, fmt).path)) is not None:
        raise VolumeAway(
            f"The volume {volume} is not mounted; the {fmt.upper()} of {track.facts.display} is on it.",
            action="Connect it, and run again.",
        )
    if published is None or wanted is None or not stands(getattr(published, fmt)):
        raise Damaged(
            f"The library lacks the {fmt.upper()} of {track.facts.display}, which Eagle was to have.",
            action=f"Run `tracksync sync {track.key} --refresh`.",
        )
    if before is None and known_id is None:
        known_id = _named_on_its_page(shop, track)
    links = [wanted.link, *(value for kind, value in shop.journal.identities(track.key) if kind == "link")]
    hints = Hints(links=tuple(filter(None, links)), item_id=known_id, ext=fmt)
    return ToImport(file_fact(getattr(published, fmt).path), wanted, track.playlist, hints)


def _named_on_its_page(shop: Workshop, track: Track) -> str | None:
    """The item that the track's page names, where it has one from before."""
    page = look_for(shop.catalogue, [track]).pages.get(track.key) if shop.catalogue.name != "embedded" else None
    return page.properties.eagle_id if page else None


def not_in_eagle(journal: Journal, settings: Settings) -> list[str]:
    """The keys of tracks that are synced, with files of ours, and never came into Eagle. Asks the journal only."""
    if not settings.uses_eagle:
        return []
    return [
        entry.key
        for entry in journal.entries(states=[State.SYNCED])
        if entry.merged_into is None
        and journal.receipt(entry.key, Stage.EAGLE, EagleReceipt) is None
        and journal.receipt(entry.key, Stage.PUBLISH, PublishReceipt) is not None
    ]


def is_in_eagle(shop: Workshop, key: str) -> bool | None:
    """Whether the track's item is there, or in the trash by a person's hand, so that there is nothing to do.

    True too where Eagle is not configured; None where it can't be asked now, and was there the last time.

    Raises:
        Misconfigured: Eagle does not accept the token.
    """
    if shop.eagle is None:
        return True
    receipt = shop.journal.receipt(_holder(shop.journal, key), Stage.EAGLE, EagleReceipt)
    if receipt is None:
        return False
    if receipt.trashed:
        return True
    try:
        library = shop.eagle.house.library()
        if receipt.library != library.name and shop.settings.eagle_library is None:
            return None
        item = shop.eagle.house.api.item(receipt.item_id)
    except EagleAway:
        return None
    # One in the trash is work once more: that is said then, and noted.
    return item is not None and not item.is_deleted


def eagle_checks(shop: Workshop, entry: Entry) -> list[Check]:
    """Look at the track's item: there, not in the trash, saying what it should, its file the one that was given.

    Of an item that only a page from before us names, no more is looked at than whether it is there. Never raises for
    what it finds: that is its answer. Empty where Eagle is not configured.
    """
    if shop.eagle is None:
        return []
    key = entry.merged_into or entry.key
    receipt = shop.journal.receipt(key, Stage.EAGLE, EagleReceipt)
    if receipt is None:
        adopted = adopted_of(shop.journal, key)
        if adopted is not None and adopted.eagle_id:
            return named_item_checks(shop, adopted.eagle_id)
        return [Check(name="eagle item", ok=False, detail="it was never imported into Eagle")]
    try:
        library = shop.eagle.house.library()
        item = shop.eagle.house.api.item(receipt.item_id)
    except TracksyncError as error:
        return [Check(name="eagle", ok=False, detail=f"{error.message} {error.action}".strip())]
    if item.is_deleted if item is not None else receipt.trashed:
        return [Check(name="eagle item", ok=True, detail=f"{receipt.item_id}, put into Eagle's trash by a person")]
    if item is None:
        told = f"is not in Eagle's library “{library.name}”"
        anew = f"; {_ANEW}" if adopted_of(shop.journal, key) else ""
        return [Check(name="eagle item", ok=False, detail=f"{receipt.item_id} {told}{anew}")]
    checks = [Check(name="eagle item", ok=True, detail=f"{item.id} in “{library.name}”")]
    holder = shop.journal.find(key) or entry
    foreign = receipt.adopted or adopted_of(shop.journal, key) is not None
    wanted = _wanted(shop.journal, holder.as_track(), item.ext if foreign else shop.settings.eagle_format)
    if wanted is not None:
        checks += _sayings(item, wanted)
    return [*checks, _file_check(shop.eagle, item, receipt)]


def named_item_checks(shop: Workshop, item_id: str | None) -> list[Check]:
    """Whether the item that a page from before us names is there. Empty where Eagle is not configured."""
    if shop.eagle is None:
        return []
    if item_id is None:
        told = "its page names none; `tracksync recover` imports it, or finds it in Eagle"
        return [Check(name="eagle item", ok=False, detail=told)]
    try:
        library = shop.eagle.house.library()
        item = shop.eagle.house.api.item(item_id)
    except TracksyncError as error:
        return [Check(name="eagle", ok=False, detail=f"{error.message} {error.action}".strip())]
    if item is not None and not item.is_deleted:
        return [Check(name="eagle item", ok=True, detail=f"{item.id} in “{library.name}”")]
    told = "is in Eagle's trash" if item else f"is not in Eagle's library “{library.name}”"
    return [Check(name="eagle item", ok=False, detail=f"{item_id}, which its page names, {told}; {_ANEW}")]


def _sayings(item: Item, wanted: Wanted) -> list[Check]:
    # A name that a person gave, and a link that they put in, are right; so is the spelling of a tag.
    lacking = wanted.lacking(item.tags)
    told = f"lacking: {', '.join(lacking)}" if lacking else f"{len(item.tags)} tags"
    checks = [
        Check(name="eagle name", ok=bool(item.name.strip()), detail=repr(item.name)),
        Check(name="eagle tags", ok=not lacking, detail=told),
    ]
    if wanted.link:
        checks.append(Check(name="eagle website", ok=bool(item.url), detail=item.url or "none"))
    return checks


def _file_check(eagle: EagleImports, item: Item, receipt: EagleReceipt) -> Check:
    from tracksync.library.eagle.disk import item_fact, item_file

    folder = eagle.house.settings.eagle_library
    if folder is None or not eagle.house.can_read_files:
        same = item.size in (0, receipt.file.size)
        return Check(name="eagle file", ok=same, detail=f"{item.size} bytes, as Eagle says; its folder is not readable")
    path = item_file(folder, item)
    fact = item_fact(path) if path else None
    if fact is None:
        return Check(name="eagle file", ok=False, detail=f"there is none in {folder} for item {item.id}")
    same = fact.size == receipt.file.size and fact.sha256 == (receipt.file.sha256 or fact.sha256)
    told = (
        str(fact.path) if same else f"{fact.path} is not what was imported ({fact.size} of {receipt.file.size} bytes)"
    )
    return Check(name="eagle file", ok=same, detail=told)


def _wanted(journal: Journal, track: Track, fmt: str) -> Wanted | None:
    from tracksync.library.eagle.wanted import wanted_of

    if (adopted := adopted_of(journal, track.key)) is not None:
        return wanted_of_page(track, adopted, fmt)
    download = journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    if download is None:
        return None
    rendered = journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    analysis = journal.receipt(track.key, Stage.ANALYSE, Analysis) or Analysis()
    return wanted_of(track, download, rendered, analysis, fmt)


def _holder(journal: Journal, key: str) -> str:
    entry = journal.find(key)
    return entry.merged_into or key if entry else key
