"""A D-Bus of the test's own, with players on it that answer as they are told."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

__all__ = ["PrivateBus", "has_daemon"]

_PREFIX = "org.mpris.MediaPlayer2."


def has_daemon() -> bool:
    """Whether this machine has what it takes."""
    return shutil.which("dbus-daemon") is not None


class PrivateBus:
    """A context manager: `dbus-daemon` on a socket of its own, and the players in a thread."""

    def __init__(self) -> None:
        self._daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._daemon.stdout is not None
        self.address = self._daemon.stdout.readline().strip()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="players", daemon=True)
        self._buses: list[MessageBus] = []

    def __enter__(self) -> PrivateBus:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wait(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._daemon.terminate()
        self._daemon.communicate()

    def add_player(
        self, name: str, metadata: Mapping[str, Variant], status: str = "Playing", *, answers: bool = True
    ) -> None:
        """A player with these facts; one that does not answer keeps whoever asks waiting."""
        body = {
            "PlaybackStatus": Variant("s", status),
            "Metadata": Variant("a{sv}", dict(metadata)),
            "Volume": Variant("d", 1.0),
        }
        self._wait(self._join(name, body, answers))

    def add_odd_player(self, name: str, body: Mapping[str, Variant] | None) -> None:
        """A player with these properties, whatever they are; with None it answers with an error."""
        self._wait(self._join(name, body, True))

    def _wait(self, job: Any) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(job, self._loop)
        future.result(timeout=10)

    async def _join(self, name: str, body: Mapping[str, Variant] | None, answers: bool) -> None:
        bus = await MessageBus(bus_address=self.address).connect()

        def handle(message: Message) -> Message | bool:
            if message.member != "GetAll" or message.message_type is not MessageType.METHOD_CALL:
                return False
            if not answers:
                return True
            if body is None:
                return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "so it is")
            return Message.new_method_return(message, "a{sv}", [dict(body)])

        bus.add_message_handler(handle)
        await bus.request_name(_PREFIX + name)
        self._buses.append(bus)

    async def _leave(self) -> None:
        for bus in self._buses:
            bus.disconnect()
        await asyncio.sleep(0)
