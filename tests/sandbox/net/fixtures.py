"""Fixtures of the tests that ask a site through yt-dlp: settings, options and a download."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracksync.settings import Settings
from tracksync.sources.ytdlp import Fetched, YtdlpOptions, fetch

__all__ = ["Get", "MakeSettings", "get", "make_settings", "options"]

Get = Callable[[str], Fetched]
MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Settings as the environment would give them; nothing else counts."""

    def _make(**values: Any) -> Settings:
        named = {"TRACKSYNC_HOME": str(tmp_path / "home"), "TRACKSYNC_STALL_SECONDS": 2, **values}
        return Settings(_env_file=None, **named)  # type: ignore[call-arg]

    return _make


@pytest.fixture
def options(tmp_path: Path) -> YtdlpOptions:
    return YtdlpOptions(tmp_path / "stage", stall_seconds=5, backoff_seconds=0.01)


@pytest.fixture
def get(options: YtdlpOptions) -> Get:
    return lambda link: fetch(link, options.folder, options)
