"""The tables of the journal.

One set for SQLite and PostgreSQL, so nothing here depends on either: moments are seconds since 1970 in UTC (a double,
written from the program's clock), structured values are JSON in a text column, and unique constraints and foreign keys
carry what must never happen twice. A change of these tables needs a migration and a new `HEAD`; a test compares them
with what the migrations make.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

__all__ = [
    "HEAD",
    "VERSION_TABLE",
    "bindings",
    "compared",
    "fingerprints",
    "identities",
    "indexed_files",
    "indexed_folders",
    "locks",
    "marks",
    "metadata",
    "paces",
    "page_names",
    "pages",
    "receipts",
    "seen_files",
    "seen_pages",
    "stems",
    "tracks",
    "version",
    "volumes",
]

HEAD = "0003"
"""The newest migration. Kept here so that opening a journal that is up to date needs no Alembic (0.1 s)."""

VERSION_TABLE = "tracksync_version"
"""Not Alembic's default name: Prefect keeps its own `alembic_version`, maybe in the same PostgreSQL database."""


class JsonText(TypeDecorator[Any]):
    """JSON in a text column, in ASCII.

    A path or a title may hold what no database takes as text: NUL, or the surrogates by which Python stands for the
    bytes of a file name that is not UTF-8. As JSON's escapes they come back exactly.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's)
        return None if value is None else json.loads(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _track_key(*, primary_key: bool = False) -> Column[str]:
    return Column("track_key", Text, ForeignKey("tracks.key"), primary_key=primary_key, nullable=False)


tracks = Table(
    "tracks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("origin", JsonText, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("playlist", JsonText),
    Column("duration_s", Double),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("waiting_until", Double),
    Column("attempts", Integer, nullable=False),
    Column("error_kind", Text),
    Column("error_message", Text),
    Column("error_action", Text),
    Column("merged_into", Text, ForeignKey("tracks.key")),
    Column("lease_owner", Text),
    Column("lease_until", Double),
    Column("lease_seconds", Double),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Index(None, "state"),
    Index(None, "merged_into"),
)

identities = Table(
    "identities",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    _track_key(),
    Index(None, "track_key"),
)

receipts = Table(
    "receipts",
    metadata,
    _track_key(primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("content", JsonText, nullable=False),
    Column("written", Double, nullable=False),
)

stems = Table(
    "stems",
    metadata,
    Column("same_name", Text, primary_key=True),
    Column("stem", JsonText, nullable=False),
    _track_key(),
    UniqueConstraint("track_key"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    _track_key(primary_key=True),
    Column("duration_s", Double, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Index(None, "duration_s"),
)

seen_files = Table(
    "seen_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("ctime_ns", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("device", BigInteger, nullable=False),
    _track_key(),
    Index(None, "track_key"),
)

pages = Table(
    "pages",
    metadata,
    _track_key(primary_key=True),
    Column("page_id", Text, nullable=False),
    Column("properties", JsonText, nullable=False),
    Column("created", Double, nullable=False),
    Column("edited", Double, nullable=False),
    UniqueConstraint("page_id"),
)

# -- a catalogue that lives elsewhere: `catalogue` names it (a data source's id) ---------------------------------------

bindings = Table(
    "bindings",
    metadata,
    Column("catalogue", Text, primary_key=True),
    Column("track_key", Text, ForeignKey("tracks.key"), primary_key=True, nullable=False),
    Column("page_id", Text, nullable=False),
    Column("content", JsonText, nullable=False),
    Column("updated", Double, nullable=False),
    UniqueConstraint("catalogue", "page_id"),
)

seen_pages = Table(
    "seen_pages",
    metadata,
    Column("catalogue", Text, primary_key=True),
    Column("page_id", Text, primary_key=True),
    Column("edited", Double, nullable=False),
    Column("content", JsonText, nullable=False),
)

page_names = Table(
    "page_names",
    metadata,
    Column("catalogue", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("page_id", Text, primary_key=True),
    Index(None, "catalogue", "page_id"),
)

marks = Table("marks", metadata, Column("name", Text, primary_key=True), Column("content", JsonText, nullable=False))

locks = Table(
    "locks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Double, nullable=False),
)

paces = Table("paces", metadata, Column("service", Text, primary_key=True), Column("next_at", Double, nullable=False))

# -- the index of volumes: `place` is a digest of a volume, the path in it and, for a file, its name ------------------

volumes = Table(
    "volumes",
    metadata,
    Column("identity", Text, primary_key=True),
    Column("mounts", JsonText, nullable=False),
    Column("seen", Double, nullable=False),
)

indexed_folders = Table(
    "indexed_folders",
    metadata,
    Column("place", Text, primary_key=True),
    Column("volume", Text, ForeignKey("volumes.identity"), nullable=False),
    Column("relative", JsonText, nullable=False),
    Column("path", JsonText, nullable=False),
    Column("path_key", Text, nullable=False),
    Column("digest", Text),
    Column("fingerprinted", Integer, nullable=False),
    Column("files", Integer, nullable=False),
    Index(None, "volume"),
    Index(None, "path_key"),
)

indexed_files = Table(
    "indexed_files",
    metadata,
    Column("place", Text, primary_key=True),
    Column("folder", Text, ForeignKey("indexed_folders.place"), nullable=False),
    Column("name", JsonText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("found", Double, nullable=False),
    Column("gone", Double),
    Column("problem", Text),
    Column("again", Integer, nullable=False),
    Column("duration_s", Double),
    Column("isrc", Text),
    Column("track_key", Text),
    Column("audio_sha256", Text),
    Column("song", Text),
    Column("content", JsonText, nullable=False),
    # Last, and asked for by few: SQLite keeps long texts on pages of their own.
    Column("fingerprint", Text),
    *(Index(None, name) for name in ("folder", "inode", "isrc", "track_key", "audio_sha256", "song")),
)

compared = Table(
    "compared",
    metadata,
    Column("one", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    Column("same", Integer, nullable=False),
    Column("evidence", Text, nullable=False),
)

version = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))
"""Alembic's own table, for the one query that asks how old a journal is."""
