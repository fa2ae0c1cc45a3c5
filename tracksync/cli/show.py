"""What a person sees in the terminal: a bar a track, and a closing table."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tracksync.text import one_line

__all__ = ["Bars", "line", "say", "show_tracks", "tell", "terminal", "write_json"]

# Where a secret stood in a link (tracksync.sources.secrets): what is left of it leads nowhere.
_HIDDEN = "…"
_COLOURS = {"synced": "green", "failed": "red", "waiting": "yellow", "needs-review": "magenta"}


def write_json(event: dict[str, Any]) -> None:
    """One object, one line, on stdout."""
    line = json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"
    # JSON is UTF-8 whatever the locale; half a surrogate pair (a file name that is no text) becomes JSON's own escape.
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


def line(*parts: str | tuple[str, str]) -> Text:
    """One line of texts as they are, some with a style, none taken for markup. A byte that is no text is spelled."""
    styled = [(part, "") if isinstance(part, str) else part for part in parts]
    return Text.assemble(*((_plain(text), style) for text, style in styled))


def _plain(text: str) -> str:
    return one_line(text.encode("utf-8", "backslashreplace").decode())


def terminal(*, stderr: bool = False) -> Console:
    """Where a person reads: figures have no colours of their own, and no name is taken for an emoji's code."""
    return Console(stderr=stderr, highlight=False, emoji=False)


def say(text: str) -> None:
    """A line for the person, on stderr."""
    terminal(stderr=True).print(line(text), soft_wrap=True)


def tell(*parts: str | tuple[str, str]) -> None:
    """A line of what was asked for, on stdout: see `line`."""
    # The terminal's own lines may be shorter: it wraps there, and is still one line to who copies it.
    terminal().print(line(*parts), soft_wrap=True)


class Bars:
    """A line a track: which stage it is in and how far. On a terminal they move; in a log each stage is one line."""

    def __init__(self) -> None:
        self.console = terminal(stderr=True)
        self._moving = self.console.is_terminal
        self._progress = Progress(
            TextColumn("{task.fields[name]}", markup=False),  # with markup, ":fire:" in a title becomes a flame
            TextColumn("[cyan]{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        self._bars: dict[str, TaskID] = {}
        self._stage: dict[str, str] = {}
        self._starting: TaskID | None = None

    def __enter__(self) -> Bars:
        if self._moving:
            self._progress.start()
            self._starting = self._progress.add_task("starting", total=None, name="Prefect")
        return self

    def __exit__(self, *_: object) -> None:
        if self._moving:
            self._progress.stop()

    def hear(self, event: dict[str, Any]) -> None:
        """Show one event of the engine."""
        if self._starting is not None:
            self._progress.remove_task(self._starting)
            self._starting = None
        if event["event"] == "progress":
            self._move(event)
        elif event["event"] == "note":
            self._line(line(event["text"]))
        elif event["event"] == "track":
            self._end(event)

    def _move(self, event: dict[str, Any]) -> None:
        key, stage, name = event["key"], event["stage"], _plain(_short(event["title"]))
        changed = self._stage.get(key) != stage
        self._stage[key] = stage
        if not self._moving:
            if changed:
                self._line(line(f"{name}: {stage}"))
            return
        if key not in self._bars:
            self._bars[key] = self._progress.add_task(stage, total=None, name=name)
        if changed:
            self._progress.reset(self._bars[key], description=stage, total=None)
        if event["fraction"] is not None:
            self._progress.update(self._bars[key], description=stage, total=1.0, completed=event["fraction"])

    def _end(self, event: dict[str, Any]) -> None:
        bar = self._bars.pop(event["key"], None)
        if bar is not None:
            self._progress.remove_task(bar)
        colour = _COLOURS.get(event["state"], "white")
        self._line(line(f"{_short(_name(event))}: ", (event["state"], colour)))

    def _line(self, text: Text) -> None:
        (self._progress.console if self._moving else self.console).print(text, soft_wrap=True)


def show_tracks(events: Iterable[dict[str, Any]]) -> None:
    """The closing table, and below it a sentence for each track that is not synced."""
    events = list(events)
    if not events:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Title", overflow="fold", ratio=1)
    for heading, justify in (
        ("BPM", "right"),
        ("Key", "left"),
        ("Camelot", "left"),
        ("Files", "left"),
        ("State", "left"),
    ):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for event in events:
        colour = _COLOURS.get(event["state"], "white")
        table.add_row(
            line(_name(event)),
            f"{event['bpm']:g}" if event["bpm"] else "–",
            event["key_name"] or "–",
            event["camelot"] or "–",
            " ".join(fmt for fmt, path in event["files"].items() if path) or "–",
            line((event["state"], colour)),
        )
    terminal().print(table)
    for event in events:
        if error := event["error"]:
            tell("")
            tell((_name(event), "bold"))
            tell(f"  {error['message']}")
            if error["action"]:
                tell(f"  → {error['action']}")
        for text in _candidates(event):
            tell(f"  {text}")


def _candidates(event: dict[str, Any]) -> Iterator[str]:
    """What was found for a track that needs review, each with the command that settles it, to be copied."""
    shown: set[str | None] = set()
    for found in event.get("candidates") or ():
        link = found["link"]
        if link in shown:  # two searches gave it
            continue
        shown.add(link)
        yield f"{len(shown)}. {_candidate(found)}"
        if link and _HIDDEN not in link:
            yield f"   tracksync sync {shlex.quote(event['key'])} --use {shlex.quote(link)}"


def _candidate(found: dict[str, Any]) -> str:
    length = f", {int(found['duration_s'] // 60)}:{int(found['duration_s'] % 60):02d}" if found["duration_s"] else ""
    why = f" ({'; '.join(found['reasons'])})" if found["reasons"] else ""
    hidden = f", {found['link']}" if found["link"] and _HIDDEN in found["link"] else ""
    return f"{found['title']}, by {found['by'] or 'somebody'}{length}, {found['source']}{hidden}{why}"


def _name(event: dict[str, Any]) -> str:
    artists = ", ".join(event["artists"])
    return f"{artists} - {event['title']}" if artists else str(event["title"])


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
