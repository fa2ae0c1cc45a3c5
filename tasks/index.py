"""The walk over the volumes, as Prefect runs it."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_table_artifact

from tasks._prefect import STAGE
from tracksync.library.index import IndexReport, folders_to_index, index_folders
from tracksync.library.index.export import export_default
from tracksync.library.index.scope import left_out
from tracksync.stages.workshop import workshop

__all__ = ["index_volumes"]


@task(name="index", task_run_name="index", **STAGE)
def index_volumes(folders: list[str] | None, fingerprint: bool) -> IndexReport:
    """Bring the index up to date, export it, and show what was found."""
    shop = workshop()
    chosen = folders_to_index(shop.settings, [Path(folder) for folder in folders or ()])
    report = index_folders(
        shop.journal, chosen, ffmpeg=shop.ffmpeg, fingerprint=fingerprint,
        leave_out=left_out(shop.settings), cancel=shop.cancel,
    )  # fmt: skip
    export_default(shop.journal, shop.settings, chosen, touched=report.touched)
    rows = [{"What": name, "Files": count} for name, count in report.counts.items()]
    rows += [{"What": f"away: {volume}", "Files": files} for volume, files in report.away.items()]
    create_table_artifact(key="index-run", table=rows, description=f"{report.files} files")
    for path, why in [*report.broken[:100], *report.unreadable[:100]]:
        shop.reporter.note(f"{path}: {why}")
    return report
