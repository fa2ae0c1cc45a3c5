"""Fixtures that several tests share."""

import gc
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
    """Each worker has its share of the tests that run the whole, else the last runs alone at the end; one after the
    other they come to them, else all wait for the one server to start, and then for a processor."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    whole = [item for item in items if item.get_closest_marker("server")]
    parts = [item for item in items if not item.get_closest_marker("server")]
    size = -(-len(parts) // workers)
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        share = parts[worker * size : (worker + 1) * size]
        before = size * worker // (3 * workers)
        dealt += [*share[:before], *whole[worker::workers], *share[before:]]
    items[:] = dealt


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: to search it for rubbish again and again takes a twelfth
    of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
