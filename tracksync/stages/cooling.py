"""Services that are left alone for a while, by every run: too much was asked of them, or they can't be used now."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from tracksync.errors import RateLimited, TracksyncError, Unsupported
from tracksync.journal import Cooled, Journal
from tracksync.model import Track
from tracksync.sources.links import classify, looks_like_link
from tracksync.stages.workshop import Workshop

__all__ = ["cooled_for_search", "has_own_audio", "leave_alone", "service_of", "still_cooling", "wait_if_cooled"]

_PAUSES = {"soundcloud": 600.0, "youtube": 3600.0, "youtube-music": 3600.0}
"""How long a service is left alone that is held back and does not say for how long (seconds)."""
_PAUSE_S = 600.0
_OUT_OF_ORDER_S = 60.0
"""How long one is left alone that asked for no pause, and gives nothing now (seconds): the next track need not find out
anew, and whoever mends it does not wait long."""


def service_of(place: str) -> str:
    """The service that a link is of, or its host where it is of none; `file` of a path."""
    if not looks_like_link(place):
        return "file"
    with suppress(Unsupported):
        link = classify(place)
        return link.service if link.service != "web" else urlsplit(link.canonical).netloc
    return "web"


def has_own_audio(track: Track) -> bool:
    """Whether it came with a file, or a link to a stream of its own. Spotify's are protected: they are none."""
    return bool(track.origin) and service_of(track.origin) != "spotify"


def leave_alone(journal: Journal, service: str, error: TracksyncError) -> None:
    """A service that asked for a pause is asked by nobody until it is over, in this run and in others.

    One that merely gives nothing now is passed over for a moment where others may have the same.
    """
    if isinstance(error, RateLimited):
        journal.cool(service, error.retry_after or _PAUSES.get(service, _PAUSE_S), error.message)
    else:
        journal.cool(service, _OUT_OF_ORDER_S, error.message, asked=False)


def wait_if_cooled(shop: Workshop, track: Track, link: str) -> None:
    """Raise where the service that the audio would come from is left alone.

    Raises:
        RateLimited: until when, and why.
    """
    cooled = shop.journal.cooled(service_of(link)) if looks_like_link(link) else None
    if cooled is not None and cooled.asked:
        raise still_cooling(track.facts.display, cooled)


def cooled_for_search(shop: Workshop, name: str) -> Cooled | None:
    """Whether a service that is searched is left alone. What YouTube Music finds is fetched from YouTube."""
    return shop.journal.cooled(name) or (shop.journal.cooled("youtube") if name == "youtube-music" else None)


def still_cooling(what: str, cooled: Cooled) -> RateLimited:
    """Why something waits, and until when."""
    return RateLimited(
        f"{what} waits: {cooled.service} is left alone until {cooled.until.astimezone():%H:%M}. {cooled.reason}",
        retry_after=cooled.left_s,
        action="It is taken up again by the next run after that.",
    )
