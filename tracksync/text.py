"""How texts are compared, wherever two of them have to be the same, and how they are shown: a title, a name, a code."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

__all__ = ["fold", "normal_isrc", "one_line", "visible", "without_controls"]

_LOOK_ALIKES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-"})

_BREAKS = "\t\n\v\f\r\x85\u2028\u2029"
# Unicode's categories Cc, Zl, Zp and Cs: what is no letter, and may be an order.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Of Cf what turns the direction of reading: embeddings and isolates. A title may need them; a sentence falls apart.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


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


def without_controls(text: str) -> str:
    """A text without control characters and halves of surrogate pairs; what breaks a line becomes a space.

    A terminal takes what follows an ESC for an order, and whoever names a track may write one into its title.
    """
    if not _CONTROLS.search(text):
        return text
    return " ".join(_CONTROLS.sub(lambda found: " " if found[0] in _BREAKS else "", text).split())


def visible(text: str) -> str:
    """The text without control characters and spaces around it; empty where nothing is left that could be seen."""
    import regex  # type: ignore[import-untyped]  # here: it is slow to import, and a listing does without

    plain = without_controls(text).strip()
    return plain if regex.search(r"[^\s\p{Default_Ignorable_Code_Point}]", plain) else ""


def one_line(text: str | Path) -> str:
    """A text in a sentence of ours: a space for each control character, and for what turns the direction of reading."""
    return _TURNS.sub(" ", _CONTROLS.sub(" ", str(text)))
