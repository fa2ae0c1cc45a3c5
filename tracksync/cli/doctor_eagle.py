"""`tracksync doctor`, Eagle: does it answer, with which API, does it take the token, and is the right library open?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from tracksync.cli.finding import Finding
from tracksync.errors import TracksyncError
from tracksync.settings import Settings

__all__ = ["eagle_findings"]


def eagle_findings(settings: Settings) -> list[Finding]:
    """Every check that Eagle's settings ask for. Nothing is opened or changed."""
    if not settings.uses_eagle:
        told = "not used (none of EAGLE_API_BASE, EAGLE_TOKEN and EAGLE_LIBRARY_PATH is set)"
        return [Finding("eagle", True, told)]
    return list(_asked(settings))


def _asked(settings: Settings) -> Iterator[Finding]:
    from tracksync.library.eagle.api import EagleApi, Library
    from tracksync.library.eagle.disk import same_library
    from tracksync.library.eagle.transport import Transport, checked_base

    yield from _folder(settings)
    token = settings.eagle_token.get_secret_value().strip() if settings.eagle_token else None
    try:
        base = checked_base(settings.eagle_api_base)
    except TracksyncError as error:
        yield Finding("EAGLE_API_BASE", False, error.message, error.action)
        return
    opened: Library | None = None
    with closing(Transport(base, token or None, timeout_s=10.0)) as transport:
        api = EagleApi(transport)
        try:
            app = api.app()
            build = f" {app.build}" if app.build else ""
            yield Finding("eagle", True, f"{app.version}{build} at {base}, API version {app.api}")
            opened = api.library()
            list(api.tagged("tracksync:doctor"))
            yield Finding("EAGLE_TOKEN", True, "accepted" if token else "none is set, and none is asked for")
        except TracksyncError as error:
            is_token = "API token" in error.message
            yield Finding("EAGLE_TOKEN" if is_token else "eagle", False, error.message, error.action)
    if opened is None:
        return
    configured = settings.eagle_library
    if configured is None:
        told = f"“{opened.name}” is open; EAGLE_LIBRARY_PATH is not set, so imported files are not read back"
        yield Finding("eagle library", True, told)
    elif same_library(configured, opened):
        yield Finding("eagle library", True, f"“{opened.name}” is open")
    else:
        told = f"“{opened.name}” is open ({opened.path}), and EAGLE_LIBRARY_PATH names {configured}"
        yield Finding("eagle library", False, told, f"Open {configured.name} in Eagle, or correct EAGLE_LIBRARY_PATH.")


def _folder(settings: Settings) -> Iterator[Finding]:
    from tracksync.library.eagle.disk import is_library

    folder = settings.eagle_library
    if folder is None:
        return
    if not folder.is_dir():
        told, action = f"{folder} is not there", "Name the folder that ends in .library, or mount its volume."
        yield Finding("EAGLE_LIBRARY_PATH", False, told, action)
        return
    try:
        if found := is_library(folder):
            next((folder / "images").iterdir(), None)
    except OSError as error:
        told = f"{folder} can't be read ({error.strerror})"
        yield Finding("EAGLE_LIBRARY_PATH", False, told, "Give this user the right to read it.")
        return
    if found:
        yield Finding("EAGLE_LIBRARY_PATH", True, f"{folder}, readable")
    else:
        told = f"{folder} is no library of Eagle's (no metadata.json and images in it)"
        yield Finding("EAGLE_LIBRARY_PATH", False, told, "Name the folder that ends in .library.")
