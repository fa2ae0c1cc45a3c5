"""What may be asked: words, never a link."""

from __future__ import annotations

import re

from tracksync.errors import Unsupported
from tracksync.sources.links import looks_like_link
from tracksync.sources.secrets import redact_text

__all__ = ["plain_query"]

_LONGEST = 200
_LINK_INSIDE = re.compile(r"(?i)\w+://|\bspotify:|\b(?:open|play)\.spotify\.com|\bspotify\.link\b")


def plain_query(text: str) -> str:
    """The query in one line, of a length that the services take.

    Raises:
        Unsupported: there is nothing to look for in it, or it is a link. A Spotify link in a search is a track of
            Spotify's that was not understood, and would be answered with anything.
    """
    query = " ".join(text.split())[:_LONGEST].strip()
    if looks_like_link(query) or _LINK_INSIDE.search(query):
        raise Unsupported(f"{redact_text(query)!r} is a link, not words to search for.")
    if not re.search(r"\w", query):
        raise Unsupported(f"There is nothing to search for in {query!r}.")
    return query
