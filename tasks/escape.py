"""Text of others on a page of Prefect's UI: it must stay text, and a link must lead where it says."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from tracksync.sources.secrets import redact, redact_text

__all__ = ["link_to", "plain"]

# Of Markdown, of HTML, and of the mathematics that one of Prefect's two interfaces sets.
_MARKS = "\\`*_{}[]<>#|!~$&"


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
