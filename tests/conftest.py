"""Fixtures that several tests share."""

from tests.sandbox.bench import bench
from tests.sandbox.fixtures import bad_files, music, prefect_api, serve
from tests.sandbox.journals import address, database, journal, migrated_file, sqlite_address
from tests.sandbox.notion.fixtures import house, notion
from tests.sandbox.postgres import postgres

__all__ = [
    "address",
    "bad_files",
    "bench",
    "database",
    "house",
    "journal",
    "migrated_file",
    "music",
    "notion",
    "postgres",
    "prefect_api",
    "serve",
    "sqlite_address",
]
