"""Texts as words that can be compared, in any script. A word is folded; punctuation and symbols are no words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from tracksync.text import fold

__all__ = ["LONGEST_TEXT", "STAR", "clean", "in_latin", "joined", "name_words", "romanised", "words"]

LONGEST_TEXT = 300
"""Letters of a title or a name that are looked at: YouTube allows 100, SoundCloud 255."""

Words = tuple[str, ...]

# Letters that Unicode does not take apart, and that people write without their stroke or dots.
_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ё": "е",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None, "×": " x ", "✕": " x ", "✖": " x ",
    "&": " and ", "+": " and ", "'": None, "ʼ": None, "ʻ": None, "·": " ", "・": " ",
})  # fmt: skip
_SCRIPTS_WITHOUT_SPACES = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆"
_WORD = re.compile(rf"[{_SCRIPTS_WITHOUT_SPACES}]+|[^\W_{_SCRIPTS_WITHOUT_SPACES}]+")
# Said without a space before or after it where the script has none. What is part of other words (ライブ is the end of
# ドライブ, "drive") stands for itself only.
_GLUED = re.compile(
    "(歌ってみた|弾いてみた|演奏してみた|叩いてみた|踊ってみた|カラオケ|リミックス|リマスター|インストゥルメンタル"
    "|オフボーカル|弾き語り|ピアノ|ギター|作業用|耐久|主題曲|主题曲|钢琴|鋼琴|吉他|女声|男声|女聲|男聲|版|翻唱|翻弹|伴奏|现场|現場|演唱会|演唱會|纯音乐|純音樂|加速|降调|混音"
    "|歌詞付き|歌詞|歌词|公式|官方|字幕|無料|予告)"
)
_STYLED = ((re.compile(r"(?<=[^\W\d_])\$|\$(?=[^\W\d_])"), "s"), (re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])"), "i"))
_AND_BETWEEN = re.compile(r"(?<=\w)'n'(?=\w)")
_STARS = re.compile(r"(?<=[^\W_])\*+(?=[^\W_])")
STAR = "\u02c0"
"""Stands for a letter that a title hides: `F**k`."""
_AT = re.compile(r"(?<=\s)@(?=\s|\w)")

_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
}  # fmt: skip
_COUNTED = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
_PARTS = {"pt": "part", "pts": "part", "parts": "part", "part": "part", "vol": "volume", "volume": "volume",
          "chapter": "chapter", "act": "act", "teil": "part", "parte": "part", "partie": "part"}  # fmt: skip
_SPELLINGS = {"u": "you", "ur": "your", "luv": "love", "thru": "through", "tonite": "tonight", "til": "until",
              "till": "until", "nite": "night", "cuz": "because", "cause": "because"}  # fmt: skip
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip


def clean(text: object) -> str:
    """A text on one line without what cannot be seen; empty where it is none. Long ones are cut."""
    return _clean(text[: 4 * LONGEST_TEXT]) if isinstance(text, str) else ""


@lru_cache(maxsize=20_000)
def _clean(text: str) -> str:
    kept = []
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in ("Cc", "Cs", "Zl", "Zp"):
            kept.append(" ")
        elif kind not in ("Cf", "Cn", "Co"):
            kept.append(letter)
    return " ".join("".join(kept).split())[:LONGEST_TEXT].strip()


@lru_cache(maxsize=20_000)
def words(text: str) -> Words:
    """The words of a text: `Tiësto & KSHMR's` is `tiesto and kshmrs`."""
    plain = fold(clean(text).replace("_", " "))
    for pattern, letter in _STYLED:
        plain = pattern.sub(letter, plain)
    plain = _AND_BETWEEN.sub(" and ", plain)
    plain = _STARS.sub(lambda stars: STAR * len(stars[0]), plain)
    plain = _AT.sub(" at ", plain).replace("w/", " with ").replace(" f/ ", " feat ").translate(_LETTERS)
    plain = "".join(letter for letter in plain if not _is_vowel_sign(letter))
    found = _WORD.findall(_GLUED.sub(r" \1 ", plain))
    return tuple(
        "and" if word == "n" and 0 < number < len(found) - 1 and not _is_initial(found, number) else word
        for number, word in enumerate(found)
    )


def _is_vowel_sign(letter: str) -> bool:
    """Arabic and Hebrew signs that most people leave out."""
    return "\u0591" <= letter <= "\u06ed" and unicodedata.category(letter) == "Mn"


def in_latin(word: str) -> bool:
    """Whether a word is written in Latin letters or figures."""
    return word[:1] < "\u0250"


def joined(some: Words) -> str:
    """The words without spaces: `AC/DC` and `ACDC`, `sun flower` and `sunflower` are the same so."""
    return "".join(some)


@lru_cache(maxsize=20_000)
def name_words(some: Words) -> Words:
    """The words of a title's name, spelled in one way: `Pt. II` is `part 2`, `luv u` is `love you`."""
    spelled: list[str] = []
    counting = False
    for number, word in enumerate(some):
        if number and word in _PARTS:
            spelled.append(_PARTS[word])
            counting = True
            continue
        if counting and (word in _ROMAN or word in _COUNTED):
            spelled.append(_ROMAN.get(word) or _COUNTED[word])
            continue
        counting = counting and word in ("and", "to")
        if number and number == len(some) - 1 and word in ("ii", "iii", "iv", "vi", "vii", "viii"):
            spelled.append(_ROMAN[word])
        elif len(word) >= 5 and word.endswith("ing"):
            spelled.append(word[:-1])  # Runnin' and Running
        else:
            spelled.append(word if _is_initial(some, number) else _SPELLINGS.get(word, word))
    return tuple(spelled)


def _is_initial(some: Sequence[str], number: int) -> bool:
    """One letter among others: `U.N.I.T.Y.`."""
    beside = (*some[max(0, number - 1) : number], *some[number + 1 : number + 2])
    return len(some[number]) == 1 and any(len(word) == 1 and word not in ("i", "a") for word in beside)


@lru_cache(maxsize=20_000)
def romanised(text: str) -> str:
    """Joined Cyrillic or Greek words in Latin letters, as passports and channels write them; others as they are."""
    return "".join(_LATIN.get(letter, letter) for letter in text.replace("ου", "ou"))
