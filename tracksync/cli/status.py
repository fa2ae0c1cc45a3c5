"""`tracksync status`: the tracks and their states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tracksync.cli.show import say, show_tracks, write_json
from tracksync.errors import NotFound
from tracksync.journal import Entry, Journal
from tracksync.model import State
from tracksync.report import track_event
from tracksync.settings import load_settings
from tracksync.sources.whole import away_from, is_whole, lost_of

__all__ = ["named_entries", "run_status"]


def run_status(keys: Sequence[str], *, everything: bool, as_json: bool) -> int:
    """Show the tracks; returns 0.

    Raises:
        NotFound: a key that the journal does not know.
        Misconfigured, CatalogueAway: the catalogue can't be read (--all).
    """
    settings = load_settings()
    if everything and settings.uses_notion:
        from tracksync.cli.pages_status import run_pages_status

        return run_pages_status(settings, as_json=as_json)
    with Journal.open(settings.journal_url) as journal:
        # A recording that is there under another name is one track, not two.
        entries = named_entries(journal, keys) if keys else [e for e in journal.entries() if e.merged_into is None]
        events = [track_event(journal, entry) for entry in entries]
        lacking = 0
        away: Counter[str] = Counter()
        for entry, event in zip(entries, events, strict=True):
            if entry.state is not State.SYNCED:
                continue
            if (volume := away_from(journal, entry)) is not None:
                event["standing"] = "away"
                away[str(volume)] += 1
            if is_whole(journal, entry):
                event.setdefault("standing", "whole")
                lacking += settings.uses_eagle and not is_whole(journal, entry, in_eagle=True)
            else:
                # The journal says synced, and the disk says otherwise: `recover` takes it up.
                event |= {"state": State.WAITING.value, "standing": "broken"}
                event["error"] = {
                    "kind": "not-found",
                    "message": _told_of_lost(journal, entry),
                    "action": f"Run `tracksync sync {entry.key}` to put it back.",
                }
    counts = Counter(event["state"] for event in events)
    if as_json:
        for event in events:
            write_json(event)
        more = {"not_in_eagle": lacking} if settings.uses_eagle else {}
        write_json({"event": "status", "counts": dict(sorted(counts.items())), **more})
        return 0
    show_tracks(events)
    say(", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "No track yet.")
    for name, number in sorted(away.items()):
        say(f"{number} on {name}, which is not mounted.")
    if lacking:
        say(_told_of_eagle(lacking))
    return 0


def _told_of_lost(journal: Journal, entry: Entry) -> str:
    names = lost_of(journal, entry)
    if len(names) == 1:
        return f"Its {names[0]} is no longer at its place."
    told = f"{', '.join(names[:-1])} and {names[-1]}" if names else "files"
    return f"Its {told} are no longer at their places."


def _told_of_eagle(count: int) -> str:
    told = "1 of the synced is" if count == 1 else f"{count} of the synced are"
    return f"{told} not in Eagle yet: `tracksync recover` imports {'it' if count == 1 else 'them'}."


def named_entries(journal: Journal, keys: Sequence[str]) -> list[Entry]:
    """The entries of `keys`; what names a track by its link is understood too.

    Raises:
        NotFound: one of them is not in the journal.
    """
    from tracksync.sources.detect import look

    found: dict[str, Entry] = {}
    for key in keys:
        known = look(journal, [key]).known
        if not known:
            raise NotFound(
                f"{key} is not in the journal.", action="`tracksync status` lists the tracks; --json their keys."
            )
        found |= known
    return list(found.values())
