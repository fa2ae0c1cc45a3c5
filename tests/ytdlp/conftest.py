"""What the tests of downloads share: a server of our own, a folder, an untouched network and a silent console."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.net.environment import set_variables, silent_console
from tests.sandbox.web import Web
from tracksync.sources.ytdlp import Fetched, YtdlpOptions, fetch

__all__ = ["silent_console"]

AUDIO = b"ID3\x04" + random.Random(7).randbytes(300_000)  # noqa: S311 (any bytes, the same each time)
"""Not audio that could be played: nothing is decoded here."""
PAGE = b"<!doctype html><html><head><title>Sorry</title></head><body>Nothing here.</body></html>"

Get = Callable[..., Fetched]


def staged(options: YtdlpOptions) -> list[str]:
    return sorted(path.name for path in options.folder.iterdir())


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        yield server


@pytest.fixture(autouse=True)
def _plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables({}, monkeypatch)


@pytest.fixture
def options(tmp_path: Path) -> YtdlpOptions:
    return YtdlpOptions(tmp_path / "stage", stall_seconds=10, backoff_seconds=0.01)


@pytest.fixture
def hasty(options: YtdlpOptions) -> YtdlpOptions:
    """For servers that stall."""
    return replace(options, stall_seconds=0.5)


@pytest.fixture
def get(options: YtdlpOptions) -> Get:
    def _get(link: str, progress: Any = None) -> Fetched:
        return fetch(link, options.folder, options, progress)

    return _get
