"""What a run says while it goes and at its end: the events of the command line's contract.

One JSON object an event. The stages speak to a `Reporter`; what it does with that (JSON lines, a progress bar, a
log) is the caller's affair.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from time import monotonic
from typing import Any, Protocol, TextIO

from tracksync.audio.camelot import camelot, key_name, parse_key
from tracksync.errors import Misconfigured, NeedsPerson, TracksyncError, Transient
from tracksync.journal import Entry, Journal
from tracksync.model import (
    Adopted,
    Analysis,
    AudioFormat,
    EagleReceipt,
    PublishReceipt,
    RecordReceipt,
    RenderReceipt,
    Stage,
    State,
    Track,
)
from tracksync.sources.secrets import redact

__all__ = [
    "Event",
    "JsonReporter",
    "Reporter",
    "SilentReporter",
    "current_reporter",
    "error_json",
    "refused_event",
    "run_event",
    "state_after",
    "track_event",
    "use_reporter",
]

Event = dict[str, Any]

_CANDIDATES = 8
"""Of a track that needs review, so many are shown."""


class Reporter(Protocol):
    """Hears how a run goes. Called from several threads."""

    def progress(self, track: Track, stage: str, fraction: float | None) -> None:
        """`track` is in `stage`; `fraction` (0 to 1) of it is done, None where that is not known."""

    def finished(self, event: Event) -> None:
        """A track has come to its end, whichever; `event` is as the contract has it."""

    def note(self, text: str) -> None:
        """Something worth a line."""


class SilentReporter:
    """Says nothing."""

    def progress(self, track: Track, stage: str, fraction: float | None) -> None:
        pass

    def finished(self, event: Event) -> None:
        pass

    def note(self, text: str) -> None:
        pass


class JsonReporter:
    """One JSON object a line. Progress is thinned to four lines a second for each track."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._last: dict[str, tuple[str, float]] = {}

    def write(self, event: Event) -> None:
        """Write `event` whole; a reader that is gone is no error of the run."""
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                pass

    def progress(self, track: Track, stage: str, fraction: float | None) -> None:
        now = monotonic()
        last_stage, last_time = self._last.get(track.key, ("", 0.0))
        if stage == last_stage and now - last_time < 0.25 and fraction != 1.0:
            return
        self._last[track.key] = (stage, now)
        self.write(
            {
                "event": "progress",
                "key": track.key,
                "title": track.facts.display,
                "stage": stage,
                "fraction": None if fraction is None else round(fraction, 3),
            }
        )

    def finished(self, event: Event) -> None:
        self._last.pop(str(event.get("key")), None)
        self.write(event)

    def note(self, text: str) -> None:
        self.write({"event": "note", "text": text})


_current: list[Reporter] = []


def use_reporter(reporter: Reporter) -> None:
    """Let `reporter` hear of every run in this process."""
    _current[:] = [reporter]


def current_reporter() -> Reporter | None:
    """The one that `use_reporter` was given, None where it was not called."""
    return _current[-1] if _current else None


def error_json(error: TracksyncError) -> dict[str, str]:
    """An error as the contract prints it."""
    return {"kind": error.kind, "message": error.message, "action": error.action}


def track_event(journal: Journal, entry: Entry) -> Event:
    """The line that `sync` prints for a track, from what the journal knows of it.

    A track that was merged into another shows the other's files and figures: they are its own too.
    """
    home = journal.find(entry.merged_into) if entry.merged_into else None
    holder = home or entry
    published = journal.receipt(holder.key, Stage.PUBLISH, PublishReceipt)
    rendered = journal.receipt(holder.key, Stage.TRANSCODE, RenderReceipt)
    analysis = journal.receipt(holder.key, Stage.ANALYSE, Analysis)
    record = journal.receipt(holder.key, Stage.RECORD, RecordReceipt)
    files = {fmt.value: str(getattr(published, fmt.value).path) if published else None for fmt in AudioFormat}
    eagle = journal.receipt(holder.key, Stage.EAGLE, EagleReceipt)
    key = analysis.key if analysis else None
    bpm = analysis.bpm if analysis else None
    length = rendered.duration_s if rendered else entry.duration_s
    adopted = record.adopted if record and published is None else None
    if adopted is not None:
        # It was there before us: the figures are the page's.
        files |= {fmt.value: str(path) for fmt, path in adopted.files.items()}
        key, bpm, length = parse_key(adopted.key_name or ""), adopted.bpm, adopted.duration_s or length
    more = {"candidates": _candidates(journal, entry.key)} if entry.state is State.NEEDS_REVIEW else {}
    in_notion = record is not None and record.catalogue == "notion"
    return {
        "event": "track",
        "key": entry.key,
        "title": entry.facts.title,
        "artists": list(entry.facts.artists),
        "source": entry.source,
        "state": entry.state.value,
        "files": files,
        "bpm": bpm,
        "key_name": key_name(key) if key else None,
        "camelot": camelot(key) if key else None,
        "duration_s": round(length, 3) if length is not None else None,
        "notion_page_id": record.page_id if record and in_notion else None,
        "eagle_item_id": _eagle_item(eagle, adopted),
        "error": error_of(entry),
        **more,
    }


def _eagle_item(eagle: EagleReceipt | None, adopted: Adopted | None) -> str | None:
    if eagle is not None:
        return None if eagle.trashed else eagle.item_id
    return adopted.eagle_id if adopted else None


def _candidates(journal: Journal, key: str) -> list[dict[str, Any]]:
    """What was found for a track that needs review, best first."""
    # Imported here: only a track in doubt needs the matcher's words.
    from tracksync.matching import MatchReceipt, Verdict

    receipt = journal.receipt(key, Stage.MATCH, MatchReceipt)
    once: dict[str, Verdict] = {}
    for verdict in receipt.verdicts if receipt else ():  # two services may have given the same link
        once.setdefault(verdict.candidate.link or verdict.candidate.id, verdict)
    return [
        {
            "source": verdict.candidate.source,
            "title": verdict.candidate.title,
            "by": ", ".join(verdict.candidate.artists) or verdict.candidate.channel,
            "duration_s": verdict.candidate.duration_s,
            "link": redact(verdict.candidate.link) if verdict.candidate.link else None,
            "score": round(verdict.score, 3),
            "reasons": list(verdict.reasons),
        }
        for verdict in list(once.values())[:_CANDIDATES]
    ]


def refused_event(key: str, label: str, source: str, error: TracksyncError) -> Event:
    """The line for something that was named and is no track."""
    return {
        "event": "track",
        "key": key,
        "title": label,
        "artists": [],
        "source": source,
        "state": state_after(error).value,
        "files": {fmt.value: None for fmt in AudioFormat},
        "bpm": None,
        "key_name": None,
        "camelot": None,
        "duration_s": None,
        "notion_page_id": None,
        "eagle_item_id": None,
        "error": error_json(error),
    }


def state_after(error: TracksyncError) -> State:
    """Where an error leaves its track."""
    if isinstance(error, NeedsPerson):
        return State.NEEDS_REVIEW
    # A setting that is mended lets the same track through: it waits, it has not failed.
    return State.WAITING if isinstance(error, Transient | Misconfigured) else State.FAILED


def error_of(entry: Entry) -> dict[str, str] | None:
    """The last error of a track that is not synced, as the contract prints it."""
    if entry.state is State.SYNCED or entry.error_kind is None:
        return None
    return {"kind": entry.error_kind, "message": entry.error_message or "", "action": entry.error_action or ""}


def run_event(source: str, events: Iterable[Event], flow_run_id: str | None, seconds: float) -> Event:
    """The last line of a run."""
    counts = Counter(str(event["state"]) for event in events)
    return {
        "event": "run",
        "source": source,
        "counts": dict(sorted(counts.items())),
        "flow_run_id": flow_run_id,
        "seconds": round(seconds, 2),
    }
