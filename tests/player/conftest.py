"""What the tests of local players share: programs on a PATH of their own, and no player of this machine's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sandbox.dbus import PrivateBus, has_daemon
from tests.sandbox.spotify.fixtures import spotify, spotify_settings
from tracksync.settings import Settings

__all__ = ["spotify", "spotify_settings"]

StandIn = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's can be asked."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}")


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """Puts a program onto PATH: its name, and what a shell does in its place."""

    def put(name: str, script: str) -> Path:
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    return put


@pytest.fixture
def bus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    """A D-Bus of the test's own, named as a session's is."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin")
    if not has_daemon():
        pytest.skip("there is no dbus-daemon on this machine")
    with PrivateBus() as private:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", private.address)
        monkeypatch.setenv("PATH", str(request.getfixturevalue("tmp_path") / "bin"))
        yield private


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Without anything of Spotify's."""
    monkeypatch.chdir(tmp_path)
    return Settings(TRACKSYNC_HOME=str(tmp_path / "home"))  # type: ignore[call-arg]
