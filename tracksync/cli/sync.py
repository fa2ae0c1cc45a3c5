"""`tracksync sync` and `tracksync recover`: look, and start the engine only where there is work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from tracksync.catalogue import Catalogue, open_catalogue
from tracksync.cli.show import Bars, say, show_tracks, write_json
from tracksync.errors import CatalogueAway, EagleAway, LoginNeeded, Misconfigured
from tracksync.journal import Entry, Journal
from tracksync.model import State
from tracksync.report import SilentReporter, run_event, track_event
from tracksync.settings import Settings, load_settings, use_network_settings
from tracksync.sources.detect import Look, look
from tracksync.sources.detected import Detected, in_playlist
from tracksync.sources.pages import set_aside
from tracksync.stages.known import Known, judge, look_for, to_look_for

if TYPE_CHECKING:
    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.cli.engine import Engine
    from tracksync.stages.sources import Chosen

__all__ = ["RecoverOrder", "SyncOrder", "run_recover", "run_sync"]

Event = dict[str, Any]


@dataclass(frozen=True)
class SyncOrder:
    """What was asked for."""

    what: tuple[str, ...]
    source: str = "auto"
    playlist: str | None = None
    limit: int | None = None
    dry_run: bool = False
    refresh: bool = False
    use: str | None = None


@dataclass(frozen=True)
class RecoverOrder:
    """What to take up; nothing named is everything that is unfinished."""

    what: tuple[str, ...]
    limit: int | None = None
    dry_run: bool = False


def run_sync(order: SyncOrder, *, as_json: bool, verbose: bool) -> int:
    """Do what was asked; returns the exit code.

    Raises:
        Misconfigured: a setting, the catalogue, ffmpeg or a folder is not as it has to be.
        CatalogueAway: a source is the catalogue, and it can't be asked.
    """
    from tracksync.stages.detect import undelivered
    from tracksync.stages.sources import AUTO, Ground, check_source, choose

    begun = monotonic()
    check_source(order.source)
    if order.what and order.source != AUTO:
        raise Misconfigured(
            f"--source {order.source} asks a source, and what is to be brought in was named, too.",
            action="Give the one or the other.",
        )
    if order.use is not None:
        _check_use(order)
    use_network_settings()
    settings = load_settings()
    with Journal.open(settings.journal_url) as journal, _ready(settings, journal) as catalogue:
        if order.what:
            what = tuple(_as_page(text, settings) for text in order.what)
            return _Run(order, "named", settings, journal, catalogue, as_json, verbose, begun).begin(what)
        chosen = choose(order.source, Ground(settings, journal, catalogue, say, dry_run=order.dry_run), order.limit)
        what = tuple(chosen.what)
        if not what and not chosen.found and not order.dry_run:
            # Nothing is new: what waits for Notion or Eagle has its turn all the same.
            what = tuple(track.key for away in (CatalogueAway, EagleAway) for track in undelivered(journal, away))
        run = _Run(order, chosen.source, settings, journal, catalogue, as_json, verbose, begun, chosen)
        return run.begin(what, [in_playlist(item, order.playlist) for item in chosen.found])


def _check_use(order: SyncOrder) -> None:
    """What is wrong with --use is said before anything is begun."""
    from tracksync.stages.candidates import usable_link

    if len(order.what) != 1:
        raise Misconfigured(
            "--use names the audio of one track, and that track has to be named beside it.",
            action="Write `tracksync sync KEY --use LINK`; `tracksync status` shows the tracks that need review.",
        )
    usable_link(order.use or "")


def run_recover(order: RecoverOrder, *, as_json: bool, verbose: bool) -> int:
    """Take up what is unfinished; returns the exit code.

    Raises:
        Misconfigured: a setting, the catalogue, ffmpeg or a folder is not as it has to be.
        NotFound: a key that neither the journal nor the catalogue knows.
    """
    from tracksync.cli.pages import as_named
    from tracksync.stages.detect import MOST_AT_ONCE
    from tracksync.stages.recover import unfinished

    begun = monotonic()
    use_network_settings()
    settings = load_settings()
    with Journal.open(settings.journal_url) as journal, _ready(settings, journal) as catalogue:
        what = [as_named(key, journal, catalogue) for key in order.what]
        if not what:
            every = unfinished(journal, catalogue, settings, note=say, progress=_pages_read)
            what = every[: order.limit or MOST_AT_ONCE]  # thousands may be broken: the rest is not even opened
            if every and not as_json:
                say(f"{len(every)} to take up{f', {len(what)} of them now' if len(what) < len(every) else ''}.")
        sync = SyncOrder(tuple(what), limit=order.limit, dry_run=order.dry_run)
        return _Run(sync, "recover", settings, journal, catalogue, as_json, verbose, begun).begin(sync.what)


def _pages_read(count: int) -> None:
    say(f"{count} pages read …")


def _as_page(text: str, settings: Settings) -> str:
    """A page of the catalogue may be named like a link or a key; a file of that name goes first."""
    from tracksync.cli.pages import page_id_of
    from tracksync.sources.pages import PAGE_KEY

    page_id = page_id_of(text) if settings.uses_notion and not Path(text).exists() else None
    return f"{PAGE_KEY}{page_id}" if page_id else text


@contextmanager
def _ready(settings: Settings, journal: Journal) -> Iterator[Catalogue]:
    """The catalogue, looked at before anything is done. One that is away is no reason not to."""
    with closing(open_catalogue(settings, journal, note=say)) as catalogue:
        try:
            catalogue.prepare()
        except CatalogueAway as error:
            say(f"{error.message} The files are made all the same.")
        yield catalogue


class _Run:
    """One run, from the look to the report."""

    def __init__(
        self,
        order: SyncOrder,
        source: str,
        settings: Settings,
        journal: Journal,
        catalogue: Catalogue,
        as_json: bool,
        verbose: bool,
        begun: float,
        chosen: Chosen | None = None,
    ) -> None:
        self.order, self.source, self.settings = order, source, settings
        self.journal, self.catalogue, self.chosen = journal, catalogue, chosen
        self.as_json, self.verbose, self.begun = as_json, verbose, begun

    def begin(self, what: Sequence[str], found: Sequence[Detected] = ()) -> int:
        """Answer at once where nothing is to do; `found` was detected already."""
        # To be made again from what is named now, not from where it was seen before: everything is opened.
        first = Look(open=list(what)) if self.order.refresh else look(self.journal, what)
        whole = {} if self.order.use else self._whole(list(first.known.values()))
        if not first.open and not found and len(whole) == len(first.known):
            return self._report(list(whole.values()), [], None)
        return self._go(first, whole, found)

    def _whole(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        """The entries, by key, that are synced: in the library, and in the catalogue."""
        if not entries:
            return {}
        known = look_for(self.catalogue, to_look_for(self.journal, entries), note=say)
        return {entry.key: held for entry in entries if (held := self._judged(entry, known))}

    def _judged(self, entry: Entry, known: Known) -> Entry | None:
        write = not self.order.dry_run
        held = judge(self.journal, self.catalogue, entry, known, in_eagle=self.settings.uses_eagle, write=write)
        if held is not None and held.key != entry.key and entry.merged_into != held.key and not self.order.dry_run:
            self.journal.merge(entry.key, held.key)
            self.journal.set_state(entry.key, State.SYNCED, reason=f"the same recording as {held.facts.display}")
            return self.journal.find(entry.key)
        return held

    def _go(self, first: Look, whole: dict[str, Entry], liked: Sequence[Detected]) -> int:
        from tracksync.cli.engine import Engine
        from tracksync.stages.detect import check_not_too_many
        from tracksync.stages.preflight import preflight

        ffmpeg = preflight(self.settings)
        with ExitStack() as stack:
            engine = None
            if not self.order.dry_run:
                engine = Engine(self.settings.home / "engine.log", verbose=self.verbose)
                stack.callback(engine.dismiss)
            found = [*self._detect(first, ffmpeg), *liked]
            if self.order.use is not None and (count := len(first.known) + sum(bool(item.track) for item in found)) > 1:
                raise Misconfigured(
                    f"A link was given to use, and what was named is {count} tracks.",
                    action="Name exactly one track beside it.",
                )
            todo = [key for key in first.known if key not in whole]
            if self.order.limit is None:
                check_not_too_many(len(todo) + len(found))
            if engine is None:
                from tracksync.cli.foretell import foretell

                unfinished = [first.known[key] for key in todo[: self.order.limit]]
                found = self._within_limit(found, len(todo))
                events = foretell(
                    self.journal,
                    self.catalogue,
                    whole,
                    unfinished,
                    found,
                    refresh=self.order.refresh,
                    in_eagle=self.settings.uses_eagle,
                )
                return self._close(events, None, already=0, dry=True)
            keys, refused = self._enrol(found, todo, whole)
            if self.order.use is not None and keys:
                from tracksync.stages.candidates import check_unused, usable_link

                check_unused(self.journal, keys[0], usable_link(self.order.use))
            return self._work(engine, list(whole.values()), refused, keys[: self.order.limit])

    def _detect(self, first: Look, ffmpeg: Ffmpeg) -> list[Detected]:
        from tracksync.stages.detect import find_named

        return find_named(
            first.open,
            journal=self.journal,
            catalogue=self.catalogue,
            settings=self.settings,
            ffmpeg=ffmpeg,
            playlist=self.order.playlist,
            note=say,
        )

    def _enrol(
        self, found: Sequence[Detected], todo: list[str], whole: dict[str, Entry]
    ) -> tuple[list[str], list[Event]]:
        """Write what was found into the journal, as far as --limit goes; those that are whole join `whole`."""
        from tracksync.stages.detect import enrol

        set_aside(found, self.catalogue, self.journal, say)
        tracks, refused = enrol(self.journal, SilentReporter(), self._within_limit(found, len(todo)))
        entries = [entry for track in tracks if (entry := self.journal.find(track.key))]
        there = {} if self.order.refresh or self.order.use else self._whole(entries)
        whole |= there
        keys = list(dict.fromkeys([*todo, *(entry.key for entry in entries if entry.key not in there)]))
        return keys, refused

    def _within_limit(self, found: Sequence[Detected], already: int) -> list[Detected]:
        from tracksync.stages.detect import within_limit

        return within_limit(found, self.order.limit, self._synced_already, already=already)

    def _synced_already(self, found: Sequence[Detected]) -> set[str]:
        """The keys of what was found and is synced."""
        if self.order.refresh:
            return set()
        from tracksync.stages.standing import synced_among

        return synced_among(self.journal, self.catalogue, found, say, in_eagle=self.settings.uses_eagle)

    def _work(self, engine: Engine, whole: list[Entry], refused: list[Event], keys: list[str]) -> int:
        if not keys:
            return self._report(whole, refused, None)
        events: list[Event] = []
        run_id = None
        if self.as_json:
            for event in [*(track_event(self.journal, entry) for entry in whole), *refused]:
                write_json(event)
        if self.settings.uses_eagle:
            from tracksync.library.eagle import check_token

            check_token(self.settings, self.journal)  # said at once, and nothing is begun
        engine.order(
            what=keys, playlist=self.order.playlist, refresh=self.order.refresh, source=self.source, use=self.order.use
        )
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
        return self._report(whole, [*refused, *events], run_id, told=self.as_json)

    def _report(self, whole: Sequence[Entry], others: list[Event], run_id: str | None, *, told: bool = False) -> int:
        events = [*(track_event(self.journal, entry) for entry in whole), *others]
        return self._close(events, run_id, already=len(whole), told=told)

    def _close(
        self, events: list[Event], run_id: str | None, *, already: int, told: bool = False, dry: bool = False
    ) -> int:
        """The last line, or the table."""
        run = run_event(self.source, events, run_id, monotonic() - self.begun)
        run = self.chosen.told(run) if self.chosen else run
        if self.as_json:
            for event in [] if told else events:
                write_json(event)
            write_json(run)
        else:
            show_tracks(events)
            say(_foretold(events, run) if dry else self._closing(already, events, run["seconds"]))
        unread = not events and self.chosen is not None and bool(self.chosen.unread)
        return 1 if unread else _exit_code(events)

    def _why_not_recovered(self) -> str:
        waiting = [entry for entry in self.journal.entries(states=[State.WAITING]) if entry.merged_into is None]
        if not waiting:
            return "nothing is unfinished"
        count = "1 track still waits" if len(waiting) == 1 else f"{len(waiting)} tracks still wait"
        return f"{count} (`tracksync status` says for what)"

    def _closing(self, already: int, events: list[Event], seconds: float) -> str:
        if not events:
            why = self._why_not_recovered() if self.source == "recover" else "no source has anything new"
            if self.chosen and self.chosen.unread:
                why += f", and not read: {', '.join(report.source for report in self.chosen.unread)}"
            return f"Nothing to do: {why} ({seconds:.1f} s)."
        if already == len(events):
            return (
                f"Nothing to do: {'it is' if already == 1 else f'all {already} are'} synced already ({seconds:.1f} s)."
            )
        done = sum(event["state"] == "synced" for event in events) - already
        rest = len(events) - already - done
        parts = [f"{done} brought in"]
        parts += [f"{already} synced already"] if already else []
        parts += [f"{rest} not synced"] if rest else []
        return f"{', '.join(parts)} ({seconds:.1f} s)."


def _foretold(events: Sequence[Event], run: Event) -> str:
    todo = sum(event["state"] not in ("synced",) and not event["error"] for event in events)
    already = run["counts"].get("synced", 0)
    return f"Dry run: {todo} would be brought in, {already} are synced already. Nothing was done."


def _exit_code(events: Sequence[Event]) -> int:
    """2 where nothing but wrong use was named, nothing but what lacks a login, or a setting ended the run; 1 where a
    track did not make it; else 0."""
    missed = [event for event in events if event["state"] in ("failed", "waiting")]
    if not missed:
        return 0
    refused = [event for event in missed if event["source"] == "named"]
    ended = [event for event in missed if event["error"] and event["error"]["kind"] == Misconfigured("").kind]
    locked = [event for event in missed if event["error"] and event["error"]["kind"] == LoginNeeded("").kind]
    return 2 if ended or len(events) in (len(refused), len(locked)) else 1
