"""`tracksync status --all` where the catalogue is Notion: every page, with its files, told whole from broken."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracksync.audio.camelot import camelot, key_name, parse_key
from tracksync.catalogue import Catalogue, Page, open_catalogue
from tracksync.cli.show import say, tell, write_json
from tracksync.journal import Journal
from tracksync.library.storage import away_volume
from tracksync.model import AudioFormat, State
from tracksync.settings import Settings, use_network_settings
from tracksync.sources.whole import is_whole
from tracksync.stages.eagle import not_in_eagle
from tracksync.stages.recover import lacking_in_eagle

__all__ = ["run_pages_status"]

_SHOWN = 50


class Standing(StrEnum):
    """How a page stands."""

    WHOLE = "whole"
    """Downloaded, and every file that it names is there."""
    AWAY = "away"
    """The same, but for files on a volume that is not mounted."""
    BROKEN = "broken"
    """It says Downloaded, and a file is missing."""
    UNFINISHED = "unfinished"
    """It does not say Downloaded."""


def run_pages_status(settings: Settings, *, as_json: bool) -> int:
    """Read every page, look at its files, and tell; returns 0."""
    use_network_settings()
    with (
        Journal.open(settings.journal_url) as journal,
        closing(open_catalogue(settings, journal, note=say)) as catalogue,
    ):
        catalogue.prepare()
        pages = catalogue.every_page(lambda count: say(f"{count} pages read …"))
        formats = catalogue.formats()
        counts: Counter[str] = Counter()
        broken: list[tuple[Page, str]] = []
        away: Counter[Path] = Counter()
        lacking = _not_in_eagle(settings, journal, catalogue, pages)
        for page in pages:
            entry = journal.find(page.key) or journal.find_by("page", page.page_id)
            standing, why, volumes = _standing(page, formats)
            counts[standing.value] += 1
            away.update(volumes)
            if standing is Standing.BROKEN:
                broken.append((page, why))
            if as_json:
                write_json(_event(page, standing, why, entry.state if entry else None, entry.key if entry else None))
    if as_json:
        more = {"not_in_eagle": lacking} if settings.uses_eagle else {}
        write_json({"event": "status", "counts": dict(sorted(counts.items())), "pages": len(pages), **more})
    else:
        _show(broken)
        told = ", ".join(
            f"{counts[standing.value]} {standing.value}" for standing in Standing if counts[standing.value]
        )
        say(f"{len(pages)} pages: {told or 'none'}.")
        for name, number in sorted(away.items()):
            say(f"{number} {'page names' if number == 1 else 'pages name'} files on {name}, which is not mounted.")
        if lacking:
            told = "1 of what is whole has" if lacking == 1 else f"{lacking} of what is whole have"
            say(f"{told} no item in Eagle yet: `tracksync recover` imports {'it' if lacking == 1 else 'them'}.")
    return 0


def _not_in_eagle(settings: Settings, journal: Journal, catalogue: Catalogue, pages: Sequence[Page]) -> int:
    """How many tracks and pages are whole but for Eagle: made here, or there before."""
    if not settings.uses_eagle:
        return 0
    ours = [key for key in not_in_eagle(journal, settings) if (known := journal.find(key)) and is_whole(journal, known)]
    return len({*ours, *lacking_in_eagle(journal, pages, catalogue)})


def _standing(page: Page, formats: tuple[AudioFormat, ...]) -> tuple[Standing, str, frozenset[Path]]:
    """How a page stands, why where it is broken, and the volumes, away now, that files of it are on."""
    if not page.downloaded:
        return Standing.UNFINISHED, "", frozenset()
    files = page.properties.files
    missing = [f"no {fmt.upper()} is named" for fmt in formats if fmt not in files]
    away: set[Path] = set()
    for fmt in formats:
        path = files.get(fmt)
        if path is None or os.path.isfile(path):  # noqa: PTH113 (never raises: a page may name anything)
            continue
        volume = away_volume(path)
        if volume is None:
            missing.append(f"{path} is not there")
        else:
            away.add(volume)
    if missing:
        return Standing.BROKEN, "; ".join(missing), frozenset(away)
    return Standing.AWAY if away else Standing.WHOLE, "", frozenset(away)


def _event(page: Page, standing: Standing, why: str, state: State | None, key: str | None) -> dict[str, Any]:
    held = page.properties
    musical = parse_key(held.musical_key or "")
    error = None
    if standing is Standing.BROKEN:
        action = f"Run `tracksync recover {page.key}` to make its files again."
        error = {"kind": "not-found", "message": f"The page says Downloaded, but {why}.", "action": action}
    shown = (
        State.SYNCED if standing in (Standing.WHOLE, Standing.AWAY) else State.WAITING if error else state or State.NEW
    )
    return {
        "event": "track",
        "key": key or page.key,
        "title": held.title,
        "artists": list(held.artists),
        "source": "notion",
        "state": shown.value,
        "standing": standing.value,
        "files": {fmt.value: str(held.files[fmt]) if fmt in held.files else None for fmt in AudioFormat},
        "bpm": held.bpm or None,
        "key_name": key_name(musical) if musical else None,
        "camelot": camelot(musical) if musical else None,
        "duration_s": held.duration_s,
        "notion_page_id": page.page_id,
        "eagle_item_id": held.eagle_id,
        "error": error,
    }


def _show(broken: list[tuple[Page, str]]) -> None:
    for page, why in broken[:_SHOWN]:
        tell(("✗", "red"), f" {page.properties.facts().display}: {why}")
    if len(broken) > _SHOWN:
        tell(f"… and {len(broken) - _SHOWN} more (--json lists them all).")
    if broken:
        tell("→ `tracksync recover` takes them up, `tracksync recover KEY` one of them.")
