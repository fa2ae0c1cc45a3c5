"""Files in staging, and a system that refuses, for the tests of what comes into the library."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["Staged", "failing", "names", "song", "staged"]

Staged = tuple[Path, str]
"""A file and the SHA-256 of its bytes."""


def staged(folder: Path, content: bytes, name: str = "staged.wav") -> Staged:
    path = folder / "staging" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


@pytest.fixture
def song(tmp_path: Path) -> Staged:
    return staged(tmp_path, os.urandom(3 * 2**20 + 7))


def failing(error: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    return fail


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
