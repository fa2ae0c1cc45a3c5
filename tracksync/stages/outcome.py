"""The two ends of a track's way: taking it up, and settling how it ended."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

from tracksync.catalogue.protocol import ProcessingOption
from tracksync.errors import (
    Busy,
    CatalogueAway,
    DiskFull,
    Interrupted,
    Misconfigured,
    MixDetected,
    NeedsPerson,
    NoSureMatch,
    NotFound,
    TracksyncError,
    Transient,
    Unexpected,
    VolumeAway,
)
from tracksync.journal import Entry, Lease
from tracksync.model import DownloadReceipt, EagleReceipt, PublishReceipt, Stage, State, Track
from tracksync.report import Event, state_after, track_event
from tracksync.sources.pages import NEXT, page_key
from tracksync.sources.secrets import redact_text
from tracksync.sources.whole import adopted_of, is_whole
from tracksync.stages.known import Known, judge, look_for, to_look_for
from tracksync.stages.on_disk import mended_page
from tracksync.stages.publish import look_published, withdraw
from tracksync.stages.record import announce_doubt
from tracksync.stages.refresh import put_back
from tracksync.stages.workshop import Workshop

__all__ = [
    "already",
    "as_its_holder",
    "finish",
    "holder_of",
    "merge_into",
    "settle",
    "surprise",
    "take_up",
]

_AGAIN = "Run the same command again."
# Every further track of the run would meet these too.
_ENDS_THE_RUN = (DiskFull, Misconfigured, VolumeAway)


@contextmanager
def take_up(shop: Workshop, track: Track) -> Iterator[Entry]:
    """Hold the track's lease for the time of the block, and yield what the journal says of it once it is held.

    Another run on the same track is waited for; what it did is then seen in the entry.

    Raises:
        Busy: the other run is still on it after `busy_wait_seconds`.
        Interrupted: the run is being ended.
    """
    if shop.cancel.is_set():
        raise Interrupted(
            f"{track.facts.display} was not begun: the run was ended.", action="Run the same command again."
        )
    if shop.stopped_by is not None:
        raise shop.stopped_by
    lease = _wait_for_lease(shop, track)
    if lease is None:
        raise Busy(
            f"{track.facts.display} is still being worked on by another run.",
            action="Wait for that run to end, then run the same command again.",
        )
    with lease:
        entry = shop.journal.find(track.key)
        assert entry is not None  # noqa: S101 (a lease is a column of the entry)
        yield entry


def _wait_for_lease(shop: Workshop, track: Track) -> Lease | None:
    """In slices, so that a run that is being ended does not wait on."""
    until = monotonic() + shop.settings.busy_wait_seconds
    while True:
        left = until - monotonic()
        lease = shop.journal.wait_for(track.key, shop.settings.lease_seconds, max(0.0, min(2.0, left)))
        if lease is not None or left <= 0:
            return lease
        if shop.cancel.is_set():
            raise Interrupted(f"{track.facts.display} was not begun: the run was ended.", action=_AGAIN)


def already(shop: Workshop, track: Track, entry: Entry) -> Event | None:
    """The end of a track that is there and whole, in the library and in the catalogue; None where there is work to do.

    Raises:
        NotFound: it came from a page that was put into the trash meanwhile.
    """
    known = look_for(shop.catalogue, to_look_for(shop.journal, [entry]))
    if track.source == NEXT and not known.away:
        known = _page_as_it_is(shop, track, known)
    holder = _judged(shop, entry, known)
    if holder is None:
        return None
    if holder.key not in (entry.key, entry.merged_into):
        return merge_into(shop, track, holder)
    if shop.catalogue.name == "embedded":
        return finish(shop, track)
    shop.clear_staging(track.key)
    return _told(shop, track)


def _judged(shop: Workshop, entry: Entry, known: Known) -> Entry | None:
    """As `judge` has it; a page whose files were merely moved is mended, and judged once more."""
    in_eagle = shop.settings.uses_eagle
    holder = judge(shop.journal, shop.catalogue, entry, known, in_eagle=in_eagle)
    page = known.pages.get(entry.key)
    if holder is not None or page is None or not page.downloaded or shop.catalogue.name == "embedded":
        return holder
    if (mended := mended_page(shop.journal, shop.catalogue, page)) is None:
        return None
    shop.reporter.note(f"The files of {page.properties.title} were moved: its page names them where they are now.")
    look_published(shop, entry.as_track())  # where they were made here, their receipt follows too
    return judge(shop.journal, shop.catalogue, entry, Known({**known.pages, entry.key: mended}), in_eagle=in_eagle)


def _page_as_it_is(shop: Workshop, track: Track, known: Known) -> Known:
    """The page that a track was chosen by, read once more: somebody may have finished or trashed it since."""
    page = known.pages.get(track.key)
    try:
        fresh = shop.catalogue.page_of(page.page_id) if page else None
    except CatalogueAway as error:
        return Known(away=error)
    except NotFound:
        fresh = None
    if fresh is None:
        raise NotFound(
            f"The page of {track.facts.display} is gone, or was put into the trash meanwhile.",
            action="Restore it, or name the track's link to bring it in all the same.",
        )
    return Known({**known.pages, track.key: fresh})


def finish(shop: Workshop, track: Track) -> Event:
    """The track is verified: nothing of the work is left, the catalogue may say Downloaded, the state is synced.

    The page of one that was there before us says Downloaded already.
    """
    shop.clear_staging(track.key)
    if adopted_of(shop.journal, track.key) is None:
        shop.catalogue.mark_downloaded(track.key)
    shop.journal.set_state(track.key, State.SYNCED)
    return _told(shop, track)


def merge_into(shop: Workshop, track: Track, holder: Entry) -> Event:
    """The track is a recording that the library holds already: link it there, store nothing."""
    _note_merged(shop, track, holder)
    withdraw(shop, track)
    shop.journal.merge(track.key, holder.key)
    shop.clear_staging(track.key)
    shop.journal.set_state(track.key, State.SYNCED, reason=f"the same recording as {holder.facts.display}")
    shop.reporter.note(f"{track.facts.display} is in the library already, as {holder.facts.display}.")
    return _told(shop, track)


def _note_merged(shop: Workshop, track: Track, holder: Entry) -> None:
    """A page of its own says why it names no files."""
    if shop.catalogue.name == "embedded":
        return
    pages = look_for(shop.catalogue, [track, holder.as_track()]).pages
    mine, theirs = pages.get(track.key), pages.get(holder.key)
    if mine is None or mine.downloaded or mine.key == holder.key or (theirs and theirs.page_id == mine.page_id):
        return
    try:
        shop.catalogue.note_states(page_key(mine), frozenset({ProcessingOption.MERGED.value}))
    except TracksyncError as failure:
        shop.reporter.note(f"The page of {track.facts.display} does not say so: {failure.message}")


def holder_of(shop: Workshop, entry: Entry) -> Track | None:
    """The track that a merged one was merged into, where it has files to be put in order; None where it has none."""
    holder = shop.journal.find(entry.merged_into) if entry.merged_into else None
    if holder is None:
        return None
    has_files = shop.journal.receipt(holder.key, Stage.PUBLISH, PublishReceipt) or adopted_of(shop.journal, holder.key)
    return holder.as_track() if has_files else None


def as_its_holder(shop: Workshop, track: Track, holder: Track) -> Event:
    """The end of a merged track: that of the track which holds its files."""
    entry, other = shop.journal.find(track.key), shop.journal.find(holder.key)
    assert entry is not None  # noqa: S101 (both were just looked up)
    assert other is not None  # noqa: S101
    told = track_event(shop.journal, other)
    event = track_event(shop.journal, entry) | {"state": told["state"], "error": told["error"]}
    return shop.tell(event)


def settle(shop: Workshop, track: Track, error: TracksyncError) -> Event:
    """Write down why the track did not get to its end, and leave nothing of it behind."""
    if isinstance(error, _ENDS_THE_RUN) and not _is_the_tracks_own(shop, track, error):
        shop.stop(error)
    entry = shop.journal.find(track.key)
    if isinstance(error, Busy) or (
        entry and is_whole(shop.journal, entry) and isinstance(error, Interrupted | VolumeAway)
    ):
        # The track belongs to the other run, or is whole: its state is not ours to change.
        return _told_beside(shop, entry, State.WAITING, error)
    if entry and entry.merged_into and is_whole(shop.journal, entry.model_copy(update={"state": State.SYNCED})):
        # What was to be made again could not be; the recording is there as before, with the track that holds it.
        shop.journal.set_state(track.key, State.SYNCED, reason=entry.reason)
        shop.clear_staging(track.key)
        return _told_beside(shop, entry, state_after(error), error)
    if put_back(shop, track):
        # It was to be made again and could not be: it is as whole as before.
        shop.clear_staging(track.key)
        return _told_beside(shop, shop.journal.find(track.key), state_after(error), error)
    until = None
    if isinstance(error, Transient) and error.retry_after:
        until = datetime.now(UTC) + timedelta(seconds=error.retry_after)
    shop.journal.set_state(track.key, state_after(error), reason=error.message, until=until, error=error)
    if not isinstance(error, Interrupted):
        shop.clear_staging(track.key)
    _note_on_page(shop, track, error)
    return _told(shop, track)


def _told_beside(shop: Workshop, entry: Entry | None, state: State, error: TracksyncError) -> Event:
    """How this run ended for a track whose own state stays as it is."""
    event = track_event(shop.journal, entry) if entry else {}
    event |= {"state": state.value, "error": {"kind": error.kind, "message": error.message, "action": error.action}}
    return shop.tell(event)


def _is_the_tracks_own(shop: Workshop, track: Track, error: TracksyncError) -> bool:
    """A volume on which only files of this track are, or a person's own: what further tracks need is there."""
    settings = shop.settings
    folders = (settings.out_dir, settings.backup_dir, settings.wav_backup_dir, settings.staging_dir)
    is_adopted = adopted_of(shop.journal, track.key) is not None
    return isinstance(error, VolumeAway) and (
        is_adopted or all(folder is None or folder.is_dir() for folder in folders)
    )


def _note_on_page(shop: Workshop, track: Track, error: TracksyncError) -> None:
    """What failed for good, or needs a person, is to be seen on the track's page, where it has one."""
    option = _option_for(shop, track, error)
    try:
        if isinstance(error, NoSureMatch):
            announce_doubt(shop, track, error)
        elif option is not None:
            shop.catalogue.note_states(track.key, frozenset({option.value}))
    except TracksyncError as failure:
        shop.reporter.note(f"The page of {track.facts.display} does not say so: {failure.message}")


def _option_for(shop: Workshop, track: Track, error: TracksyncError) -> ProcessingOption | None:
    if isinstance(error, Transient | Misconfigured):
        return None
    if isinstance(error, MixDetected):
        return ProcessingOption.MIX_DETECTED
    if isinstance(error, NeedsPerson):
        return None
    if isinstance(error, Unexpected):
        return ProcessingOption.UNKNOWN_ERROR
    if isinstance(error, NotFound):
        return ProcessingOption.NOT_FOUND
    if adopted_of(shop.journal, track.key) is None:
        if shop.journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt) is None:
            return ProcessingOption.DOWNLOAD_FAILED
        if shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt) is None:
            return ProcessingOption.CONVERSION_FAILED
    if shop.eagle is not None and shop.journal.receipt(track.key, Stage.EAGLE, EagleReceipt) is None:
        return ProcessingOption.EAGLE_IMPORT_FAILED
    return ProcessingOption.CATALOGUE_UPDATE_FAILED


def _told(shop: Workshop, track: Track) -> Event:
    entry = shop.journal.find(track.key)
    assert entry is not None  # noqa: S101
    return shop.tell(track_event(shop.journal, entry))


def surprise(shop: Workshop, track: Track, error: Exception) -> TracksyncError:
    """A fault that nobody foresaw, as an error like the others. Its details go to a file, not to the terminal."""
    path = shop.settings.home / "faults.log"
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {track.key}\n")
        log.write(redact_text("".join(traceback.format_exception(error))) + "\n")
    return Unexpected(
        f"{track.facts.display} met a fault of the program ({type(error).__name__}).",
        action=f"Please report it with the details that stand in {path}.",
    )
