"""Eagle, the media library, through its local HTTP API.

`imports` has the ensure, and stands on: `looking` (which item is the track's), `wanted` (what it shall say), `index`
(the library's items), `folders`, `disk` (the library's files), `asked` (what was asked for and has not shown yet),
`house` (what a run has open), `api` and `transport` (the two versions of the API).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracksync.errors import EagleAway

if TYPE_CHECKING:
    from tracksync.journal import Journal
    from tracksync.library.eagle.imports import EagleImports
    from tracksync.settings import Settings

__all__ = ["check_token", "open_eagle"]


def open_eagle(
    settings: Settings,
    journal: Journal,
    *,
    note: Callable[[str], None] = lambda _: None,
    cancel: threading.Event | None = None,
) -> EagleImports | None:
    """Eagle as a run uses it; None where it is not configured. Nothing is asked yet.

    Raises:
        Misconfigured: EAGLE_API_BASE is no address that can be used.
    """
    if not settings.uses_eagle:
        return None
    # Imported here: httpx is not needed where Eagle is not.
    from tracksync.library.eagle.house import EagleHouse
    from tracksync.library.eagle.imports import EagleImports

    return EagleImports(EagleHouse(settings, journal, note=note, cancel=cancel))


def check_token(settings: Settings, journal: Journal) -> None:
    """Knock at Eagle's door, where it is configured, before a run begins that would meet the same. It may be closed.

    Raises:
        Misconfigured: it does not accept the token, or EAGLE_API_BASE is no address that can be used.
    """
    eagle = open_eagle(settings, journal)
    if eagle is None:
        return
    try:
        eagle.house.library()
    except EagleAway:
        return
    finally:
        eagle.house.close()
