"""`tracksync duplicates`: which files are the same, which one to keep; and, where asked for, the rest set aside."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from tracksync.cli.show import line, say, terminal, write_json
from tracksync.errors import CatalogueAway, Misconfigured
from tracksync.settings import Settings, load_settings

if TYPE_CHECKING:
    from tracksync.journal import Journal
    from tracksync.library.duplicates import Duplicates, Group, SetAside

__all__ = ["run_duplicates"]

_TITLES = {
    "exact": "Exactly the same audio",
    "same-recording": "The same recording in another quality",
    "in-doubt": "In doubt",
}


def run_duplicates(*, html: Path | None, apply: bool, undo: Path | None, as_json: bool) -> int:
    """List the duplicates; set those of exactly the same audio aside (`apply`), or put them back (`undo`).

    Returns 1 where a file could not be moved, 130 where it was broken off, else 0.

    Raises:
        Misconfigured: `apply` and `undo` at once; no ffmpeg; nothing was indexed yet; no undo file.
        CatalogueAway: `apply`, and the catalogue can't say which files are its.
    """
    if undo is not None:
        if apply or html:
            raise Misconfigured("--undo goes with neither --apply nor --html.", action="Give one of them.")
        return _undo(undo, as_json)
    from tracksync.audio.ffmpeg import find_ffmpeg
    from tracksync.journal import Journal
    from tracksync.library.duplicates import find_duplicates, html_page, set_aside

    begun = monotonic()
    settings = load_settings()
    ffmpeg = find_ffmpeg(settings.ffmpeg)
    with Journal.open(settings.journal_url) as journal:
        if not journal.volumes():
            raise Misconfigured(
                "Nothing was indexed yet.", action="Run `tracksync index` first, best with --fingerprint."
            )
        named = _named(settings, journal, apply=apply)
        try:
            with _Bar() as bar:
                found = find_duplicates(
                    journal, ffmpeg=ffmpeg, named=named, copies=_copies(settings), progress=bar.progress
                )
            if html is not None:
                _write(html, html_page(found.groups))
            aside = set_aside(journal, found.groups, ffmpeg=ffmpeg, home=settings.home) if apply else None
        except KeyboardInterrupt:
            say("Interrupted. What was compared is kept; what was moved stands in the undo file of its quarantine.")
            return 130
    if as_json:
        for group in found.groups:
            write_json(group.as_json())
        write_json(_summary(found, aside, monotonic() - begun))
    else:
        _tell(found, aside, html)
    return 1 if aside is not None and aside.problems else 0


def _named(settings: Settings, journal: Journal, *, apply: bool) -> dict[str, str]:
    """The files that the journal and the catalogue name, with whose they are."""
    from tracksync.catalogue import open_catalogue

    named = journal.named_files()
    if settings.uses_notion:
        with closing(open_catalogue(settings, journal, note=say)) as catalogue:
            try:
                catalogue.prepare()
                pages = catalogue.every_page(lambda count: say(f"{count} pages read …"))
            except CatalogueAway as error:
                if apply:
                    error.action = "Nothing was moved: which files are its is not known. Run it again later."
                    raise
                say(f"{error.message} Which files its pages name is not known.")
                pages = []
        for page in pages:
            for path in (*page.properties.files.values(), *page.properties.copies):
                named.setdefault(str(path), page.key)
    return named


def _copies(settings: Settings) -> dict[str, Path]:
    folders = {"BACKUP_DIR": settings.backup_dir, "WAV_BACKUP_DIR": settings.wav_backup_dir}
    return {name: folder for name, folder in folders.items() if folder is not None}


def _undo(undo: Path, as_json: bool) -> int:
    from tracksync.library.duplicates import put_back

    done = put_back(undo)
    if as_json:
        write_json(
            {
                "event": "undo",
                "back": [str(path) for path in done.back],
                "already": [str(path) for path in done.already],
                "problems": [{"path": str(path), "why": why} for path, why in done.problems],
            }
        )
    else:
        for path, why in done.problems:
            say(f"{path}: {why}")
        say(f"{len(done.back)} files are back at their places, {len(done.already)} were there already.")
    return 1 if done.problems else 0


def _write(html: Path, text: str) -> None:
    from tracksync.library.publish import part_path
    from tracksync.library.storage import ensure_folder, storage_errors

    target = html.absolute()
    ensure_folder(target.parent)
    part = part_path(target)
    with storage_errors(target):
        part.write_text(text, encoding="utf-8")
        part.replace(target)


class _Bar:
    """How far the comparing is; on a terminal only."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=32), MofNCompleteColumn(),
            console=terminal(stderr=True), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("Looking", total=None)

    def __enter__(self) -> _Bar:
        if self._bar.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, what: str, done: int, total: int) -> None:
        """So much of it is done."""
        self._bar.update(self._task, description=what, completed=done, total=total)


def _summary(found: Duplicates, aside: SetAside | None, seconds: float) -> dict[str, Any]:
    counts = Counter(group.kind.value for group in found.groups)
    return {
        "event": "duplicates",
        "groups": {kind: counts.get(kind, 0) for kind in _TITLES},
        "spare_bytes": sum(group.spare_bytes for group in found.groups if group.kind == "exact"),
        "without_fingerprint": found.without_fingerprint,
        "moved": [{"from": str(old), "to": str(new)} for old, new in aside.moved] if aside else [],
        "stayed": [{"path": str(path), "why": why} for path, why in aside.stayed] if aside else [],
        "problems": [{"path": str(path), "why": why} for path, why in aside.problems] if aside else [],
        "undo": str(aside.undo) if aside and aside.undo else None,
        "seconds": round(seconds, 3),
    }


def _tell(found: Duplicates, aside: SetAside | None, html: Path | None) -> None:
    console = terminal()
    for kind, title in _TITLES.items():
        groups = [group for group in found.groups if group.kind == kind]
        if groups:
            console.print(f"[bold]{title}[/]: {len(groups)}")
            for row in _lines(groups):
                console.print(row, soft_wrap=True)
    spare = sum(group.spare_bytes for group in found.groups if group.kind == "exact")
    counts = ", ".join(f"{number} {kind}" for kind, number in Counter(g.kind.value for g in found.groups).items())
    say(f"{counts or 'No duplicates'}{f'; {spare / 1e6:.1f} MB are taken twice' if spare else ''}.")
    if found.without_fingerprint:
        say(
            f"Other qualities of {found.without_fingerprint:,} files can't be found: they have no fingerprint. "
            "`tracksync index --fingerprint` takes them."
        )
    if html is not None:
        say(f"The page is {html}.")
    if aside is None:
        say("Nothing was changed.")
        return
    for path, why in [*aside.stayed, *aside.problems]:
        say(f"Stays: {path}: {why}")
    how = f"; to undo: tracksync duplicates --undo {shlex.quote(str(aside.undo))}" if aside.undo else ""
    say(f"{len(aside.moved)} files were set aside{how}.")


def _lines(groups: Sequence[Group]) -> Iterator[Text]:
    """A table, line by line. Paths stand last and are whole: where one is wrapped, it can still be copied."""
    wide = max(6, *(len(member.file.format) for group in groups for member in group.members))
    yield line((f"      {'Format':<{wide}}  Length       MB  File", "bold"))
    for group in groups:
        for number, member in enumerate(group.members):
            length = member.file.duration_s or 0
            told = f"{int(length // 60)}:{int(length % 60):02}"
            figures = f"{member.file.format:<{wide}}  {told:>6}  {member.file.size / 1e6:>7.1f}"
            yield line(("keep" if number == 0 else "    ", "green"), f"  {figures}  {member.path}")
            if why := group.why if number == 0 else member.protected:
                yield line((f"      {'kept' if number == 0 else 'stays'}: {why}", "dim"))
        if group.kind != "exact" and group.evidence:
            yield line((f"      {group.evidence}", "dim"))
        yield line("")
