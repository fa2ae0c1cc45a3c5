"""A track that is on a disk already is taken from there: the index of volumes is asked before any source."""

from __future__ import annotations

import os
from pathlib import Path

from tracksync.catalogue import Catalogue, Page
from tracksync.journal import Journal
from tracksync.library.index.finding import IndexedFile, find_many, where_moved, where_moved_many
from tracksync.model import FileFact, PublishReceipt, Stage, Track
from tracksync.sources.links import looks_like_link
from tracksync.sources.whole import is_there
from tracksync.stages.workshop import Workshop

__all__ = ["mended", "mended_page", "take_from_disk"]


def take_from_disk(shop: Workshop, track: Track, *, refresh: bool = False) -> Path | None:
    """The best file on a disk that surely holds this track; None where there is none, or its own file is at its place.

    It is exact: by ISRC and length, the track's key, the hash of the sound, or title with version, artists and length.
    What this program made itself is a source only where nothing was lost by it, and never for `refresh`, which is to
    make the files again from what they were made of.

    Args:
        refresh: whether files and figures are to be made again.
    """
    if track.origin and not looks_like_link(track.origin) and os.path.isabs(track.origin):  # noqa: PTH117 (any text)
        origin = Path(track.origin)
        if origin.is_file():
            return None
        if (moved := where_moved(shop.journal, origin)) is not None:
            return moved
    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    own = {fact.path for fact in published.files} if published else ()
    audio = track.key.removeprefix("file:") if track.key.startswith("file:") else None
    for file in find_many(shop.journal, [track]).get(track.key, []):
        if audio is not None and file.audio_sha256 != audio:
            continue  # the key of a file names its very audio
        ours = file.path in own or file.track_key == track.key
        is_made_here = ours or file.track_key is not None
        if _is_readable(file) and not (ours and refresh) and not (is_made_here and not file.lossless):
            return file.path
    return None


def mended(journal: Journal, key: str, receipt: PublishReceipt) -> PublishReceipt | None:
    """The track's receipt with the present places of files that were moved or renamed; None where none was found.

    Files that are at their places, and such as nobody knows of, are left as they are in it.
    """
    moved = where_moved_many(journal, (fact.path for fact in receipt.files), key=key)
    if not moved:
        return None

    def there(fact: FileFact) -> FileFact:
        return fact.model_copy(update={"path": moved.get(fact.path, fact.path)})

    return receipt.model_copy(
        update={
            "m4a": there(receipt.m4a),
            "wav": there(receipt.wav),
            "aiff": there(receipt.aiff),
            "copies": tuple(there(fact) for fact in receipt.copies),
        }
    )


def mended_page(journal: Journal, catalogue: Catalogue, page: Page) -> Page | None:
    """The page with the present places of its files, written and read back, where they were moved or renamed and every
    one of them was found; None where there is nothing to mend."""
    files = page.properties.files
    lost = [path for path in files.values() if not is_there(path)]
    moved = where_moved_many(journal, lost, key=page.key) if lost else {}
    if not lost or len(moved) < len(lost):
        return None
    return catalogue.move_files(page.page_id, {fmt: moved[path] for fmt, path in files.items() if path in moved})


def _is_readable(file: IndexedFile) -> bool:
    return os.access(file.path, os.R_OK)
