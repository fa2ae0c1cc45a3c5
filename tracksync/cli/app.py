"""The commands and their options; each does its work in a module of its own, imported when it is called."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tracksync.errors import DiskFull, Misconfigured, TracksyncError, Unsupported
from tracksync.text import one_line

__all__ = ["app", "main"]

app = typer.Typer(
    name="tracksync",
    help="From a link or a file to a verified DJ library: M4A, WAV and AIFF, tagged, with tempo and key.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout; everything else on stderr.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show Prefect's log as well, on stderr.")]


@app.command()
def sync(
    what: Annotated[list[str] | None, typer.Argument(metavar="LINK|FILE|FOLDER…", show_default=False)] = None,
    source: Annotated[
        str,
        typer.Option(
            help="Where to look when nothing is named: spotify-current, soundcloud-likes, spotify-liked, next; "
            "`auto` asks one after the other until one has something new."
        ),
    ] = "auto",
    playlist: Annotated[str | None, typer.Option(help="The playlist, and so the folder, that they belong to.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Bring in at most this many tracks; of likes five by default, of pages one."),
    ] = None,
    use: Annotated[
        str | None, typer.Option(metavar="LINK", help="The audio of the one track that is named: your word counts.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Make files and figures again, also of synced tracks.")
    ] = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Bring tracks into the library: fetch, make the three files, measure, tag, publish, read back."""
    from tracksync.cli.sync import SyncOrder, run_sync

    order = SyncOrder(tuple(what or ()), source, playlist, limit, dry_run, refresh, use)
    raise typer.Exit(run_sync(order, as_json=json, verbose=verbose))


@app.command()
def recover(
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY|PAGE…", show_default=False)] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Take up at most this many tracks.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken up, and do nothing.")] = False,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Take up what is unfinished: interrupted or waiting tracks, pages that name files which are gone; last,
    pages whose files are not in Eagle yet, where that is configured."""
    from tracksync.cli.sync import RecoverOrder, run_recover

    raise typer.Exit(run_recover(RecoverOrder(tuple(keys or ()), limit, dry_run), as_json=json, verbose=verbose))


@app.command()
def status(
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY…", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every page of the catalogue, with its files.")] = False,
    json: Json = False,
) -> None:
    """The tracks and their states, and how many there are of each."""
    from tracksync.cli.status import run_status

    raise typer.Exit(run_status(keys or [], everything=everything, as_json=json))


@app.command()
def verify(
    keys: Annotated[list[str] | None, typer.Argument(metavar="KEY|PAGE…", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every track that was synced.")] = False,
    json: Json = False,
) -> None:
    """Read every file of a track back and say what is not so."""
    from tracksync.cli.verify import run_verify

    raise typer.Exit(run_verify(keys or [], everything=everything, as_json=json))


@app.command()
def analyse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", show_default=False)],
    json: Json = False,
) -> None:
    """Tempo, key and loudness of any audio file. Nothing is stored."""
    from tracksync.cli.analyse import run_analyse

    raise typer.Exit(run_analyse(files, as_json=json))


@app.command()
def match(
    source: Annotated[
        str, typer.Option("--from", metavar="FILE", help="JSON lines: a wanted track and its candidates; - is stdin.")
    ],
    json: Annotated[bool, typer.Option("--json", help="What it prints anyway: one JSON object a line.")] = False,
) -> None:
    """Say which of the candidates is the wanted recording, or that none surely is. Nothing is searched or stored."""
    from tracksync.cli.match import run_match

    del json
    raise typer.Exit(run_match(source))


@app.command()
def index(
    folders: Annotated[list[Path] | None, typer.Argument(metavar="FOLDER…", show_default=False)] = None,
    fingerprint: Annotated[
        bool, typer.Option("--fingerprint", help="Take fingerprints too, by which `duplicates` finds other qualities.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to export to. [default: in TRACKSYNC_HOME]")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and keep it current until Ctrl-C.")] = False,
    json: Json = False,
) -> None:
    """Look which audio files are on the disks: MUSIC_DIRECTORY_PATHS and the library, or the folders named."""
    from tracksync.cli.index import run_index

    code = run_index(folders or [], fingerprint=fingerprint, export=export, watch=watch, as_json=json)
    raise typer.Exit(code)


@app.command()
def duplicates(
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them as a page with players, too.")] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Set aside what is exactly the same audio; nothing is deleted.")
    ] = False,
    undo: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put back what an --apply set aside; FILE is its undo file.")
    ] = None,
    json: Json = False,
) -> None:
    """Which files of the index are the same, and which one to keep. Nothing is changed without --apply."""
    from tracksync.cli.duplicates import run_duplicates

    raise typer.Exit(run_duplicates(html=html, apply=apply, undo=undo, as_json=json))


@app.command()
def doctor(json: Json = False) -> None:
    """Check the configuration by trying what it names."""
    from tracksync.cli.doctor import run_doctor

    raise typer.Exit(run_doctor(as_json=json))


@app.command()
def login(
    service: Annotated[str | None, typer.Argument(metavar="SERVICE", show_default=False)] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the link in a browser where there is one.")
    ] = True,
    json: Json = False,
) -> None:
    """Give a service your consent, once: `tracksync login spotify`."""
    from tracksync.cli.login import run_login

    raise typer.Exit(run_login(service, browser=browser, as_json=json))


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        from tracksync import __version__

        typer.echo(f"tracksync {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; errors become one sentence on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale that lacks a title's letters is no reason to end
    try:
        code = app(standalone_mode=False)
    except TracksyncError as error:
        code = _complain(error)
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): no error of ours, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        code = int(getattr(error, "exit_code", 2))
    sys.exit(code if isinstance(code, int) else 0)


def _complain(error: TracksyncError) -> int:
    sys.stderr.write(f"tracksync: {one_line(error.message)}\n")
    if error.action:
        sys.stderr.write(f"  {one_line(error.action)}\n")
    return 2 if isinstance(error, Misconfigured | Unsupported | DiskFull) else 1
