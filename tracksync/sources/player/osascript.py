"""macOS: the Spotify app, asked through `osascript`.

`is running` is asked first, because telling an app that is closed to do something starts it. The fields stand apart by
a control character that no title has.
"""

from __future__ import annotations

import shutil

from tracksync.errors import Misconfigured, Unreachable
from tracksync.sources.player.answers import Answer, judged
from tracksync.sources.player.programs import ask
from tracksync.sources.playing import Playing

__all__ = ["is_there", "read"]

_MARK = "\x1f"
_SCRIPT = """
set mark to character id 31
if application "Spotify" is not running then return "closed"
tell application "Spotify"
    if player state is stopped then return "stopped"
    set state_word to "paused"
    if player state is playing then set state_word to "playing"
    try
        set the_track to current track
        set told to {state_word, id of the_track, spotify url of the_track, name of the_track, artist of the_track}
        set told to told & {album of the_track, (duration of the_track) as text}
    on error number -1728
        return "stopped"
    end try
end tell
set AppleScript's text item delimiters to mark
return told as text
"""
_FIELDS = 7
_MISSING = "missing value"

# What osascript says, and what it means: the numbers stand in Apple's AppleScript Language Guide, appendix B.
_NOT_INSTALLED = ("-1728", "-2741", "-2740", "-10814", "-1719")
_NOT_ALLOWED = ("-1743", "-1744")
_CLOSED_MEANWHILE = ("-600", "-609")


def is_there() -> bool:
    """Whether this machine has `osascript`."""
    return shutil.which("osascript") is not None


def read() -> Playing:
    """What the Spotify app plays; not sure where the app is closed or not installed.

    Raises:
        Unreachable: it did not answer in time, or can't be understood.
        Misconfigured: this program may not ask it.
    """
    done = ask(["osascript", "-"], told=_SCRIPT)
    if done.returncode != 0:
        if any(f"({number})" in done.stderr for number in _NOT_ALLOWED):
            raise Misconfigured(
                "macOS does not let this program ask the Spotify app what is playing.",
                action="Allow it in System Settings, Privacy & Security, Automation.",
            )
        if any(f"({number})" in done.stderr for number in _NOT_INSTALLED):
            return Playing(None, "the Spotify app is not installed", sure=False)
        if any(f"({number})" in done.stderr for number in _CLOSED_MEANWHILE):
            return Playing(None, "the Spotify app is closed", sure=False)
        raise Unreachable("The Spotify app could not be asked what is playing (osascript failed).")
    text = done.stdout.removesuffix("\n")
    if text == "closed":
        return Playing(None, "the Spotify app is closed", sure=False)
    if text == "stopped":
        return Playing(None, "nothing is playing in Spotify")
    fields = ["" if field == _MISSING else field for field in text.split(_MARK)]
    if len(fields) != _FIELDS or fields[0] not in {"playing", "paused"}:
        raise Unreachable("The Spotify app's answer can't be understood.")
    state, track_id, link, title, artist, album, duration = fields
    return judged(
        Answer(
            "Spotify",
            state,
            title=title,
            artists=(artist,),
            album=album,
            seconds=_seconds(duration),
            ids=tuple(text for text in (track_id, link) if text),
        )
    )


def _seconds(text: str) -> float | None:
    """From milliseconds; AppleScript writes numbers as the system's language does."""
    try:
        value = float(text.replace(",", ".")) / 1000
    except ValueError:
        return None
    return value if 0 < value < 1e6 else None
