"""Text of others on a page of Prefect's UI: it must stay text, and a link must lead where it says."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from tracksync.sources.secrets import redact, redact_text

__all__ = ["cell", "code", "link_to", "plain"]

# Of Markdown, of HTML, and of the mathematics that one of Prefect's two interfaces sets.
_MARKS = "\\`*_{}[]<>#|!~$&"
_UNSEEN = "\u200b"
"""A space of no width."""


def plain(text: str) -> str:
    """Text as text, in one line: a title must not become markup, and a secret in it is hidden.

    With backslashes, not with entities: Prefect's older interface shows those as they are written.
    """
    escaped = "".join(f"\\{mark}" if mark in _MARKS else mark for mark in redact_text(text))
    return " ".join(escaped.split())


def link_to(link: str, word: str) -> str:
    """`word`, a word or two of our own, leading to `link`; `word` alone where that is no address on the web.

    An address that holds a secret is shown without it, and not as a link: it would lead nowhere.
    """
    shown = redact(link)
    if shown != link:
        return f"{word}: {plain(shown)}"
    if urlsplit(link).scheme not in ("http", "https"):
        return word
    return f"[{word}](<{quote(link, safe=':/?&=#%+,;@-._~')}>)"


def code(text: str) -> str:
    """Text as it is, in a typewriter's face: a path, a command. Backticks in it do not end it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    inside = f" {text} " if text.startswith("`") or text.endswith("`") else text
    return f"{fence}{inside}{fence}"


def cell(text: str) -> str:
    """Text for a cell of a table: neither a link nor HTML.

    Of Prefect's two interfaces the older one takes a cell for Markdown, and the newer one for text: what is escaped for
    the one is wrong in the other. So a mark that nobody sees is put where a link or an element would begin.
    """
    return redact_text(text).replace("](", f"]{_UNSEEN}(").replace("<", f"<{_UNSEEN}")
