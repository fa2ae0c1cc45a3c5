"""Journals for tests: the same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
import itertools
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.postgres import Server
from tracksync.catalogue.protocol import ProcessingOption, TrackRecord
from tracksync.journal import Journal
from tracksync.journal._schema import metadata
from tracksync.model import AudioFormat, Facts, FileFact, MusicalKey, PublishReceipt, Track

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Server | None:
    """The PostgreSQL server; None for SQLite."""
    return request.getfixturevalue("postgres") if request.param == "postgres" else None


@pytest.fixture
def address(database: Server | None, tmp_path: Path) -> str:
    """The address of a journal that does not exist yet."""
    return database.schema() if database else f"sqlite:///{tmp_path / 'home' / 'journal.db'}"


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """The address of a SQLite journal that does not exist yet, nor its folder."""
    return f"sqlite:///{tmp_path / 'home' / 'journal.db'}"


def path_of(address: str) -> Path:
    """The file behind the address of a SQLite journal."""
    return Path(address.removeprefix("sqlite:///"))


@functools.cache
def _migrated(database: Server) -> str:
    address = database.schema()
    Journal.open(address).close()
    return address


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty journal to copy: the migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    Journal.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def journal(database: Server | None, migrated_file: Path, tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    if database is None:
        path = tmp_path / "journal.db"
        shutil.copyfile(migrated_file, path)
        address = f"sqlite:///{path}"
    else:
        address = _migrated(database)
    with Journal.open(address) as opened:
        if database is not None:
            with opened._write() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(table.delete())
        yield opened


def a_track(key: str = "", **changes: object) -> Track:
    """A track that nobody has seen before, or the one of this key."""
    number = next(_numbers)
    values: dict[str, object] = {
        "key": key or f"soundcloud:track:{number}",
        "source": "link",
        "origin": f"https://soundcloud.com/someone/song-{number}",
        "facts": Facts(title=f"Song {number}", artists=("Someone",)),
        "duration_s": 200.5,
        "playlist": "Warm-up",
    }
    return Track.model_validate(values | changes)


def a_file(name: str = "a.m4a") -> FileFact:
    """What a receipt says of some file."""
    return FileFact(path=Path("/music") / name, size=3, sha256="ab" * 32)


def a_publish_receipt() -> PublishReceipt:
    """A track that is in the library, as far as the journal knows."""
    return PublishReceipt(m4a=a_file(), wav=a_file("a.wav"), aiff=a_file("a.aiff"), copies=(a_file("copy.m4a"),))


def a_record(key: str, **changes: Any) -> TrackRecord:
    """What the pipeline has to say of a track: everything."""
    values: dict[str, Any] = {
        "key": key,
        "facts": Facts(title="One (Extended Mix)", artists=("A", "B"), album="Al", link="https://soundcloud.com/a/one"),
        "playlists": ("Warm-up",),
        "files": {fmt: Path(f"/music/Warm-up/A, B - One.{fmt}") for fmt in AudioFormat},
        "copies": (Path("/backup/A, B - One.m4a"),),
        "bpm": 127.5,
        "bpm_confidence": 0.93,
        "musical_key": MusicalKey(tonic=9, mode="minor"),
        "duration_s": 372.481,
        "lufs": -8.2,
        "true_peak_db": 0.0,
        "sample_rate": 44_100,
        "size_bytes": 98_765_432,
        "fingerprint": "AQAD" * 700,
        "source_audio": "MP3 320 kbit/s",
        "download_source": "soundcloud",
        "states": frozenset({ProcessingOption.ANALYSED, ProcessingOption.CONVERTED}),
    }
    return TrackRecord.model_validate(values | changes)


def another_record(journal: Journal, title: str, *artists: str) -> TrackRecord:
    """Of another track, with files of its own."""
    files = {fmt: Path(f"/music/{title}.{fmt}") for fmt in AudioFormat}
    return a_record(journal.ensure(a_track()).key, facts=Facts(title=title, artists=artists), files=files)


def a_named_track(key: str = "file:00", *, title: str = "One", artists: tuple[str, ...] = ("A",), **more: Any) -> Track:
    """A track of 200 s, with `facts` besides title and artists."""
    facts = {"title": title, "artists": artists, **more.pop("facts", {})}
    return Track(key=key, source="link", origin="x", facts=Facts.model_validate(facts), **{"duration_s": 200.0, **more})


def enrolled(journal: Journal, track: Track, *names: tuple[str, str]) -> Track:
    """The track, known to the journal, by these names of kind and value."""
    journal.ensure(track)
    for kind, value in names:
        journal.identify(track.key, kind, value)
    return track


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that runs `script`; it is talked to by lines."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def say(process: subprocess.Popen[str], line: str) -> None:
    """Send the process a line."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    """The process's next line."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(*processes: subprocess.Popen[str]) -> None:
    """Let the processes end, and wait for them."""
    for process in processes:
        if process.poll() is None and process.stdin is not None:
            process.stdin.close()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
