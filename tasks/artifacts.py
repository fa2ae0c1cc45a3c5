"""What a person sees of a run in Prefect's UI: a table for the run, a page with a picture for each track."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from tracksync.audio.camelot import camelot, key_name
from tracksync.audio.waveform import svg
from tracksync.model import Analysis, DownloadReceipt, PublishReceipt, RenderReceipt, Stage, Track, VerifyReceipt
from tracksync.report import Event
from tracksync.stages.sources import Chosen
from tracksync.stages.workshop import Workshop

__all__ = ["show_run", "show_track"]


def show_run(events: Sequence[Event], chosen: Chosen | None = None) -> None:
    """One table for the whole run, and one for what the sources gave where they were asked."""
    if chosen is not None:
        rows = [
            {
                "Source": report.source,
                "Looked at": report.found,
                "There already": report.already,
                "Set aside": report.set_aside,
                "To bring in": report.taken,
                "Why the next was asked": report.gave_way,
            }
            for report in chosen.reports
        ]
        create_table_artifact(key="sync-sources", table=rows, description="What the sources gave")
    rows = [
        {
            "Title": event["title"],
            "State": event["state"],
            "Artists": ", ".join(event["artists"]),
            "BPM": event["bpm"],
            "Key": event["key_name"],
            "Camelot": event["camelot"],
            "Files": ", ".join(fmt for fmt, path in event["files"].items() if path) or "none",
            "Why": event["error"]["message"] if event["error"] else "",
        }
        for event in events
    ]
    if rows:
        create_table_artifact(key="sync-run", table=rows, description=f"{len(rows)} tracks")


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
    title = _plain(entry.facts.display)
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
        *(f"| {name} | {_plain(value)} |" for name, value in figures),
        *(f"\n> {_plain(problem)}" for problem in analysis.problems),
        "\n### Files",
        *(f"- `{fact.path}`" for fact in (published.m4a, published.wav, published.aiff, *published.copies)),
        "\n### Read back",
        *(f"- {'✓' if check.ok else '✗'} {_plain(check.name)}: {_plain(check.detail)}" for check in receipt.checks),
    ]
    name = hashlib.sha256(track.key.encode()).hexdigest()[:12]
    create_markdown_artifact(key=f"track-{name}", markdown="\n".join(lines), description=title)


def _plain(text: str) -> str:
    """Text as text: a title must not become markup."""
    for mark in "\\`*_{}[]<>#|!":
        text = text.replace(mark, f"&#{ord(mark)};")
    return " ".join(text.split())
