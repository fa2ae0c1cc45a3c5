"""Walk the volumes: which audio files lie on which disk."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks._prefect import said_in_words
from tasks.index import index_volumes
from tasks.reporting import reporter
from tracksync.stages.workshop import open_workshop

__all__ = ["index"]


@flow(name="index", persist_result=False)
@said_in_words
def index(folders: list[str] | None = None, fingerprint: bool = False) -> State[Any]:
    """Bring the index of volumes up to date, and export it.

    Args:
        folders: what to walk. None: MUSIC_DIRECTORY_PATHS, the library's folders and Eagle's library.
        fingerprint: take the fingerprints of all files that have none, too, by which a recording is known again; slow.
    """
    with open_workshop(reporter=reporter()):
        report = index_volumes(folders, fingerprint)
    told = ", ".join(f"{count} {name}" for name, count in report.counts.items() if count) or "no files"
    if report.complete:
        return Completed(message=told)
    lost = ", ".join(str(path) for path in [*report.missing, *(path for path, _ in report.unreadable)][:5])
    return Failed(message=f"{told}; not to be read: {lost}")
