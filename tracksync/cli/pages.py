"""Naming a page of the catalogue on the command line: its id with or without dashes, its link, or its key."""

from __future__ import annotations

import re

from tracksync.catalogue import Catalogue
from tracksync.errors import NotFound
from tracksync.journal import Journal
from tracksync.sources.detect import look
from tracksync.sources.pages import PAGE_KEY

__all__ = ["as_named", "page_id_of"]

_ID = re.compile(r"(?i)^(?:notion:page:)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$")
_LINK = re.compile(r"(?i)^https?://(?:[\w-]+\.)?notion\.(?:so|site|com)/\S*?([0-9a-f]{32})/?(?:[?#]\S*)?$")
_BESIDE = re.compile(r"(?i)[?&]p=([0-9a-f]{32})(?:[&#]|$)")


def page_id_of(text: str) -> str | None:
    """The id of the page that a text names, None where it names none."""
    text = text.strip()
    if found := _ID.match(text):
        return "-".join(found.groups()).lower()
    if link := _LINK.match(text.replace("-", "")):
        # A page that was opened beside its database: `p` names the page, the path its database.
        beside = _BESIDE.search(text.replace("-", ""))
        digits = (beside or link)[1].lower()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return None


def as_named(text: str, journal: Journal, catalogue: Catalogue) -> str:
    """The key of the track, or of the page, that a person named.

    Raises:
        NotFound: neither the journal nor the catalogue has it.
    """
    if known := look(journal, [text]).known:
        return next(iter(known))
    page_id = page_id_of(text)
    if page_id is not None:
        entry = journal.find_by("page", page_id) or journal.find(catalogue.page_of(page_id).key)
        return entry.key if entry else f"{PAGE_KEY}{page_id}"
    raise NotFound(f"{text} is not in the journal.", action="`tracksync status` lists the tracks; --json their keys.")
