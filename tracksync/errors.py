"""What can go wrong, and what is to be done about it.

    TracksyncError
    ├── Transient            will pass by itself: tried again, then `waiting`
    │   ├── Unreachable        no answer, a stall, a reset, a 5xx
    │   ├── RateLimited        the service asked for a pause (retry_after)
    │   ├── Busy               another run holds the track
    │   ├── Interrupted        the run was ended before the track was
    │   ├── VolumeAway         the disk that a folder names is not mounted
    │   ├── CatalogueAway      Notion is down or out of budget: the page is written later
    │   ├── EagleAway          Eagle is closed, or has another library open: the import is made later
    │   └── DiskFull           no space left: ends the run, loses nothing
    ├── Permanent            will not pass: `failed`
    │   ├── NotFound           404, 410, removed, private, a missing file
    │   ├── Refused            403, a login is asked for, blocked in this country
    │   ├── Protected          DRM or a preview: never touched
    │   ├── Unsupported        a link or a kind of file that cannot be a track
    │   ├── NotAudio           a web page, text, an empty file
    │   ├── Damaged            truncated, or broken inside
    │   ├── Silent             nothing to be heard
    │   ├── TooShort           under a second
    │   └── Unexpected         a fault of the program's own
    ├── NeedsPerson          `needs-review`: a person decides
    │   ├── MixDetected        longer than a track
    │   └── NoSureMatch        no audio was found that is surely this recording
    └── Misconfigured        a setting, a program or a folder: ends the run
        └── LoginNeeded        a service wants a login that was never made, or is no longer valid

Each error is one sentence that says what happened (`message`), one that says what to do (`action`), and the
name of its class in lower-case words (`kind`), as the command line's contract wants them.
"""

from __future__ import annotations

import re

__all__ = [
    "Busy",
    "CatalogueAway",
    "Damaged",
    "DiskFull",
    "EagleAway",
    "Interrupted",
    "LoginNeeded",
    "Misconfigured",
    "MixDetected",
    "NeedsPerson",
    "NoSureMatch",
    "NotAudio",
    "NotFound",
    "Permanent",
    "Protected",
    "RateLimited",
    "Refused",
    "Silent",
    "TooShort",
    "TracksyncError",
    "Transient",
    "Unexpected",
    "Unreachable",
    "Unsupported",
    "VolumeAway",
]


class TracksyncError(Exception):
    """The base of every error that is raised on purpose.

    Args:
        message: what happened, one sentence, with the track's name or key where there is one. Never a secret.
        action: what a person can do about it, one sentence; empty where there is nothing to do.
    """

    def __init__(self, message: str, *, action: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.action = action

    @property
    def kind(self) -> str:
        """The class's name as the contract prints it: `NotAudio` is `not-audio`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()

    def __str__(self) -> str:
        return f"{self.message} {self.action}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (the analysis pool); keyword arguments are lost by the default.
        return (_rebuild, (type(self), self.message, self.action, self.__dict__))


def _rebuild(kind: type[TracksyncError], message: str, action: str, state: dict[str, object]) -> TracksyncError:
    error = kind(message, action=action)
    error.__dict__.update(state)
    return error


class Transient(TracksyncError):
    """Will pass by itself. `retry_after` is in seconds, None where nobody said how long."""

    def __init__(self, message: str, *, action: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, action=action)
        self.retry_after = retry_after


class Unreachable(Transient):
    """No answer, a stalled or broken transfer, a 5xx."""


class RateLimited(Transient):
    """The service asked for a pause."""


class Busy(Transient):
    """Another run holds the track's lease."""


class Interrupted(Transient):
    """The run was ended (Ctrl-C, a closed terminal) before the track was."""


class VolumeAway(Transient):
    """A folder's volume is not mounted."""


class CatalogueAway(Transient):
    """The catalogue can't be asked now. The track is finished without it, and its page is written later."""


class EagleAway(Transient):
    """Eagle can't be asked now, or has another library open. The track is finished without it, and imported later."""


class DiskFull(Transient):
    """No space left on a device. Ends the run: every further track would meet it too."""


class Permanent(TracksyncError):
    """Will not pass by itself."""


class NotFound(Permanent):
    """The link or file is gone, or never was."""


class Refused(Permanent):
    """The server won't give it to us: 403, login, country."""


class Protected(Permanent):
    """A protected stream or a preview. Never touched. `again_later`: it may be an experiment of the service's, and
    worth one more try another day."""

    def __init__(self, message: str, *, action: str = "", again_later: bool = False) -> None:
        super().__init__(message, action=action)
        self.again_later = again_later


class Unsupported(Permanent):
    """Not a thing that could be a track."""


class NotAudio(Permanent):
    """There is no audio in it."""


class Damaged(Permanent):
    """Truncated, or broken inside."""


class Silent(Permanent):
    """Nothing to be heard."""


class TooShort(Permanent):
    """Under a second of audio."""


class Unexpected(Permanent):
    """A fault of the program's own. The log has its details."""


class NeedsPerson(TracksyncError):
    """A person has to decide."""


class MixDetected(NeedsPerson):
    """Longer than a track: a mix or a set."""


class NoSureMatch(NeedsPerson):
    """Nothing that was found is surely the recording that is wanted. What was found is kept for the person."""


class Misconfigured(TracksyncError):
    """A setting, a program or a folder is not as it has to be. Ends the run."""


class LoginNeeded(Misconfigured):
    """A service wants a login that was never made, or that is no longer valid. Nothing prompts: a command is named."""
