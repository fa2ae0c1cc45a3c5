"""All the services at once, as a person has them: SoundCloud, YouTube, YouTube Music, Spotify, behind one proxy.

    with Town(music) as town:
        town.like_on_soundcloud(town.song(0))
        house = House(tmp_path, town.environment)

The music is the project's own pieces, each under the name that it was made with.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from examples.pieces import PIECES, render, write_with_ffmpeg
from tests.sandbox.music import LENGTH_S, Music
from tests.sandbox.net import Loopback
from tests.sandbox.soundcloud import PlaylistOf, Song, SoundCloud
from tests.sandbox.spotify.fixtures import log_in
from tests.sandbox.spotify.server import ACCOUNTS, API, LoopbackSpotify
from tests.sandbox.youtube import Video, YouTube
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.settings import Settings

__all__ = ["Town"]


class Town:
    """A context manager.

    Args:
        music: the pieces, as files.
    """

    def __init__(self, music: Music) -> None:
        self._music = music
        self.cloud, self.tube, self.spotify = SoundCloud(), YouTube(), LoopbackSpotify()
        self.net = Loopback(self.cloud, self.tube)
        self.fan = self.cloud.add_person("the-fan", "The Fan")
        self.label = self.cloud.add_person("some-label", "Some Label")
        self._stack = ExitStack()

    def __enter__(self) -> Town:
        self._stack.enter_context(self.spotify)
        self._stack.enter_context(self.net)
        hosts = self.spotify.proxy.hosts
        self.net.join({API: hosts[API], ACCOUNTS: hosts[ACCOUNTS]}, self.spotify.ca)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a person's shell has. There is no player on this machine."""
        return {
            **self.net.environment,
            "REQUESTS_CA_BUNDLE": str(self.net.ca),
            "CURL_CA_BUNDLE": str(self.net.ca),
            "SOUNDCLOUD_PROFILE": self.fan.permalink,
            "SPOTIFY_CLIENT_ID": self.spotify.world.client_id,
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus",
        }

    def log_in(self, home: Path) -> None:
        """As after `tracksync login spotify`."""
        log_in(self.spotify, Settings(_env_file=None, TRACKSYNC_HOME=str(home)))  # type: ignore[call-arg]

    # -- what there is -------------------------------------------------------------------------------------------------

    def on_soundcloud(self, number: int, title: str | None = None, **more: Any) -> Song:
        """A piece as a label uploads it."""
        piece, file = PIECES[number], self._music.piece(number, "mp3")
        name = title or f"{', '.join(piece.artists)} - {piece.title}"
        return self.cloud.add_song(name, self.label, file.read_bytes(), LENGTH_S, **more)

    def long_sound(self) -> bytes:
        """A piece of a minute, as MP3: twice as long as the others."""
        piece = replace(PIECES[2], seconds=2 * LENGTH_S)
        ffmpeg = find_ffmpeg(None).path
        path = self._music.once(
            "long.mp3",
            lambda path: write_with_ffmpeg(path, render(piece), ffmpeg=ffmpeg, options=("-b:a", "96k")),
        )
        return path.read_bytes()

    def on_youtube(self, number: int, title: str | None = None, **more: Any) -> Video:
        """A piece as a song of a label's on YouTube Music, or under another title as anybody's upload."""
        piece, file = PIECES[number], self._music.piece(number, "m4a")
        song = {"artists": piece.artists, "album": "An Album"} if title is None else {}
        length = int(LENGTH_S)
        channel = f"{piece.artists[0]} - Topic" if title is None else "Somebody"
        return self.tube.add(title or piece.title, channel, file.read_bytes(), length, **{**song, **more})

    def on_spotify(self, number: int, **more: Any) -> dict[str, Any]:
        """A piece as Spotify has it: what it is, and no audio."""
        piece = PIECES[number]
        length = {"duration_ms": int(LENGTH_S * 1000)}
        return self.spotify.world.track(piece.title, *piece.artists, **{**length, **more})

    def like(self, *songs: Song | PlaylistOf | None) -> None:
        """Liked on SoundCloud, the newest first."""
        self.cloud.likes[self.fan.id] += songs

    def save(self, *rows: dict[str, Any]) -> None:
        """Saved on Spotify, the newest first."""
        self.spotify.world.save(*rows)
