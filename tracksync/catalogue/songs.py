"""Is it the same song by its name? Exact, but for what writing it differently changes: case, accents of Latin letters,
full-width forms, kinds of quotes and dashes, spaces. Nothing here is fuzzy, and a version is part of the title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracksync.text import fold, normal_isrc

__all__ = ["DURATION_TOLERANCE_S", "fold", "normal_isrc", "remixers", "same_length", "song", "split_names"]

DURATION_TOLERANCE_S = 2.0
"""Two tracks of one name and artist are the same recording where their lengths differ by no more."""

_REMIX = re.compile(r"(?i)[(\[]\s*(?P<who>[^()\[\]]+?)\s+(?:re-?mix|rework|re-?edit|bootleg|flip|vip mix)\s*[)\]]")
# Words before "remix" that name no person.
_NO_PERSON = frozenset({
    "acoustic", "album", "bass", "club", "dance", "deep", "disco", "dub", "edit", "extended", "full", "house",
    "instrumental", "live", "long", "main", "mix", "my", "new", "official", "original", "piano", "radio", "short",
    "single", "summer", "techno", "the", "trance", "vip", "vocal", "winter", "your",
})  # fmt: skip


def split_names(text: str) -> tuple[str, ...]:
    """`A, B` is two artists."""
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))


def song(title: str, artists: Iterable[str]) -> str:
    """What two tracks of one title, with its version, and the same artists in any order have in common."""
    names = sorted({fold(name) for artist in artists for name in split_names(artist)})
    return f"{fold(title)}\n{', '.join(names)}"


def same_length(one: float | None, other: float | None) -> bool | None:
    """Whether two lengths in seconds are the same recording's; None where one of them is not known."""
    if not one or not other:
        return None
    return abs(one - other) <= DURATION_TOLERANCE_S


def remixers(title: str) -> tuple[str, ...]:
    """Who remixed it, as the version in the title says: `Song (Someone Remix)` is by Someone, too."""
    found = []
    for match in _REMIX.finditer(title):
        who = match["who"].strip()
        if not all(word.casefold() in _NO_PERSON or word.isdigit() for word in who.split()):
            found.append(re.sub(r"(?i)['’]s$", "", who))
    return tuple(dict.fromkeys(found))
