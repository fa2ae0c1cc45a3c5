"""The journal's file or database is made and brought up to date."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect

import tracksync.journal
from tests.sandbox.journals import a_track, end, hear, path_of, python, say
from tracksync.errors import Busy, DiskFull
from tracksync.journal import Journal, _open, _schema
from tracksync.model import State

MIGRATIONS = Path(tracksync.journal.__file__).parent / "migrations"


def a_config(connection: Any = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


# The migrations make what the code expects.


def test_the_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(a_config()).get_heads() == [_schema.HEAD]


def test_the_migrated_tables_are_those_of_the_code(journal: Journal) -> None:
    with journal._write() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": _schema.VERSION_TABLE, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, _schema.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*_schema.metadata.tables, _schema.VERSION_TABLE}


def test_opening_twice_changes_nothing(address: str) -> None:
    with Journal.open(address) as journal:
        track = a_track()
        journal.ensure(track)
    with Journal.open(address) as journal:
        entry = journal.find(track.key)
    assert entry is not None
    assert entry.as_track() == track


def test_down_and_up_again(address: str) -> None:
    with Journal.open(address) as journal, journal._write() as connection:
        command.downgrade(a_config(connection), "base")
        assert inspect(connection).get_table_names() == [_schema.VERSION_TABLE]
    with Journal.open(address) as journal:
        assert journal.counts() == {}


_OPENER = """
import sys
from tracksync.journal import Journal
from tracksync.model import Facts, Track
print("ready")
for line in sys.stdin:
    name, address = line.split()
    with Journal.open(address) as journal:
        journal.ensure(Track(key=name, source="file", origin="/x", facts=Facts(title="x")))
    print("done")
"""


def test_several_that_start_at_once_all_open_it(address: str, request: pytest.FixtureRequest) -> None:
    openers = [python(_OPENER) for _ in range(3)]
    try:
        assert {hear(opener) for opener in openers} == {"ready"}
        for number in range(4):
            again = f"{address}.{number}"
            if not address.startswith("sqlite"):
                again = request.getfixturevalue("postgres").schema()
            for name, opener in enumerate(openers):
                say(opener, f"{name} {again}")
            assert [hear(opener) for opener in openers] == ["done"] * 3
            with Journal.open(again) as journal:
                assert journal.counts() == {State.NEW: 3}
    finally:
        end(*openers)


_KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from tracksync.journal import Journal

@event.listens_for(Engine, "after_cursor_execute")
def strike(connection, cursor, statement, *_):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

Journal.open(sys.argv[1])
"""


@pytest.mark.parametrize("moment", ["CREATE TABLE receipts", "INSERT INTO tracksync_version"])
def test_one_that_is_killed_while_it_migrates_leaves_it_openable(address: str, moment: str) -> None:
    killed = python(_KILLED, address, moment)
    end(killed)
    assert killed.returncode == -signal.SIGKILL
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(path_of(address))) as connection:
            assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,), "all or nothing"
    with Journal.open(address) as journal:
        journal.ensure(a_track())


def test_an_open_journal_needs_no_alembic_and_little_time(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'journal.db'}"
    Journal.open(address).close()
    script = """
import sys, time
from tracksync.journal import Journal
begun = time.process_time()
with Journal.open(sys.argv[1]) as journal:
    journal.find("x")
print(time.process_time() - begun, "alembic" in sys.modules, "sqlalchemy.orm" in sys.modules)
"""
    opener = python(script, address)
    try:
        seconds, alembic, orm = hear(opener).split()
    finally:
        end(opener)
    assert (alembic, orm) == ("False", "False")
    assert float(seconds) < 0.06, "processor time, since the machine may have other work"


# The file.


def test_a_new_file_and_its_folder_are_private(sqlite_address: str) -> None:
    umask = os.umask(0)
    try:
        with Journal.open(sqlite_address) as journal:
            journal.ensure(a_track())
            path = path_of(sqlite_address)
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(umask)
    assert modes == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Journal.open(f"sqlite:///{tmp_path / 'journal.db'}").close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize("name", ["a?b#c%20d", "mögel 音楽", "with space"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    Journal.open(f"sqlite:///{tmp_path / name / 'journal.db'}").close()
    assert (tmp_path / name / "journal.db").stat().st_size > 0


def test_sqlite_is_set_for_safety(sqlite_address: str) -> None:
    with Journal.open(sqlite_address) as journal, journal._read() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_where_there_can_be_no_log_it_does_without(sqlite_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # While another connection reads, the mode can't be changed: as on a file system that can't do it.
    monkeypatch.setattr(_open, "_WAL_PATIENCE", 0.0)
    path = path_of(sqlite_address)
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchall()
        engine = _open._sqlite_engine(path)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
            _open._use_wal(connection)
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        engine.dispose()
    with Journal.open(sqlite_address) as journal:
        journal.ensure(a_track())
        with journal._read() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal", "tried again later"


def test_a_write_that_another_program_holds_up_says_so(sqlite_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_open, "LOCK_SECONDS", 0.05)
    with Journal.open(sqlite_address) as journal:
        with closing(sqlite3.connect(path_of(sqlite_address), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Busy, match="held by another program"):
                journal.ensure(a_track())
            assert journal.counts() == {}, "reading goes on"
        journal.ensure(a_track())


def test_a_full_disk_loses_nothing(sqlite_address: str) -> None:
    with _small_disk(sqlite_address) as journal:
        kept = [journal.ensure(a_track()).key]
        with pytest.raises(DiskFull, match="full"):
            while len(kept) < 2_000:
                kept.append(journal.ensure(a_track(origin="/" + "x" * 4_000)).key)
        assert [entry.key for entry in journal.entries()] == kept
    with Journal.open(sqlite_address) as journal:
        journal.ensure(a_track())


@contextmanager
def _small_disk(address: str) -> Iterator[Journal]:
    """SQLite answers the same when it may have no more pages and when the disk has none."""

    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")

    Journal.open(address).close()
    event.listen(Engine, "connect", limit)
    try:
        with Journal.open(address) as journal:
            yield journal
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_at_the_first_start(sqlite_address: str) -> None:
    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 4")

    event.listen(Engine, "connect", limit)
    try:
        with pytest.raises(DiskFull):
            Journal.open(sqlite_address)
    finally:
        event.remove(Engine, "connect", limit)
    Journal.open(sqlite_address).close()
