"""`make demo`: three short pieces of the project's own, from nothing to a verified library, and then once more.

It renders the pieces (other tempo, other key, accents, a version in brackets), serves one over loopback HTTP as a
link, syncs all three into ./demo-library with the real command line, prints what was measured beside what is true, and
runs the same command again to show that nothing is done twice. The journal and Prefect's database of the demo live in
./demo-library too: nothing outside it is touched.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from examples.pieces import PIECES, Piece, render, tags, write_with_ffmpeg
from tracksync.audio.camelot import camelot, key_name
from tracksync.audio.ffmpeg import find_ffmpeg

LIBRARY = Path("demo-library")
_MARK = ".made-by-make-demo"
_FORMATS = ("flac", "mp3", "m4a")

Event = dict[str, Any]


def main() -> int:
    """Run the demo; returns 0 where everything came out as it should."""
    console = Console(highlight=False, emoji=False)
    if LIBRARY.exists() and not (LIBRARY / _MARK).is_file():
        console.print(f"{LIBRARY} is there already and was not made by this demo: move it away first.")
        return 2
    shutil.rmtree(LIBRARY, ignore_errors=True)
    home = (LIBRARY / ".home").absolute()
    home.mkdir(parents=True)
    (LIBRARY / _MARK).touch()

    console.print(f"Rendering {len(PIECES)} short pieces …")
    sources = _render(home / "pieces")
    environment = _environment(home)
    with _served(sources[0].parent) as address:
        what = [f"{address}/{sources[0].name}", *map(str, sources[1:])]
        console.print(f"\n[bold]$ tracksync sync {' '.join(_shown(item) for item in what)}[/]")
        subprocess.run([sys.executable, "-m", "tracksync", "sync", *what], env=environment, check=False)
        console.print("\n[bold]The same command again:[/]")
        again = subprocess.run([sys.executable, "-m", "tracksync", "sync", *what], env=environment, check=False)
    events = _status(environment)
    console.print("\n[bold]True and measured:[/]")
    well = _compare(console, events)
    checked = subprocess.run([sys.executable, "-m", "tracksync", "verify", "--all"], env=environment, check=False)
    console.print(f"\nThe library is in {LIBRARY}/Unassigned. `rm -r {LIBRARY}` removes all of it.")
    return 0 if well and again.returncode == 0 and checked.returncode == 0 else 1


def _render(folder: Path) -> list[Path]:
    folder.mkdir()
    ffmpeg = find_ffmpeg(None)
    paths = []
    for number, (piece, suffix) in enumerate(zip(PIECES, _FORMATS, strict=True), 1):
        path = folder / f"piece-{number}.{suffix}"
        write_with_ffmpeg(path, render(piece), ffmpeg=ffmpeg.path, metadata=tags(piece))
        paths.append(path)
    return paths


def _environment(home: Path) -> dict[str, str]:
    """The demo's own settings: none of the user's folders, journals or servers."""
    own = {
        "TRACKSYNC_HOME": str(home),
        "OUT_DIR": str(LIBRARY.absolute()),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_PROFILES_PATH": str(home / "prefect" / "profiles.toml"),
    }
    unset = {"TRACKSYNC_DATABASE_URL", "BACKUP_DIR", "WAV_BACKUP_DIR", "TEMP_DIR", "PREFECT_API_URL"}
    return {name: value for name, value in os.environ.items() if name not in unset} | own


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass  # a client that hangs up once it has seen enough is no error

    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _shown(item: str) -> str:
    return item if item.startswith("http") else Path(item).name


def _status(environment: dict[str, str]) -> list[Event]:
    done = subprocess.run(
        [sys.executable, "-m", "tracksync", "status", "--json"], env=environment, capture_output=True, check=True
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event for event in events if event["event"] == "track"]


def _compare(console: Console, events: list[Event]) -> bool:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Title", "BPM", "measured", "Key", "measured", "Camelot", "State"):
        table.add_column(heading, justify="right" if heading == "BPM" else "left")
    well = len(events) == len(PIECES)
    for piece in PIECES:
        event = next((event for event in events if event["title"] == piece.title), None)
        well &= event is not None and _is_right(piece, event)
        table.add_row(
            piece.title,
            f"{piece.bpm:g}",
            f"{event['bpm']:g}" if event and event["bpm"] else "–",
            key_name(piece.key),
            event["key_name"] or "–" if event else "–",
            event["camelot"] or "–" if event else "–",
            event["state"] if event else "missing",
        )
    console.print(table)
    return well


def _is_right(piece: Piece, event: Event) -> bool:
    tempo = event["bpm"] is not None and abs(event["bpm"] - piece.bpm) <= 0.05
    return tempo and event["camelot"] == camelot(piece.key) and event["state"] == "synced"


if __name__ == "__main__":
    sys.exit(main())
