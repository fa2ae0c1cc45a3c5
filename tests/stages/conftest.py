"""A town with all its services, and a workshop in this process that reaches them as a run does, without an engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.music import LENGTH_S, Music
from tests.sandbox.net.environment import fresh, hurried, reach, silent_console
from tests.sandbox.notion.houses import House, standard_house
from tests.sandbox.notion.server import LoopbackNotion
from tests.sandbox.town import Town
from tests.stages.story import Heard, Story
from tracksync.settings import Settings, env_names
from tracksync.stages.workshop import open_workshop

__all__ = ["fresh", "hurried", "silent_console"]

MakeSettings = Callable[..., Settings]


@pytest.fixture
def town(music: Music, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Town]:
    """SoundCloud, YouTube, YouTube Music and Spotify, reached through the ordinary variables. No player runs."""
    for name in env_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with Town(music) as stand_in:
        reach(stand_in.net, monkeypatch)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", stand_in.environment["DBUS_SESSION_BUS_ADDRESS"])
        yield stand_in


@pytest.fixture
def make_settings(town: Town, tmp_path: Path) -> MakeSettings:
    """A person's settings: a profile, an app at Spotify; more by name, `None` leaves one out."""

    def make(**more: Any) -> Settings:
        named = {
            "TRACKSYNC_HOME": str(tmp_path / "home"),
            "OUT_DIR": str(tmp_path / "library"),
            "TRACKSYNC_STALL_SECONDS": 5,
            "SOUNDCLOUD_PROFILE": town.fan.permalink,
            "SPOTIFY_CLIENT_ID": town.spotify.world.client_id,
            "SC_MAX_CONCURRENCY": 1,
            **more,
        }
        kept = {name: value for name, value in named.items() if value is not None}
        return Settings(_env_file=None, **kept)  # type: ignore[call-arg]

    return make


@pytest.fixture
def open_story(town: Town, make_settings: MakeSettings) -> Iterator[Callable[..., Story]]:
    """Opens a run; the next one opened is a later run, on the same journal."""
    with ExitStack() as stack:

        def begin(**more: Any) -> Story:
            stack.close()
            heard = Heard()
            shop = stack.enter_context(open_workshop(make_settings(**more), heard))
            return Story(shop, heard, town)

        yield begin


@pytest.fixture
def story(open_story: Callable[..., Story], town: Town, tmp_path: Path) -> Story:
    """A run of somebody who has logged in to Spotify."""
    town.log_in(tmp_path / "home")
    return open_story()


@pytest.fixture
def notion(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The user's databases in Notion, in the same town."""
    with LoopbackNotion() as stand_in:
        town.net.join(stand_in.proxy.hosts, stand_in.ca)
        reach(town.net, monkeypatch)
        yield standard_house(stand_in)


@pytest.fixture
def playing(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets a player of this machine play something; `playerctl` tells."""
    programs = tmp_path / "programs"
    programs.mkdir()

    def play(player: str, title: str, artist: str, link: str, seconds: float = LENGTH_S, number: str = "") -> None:
        fields = (player, "Playing", number, link, title, artist, "An Album", f"{seconds * 1e6:.0f}")
        (programs / "answer").write_text("\x1f".join(fields) + "\x1e", encoding="utf-8")
        program = programs / "playerctl"
        program.write_text(f"#!/bin/sh\ncat {programs / 'answer'}\n", encoding="utf-8")
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return play
