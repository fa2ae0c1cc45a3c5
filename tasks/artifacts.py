"""What a person sees of a run in Prefect's UI: a table for the run, a page with a picture for each track."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from tasks.escape import cell, code, plain
from tasks.evidence import doubt_page, why_this_audio
from tracksync.audio.camelot import camelot, key_name
from tracksync.audio.waveform import svg
from tracksync.matching import MatchReceipt
from tracksync.model import (
    Analysis,
    DownloadReceipt,
    PublishReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
    VerifyReceipt,
)
from tracksync.report import Event
from tracksync.stages.sources import Chosen
from tracksync.stages.workshop import Workshop, workshop

__all__ = ["show_doubt", "show_run", "show_track", "sources_page"]


def show_run(events: Sequence[Event], chosen: Chosen | None = None) -> None:
    """A table for the whole run, what the sources gave where they were asked, and a page for each track in doubt."""
    if chosen is not None:
        create_markdown_artifact(key="sync-sources", markdown=sources_page(chosen), description="What the sources gave")
    rows = [_row(event) for event in events]
    if rows:
        told = "1 track" if len(rows) == 1 else f"{len(rows)} tracks"
        create_table_artifact(key="sync-run", table=rows, description=told)
    for event in events:
        if event["state"] == State.NEEDS_REVIEW.value:
            show_doubt(workshop(), event["key"])


def _row(event: Event) -> dict[str, object]:
    return {
        "Title": cell(event["title"]),
        "State": event["state"],
        "Artists": cell(", ".join(event["artists"])),
        "BPM": event["bpm"],
        "Key": event["key_name"],
        "Camelot": event["camelot"],
        "Files": ", ".join(fmt for fmt, path in event["files"].items() if path) or "none",
        "Why": cell(event["error"]["message"]) if event["error"] else "",
    }


def sources_page(chosen: Chosen) -> str:
    """What each source gave, and why the next was asked. The sentences stand below the table, which would cut them."""
    lines = ["| Source | Looked at | There already | Set aside | To bring in |", "|---|---:|---:|---:|---:|"]
    for report in chosen.reports:
        read = report.set_up and not report.failed
        counts = (report.found, report.already, report.set_aside, report.taken)
        lines.append(f"| {report.source} | {' | '.join(str(count) if read else '–' for count in counts)} |")
    why = [f"- {report.source}: {plain(report.gave_way)}" for report in chosen.reports if report.gave_way]
    return "\n".join([*lines, "", *why])


def show_doubt(shop: Workshop, key: str) -> None:
    """The page of a track that waits for a person's word. When the track is synced, the same page shows it so."""
    entry = shop.journal.find(key)
    if entry is None:  # what was refused before it was a track
        return
    create_markdown_artifact(
        key=_page_of(key),
        markdown=doubt_page(shop.journal, entry, in_notion=shop.settings.uses_notion),
        description=f"In doubt: {plain(entry.facts.display)}",
    )


def show_track(shop: Workshop, track: Track, receipt: VerifyReceipt) -> None:
    """One page for a track: waveform with beat grid, figures, files, and what was checked."""
    journal = shop.journal
    analysis = journal.receipt(track.key, Stage.ANALYSE, Analysis) or Analysis()
    rendered = journal.receipt(track.key, Stage.TRANSCODE, RenderReceipt)
    download = journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
    published = journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    entry = journal.find(track.key)
    if rendered is None or published is None or entry is None:
        return
    title = plain(entry.facts.display)
    picture = base64.b64encode(svg(analysis, entry.facts.display, rendered.duration_s).encode()).decode()
    figures = [
        ("Tempo", f"{analysis.bpm:g} BPM (confidence {analysis.bpm_confidence})" if analysis.bpm else "none"),
        ("Tempo, or", ", ".join(f"{bpm:g}" for bpm in analysis.bpm_alternatives) or "none"),
        ("Key", f"{key_name(analysis.key)} ({camelot(analysis.key)})" if analysis.key else "none"),
        ("Key, or", key_name(analysis.key_alternative) if analysis.key_alternative else "none"),
        ("Length", f"{rendered.duration_s:.2f} s"),
        ("Loudness", "silent" if rendered.lufs is None else f"{rendered.lufs:.1f} LUFS"),
        ("True peak", "none" if rendered.true_peak_db is None else f"{rendered.true_peak_db:.1f} dBTP"),
        ("Source", download.source_audio.describe if download else "unknown"),
    ]
    lines = [
        f"## {title}",
        f"![Waveform and beat grid](data:image/svg+xml;base64,{picture})",
        "| | |",
        "|---|---|",
        *(f"| {name} | {plain(value)} |" for name, value in figures),
        *(f"\n> {plain(problem)}" for problem in analysis.problems),
        *why_this_audio(journal.receipt(track.key, Stage.MATCH, MatchReceipt), download),
        "\n### Files",
        *(f"- {code(str(fact.path))}" for fact in (published.m4a, published.wav, published.aiff, *published.copies)),
        "\n### Read back",
        *(f"- {'✓' if check.ok else '✗'} {plain(check.name)}: {plain(check.detail)}" for check in receipt.checks),
    ]
    create_markdown_artifact(key=_page_of(track.key), markdown="\n".join(lines), description=title)


def _page_of(key: str) -> str:
    return f"track-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
