"""Eagle as a run has it open: one connection, the library that is open, the index, the folders, the notes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracksync.errors import EagleAway
from tracksync.library.eagle.api import App, EagleApi, Library
from tracksync.library.eagle.asked import AskedNotes
from tracksync.library.eagle.disk import is_readable, same_library
from tracksync.library.eagle.folders import Folders
from tracksync.library.eagle.index import ItemIndex
from tracksync.library.eagle.launch import can_launch, launch
from tracksync.library.eagle.transport import Transport, checked_base

if TYPE_CHECKING:
    from tracksync.journal import Journal
    from tracksync.settings import Settings

__all__ = ["EagleHouse"]


class EagleHouse:
    """For use from any thread, for the length of a run. Nothing is asked before it is needed.

    Args:
        settings: the base, the token, the library's path, whether Eagle may be opened.
        journal: its locks keep processes from making a folder twice.
        note: hears what a person should know.
        cancel: set when the run has to end.
        timeout_s: how long an answer of Eagle's may take.

    Raises:
        Misconfigured: EAGLE_API_BASE is no address.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        *,
        note: Callable[[str], None] = lambda _: None,
        cancel: threading.Event | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.note = note
        self.cancel = cancel or threading.Event()
        token = settings.eagle_token.get_secret_value().strip() if settings.eagle_token else None
        self.transport = Transport(
            checked_base(settings.eagle_api_base), token or None, timeout_s=timeout_s, cancel=self.cancel
        )
        self.api = EagleApi(self.transport)
        self.index = ItemIndex(self.api)
        self.folders = Folders(self.api, journal)
        self.asked = AskedNotes(settings.home / "eagle")
        self._library: Library | None = None
        self._lock = threading.Lock()
        self._was_launched = False

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    @property
    def can_read_files(self) -> bool:
        """Whether the library's folder can be looked at from here."""
        return is_readable(self.settings.eagle_library)

    def app(self) -> App:
        """The Eagle that answers; opened where it is closed and the settings allow it.

        Raises:
            EagleAway: it can't be asked.
            Misconfigured: it does not accept the token.
        """
        try:
            return self.api.app()
        except EagleAway:
            if not (self.settings.eagle_launch and can_launch()):
                raise
            with self._lock:  # the others wait for the one that opens it
                if not self._was_launched:
                    self._was_launched = True
                    self.note("Eagle is closed and is being opened.")
                    launch(self._answers, self.cancel)
            return self.api.app()

    def _answers(self) -> bool:
        self.transport.forget_away()
        try:
            self.api.app()
            self.api.library()
        except EagleAway:
            return False
        return True

    def library(self) -> Library:
        """The library that is open, if it is the right one: asked anew each time, since a person may switch it.

        Raises:
            EagleAway: Eagle can't be asked, or another library is open than EAGLE_LIBRARY_PATH names, or than was open
                when the run began.
            Misconfigured: it does not accept the token.
        """
        self.app()
        opened = self.api.library()
        configured = self.settings.eagle_library
        with self._lock:
            before, self._library = self._library, self._library or opened
        if configured is not None and not same_library(configured, opened):
            self.index.forget()
            raise EagleAway(
                f"Eagle has the library “{opened.name}” open, and EAGLE_LIBRARY_PATH names {configured}; nothing was "
                "imported.",
                action=f"Open {configured.name} in Eagle (or correct EAGLE_LIBRARY_PATH): the next run imports it.",
            )
        if before is not None and before != opened:
            self.index.forget()
            if configured is None:
                raise EagleAway(
                    f"Eagle was switched from the library “{before.name}” to “{opened.name}” during the run; nothing "
                    "was imported into it.",
                    action=f"Open “{before.name}” again, or run again for “{opened.name}”.",
                )
            with self._lock:
                self._library = opened
        return opened
