"""A file, a server or an address that can't be a journal is refused in one sentence, without a secret."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.sandbox.journals import a_track, path_of
from tests.sandbox.postgres import Server
from tracksync.errors import Busy, DiskFull, Misconfigured, Unreachable
from tracksync.journal import Journal, _errors, _open, _schema
from tracksync.model import State


def _with_pages(path: Path, pages: bytes, start: int) -> None:
    data = bytearray(path.read_bytes())
    data[start : start + len(pages)] = pages
    path.write_bytes(data)


def test_a_file_that_is_no_database_is_left_alone(sqlite_address: str) -> None:
    path = path_of(sqlite_address)
    path.parent.mkdir()
    for content in (b"hello", b"not a database, but long enough to be one. " * 200, os.urandom(8192)):
        path.write_bytes(content)
        with pytest.raises(Misconfigured, match=r"damaged|not a journal"):
            Journal.open(sqlite_address)
        assert path.read_bytes() == content


def test_a_damaged_journal_is_said_to_be_one(sqlite_address: str) -> None:
    path = path_of(sqlite_address)
    with Journal.open(sqlite_address) as journal:
        for _ in range(50):
            journal.ensure(a_track())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Misconfigured, match="damaged"), Journal.open(sqlite_address) as journal:
        journal.entries()
    path.write_bytes(whole)
    _with_pages(path, b"\xff" * 90_000, 4096)
    with pytest.raises(Misconfigured, match="damaged"), Journal.open(sqlite_address) as journal:
        journal.entries()


def test_a_journal_of_a_newer_version_is_left_alone(address: str) -> None:
    with Journal.open(address) as journal, journal._write() as connection:
        connection.execute(_schema.version.update().values(version_num="9999"))
    with pytest.raises(Misconfigured, match="newer version") as caught:
        Journal.open(address)
    assert "Update tracksync" in caught.value.action


def test_the_database_of_another_program_is_left_alone(sqlite_address: str, postgres: Server) -> None:
    path = path_of(sqlite_address)
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE library (id INTEGER)")
    with pytest.raises(Misconfigured, match="another program"):
        Journal.open(sqlite_address)
    address = postgres.schema()
    engine = _open._postgresql_engine(_open._postgresql_place(address)[0])
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tracks (id INTEGER)"))
    engine.dispose()
    with pytest.raises(Misconfigured, match="another program"):
        Journal.open(address)


@pytest.mark.postgres
def test_another_program_s_tables_may_stand_beside_on_postgresql(postgres: Server) -> None:
    address = postgres.schema()
    engine = _open._postgresql_engine(_open._postgresql_place(address)[0])
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('prefect')"))
    engine.dispose()
    with Journal.open(address) as journal:
        journal.ensure(a_track())


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for where in (tmp_path / "file" / "journal.db", tmp_path / "folder"):
        with pytest.raises(Misconfigured) as caught:
            Journal.open(f"sqlite:///{where}")
        assert str(where) in caught.value.message
        assert "TRACKSYNC_HOME" in caught.value.action


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc takes no file, root's neither")
def test_a_folder_that_takes_no_file_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"/proc/journal\.db"):
        Journal.open("sqlite:////proc/journal.db")


def test_a_file_that_may_not_be_written_is_refused(sqlite_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal.open(sqlite_address).close()
    monkeypatch.setattr(os, "access", lambda _, mode: not mode & os.W_OK)
    with pytest.raises(Misconfigured, match="cannot be written"):
        Journal.open(sqlite_address)


@pytest.mark.parametrize(
    "address",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:journal.db?mode=ro",
        "mysql://u:hunter2@localhost/db",
        "postgresql//u:hunter2@localhost",
        "postgresql://u:hunter2@localhost:port/db",
        "hunter2",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Journal.open(address)
    assert "hunter2" not in str(caught.value)
    assert "TRACKSYNC_DATABASE_URL" in caught.value.action


# PostgreSQL.


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda url: url._replace(netloc=url.netloc.replace(f":{url.password}@", ":hunter2@")), "name and password"),
        (lambda url: url._replace(netloc=url.netloc.replace(f"{url.username}:", "nobody:")), "name and password"),
        (lambda url: url._replace(path="/nothing"), "does not exist"),
        (lambda url: url._replace(netloc=url.netloc.replace(f":{url.port}", ":1")), "cannot be reached"),
    ],
)
def test_a_server_that_does_not_let_us_in(postgres: Server, wrong: Any, sentence: str) -> None:
    right = urlsplit(postgres.url)
    with pytest.raises(Misconfigured, match=sentence) as caught:
        Journal.open(urlunsplit(wrong(right)))
    said = str(caught.value)
    assert "hunter2" not in said
    assert str(right.password) not in said
    assert caught.value.__suppress_context__


@pytest.mark.postgres
def test_a_connection_that_breaks_is_made_again(postgres: Server) -> None:
    with Journal.open(postgres.schema()) as journal:
        track = journal.ensure(a_track())
        with journal._read() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        _end_backend(postgres, own)
        assert journal.find(track.key) == track, "it was noticed before it was used"
        with pytest.raises(Unreachable, match="stopped answering"), journal._write() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            _end_backend(postgres, own)
            connection.execute(text("SELECT 1"))
        assert journal.find(track.key) == track


def _end_backend(postgres: Server, pid: int) -> None:
    import psycopg

    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


@pytest.mark.postgres
def test_a_row_that_somebody_holds_on_postgresql_is_not_waited_for_forever(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_open, "LOCK_SECONDS", 0.1)
    with Journal.open(postgres.schema()) as journal:
        key = journal.ensure(a_track()).key
        with journal._write() as connection:
            connection.execute(text("UPDATE tracks SET attempts = 7"))
            begun = time.monotonic()
            with pytest.raises(Busy):
                journal.set_state(key, State.SYNCED)
            assert time.monotonic() - begun < 5


@pytest.mark.postgres
def test_a_user_that_may_only_read_is_told(postgres: Server) -> None:
    address = postgres.schema()
    with Journal.open(address) as journal:
        journal.ensure(a_track())
    reader = f"{address}%20-cdefault_transaction_read_only%3Don"
    with Journal.open(reader) as journal, pytest.raises(Misconfigured, match="cannot be written by this user"):
        journal.ensure(a_track())


def test_without_its_client_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Misconfigured) as caught:
        Journal.open("postgresql://u:hunter2@localhost/db")
    assert "tracksync[postgresql]" in caught.value.action


def test_what_no_one_foresaw_shows_no_row(sqlite_address: str) -> None:
    with Journal.open(sqlite_address) as journal:
        with pytest.raises(Exception, match="refused an operation") as caught, journal._write() as connection:
            connection.execute(text("INSERT INTO tracks (key, origin) VALUES (:k, :o)"), {"k": "k", "o": "s-SECRET"})
        assert "SECRET" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_an_input_error_of_a_nearly_full_disk_is_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refused = sqlite3.OperationalError("disk I/O error")
    refused.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    error = OperationalError("x", None, refused)
    place = _errors.Place("the journal", tmp_path / "journal.db")
    assert isinstance(_errors._translated(error, place, opening=False, about=""), Misconfigured)
    monkeypatch.setattr(_errors, "_NEARLY_FULL", 1 << 62)
    assert isinstance(_errors._translated(error, place, opening=False, about=""), DiskFull)
