"""The main job: what was named, or what a source says is next, becomes verified files in the library."""

from __future__ import annotations

from time import monotonic
from typing import Annotated, Any, Literal

from prefect import flow, runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from tasks._prefect import STAGE, said_in_words
from tasks.analyse import analyse
from tasks.artifacts import show_run
from tasks.catalogue import record
from tasks.detect import detect_tracks
from tasks.download import download
from tasks.eagle import import_into_eagle
from tasks.limits import notion_gate
from tasks.match import match
from tasks.publish import publish
from tasks.reporting import reporter
from tasks.transcode import restore, transcode
from tasks.verify import verify
from tracksync.errors import CatalogueAway, EagleAway, TracksyncError
from tracksync.journal import Entry
from tracksync.model import DownloadReceipt, RenderReceipt, Track
from tracksync.report import Event, run_event
from tracksync.settings import concurrency_or_default
from tracksync.stages.adopted import there_from_before
from tracksync.stages.candidates import confirm_length, held_already, pass_over, settle_with
from tracksync.stages.detect import Batch, undelivered
from tracksync.stages.eagle import eagle_ready
from tracksync.stages.outcome import (
    already,
    as_its_holder,
    finish,
    holder_of,
    merge_into,
    settle,
    surprise,
    take_up,
)
from tracksync.stages.publish import look_published
from tracksync.stages.refresh import forget_for_refresh
from tracksync.stages.restore import has_some_files
from tracksync.stages.same import alone_among_its_likes, find_same
from tracksync.stages.sources import Chosen
from tracksync.stages.workshop import Workshop, open_workshop, workshop

__all__ = ["bring_in", "side_by_side", "sync", "sync_track"]


# What the UI offers; tracksync.stages.sources.SOURCES has the same, which a test holds it to.
Source = Literal["auto", "spotify-current", "soundcloud-likes", "spotify-liked", "next"]

# As many tracks at a time as the settings say; what waits for its turn costs nothing.
side_by_side: Any = ThreadPoolTaskRunner(max_workers=concurrency_or_default())


@flow(name="sync", task_runner=side_by_side, persist_result=False)
@said_in_words
def sync(
    what: list[str] | None = None,
    playlist: str | None = None,
    refresh: bool = False,
    source: Source = "auto",
    limit: Annotated[int, Field(ge=1)] | None = None,
    use: str | None = None,
) -> State[Any]:
    """Take each track that is named, or that the source says, to its end, and report.

    Args:
        what: links, paths of files and folders, keys of tracks, pages of Notion. None: what the source says.
        playlist: the folder that they go to. None: that of their list or page, else Unassigned.
        refresh: make files and figures again, also of tracks that are synced.
        source: where to look when nothing is named. auto asks what Spotify plays, then SoundCloud's likes, Spotify's
            liked songs and Notion's next page, until one has something new.
        limit: how many new tracks at most. None: all that are named; of a source five, of Notion's pages one.
        use: the link to the audio of the one track that is named above, where nothing was surely found for it.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter(), gate=notion_gate()) as shop:
        shop.catalogue_ready()
        eagle_ready(shop)
        batch = detect_tracks(what or None, playlist, source, limit, again=refresh)
        remake = use is not None and settle_with(shop, batch.tracks, use)
        return bring_in(shop, batch, begun, refresh=refresh, remake=remake)


def bring_in(shop: Workshop, batch: Batch, begun: float, *, refresh: bool = False, remake: bool = False) -> State[Any]:
    """Every track to its end, side by side; then the pages that an earlier run could not write; then the report."""
    runs = [sync_track.submit(track, refresh, remake) for track in batch.tracks]
    for run in runs:
        run.wait()
    events = [*batch.events, *shop.events]
    deliver(shop, batch.tracks)
    show_run(events, batch.chosen)
    result = run_event(batch.source, events, runtime.flow_run.id, monotonic() - begun)
    shop.reporter.finished(batch.chosen.told(result) if batch.chosen else result)
    return _state_of(events, batch.chosen)


def deliver(shop: Workshop, just_done: list[Track]) -> None:
    """What waits for Notion or Eagle, one after the other, in the order in which the files were made."""
    done = {track.key for track in just_done}
    with shop.aside():
        for away, told in ((CatalogueAway, "was written into the catalogue"), (EagleAway, "was imported into Eagle")):
            for track in undelivered(shop.journal, away):
                if track.key in done:
                    continue
                if sync_track(track, return_state=True).is_failed():
                    break
                shop.reporter.note(f"{track.facts.display}, which had to wait, {told}.")


@task(task_run_name="{track.facts.display}", **STAGE)
def sync_track(track: Track, refresh: bool = False, remake: bool = False) -> State[Any]:
    """One track: match → download → transcode → analyse → publish → eagle → record → verify. Each looks first."""
    shop = workshop()
    try:
        with take_up(shop, track) as entry:
            if refresh:
                forget_for_refresh(shop, track)
            elif not remake and (whole := already(shop, track, entry)):
                return _done(whole)
            elif not remake and (holder := holder_of(shop, entry)):
                sync_track(holder, return_state=True)  # its files are this one's, too
                return _done(as_its_holder(shop, track, holder))
            if refresh or remake or not (look_published(shop, track) or there_from_before(shop, track)):
                kept = None if refresh or remake or not has_some_files(shop, track) else restore(track)
                found = kept or fetch(shop, track, refresh=refresh)
                if isinstance(found, Entry):
                    return _done(merge_into(shop, track, found))
                source, rendered = found
                track = track.model_copy(update={"facts": source.facts})
                analysis = analyse(track, rendered)
                with alone_among_its_likes(shop, rendered):
                    if not kept and (same := find_same(shop, track, rendered, analysis)):
                        return _done(merge_into(shop, track, same))
                    publish(track, source, rendered, analysis, refresh=refresh or remake)
            away = into_eagle(track, refresh=refresh or remake) if shop.eagle else None
            record(track, refresh=refresh)
            verify(track)
            if away is not None:
                raise away
            return _done(finish(shop, track))
    except TracksyncError as error:
        return _done(settle(shop, track, error))
    except Exception as error:
        return _done(settle(shop, track, surprise(shop, track, error)))


def fetch(shop: Workshop, track: Track, *, refresh: bool = False) -> tuple[DownloadReceipt, RenderReceipt] | Entry:
    """The track's audio, rendered, from the first candidate that gives it; or the track that holds it already."""
    while True:
        matched = match(track, refresh=refresh)
        if holder := held_already(shop, track, matched):
            return holder
        try:
            source = download(track, matched)
            if source is None:
                continue  # what its link told of it matches a file on a disk
            named = track.model_copy(update={"facts": source.facts})  # a link's title is known only now
            rendered = transcode(named, source)
            confirm_length(track, matched, rendered)
            return source, rendered
        except TracksyncError as error:
            pass_over(shop, track, matched, error)


def into_eagle(track: Track, *, refresh: bool) -> EagleAway | None:
    """The track is imported into Eagle. Where that is closed, everything else is finished first: why is given back."""
    try:
        import_into_eagle(track, refresh=refresh)
    except EagleAway as error:
        return error
    return None


def _done(event: Event) -> State[Any]:
    """How the track's run looks in the UI: red where it failed or waits, with its reason."""
    error = event["error"]
    told = error["message"] if error else str(event["state"])
    return Failed(message=told) if event["state"] in ("failed", "waiting") else Completed(message=told)


def _state_of(events: list[Event], chosen: Chosen | None = None) -> State[Any]:
    counts = run_event("", events, None, 0)["counts"]
    told = ", ".join(f"{number} {state}" for state, number in counts.items()) or "nothing to do"
    if not events and chosen is not None and chosen.unread:
        return Failed(message=f"nothing to do; {' '.join(report.sentence() for report in chosen.unread)}")
    return Failed(message=told) if counts.get("failed") or counts.get("waiting") else Completed(message=told)
