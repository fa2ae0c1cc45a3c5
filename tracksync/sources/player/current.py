"""The track that is playing, from whoever can say it.

The order: the Spotify app (macOS), the players on the D-Bus (Linux), `playerctl` where the D-Bus could not be read
directly, and the Web API where none of these has Spotify, which then plays on another device or not at all. Who is
there decides, not the name of the system.

Paused counts as not playing: what stands in a paused player may have been left there days ago, and the run would bring
in a track that nobody listens to.
"""

from __future__ import annotations

from collections.abc import Callable

from tracksync.errors import LoginNeeded, Misconfigured, RateLimited, TracksyncError, Transient, Unreachable
from tracksync.settings import Settings
from tracksync.sources.detected import Detected
from tracksync.sources.player import mpris, osascript, playerctl
from tracksync.sources.playing import Playing

__all__ = ["current_track"]

_WEB_S = 12.0
"""With three local readers at their limits (5 s each) the whole is over within 30 s."""

_READERS: tuple[tuple[str, Callable[[], bool], Callable[[], Playing]], ...] = (
    ("osascript", osascript.is_there, osascript.read),
    ("D-Bus", mpris.is_there, mpris.read),
    ("playerctl", playerctl.is_there, playerctl.read),
)


def current_track(
    settings: Settings, *, note: Callable[[str], None] = lambda _: None, held: RateLimited | None = None
) -> Detected | None:
    """The track that is playing, None where none is.

    A Spotify track has its id, and the rest as the player has it (`spotify.completed` asks the Web API for more).
    Another player's track has its link or its file as `origin`, with a provisional key where only opening it tells the
    real one (a SoundCloud link, a file: `path:…`): give `origin` to `detect`. With neither, its name is its key.

    Args:
        settings: for the Web API's login.
        note: told who was asked and what was found.
        held: why Spotify's Web API may not be asked now, where it may not.

    Raises:
        TracksyncError: it could not be found out; the sentence says who was asked, and why it failed.
    """
    failed: list[TracksyncError] = []
    heard: list[Playing] = []
    has_bus = True
    for name, is_there, read in _READERS:
        if not is_there() or (name == "playerctl" and heard):
            continue
        try:
            found = read()
        except mpris.NoBus:
            has_bus = False  # an address that outlived its session is no fault
            continue
        except TracksyncError as error:
            if name != "playerctl" or has_bus:  # without a bus it can't but fail
                failed.append(error)
            continue
        heard.append(found)
        if found.track is not None or found.sure:
            note(f"Asked through {name}: {found.said}.")
            return found.track
    return _from_the_web(settings, heard, failed, note, held)


def _from_the_web(
    settings: Settings,
    heard: list[Playing],
    failed: list[TracksyncError],
    note: Callable[[str], None],
    held: RateLimited | None,
) -> Detected | None:
    if not _has_login(settings):
        if failed:
            raise _together(failed, failed[0])
        if heard:
            note(f"Asked here: {heard[0].said}. There is no Spotify login to ask for other devices.")
            return None
        raise LoginNeeded(
            "No player can be asked on this machine: there is no Spotify app and no D-Bus. "
            "And there is no Spotify login to ask the Web API.",
            action="Run `tracksync login spotify`.",
        )
    from tracksync.sources.spotify import open_client, playing

    try:
        if held is not None:
            raise held
        with open_client(settings, limit_s=_WEB_S) as client:
            found = playing(client)
    except TracksyncError as error:
        raise _together([*failed, error], error) from None
    for trouble in failed:
        note(f"{trouble.message} Spotify's Web API was asked instead.")
    note(f"Asked through Spotify's Web API: {found.said}.")
    return found.track


def _has_login(settings: Settings) -> bool:
    """Whether somebody logged in; whether it still holds is another question."""
    if settings.spotify_client_id is None:
        return False  # known without what takes a moment to import
    from tracksync.sources.spotify.token import TokenFile

    return settings.spotify_refresh_token is not None or TokenFile(settings.home).path.exists()


def _together(failed: list[TracksyncError], last: TracksyncError) -> TracksyncError:
    """One error that holds every reason; of the kind of the one that decided."""
    message = " ".join(error.message for error in failed)
    if isinstance(last, Transient):
        kind = type(last) if type(last) is not Transient else Unreachable
        return kind(message, action=last.action, retry_after=last.retry_after)
    if isinstance(last, Misconfigured):
        return type(last)(message, action=last.action)
    return Unreachable(message, action=last.action)
