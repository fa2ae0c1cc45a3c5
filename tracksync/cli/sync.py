"""`tracksync sync`: look, and start the engine only where there is work."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from tracksync.cli.show import Bars, say, show_tracks, write_json
from tracksync.errors import Misconfigured
from tracksync.journal import Entry, Journal
from tracksync.report import SilentReporter, run_event, track_event
from tracksync.settings import Settings, load_settings, use_network_settings
from tracksync.sources.detect import Detected, Look, detect, is_whole, look

if TYPE_CHECKING:
    from tracksync.cli.engine import Engine

__all__ = ["SyncOrder", "run_sync"]

Event = dict[str, Any]


@dataclass(frozen=True)
class SyncOrder:
    """What was asked for."""

    what: tuple[str, ...]
    playlist: str | None
    limit: int | None
    dry_run: bool
    refresh: bool


def run_sync(order: SyncOrder, *, as_json: bool, verbose: bool) -> int:
    """Do what was asked; returns the exit code.

    Raises:
        Misconfigured: nothing was named, or a setting, ffmpeg or a folder is not as it has to be.
    """
    begun = monotonic()
    if not order.what:
        raise Misconfigured(
            "Nothing was named to sync.", action="Give links, files or folders: `tracksync sync LINK|FILE|FOLDER …`."
        )
    use_network_settings()
    settings = load_settings()
    with Journal.open(settings.journal_url) as journal:
        # To be made again from what is named now, not from where it was seen before: everything is opened.
        first = Look(open=list(order.what)) if order.refresh else look(journal, order.what)
        whole = {key: entry for key, entry in first.known.items() if is_whole(journal, entry)}
        if not first.open and len(whole) == len(first.known):
            return _report(journal, list(whole.values()), [], None, begun, as_json)
        return _Run(order, settings, journal, as_json, verbose, begun).go(first, whole)


class _Run:
    """A run that has something to open, if not to do."""

    def __init__(
        self, order: SyncOrder, settings: Settings, journal: Journal, as_json: bool, verbose: bool, begun: float
    ) -> None:
        self.order, self.settings, self.journal = order, settings, journal
        self.as_json, self.verbose, self.begun = as_json, verbose, begun

    def go(self, first: Look, whole: dict[str, Entry]) -> int:
        from tracksync.cli.engine import Engine
        from tracksync.stages.detect import enrol
        from tracksync.stages.preflight import preflight

        ffmpeg = preflight(self.settings)
        with ExitStack() as stack:
            engine = None
            if not self.order.dry_run:
                engine = Engine(self.settings.home / "engine.log", verbose=self.verbose)
                stack.callback(engine.dismiss)
            found = detect(
                first.open,
                journal=self.journal,
                settings=self.settings,
                ffmpeg=ffmpeg,
                playlist=self.order.playlist,
                note=say,
            )
            if self.order.dry_run:
                return self._foretell(whole, [e for key, e in first.known.items() if key not in whole], found)
            keys = [key for key in first.known if key not in whole]
            tracks, refused = enrol(self.journal, SilentReporter(), self._within_limit(found, len(keys)))
            for track in tracks:
                entry = self.journal.find(track.key)
                if entry and is_whole(self.journal, entry) and not self.order.refresh:
                    whole[entry.key] = entry
                elif track.key not in keys:
                    keys.append(track.key)
            keys = keys[: self.order.limit]
            assert engine is not None  # noqa: S101
            return self._work(engine, list(whole.values()), refused, keys)

    def _within_limit(self, found: Sequence[Detected], already: int) -> list[Detected]:
        """What is beyond --limit is not even written down. Tracks that are whole, and what is no track, don't count."""
        kept: list[Detected] = []
        for item in found:
            entry = self.journal.find(item.key)
            counts = item.track is not None and (self.order.refresh or not (entry and is_whole(self.journal, entry)))
            if counts and self.order.limit is not None and already >= self.order.limit:
                continue
            already += counts
            kept.append(item)
        return kept

    def _work(self, engine: Engine, whole: list[Entry], refused: list[Event], keys: list[str]) -> int:
        if not keys:
            return _report(self.journal, whole, refused, None, self.begun, self.as_json)
        events: list[Event] = []
        run_id = None
        if self.as_json:
            for event in [*(track_event(self.journal, entry) for entry in whole), *refused]:
                write_json(event)
        engine.order(what=keys, playlist=self.order.playlist, refresh=self.order.refresh)
        try:
            with Bars() as bars:
                for event in engine.events():
                    if event["event"] == "run":
                        run_id = event["flow_run_id"]
                        continue
                    bars.hear(event)
                    if event["event"] == "track":
                        events.append(event)
                        if self.as_json:
                            write_json(event)
        except KeyboardInterrupt:
            say("Interrupted. What is done stays; the same command takes up the rest.")
            engine.interrupt()
            return 130
        events.sort(key=lambda event: keys.index(event["key"]) if event["key"] in keys else len(keys))
        events = [*refused, *events]
        return _report(self.journal, whole, events, run_id, self.begun, self.as_json, told=self.as_json)

    def _foretell(self, whole: dict[str, Entry], unfinished: Sequence[Entry], found: Sequence[Detected]) -> int:
        """`--dry-run`: the same look, and a line for what would be done. Nothing is written."""
        events = [track_event(self.journal, entry) for entry in whole.values()]
        events += [track_event(self.journal, entry) | {"state": "new", "error": None} for entry in unfinished]
        for entry in found:
            if entry.track is not None:
                known = self.journal.find(entry.track.key)
                there = known is not None and is_whole(self.journal, known) and not self.order.refresh
                events.append(track_event(self.journal, known) if known and there else _would_be(entry))
            elif entry.error is not None:
                from tracksync.report import refused_event

                events.append(refused_event(entry.key, entry.label, entry.source, entry.error))
        for event in events:
            if self.as_json:
                write_json(event)
        run = run_event("named", events, None, monotonic() - self.begun)
        if self.as_json:
            write_json(run)
        else:
            show_tracks(events)
            todo = sum(event["state"] not in ("synced",) and not event["error"] for event in events)
            already = run["counts"].get("synced", 0)
            say(f"Dry run: {todo} would be brought in, {already} are synced already. Nothing was done.")
        return _exit_code(events)


def _would_be(entry: Detected) -> Event:
    from tracksync.errors import NeedsPerson
    from tracksync.report import refused_event

    assert entry.track is not None  # noqa: S101
    event = refused_event(entry.track.key, entry.track.facts.title, entry.track.source, NeedsPerson(""))
    return event | {
        "artists": list(entry.track.facts.artists),
        "state": "new",
        "duration_s": entry.track.duration_s,
        "error": None,
    }


def _report(
    journal: Journal,
    whole: Sequence[Entry],
    others: list[Event],
    run_id: str | None,
    begun: float,
    as_json: bool,
    *,
    told: bool = False,
) -> int:
    events = [*(track_event(journal, entry) for entry in whole), *others]
    run = run_event("named", events, run_id, monotonic() - begun)
    if as_json:
        for event in [] if told else events:
            write_json(event)
        write_json(run)
    else:
        show_tracks(events)
        say(_closing(len(whole), events, run["seconds"]))
    return _exit_code(events)


def _closing(already: int, events: list[Event], seconds: float) -> str:
    if events and already == len(events):
        return f"Nothing to do: {'it is' if already == 1 else f'all {already} are'} synced already ({seconds:.1f} s)."
    done = sum(event["state"] == "synced" for event in events) - already
    rest = len(events) - already - done
    parts = [f"{done} brought in"]
    parts += [f"{already} synced already"] if already else []
    parts += [f"{rest} not synced"] if rest else []
    return f"{', '.join(parts)} ({seconds:.1f} s)."


def _exit_code(events: Sequence[Event]) -> int:
    """2 where nothing but wrong use was named, or a setting ended the run; 1 where a track did not make it; else 0."""
    missed = [event for event in events if event["state"] in ("failed", "waiting")]
    if not missed:
        return 0
    refused = [event for event in missed if event["source"] == "named"]
    ended = [event for event in missed if event["error"] and event["error"]["kind"] == Misconfigured("").kind]
    return 2 if ended or len(refused) == len(events) else 1
