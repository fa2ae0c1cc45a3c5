"""Tracks whose files were there before us: a page of the catalogue names them, and nothing of them was made here.

Where Eagle is configured they are finished as any other track: imported, named on their page, read back. Nothing is
fetched, made, moved or tagged anew for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracksync.errors import CatalogueAway, Damaged, EagleAway, NeedsPerson, NotFound, VolumeAway
from tracksync.library.eagle.disk import is_readable
from tracksync.library.storage import away_volume, free_bytes
from tracksync.model import (
    Adopted,
    AudioFormat,
    EagleReceipt,
    FileFact,
    PublishReceipt,
    RecordReceipt,
    Stage,
    Track,
)
from tracksync.sources.secrets import redact
from tracksync.sources.whole import adopted_of, is_there
from tracksync.stages.download import file_fact
from tracksync.stages.known import adoption, look_for, page_is_whole
from tracksync.stages.page_files import sound_checks

if TYPE_CHECKING:
    from tracksync.library.eagle.looking import Hints
    from tracksync.library.eagle.wanted import Wanted
    from tracksync.stages.workshop import Workshop

__all__ = ["ToImport", "name_on_page", "there_from_before", "to_import", "wanted_of_page"]

_LEAST_FREE_BYTES = 2**30


@dataclass(frozen=True)
class ToImport:
    """What a page gives Eagle: which file, what its item shall say, in which playlist's folder, known by what else."""

    file: FileFact
    wanted: Wanted
    playlist: str | None
    hints: Hints


def there_from_before(shop: Workshop, track: Track) -> bool:
    """Whether the track's page names files that were there before us and all exist: then there is nothing to fetch.

    Its page is read once more, and written down as it stands. Where it can't be asked, what was written down has to do.

    Raises:
        CatalogueAway: it can't be asked, and nothing was written down of the page that the track has.
    """
    if shop.eagle is None or shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt) is not None:
        return False
    known = look_for(shop.catalogue, [track])
    page = known.pages.get(track.key)
    try:
        page = shop.catalogue.page_of(page.page_id) if page and shop.catalogue.name != "embedded" else None
    except NotFound:  # put into the trash since: a track without a page
        return False
    except CatalogueAway as error:
        known.away = error
    if known.away:
        adopted = adopted_of(shop.journal, track.key)
        if adopted is None and any(kind == "page" for kind, _ in shop.journal.identities(track.key)):
            raise known.away  # it has a page, which may name files: they are not made beside them
        return adopted is not None and all(is_there(path) for path in adopted.files.values())
    if page is None or not page_is_whole(page, shop.catalogue):
        return False
    shop.journal.put_receipt(track.key, Stage.RECORD, adoption(shop.catalogue, page))
    shop.journal.identify(track.key, "page", page.page_id)
    return True


def to_import(shop: Workshop, track: Track, adopted: Adopted, *, is_new: bool) -> ToImport:
    """What Eagle is to be given of the track.

    Args:
        shop: the run's tools.
        track: adopted.
        adopted: what was taken over of it.
        is_new: it was not imported yet: what is to be imported is decoded before.

    Raises:
        EagleAway: Eagle is closed, has another library open, or there is no room where its library is.
        Misconfigured: it does not accept the token.
        VolumeAway: its files are on a volume that is not mounted.
        Damaged: they are gone.
        NeedsPerson: the file is no sound, or not of the length that the page says.
    """
    from tracksync.library.eagle.looking import Hints

    fmt = _format(shop, track, adopted)
    path = adopted.files[fmt]
    if is_new:
        if shop.eagle is not None:
            shop.eagle.house.library()  # a closed one is known before a file is decoded for it
        _check_room(shop, track, path)
        wrong = [check for check in sound_checks(shop.ffmpeg, {fmt: path}, adopted.duration_s) if not check.ok]
        if wrong:
            _still_mounted(track, path)
            raise NeedsPerson(
                f"The {fmt.upper()} that the page of {track.facts.display} names is not imported into Eagle: "
                f"{wrong[0].name}: {wrong[0].detail}.",
                action=f"Listen to {path}, and correct the page; or run `tracksync sync {track.key} --refresh` to make "
                "the files again.",
            )
    wanted = wanted_of_page(track, adopted, fmt)
    links = [wanted.link, *adopted.links]
    links += [value for kind, value in shop.journal.identities(track.key) if kind == "link"]
    hints = Hints(
        links=tuple(dict.fromkeys(filter(None, links))),
        item_id=adopted.eagle_id,
        ext=path.suffix.lower().lstrip("."),
        files=tuple(adopted.files.values()),
    )
    try:
        fact = file_fact(path)
    except OSError:
        _still_mounted(track, path)
        raise _gone(track) from None
    return ToImport(fact, wanted, _playlist(track, adopted), hints)


def _still_mounted(track: Track, path: Path) -> None:
    if (volume := away_volume(path)) is not None:
        raise VolumeAway(
            f"The volume {volume} is not mounted; the {path.suffix[1:].upper()} of {track.facts.display} is on it.",
            action="Connect it, and run again.",
        )


def _gone(track: Track) -> Damaged:
    return Damaged(
        f"The files that the page of {track.facts.display} names are gone.",
        action=f"Run `tracksync sync {track.key}` to make them again.",
    )


def _check_room(shop: Workshop, track: Track, path: Path) -> None:
    """Eagle copies what it imports, and there may be thousands of such files: its disk is not to be filled by them."""
    folder = shop.settings.eagle_library
    if folder is None or not is_readable(folder):
        return
    free = free_bytes(folder)
    if free < path.stat().st_size + _LEAST_FREE_BYTES:
        raise EagleAway(
            f"Only {free / 2**20:.0f} MB are free where Eagle's library is ({folder}): {track.facts.display} is not "
            "imported.",
            action="Make room there; the next run, or `tracksync recover`, imports it.",
        )


def _format(shop: Workshop, track: Track, adopted: Adopted) -> AudioFormat:
    order = dict.fromkeys([AudioFormat(shop.settings.eagle_format), AudioFormat.WAV, AudioFormat.AIFF, AudioFormat.M4A])
    named = [fmt for fmt in order if fmt in adopted.files]
    for fmt in named:
        if adopted.files[fmt].is_file():
            return fmt
    for fmt in named:
        _still_mounted(track, adopted.files[fmt])
    raise _gone(track)


def _playlist(track: Track, adopted: Adopted) -> str | None:
    return adopted.playlists[0] if adopted.playlists else track.playlist


def wanted_of_page(track: Track, adopted: Adopted, fmt: str) -> Wanted:
    """What the track's item shall say: what stands on its page."""
    from tracksync.library.eagle.wanted import wanted_of_adopted

    link = redact(track.facts.link) if track.facts.link else None
    facts = adopted.facts or track.facts
    if facts.link is None:
        facts = facts.model_copy(update={"link": link})
    playlists = adopted.playlists or ((track.playlist,) if track.playlist else ())
    return wanted_of_adopted(track.key, adopted, facts, playlists, fmt)


def name_on_page(shop: Workshop, track: Track) -> RecordReceipt:
    """Let the page name the item, where it names none; nothing else of it is touched.

    Of one that a person put into Eagle's trash, or that was not imported yet, nothing is said.

    Raises:
        NotFound: the page is gone, or was put into the trash.
        Transient: what was written does not stand there.
        CatalogueAway: the catalogue can't be asked now.
    """
    receipt = shop.journal.receipt(track.key, Stage.RECORD, RecordReceipt)
    assert receipt is not None  # noqa: S101 (the caller looked: it is adopted)
    assert receipt.adopted is not None  # noqa: S101
    item = shop.journal.receipt(track.key, Stage.EAGLE, EagleReceipt)
    if item is None or item.trashed or receipt.page_id is None:
        return receipt
    page = shop.catalogue.name_item(receipt.page_id, item.item_id)
    named = receipt.adopted.model_copy(update={"eagle_id": page.properties.eagle_id})
    receipt = receipt.model_copy(update={"adopted": named})
    shop.journal.put_receipt(track.key, Stage.RECORD, receipt)
    return receipt
