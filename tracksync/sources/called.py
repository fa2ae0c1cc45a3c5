"""What a track is called whose own stream can't be had (DRM, a preview, another country's): so that it can be looked
for elsewhere. SoundCloud's API says it of every track; of YouTube's videos its public oEmbed page does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracksync.errors import NotFound, RateLimited, Refused, Unexpected, Unreachable
from tracksync.sources.links import Link

if TYPE_CHECKING:
    import threading

    from tracksync.settings import Settings
    from tracksync.sources.ytdlp.listing import Found

__all__ = ["called"]

_OEMBED = "https://www.youtube.com/oembed"
_TIMEOUT_S = 8.0
_PAUSE_S = 600.0


def called(link: Link, settings: Settings, cancel: threading.Event | None = None) -> Found | None:
    """Title, artists and, on SoundCloud, length and ISRC of a track; None where its service does not tell (a private
    or removed one, or another service).

    Raises:
        Unreachable, RateLimited, Interrupted, LoginNeeded, Misconfigured: it can't be asked now.
    """
    if link.is_list:
        return None
    if link.service == "youtube" and link.key is not None:
        return _video(link, settings)
    if link.service == "soundcloud":
        from tracksync.sources.ytdlp.listing import list_tracks
        from tracksync.sources.ytdlp.options import YtdlpOptions

        try:
            found = list_tracks(link, YtdlpOptions.for_asking(settings), 1, cancel).tracks
        except (NotFound, Refused):
            return None
        return found[0] if found and found[0].title else None
    return None


def _video(link: Link, settings: Settings) -> Found | None:
    import httpx

    from tracksync.sources.ytdlp.errors import retry_after
    from tracksync.sources.ytdlp.facts import facts_of
    from tracksync.sources.ytdlp.listing import Found

    proxy = settings.ytdlp_proxy.get_secret_value() if settings.ytdlp_proxy else None
    try:
        with httpx.Client(timeout=_TIMEOUT_S, proxy=proxy) as client:
            answer = client.get(_OEMBED, params={"url": link.canonical, "format": "json"})
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise Unreachable(f"YouTube can't be asked what {link.canonical} is ({type(error).__name__}).") from None
    if answer.status_code == 429:
        asked = retry_after(answer.headers.get("Retry-After"))
        raise RateLimited("YouTube is held back (429).", retry_after=_PAUSE_S if asked is None else asked)
    if answer.status_code >= 500:
        raise Unreachable(f"YouTube is in trouble ({answer.status_code}).")
    if answer.status_code != 200:
        return None
    try:
        told = answer.json()
        title, author = told["title"], told.get("author_name")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unexpected(f"YouTube does not say what {link.canonical} is in the form that is known.") from None
    page = {"extractor_key": "Youtube", "title": title, "uploader": author, "webpage_url": link.canonical}
    facts = facts_of(page, link)
    assert link.key is not None  # noqa: S101 (looked at before)
    return Found(link, link.key, facts.title, facts.artists)
