"""`tracksync index`: which audio files lie on which disk."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tracksync.cli.show import say, tell, terminal, write_json
from tracksync.library.index.scope import folders_to_index, left_out
from tracksync.settings import Settings, load_settings

__all__ = ["run_index"]

_A_LINE_S = 1.0
_SHOWN = 20


def run_index(folders: Sequence[Path], *, fingerprint: bool, export: Path | None, watch: bool, as_json: bool) -> int:
    """Bring the index up to date, and export it.

    Returns 1 where a folder is missing or could not be read, 130 where the run was broken off, else 0: broken files
    and volumes that are away are told, and are no failure of the run.

    Raises:
        Misconfigured: there is nothing to index; no ffmpeg; a folder that can't be written.
        Unsupported, Refused: what was named is no folder, or may not be read.
    """
    from tracksync.audio.ffmpeg import find_ffmpeg
    from tracksync.journal import Journal
    from tracksync.library.index import index_folders
    from tracksync.library.index.export import export_default
    from tracksync.library.publish import ensure_folder

    settings = load_settings()
    chosen = folders_to_index(settings, folders)
    ffmpeg = find_ffmpeg(settings.ffmpeg)
    ensure_folder(settings.home)
    with Journal.open(settings.journal_url) as journal:
        try:
            with _Shown(as_json) as shown:
                report = index_folders(
                    journal, chosen, ffmpeg=ffmpeg, fingerprint=fingerprint, leave_out=left_out(settings),
                    progress=shown.progress,
                )  # fmt: skip
            target = export_default(journal, settings, chosen, touched=report.touched, target=export)
            event = _event(report, target)
            write_json(event) if as_json else _tell(event)
            if watch:
                _watch(journal, settings, chosen, ffmpeg, fingerprint, export, as_json)
        except KeyboardInterrupt:
            say("Interrupted. What is done stays; the same command takes up the rest.")
            if as_json:
                write_json({"event": "index", "state": "interrupted"})
            return 130
    return 0 if report.complete else 1


def _watch(
    journal: Any,
    settings: Settings,
    folders: list[Path],
    ffmpeg: Any,
    fingerprint: bool,
    export: Path | None,
    as_json: bool,
) -> None:
    """Until Ctrl-C, which is passed on."""
    from tracksync.library.index.export import export_default
    from tracksync.library.index.watch import watch_folders

    stop = threading.Event()

    def heard(report: Any) -> None:
        if not (report.touched or report.broken):
            return
        event = _event(report, export_default(journal, settings, folders, target=export))
        write_json(event) if as_json else say(_closing(event))

    def ready() -> None:
        write_json({"event": "index", "state": "watching"}) if as_json else say("Watching; Ctrl-C ends it.")

    # A folder that is made and filled at once is at times met twice by watchdog, which warns of it and goes on.
    warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
    # A service manager ends it like a person does.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        watch_folders(
                journal, folders, ffmpeg=ffmpeg, stop=stop, fingerprint=fingerprint,
                leave_out=left_out(settings), heard=heard, ready=ready,
            )  # fmt: skip
    finally:
        stop.set()
        signal.signal(signal.SIGTERM, before)


class _Shown:
    """A bar on a terminal; with --json a line a second."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._last = monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=32), MofNCompleteColumn(), TimeRemainingColumn(),
            console=terminal(stderr=True), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("Looking", total=None)

    def __enter__(self) -> _Shown:
        if self._bar.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, done: int, total: int | None) -> None:
        """So many files are done; without a total they are still counted."""
        self._bar.update(
            self._task, description="Looking" if total is None else "Reading", completed=done, total=total
        )  # fmt: skip
        if self._json and monotonic() - self._last >= _A_LINE_S:
            self._last = monotonic()
            write_json({"event": "index", "state": "running", "done": done, "total": total})


def _event(report: Any, target: Path) -> dict[str, Any]:
    return {
        "event": "index",
        "state": "done",
        "folders": [str(folder) for folder in report.folders],
        "counts": report.counts,
        "away": [{"volume": volume, "files": files} for volume, files in report.away.items()],
        "missing": [str(path) for path in report.missing],
        "unreadable": [{"path": str(path), "why": why} for path, why in report.unreadable],
        "broken": [{"path": str(path), "why": why} for path, why in report.broken],
        "export": str(target),
        "seconds": round(report.seconds, 3),
    }


def _tell(event: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in event["counts"]:
        table.add_column(heading.capitalize(), justify="right")
    table.add_row(*(f"{count:,}" for count in event["counts"].values()))
    terminal().print(table)
    lines = [f"Away: {away['volume']}; its {away['files']:,} records are kept." for away in event["away"]]
    lines += [f"Missing: {path} is not there." for path in event["missing"]]
    lines += [f"Unreadable: {entry['path']}: {entry['why']}." for entry in event["unreadable"][:_SHOWN]]
    lines += [f"Broken: {entry['path']}: {entry['why']}" for entry in event["broken"][:_SHOWN]]
    left = max(0, len(event["unreadable"]) - _SHOWN) + max(0, len(event["broken"]) - _SHOWN)
    lines += [f"… and {left:,} more; --json lists all."] if left else []
    for text in lines:
        tell(text)
    say(_closing(event))


def _closing(event: dict[str, Any]) -> str:
    counts = event["counts"]
    done = [f"{counts[name]:,} {name}" for name in ("new", "changed", "moved", "gone", "broken") if counts[name]]
    return f"{counts['files']:,} files: {', '.join(done) or 'nothing has changed'} ({event['seconds']:.1f} s)."
