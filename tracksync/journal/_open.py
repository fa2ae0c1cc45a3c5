"""Finding, making and migrating the journal's database."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, inspect, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from tracksync.errors import Misconfigured
from tracksync.journal import _schema
from tracksync.journal._core import WRITES
from tracksync.journal._errors import LOCK_SECONDS, Place, plain_errors

__all__ = ["open_database"]

_MIGRATION_LOCK = 0x7472_6163_6B73_796E
"""PostgreSQL's advisory lock for migrations: any number that nobody else uses."""
_WAL_PATIENCE = 3.0
"""Seconds. Where another program reads the file all this time, it stays as it is: slower, and no less safe."""

# Alembic keeps its context in module globals, and the first file is made under it (see `_make_file`).
_opening = threading.Lock()


def open_database(address: str) -> tuple[Callable[[], Engine], Place]:
    """The maker of engines for a journal that exists and is up to date, and the journal's place.

    Args:
        address: `sqlite:///<path>` or `postgresql://…`.

    Raises:
        Misconfigured: the address, the file or the server is not as it has to be.
        DiskFull: there is no room for a new journal.
        Busy: another program holds it.
    """
    if address.startswith("sqlite"):
        place = _sqlite_place(address)
        make = partial(_sqlite_engine, _path_of(place))
        migrating = partial(_sqlite_engine, _path_of(place), foreign_keys=False)
    else:
        url, place = _postgresql_place(address)
        make = migrating = partial(_postgresql_engine, url)
    with plain_errors(place, opening=True):
        if place.path is not None:
            with _opening:
                _make_file(place.path)
            _check_access(place, place.path)
        engine = make()
        try:
            with engine.connect() as connection:
                current = _version(connection)
                if current == _schema.HEAD and place.path is not None:
                    _use_wal(connection)
        finally:
            engine.dispose()
        if current != _schema.HEAD:
            with _opening:
                _migrate(migrating, place)
    return make, place


def _path_of(place: Place) -> Path:
    assert place.path is not None  # noqa: S101 (by construction)
    return place.path


def _sqlite_place(address: str) -> Place:
    _, _, name = address.partition(":///")
    # Taken as it stands: SQLAlchemy would read a `?` in a folder's name as the beginning of options.
    if not name or name == ":memory:" or name.startswith("file:"):
        raise Misconfigured(
            "The journal has to be a file: sqlite:///, and then its path.", action="Check TRACKSYNC_DATABASE_URL."
        )
    path = Path(os.path.abspath(Path(name).expanduser()))  # noqa: PTH100 (no symlinks resolved)
    return Place(f"the journal {path}", path)


def _postgresql_place(address: str) -> tuple[URL, Place]:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (exc.SQLAlchemyError, ValueError):
        backend = ""
    if backend not in ("postgresql", "postgres"):
        raise Misconfigured(
            "The journal's address names neither a SQLite file nor a PostgreSQL database.",
            action="Set TRACKSYNC_DATABASE_URL to sqlite:///<path> or postgresql://<user>:<password>@<host>/<database>.",
        )
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise Misconfigured(
            "The journal is on PostgreSQL, and its client is not installed.",
            action="Install it: pip install 'tracksync[postgresql]'.",
        ) from None
    where = f"{url.host or 'localhost'}:{url.port or 5432}"
    return url.set(drivername="postgresql+psycopg"), Place(f"the journal {url.database or ''} on PostgreSQL at {where}")


def _sqlite_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": LOCK_SECONDS},
        max_overflow=59,
        hide_parameters=True,
    )

    def connected(connection: Any, _record: object) -> None:
        # The driver's own transactions begin too late and as readers, and two readers that both want to write lock
        # each other out. They are off; ours begin below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous = FULL")

    def begun(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _postgresql_engine(url: URL) -> Engine:
    # A server that cannot be reached, or a machine that fell off the network, is noticed in seconds. Statements are
    # not prepared, so that a pooler in front of the server does no harm.
    arguments: dict[str, Any] = {"connect_timeout": 10, "tcp_user_timeout": 30_000, "application_name": "tracksync"}
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    engine = create_engine(
        url,
        connect_args={**arguments, "prepare_threshold": None},
        pool_pre_ping=True,
        max_overflow=59,
        hide_parameters=True,
    )

    def connected(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", connected)
    return engine


def _make_file(path: Path) -> None:
    """An empty file that only its owner reads, in a folder that only its owner enters; what exists stays as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Never opened where it exists: closing it would drop the locks that SQLite holds on it in this process.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def _check_access(place: Place, path: Path) -> None:
    if path.is_dir():
        raise Misconfigured(f"{place.subject} is a folder.", action=place.action)
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise Misconfigured(f"{place.subject} cannot be written.", action=place.action)


def _version(connection: Connection) -> str | None:
    """The journal's version; None where it is new."""
    asked = select(_schema.version.c.version_num)
    try:
        return connection.execute(asked).scalar()
    except (exc.OperationalError, exc.ProgrammingError):
        connection.rollback()
        if not inspect(connection).has_table(_schema.VERSION_TABLE):
            return None
    # Another process made it between the two questions, or the failure was another one: then it is met again.
    return connection.execute(asked).scalar()


def _use_wal(connection: Connection) -> None:
    """Write-ahead logging, with which readers and a writer don't wait for each other, where the file system can."""
    until = time.monotonic() + _WAL_PATIENCE
    while connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
        try:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except exc.OperationalError:
            if time.monotonic() > until:
                return
            time.sleep(random.uniform(0.005, 0.03))  # noqa: S311 (no secret)


def _migrate(make: Callable[[], Engine], place: Place) -> None:
    """To the newest version, in one transaction and under a lock: of two processes the second finds it done."""
    engine = make()
    try:
        if place.path is not None:
            with engine.connect() as connection:
                _use_wal(connection)
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            if place.path is None:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            current = _version_inside(connection)
            if current == _schema.HEAD:
                return
            if current is None:
                _refuse_foreign(connection, place)
            _upgrade(connection, current, place)
    finally:
        engine.dispose()


def _version_inside(connection: Connection) -> str | None:
    # In a transaction of PostgreSQL a query that fails spoils the rest: look for the table first.
    return _version(connection) if inspect(connection).has_table(_schema.VERSION_TABLE) else None


def _refuse_foreign(connection: Connection, place: Place) -> None:
    """A database of another program is left alone."""
    present = set(inspect(connection).get_table_names()) - {_schema.VERSION_TABLE}
    if present if place.path is not None else present & set(_schema.metadata.tables):
        raise Misconfigured(f"{place.subject} is a database of another program.", action=place.action)


def _upgrade(connection: Connection, current: str | None, place: Place) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Misconfigured(
            f"{place.subject} was written by a newer version of tracksync.", action="Update tracksync on this machine."
        )
    command.upgrade(config, "head")
    if place.path is not None and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise Misconfigured(f"{place.subject} has rows that belong to no track.", action="Put a copy of it back.")
