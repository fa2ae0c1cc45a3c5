"""Linux: the players on the session's D-Bus (MPRIS 2.2), asked with dbus-fast."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracksync.errors import Unreachable
from tracksync.sources.player.answers import Answer
from tracksync.sources.player.choice import best
from tracksync.sources.player.programs import LIMIT_S
from tracksync.sources.playing import Playing

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

__all__ = ["NoBus", "is_there", "read"]

_PREFIX = "org.mpris.MediaPlayer2."
_PATH = "/org/mpris/MediaPlayer2"
_PLAYER = "org.mpris.MediaPlayer2.Player"
_ONE_PLAYER_S = 2.0
# It repeats what the player that was used last says.
_PROXIES = ("playerctld",)


class NoBus(Unreachable):
    """Nobody is at the bus's address: the same as no bus at all."""


def is_there() -> bool:
    """Whether there is a session bus to ask, and what asks it."""
    return _address() is not None and find_spec("dbus_fast") is not None


def read() -> Playing:
    """What the players play, Spotify first; not sure where none is there.

    Raises:
        NoBus: there is none at the address that is set.
        Unreachable: the bus, or a player that may be the one, did not answer in time.
    """

    def ask() -> Playing:
        return asyncio.run(asyncio.wait_for(_read(_address() or ""), LIMIT_S))

    try:
        # In a thread of its own: the caller's may have a loop that runs.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="mpris") as threads:
            return threads.submit(ask).result()
    except TimeoutError:
        raise Unreachable(f"The D-Bus did not answer within {LIMIT_S:g} seconds.") from None


def _address() -> str | None:
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if address:
        return address
    folder = os.environ.get("XDG_RUNTIME_DIR")
    socket = Path(folder) / "bus" if folder else None
    return f"unix:path={socket}" if socket and socket.exists() else None


async def _read(address: str) -> Playing:
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import AuthError, DBusError, InvalidAddressError

    bus: MessageBus | None = None
    try:
        bus = MessageBus(bus_address=address)
        await bus.connect()
        names = await _names(bus)
        answers = await asyncio.gather(*(_ask(bus, name) for name in names))
    except (FileNotFoundError, ConnectionRefusedError):
        # A session that ended leaves its address behind, and at times its socket: nobody listens there.
        raise NoBus("There is no D-Bus at the address that is set for it.") from None
    except (OSError, EOFError, AuthError, DBusError, InvalidAddressError) as error:
        raise Unreachable(f"The D-Bus can't be asked ({type(error).__name__}).") from None
    finally:
        if bus is not None:
            with suppress(Exception):
                bus.disconnect()
    result = best([answer for answer in answers if answer is not None])
    silent = [name.removeprefix(_PREFIX) for name, answer in zip(names, answers, strict=True) if answer is None]
    if result.track is None and silent:
        raise Unreachable(f"The player {silent[0]} did not answer within {_ONE_PLAYER_S:g} seconds.")
    return result


async def _names(bus: MessageBus) -> list[str]:
    from dbus_fast import Message

    reply = await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="ListNames",
        )
    )
    found = reply.body[0] if reply is not None and reply.body else []
    names = [name for name in found if isinstance(name, str) and name.startswith(_PREFIX)]
    return sorted(name for name in names if not name.removeprefix(_PREFIX).startswith(_PROXIES))


async def _ask(bus: MessageBus, name: str) -> Answer | None:
    """One player's answer, None where it gave none in time; one that is closing has nothing to say."""
    from dbus_fast import Message, MessageType

    player = name.removeprefix(_PREFIX)
    question = Message(
        destination=name,
        path=_PATH,
        interface="org.freedesktop.DBus.Properties",
        member="GetAll",
        signature="s",
        body=[_PLAYER],
    )
    try:
        reply = await asyncio.wait_for(bus.call(question), _ONE_PLAYER_S)
    except TimeoutError:
        return None
    if reply is None or reply.message_type is not MessageType.METHOD_RETURN or not reply.body:
        return Answer(player, "stopped")
    return answer_from(player, reply.body[0])


def answer_from(player: str, properties: object) -> Answer:
    """The properties of a player, with or without D-Bus variants around them, whatever their types are."""
    told = _plain(properties)
    told = told if isinstance(told, Mapping) else {}
    facts = told.get("Metadata")
    facts = facts if isinstance(facts, Mapping) else {}
    artists = _texts(facts.get("xesam:artist")) or _texts(facts.get("xesam:albumArtist"))
    return Answer(
        player,
        str(told.get("PlaybackStatus", "")) or "stopped",
        title=_first(facts.get("xesam:title")),
        artists=artists,
        album=_first(facts.get("xesam:album")),
        seconds=_seconds(facts.get("mpris:length")),
        ids=tuple(text for name in ("mpris:trackid", "xesam:url") if (text := _first(facts.get(name)))),
    )


def _seconds(length: object) -> float | None:
    """From microseconds, which players give as every kind of number there is."""
    if isinstance(length, str) and length.isdecimal():
        length = int(length)
    if isinstance(length, bool) or not isinstance(length, int | float) or length <= 0:
        return None
    return float(length) / 1_000_000


def _plain(value: Any) -> Any:
    """Without the variants of the D-Bus."""
    if hasattr(value, "signature") and hasattr(value, "value"):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(text.strip() for text in values if isinstance(text, str) and text.strip())


def _first(value: object) -> str:
    return next(iter(_texts(value)), "")
