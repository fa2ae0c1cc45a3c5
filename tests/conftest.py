"""Fixtures that several tests share."""

import os

import pytest

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each worker begins with its share of the tests that run the whole: else the last runs alone at the end."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    whole = [item for item in items if item.get_closest_marker("server")]
    parts = [item for item in items if not item.get_closest_marker("server")]
    size = -(-len(parts) // workers)
    items[:] = [
        item
        for worker in range(workers)
        for item in (*whole[worker::workers], *parts[worker * size : (worker + 1) * size])
    ]
