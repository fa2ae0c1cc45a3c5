"""Services that asked for a pause, or gave none of what was asked for: left alone until then, by every run."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tracksync.journal._elsewhere import Elsewhere
from tracksync.journal._entry import as_moment

__all__ = ["Cooled", "Cooling"]

_PREFIX = "cooling:"
# A clock that was set back must not keep a service away for ever.
_LONGEST_S = 7 * 24 * 3600.0


class Cooled(BaseModel):
    """A service that is left alone for now."""

    model_config = ConfigDict(frozen=True)

    service: str
    until: datetime
    left_s: float
    """Seconds from now."""
    reason: str
    """A sentence for a person: what it said."""
    asked: bool
    """The service itself asked for the pause; else it could merely not be reached."""


class Cooling(Elsewhere):
    """One mark a service."""

    def cool(self, service: str, seconds: float, reason: str, *, asked: bool = True) -> Cooled:
        """Leave the service alone for so long. A longer pause that stands already is kept."""
        standing = self.cooled(service)
        seconds = min(max(seconds, 1.0), _LONGEST_S)
        if standing is not None and standing.left_s >= seconds and (standing.asked or not asked):
            return standing
        now = self._now()
        self.set_mark(_PREFIX + service, {"until": now + seconds, "since": now, "reason": reason, "asked": asked})
        until = as_moment(now + seconds)
        assert until is not None  # noqa: S101 (of a number there is a moment)
        return Cooled(service=service, until=until, left_s=seconds, reason=reason, asked=asked)

    def cooled(self, service: str) -> Cooled | None:
        """Until when and why the service is left alone; None where it may be asked."""
        noted = self.mark(_PREFIX + service)
        if noted is None:
            return None
        left = float(noted["until"]) - self._now()
        until = as_moment(float(noted["until"]))
        if until is None or not 0 < left <= _LONGEST_S:
            return None
        return Cooled(
            service=service, until=until, left_s=left, reason=str(noted["reason"]), asked=bool(noted["asked"])
        )

    def warm(self, service: str) -> None:
        """The service may be asked again: a login was made, or it answered."""
        self.drop_mark(_PREFIX + service)
