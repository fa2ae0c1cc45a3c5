"""Linux: `playerctl`, where the D-Bus can't be read directly."""

from __future__ import annotations

import shutil

from tracksync.errors import Unreachable
from tracksync.sources.player.answers import Answer
from tracksync.sources.player.choice import best
from tracksync.sources.player.programs import ask
from tracksync.sources.playing import Playing

__all__ = ["is_there", "read"]

_FIELD, _PLAYER = "\x1f", "\x1e"
_NAMES = (
    "playerName", "status", "mpris:trackid", "xesam:url", "xesam:title", "xesam:artist", "xesam:album", "mpris:length",
)  # fmt: skip
_FORMAT = _FIELD.join(f"{{{{{name}}}}}" for name in _NAMES) + _PLAYER
_NOBODY = ("no players found", "no player could handle this command", "no players were found")


def is_there() -> bool:
    """Whether this machine has `playerctl`."""
    return shutil.which("playerctl") is not None


def read() -> Playing:
    """What the players play, Spotify first; not sure where none is there.

    Raises:
        Unreachable: it did not answer in time, failed, or can't be understood.
    """
    done = ask(["playerctl", "--all-players", "metadata", "--format", _FORMAT])
    if done.returncode != 0 and not done.stdout.strip():
        if any(words in done.stderr.lower() for words in _NOBODY):
            return Playing(None, "no player is open", sure=False)
        raise Unreachable("playerctl could not ask the players.")
    answers = [_answer(line) for text in done.stdout.split(_PLAYER) if (line := text.strip("\n"))]
    return best(answers)


def _answer(line: str) -> Answer:
    fields = line.split(_FIELD)
    if len(fields) != len(_NAMES):
        raise Unreachable("playerctl's answer can't be understood.")
    player, state, track_id, link, title, artists, album, length = fields
    return Answer(
        player,
        state,
        title=title,
        # It joins several artists; a comma within one can't be told from that.
        artists=tuple(artists.split(", ")),
        album=album,
        seconds=int(length) / 1_000_000 if length.isdecimal() and int(length) > 0 else None,
        ids=tuple(text.strip("'") for text in (track_id, link) if text),
    )
