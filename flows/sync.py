"""The main job: what was named, or what a source says is next, becomes verified files in the library."""

from __future__ import annotations

from time import monotonic
from typing import Any

from prefect import flow, runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from tasks._prefect import STAGE
from tasks.analyse import analyse
from tasks.artifacts import show_run
from tasks.catalogue import record
from tasks.detect import detect_tracks
from tasks.download import download
from tasks.limits import notion_gate
from tasks.publish import publish
from tasks.reporting import reporter
from tasks.transcode import transcode
from tasks.verify import verify
from tracksync.errors import TracksyncError
from tracksync.model import Track
from tracksync.report import Event, run_event
from tracksync.settings import concurrency_or_default
from tracksync.stages.detect import undelivered
from tracksync.stages.outcome import already, finish, forget_for_refresh, merge_into, settle, surprise, take_up
from tracksync.stages.publish import look_published
from tracksync.stages.same import find_same
from tracksync.stages.workshop import Workshop, open_workshop, workshop

__all__ = ["bring_in", "side_by_side", "sync", "sync_track"]


# As many tracks at a time as the settings say; what waits for its turn costs nothing.
side_by_side: Any = ThreadPoolTaskRunner(max_workers=concurrency_or_default())


@flow(name="sync", task_runner=side_by_side, persist_result=False)
def sync(
    what: list[str] | None = None,
    playlist: str | None = None,
    refresh: bool = False,
    source: str = "auto",
    limit: int | None = None,
) -> State[Any]:
    """Take each track that is named, or that the source says, to its end, and report.

    Args:
        what: links, paths of files and folders, keys of tracks or pages. None: what the source says.
        playlist: the folder that they belong to; by default that of their list or page, else `Unassigned`.
        refresh: make files and figures again, also of tracks that are synced.
        source: where to look when nothing is named: `auto` or `next`.
        limit: how many tracks at most, of a source.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter(), gate=notion_gate()) as shop:
        shop.catalogue_ready()
        source, tracks, events = detect_tracks(what, playlist, source, limit)
        return bring_in(shop, source, tracks, events, begun, refresh=refresh)


def bring_in(
    shop: Workshop, source: str, tracks: list[Track], events: list[Event], begun: float, *, refresh: bool = False
) -> State[Any]:
    """Every track to its end, side by side; then the pages that an earlier run could not write; then the report."""
    runs = [sync_track.submit(track, refresh) for track in tracks]
    for run in runs:
        run.wait()
    events = [*events, *shop.events]
    deliver(shop, tracks)
    show_run(events)
    result = run_event(source, events, runtime.flow_run.id, monotonic() - begun)
    shop.reporter.finished(result)
    return _state_of(events)


def deliver(shop: Workshop, just_done: list[Track]) -> None:
    """Write the pages that wait, one after the other, in the order in which their files were made."""
    done = {track.key for track in just_done}
    with shop.aside():
        for track in undelivered(shop.journal):
            if track.key in done:
                continue
            if sync_track(track, return_state=True).is_failed():
                break
            shop.reporter.note(f"The page of {track.facts.display}, which had to wait, was written.")


@task(task_run_name="{track.facts.display}", **STAGE)
def sync_track(track: Track, refresh: bool = False) -> State[Any]:
    """One track: download → transcode → analyse → publish → record → verify. Each stage looks before it acts."""
    shop = workshop()
    try:
        with take_up(shop, track) as entry:
            if refresh:
                forget_for_refresh(shop, track)
            elif whole := already(shop, track, entry):
                return _done(whole)
            if refresh or not look_published(shop, track):
                source = download(track)
                track = track.model_copy(update={"facts": source.facts})  # a link's title is known only now
                rendered = transcode(track, source)
                analysis = analyse(track, rendered)
                if same := find_same(shop, track, rendered, analysis):
                    return _done(merge_into(shop, track, same))
                publish(track, source, rendered, analysis, refresh=refresh)
            record(track, refresh=refresh)
            verify(track)
            return _done(finish(shop, track))
    except TracksyncError as error:
        return _done(settle(shop, track, error))
    except Exception as error:
        return _done(settle(shop, track, surprise(shop, track, error)))


def _done(event: Event) -> State[Any]:
    """How the track's run looks in the UI: red where it failed or waits, with its reason."""
    error = event["error"]
    told = error["message"] if error else str(event["state"])
    return Failed(message=told) if event["state"] in ("failed", "waiting") else Completed(message=told)


def _state_of(events: list[Event]) -> State[Any]:
    counts = run_event("", events, None, 0)["counts"]
    told = ", ".join(f"{number} {state}" for state, number in counts.items()) or "nothing to do"
    return Failed(message=told) if counts.get("failed") or counts.get("waiting") else Completed(message=told)
