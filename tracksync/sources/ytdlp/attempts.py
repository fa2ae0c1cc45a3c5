"""A job with yt-dlp, tried again where that can help.

Before the media is reached, what passes by itself (a 5xx, a reset) is tried again with growing pauses; the download
itself has its own retries, inside yt-dlp. A media link that is refused or gone has expired: the page is read once more.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from tracksync.errors import NotFound, RateLimited, Refused, TracksyncError, Unexpected, Unreachable
from tracksync.sources.secrets import redact_text
from tracksync.sources.ytdlp.errors import classify_error, usual_pause
from tracksync.sources.ytdlp.options import RETRIES
from tracksync.sources.ytdlp.watch import Watch

__all__ = ["Log", "with_retries"]

_LOGGER = logging.getLogger("tracksync.ytdlp")
_Result = TypeVar("_Result")


class Log:
    """yt-dlp's messages: warnings are kept, everything goes to the log at DEBUG, without its secrets."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        if _LOGGER.isEnabledFor(logging.DEBUG) and message.strip():
            _LOGGER.debug("%s", redact_text(message))

    def warning(self, message: str) -> None:
        self.warnings.append(redact_text(message))
        self.debug(message)

    def error(self, message: str) -> None:
        self.debug(message)


def with_retries(
    job: Callable[[Log], _Result], link: str, watch: Watch, *, log: Log | None = None, authorised: bool = False
) -> _Result:
    """Do the job, each try with a fresh log unless one is given for all of them.

    Args:
        job: what is done.
        link: the link that it is about: tells whose service it is.
        watch: its patience, and its name in messages.
        log: where the warnings go.
        authorised: SC_AUTH_HEADER is set.

    Raises:
        TracksyncError: it did not work out; nothing of yt-dlp's own leaves this.
    """
    tries = 0
    while True:
        told = log or Log()
        watch.downloading = False
        try:
            return job(told)
        except TracksyncError as error:
            _let_go(error)
            if isinstance(error, RateLimited) and error.retry_after is None:
                error.retry_after = usual_pause(link)
            raise error from None
        except Exception as error:
            _let_go(error)
            trouble = classify_error(error, link, warnings=told.warnings, shown=watch.shown, authorised=authorised)
            if isinstance(trouble, Unexpected):
                _LOGGER.error("%s\n%s", trouble.message, redact_text(traceback.format_exc()))
            if tries >= (1 if watch.downloading else RETRIES) or not _may_pass(trouble, watch):
                raise trouble from None
        watch.pause(tries)
        tries += 1


def _may_pass(trouble: TracksyncError, watch: Watch) -> bool:
    if watch.downloading:
        return isinstance(trouble, Refused | NotFound)
    return isinstance(trouble, Unreachable) and not watch.is_exhausted


def _let_go(error: Exception) -> None:
    """Close the file that a stream's pieces are appended to: yt-dlp leaves it open, and locked, when a piece fails,
    for as long as the error is kept; the next try would not get at it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        context = frame.f_locals.get("ctx")
        stream = context.get("dest_stream") if isinstance(context, dict) else None
        if stream is not None:
            with suppress(OSError):
                stream.close()
