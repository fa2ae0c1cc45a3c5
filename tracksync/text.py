"""How texts are compared, wherever two of them have to be the same, and how they are shown: a title, a name, a code."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

__all__ = ["fold", "normal_isrc", "one_line"]

_LOOK_ALIKES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-"})

# Unicode's categories Cc, Zl, Zp and Cs, and of Cf what turns the direction of reading (embeddings, isolates).
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def fold(text: str) -> str:
    """A text as it is compared: NFKC, case folded, Latin and Greek letters without accents, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LOOK_ALIKES))
    kept: list[str] = []
    for letter in decomposed:
        if "\u0300" <= letter <= "\u036f" and kept and _is_latin_or_greek(kept[-1]):
            continue
        kept.append(letter)
    folded = unicodedata.normalize("NFKC", "".join(kept)).casefold().translate(_LOOK_ALIKES)
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _is_latin_or_greek(letter: str) -> bool:
    return letter < "\u0400" or "\u1e00" <= letter <= "\u1fff"


def normal_isrc(text: str | None) -> str | None:
    """An ISRC without dashes, in capitals; None where the text is none (ISO 3901: two letters, three, seven digits)."""
    plain = re.sub(r"[\s-]", "", text or "").upper()
    return plain if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", plain) else None


def one_line(text: str | Path) -> str:
    """A text for people's eyes: control characters and halves of surrogate pairs become spaces.

    A terminal takes what follows an ESC for an order, and whoever names a track may write one into its title.
    """
    return _CONTROLS.sub(" ", str(text))
