"""Fixtures that several tests share."""

from tests.sandbox.fixtures import bad_files, music, prefect_api, serve
from tests.sandbox.postgres import postgres

__all__ = ["bad_files", "music", "postgres", "prefect_api", "serve"]
