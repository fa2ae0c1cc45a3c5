"""Short links: where they lead is known once they were opened. Only their answer's address is read."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["is_short", "resolve_short"]

_HOSTS = frozenset({"on.soundcloud.com", "snd.sc", "soundcloud.app.goo.gl", "spotify.link", "spoti.fi"})
_MOST_HOPS = 5
_TIMEOUT_S = 10.0


def is_short(link: str) -> bool:
    """Whether a link is one that its service makes for sharing and that names nothing itself."""
    return (urlsplit(link).hostname or "") in _HOSTS


def resolve_short(link: str) -> str | None:
    """Where a short link leads, None where it leads nowhere.

    Raises:
        Unreachable: it can't be opened now.
    """
    import httpx

    from tracksync.errors import Unreachable

    address = link
    try:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            for _ in range(_MOST_HOPS):
                if not is_short(address):
                    return address
                answer = client.get(address)
                if answer.status_code == 429 or answer.status_code >= 500:
                    raise Unreachable(f"{link} can't be opened now ({answer.status_code}).")
                if not answer.has_redirect_location:
                    return None
                address = str(answer.url.join(answer.headers["location"]))
    except httpx.InvalidURL:
        return None
    except httpx.HTTPError as error:
        raise Unreachable(f"{link} can't be opened now ({type(error).__name__}).") from None
    return None
