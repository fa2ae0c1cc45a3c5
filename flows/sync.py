"""The main job: what was named becomes verified files in the library."""

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
from tasks.publish import publish
from tasks.reporting import reporter
from tasks.transcode import transcode
from tasks.verify import verify
from tracksync.errors import TracksyncError
from tracksync.model import Track
from tracksync.report import Event, run_event
from tracksync.settings import concurrency_or_default
from tracksync.sources.detect import is_whole
from tracksync.stages.outcome import finish, forget_for_refresh, merge_into, settle, surprise, take_up
from tracksync.stages.publish import look_published
from tracksync.stages.same import find_same
from tracksync.stages.workshop import open_workshop, workshop

__all__ = ["sync", "sync_track"]


# As many tracks at a time as the settings say; what waits for its turn costs nothing.
_SIDE_BY_SIDE: Any = ThreadPoolTaskRunner(max_workers=concurrency_or_default())


@flow(name="sync", task_runner=_SIDE_BY_SIDE, persist_result=False)
def sync(what: list[str], playlist: str | None = None, refresh: bool = False) -> State[Any]:
    """Take each named track to the end, and report.

    Args:
        what: links, paths of files and folders, or keys of tracks.
        playlist: the folder that they belong to; by default that of their list, else `Unassigned`.
        refresh: make files and figures again, also of tracks that are synced.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter()) as shop:
        tracks, events = detect_tracks(what, playlist)
        runs = [sync_track.submit(track, refresh) for track in tracks]
        for run in runs:
            run.wait()
        events += shop.events
        show_run(events)
        result = run_event("named", events, runtime.flow_run.id, monotonic() - begun)
        shop.reporter.finished(result)
    return _state_of(events)


@task(task_run_name="{track.facts.display}", **STAGE)
def sync_track(track: Track, refresh: bool = False) -> State[Any]:
    """One track: download → transcode → analyse → publish → record → verify. Each stage looks before it acts."""
    shop = workshop()
    try:
        with take_up(shop, track) as entry:
            if refresh:
                forget_for_refresh(shop, track)
            elif is_whole(shop.journal, entry):
                return _done(finish(shop, track))
            if refresh or not look_published(shop, track):
                source = download(track)
                track = track.model_copy(update={"facts": source.facts})  # a link's title is known only now
                rendered = transcode(track, source)
                analysis = analyse(track, rendered)
                if same := find_same(shop, track, rendered, analysis):
                    return _done(merge_into(shop, track, same))
                publish(track, source, rendered, analysis, refresh=refresh)
            record(track)
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
