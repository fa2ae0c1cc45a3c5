"""Artists' names, and who is credited in a piece of text.

`The X` is `X`, `AC/DC` is `ACDC`, `XVEVO` is the channel of X.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz

from tracksync.matching.tokens import LONGEST_TEXT, Words, clean, joined, romanised, words
from tracksync.matching.vocabulary import JOINERS

__all__ = [
    "Credit",
    "Name",
    "channel_words",
    "credited",
    "is_own_channel",
    "is_performer",
    "named_in_part",
    "names_of",
    "own_channel",
    "same_name",
]

_MOST_NAMES = 24
_TOPIC = re.compile(r"(?i)\s+-\s+Topic$|\s+- Тема$")
_AND = re.compile(
    r"(?i)\s*(?:,|;|\s&\s|\s\+\s|\sx\s|\s×\s|\bvs\b\.?|\bfeat\b\.?|\bft\b\.?|\bfeaturing\b|\sand\s|\swith\s|\s/\s)\s*"
)
_BRACKETS = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_AROUND = frozenset((
    "official", "vevo", "topic", "music", "band", "tv", "channel", "oficial", "officiel", "hq", "hd", "artist",
    "page", "the", "real", "sc",
))  # fmt: skip
_PREFIXES = ("official", "thisis", "iam", "real", "its", "weare", "the")
_SUFFIXES = ("vevo", "official", "officialvevo", "music", "musicofficial", "band", "tv", "oficial", "officiel", "hq",
             "officialmusic", "artist", "sounds", "dj", "channel")  # fmt: skip
_STAGE = frozenset(("dj", "mc"))
"""What stands before a name and is left out as often: `DJ Tiësto`."""
_NOBODY = frozenset({"variousartists", "various", "va", "unknownartist", "unknown", "artist"})


@dataclass(frozen=True)
class Name:
    """An artist, by every way that the name may be written."""

    raw: str
    keys: frozenset[str]
    """Joined words, each the whole name."""
    parts: frozenset[str]
    """The names in it where it is a joint one, `A & B`; and its words in it."""
    lead: frozenset[str] = frozenset()
    """Keys of the first of the names in a joint one."""
    rest: frozenset[str] = frozenset()
    """Keys of the others in it."""


@lru_cache(maxsize=4096)
def _name(raw: str) -> Name:
    text = clean(raw)
    keys = _keys(text)
    inside = [part for part in _BRACKETS.findall(text) if part.strip()]
    if inside:
        keys |= _keys(_BRACKETS.sub(" ", text))
        keys |= {key for part in inside for key in _keys(part) if len(key) > 2}
    several = [part for part in _AND.split(text) if part.strip()]
    parts: set[str] = set(words(text))
    lead: frozenset[str] = frozenset()
    rest: frozenset[str] = frozenset()
    if len(several) > 1:
        parts |= {key for part in several for key in _keys(part)}
        lead = frozenset(_keys(several[0]))
        rest = frozenset(key for part in several[1:] for key in _keys(part))
    return Name(text, frozenset(keys), frozenset(parts), lead, rest)


def _keys(text: str) -> set[str]:
    found = words(text)
    if not found:
        plain = "".join(text.split()).casefold()
        return {plain} if plain else set()
    bare = found[1:] if found[0] in ("the", "les", "los", "die") and len(found) > 1 else found
    keys = {joined(found), joined(bare), romanised(joined(bare))}
    if bare[0] in _STAGE and len(joined(bare[1:])) >= 4:
        keys |= {joined(bare[1:]), romanised(joined(bare[1:]))}
    keys.add(joined(tuple(word for word in bare if word != "and")) or joined(bare))
    scripts = _by_script(found)
    if len(scripts) > 1:  # 米津玄師 Kenshi Yonezu
        keys |= {joined(part) for part in scripts if len(joined(part)) > 1}
    return keys - {""}


def _by_script(some: Words) -> list[Words]:
    runs: list[list[str]] = []
    last = None
    for word in some:
        script = "latin" if word[0] < "\u0250" else "other"
        if script != last:
            runs.append([])
        runs[-1].append(word)
        last = script
    return [tuple(run) for run in runs]


def names_of(artists: Sequence[str] | str | None) -> tuple[Name, ...]:
    """The artists of a list; names that name nobody (`Various Artists`) are left out."""
    listed = [artists] if isinstance(artists, str) else list(artists or ())
    found = [_name(text[:LONGEST_TEXT]) for text in listed[:_MOST_NAMES] if isinstance(text, str)]
    return tuple(dict.fromkeys(name for name in found if name.keys and not name.keys & _NOBODY))


@dataclass(frozen=True)
class Credit:
    """Who of the known names is credited in some words, and which words are nobody's."""

    found: frozenset[int] = frozenset()
    extra: Words = field(default=())


def credited(some: Words, known: Sequence[Name]) -> Credit:
    """Who of the known names is among the words. What is left, without joining words, is `extra`."""
    return _credited(some, tuple(known))


@lru_cache(maxsize=20_000)
def _credited(some: Words, known: tuple[Name, ...]) -> Credit:
    index = _index(known)
    found: set[int] = set()
    extra: list[str] = []
    place = 0
    while place < len(some):
        number, length = _name_at(some, place, index)
        if number is None and some[place] in _STAGE and _name_at(some, place + 1, index)[0] is not None:
            place += 1
        elif number is None:
            extra.append(some[place])
            place += 1
        else:
            place += length
            if number != _IN_A_JOINT_NAME:
                found.add(number)
    left = tuple(word for word in extra if word not in JOINERS)
    if left and not found:
        whole = romanised(joined(tuple(word for word in some if word not in ("the", "and"))))
        for number, name in enumerate(known):
            if any(_alike(whole, key) for key in name.keys):
                return Credit(frozenset({number}))
    if left and found:
        left = tuple(word for word in left if word not in index.parts)
    return Credit(frozenset(found), left)


def named_in_part(some: Words, known: Sequence[Name]) -> int | None:
    """Which known name some words are a part of, where one is: `ft. Conrad` is Conrad Sewell."""
    for number, name in enumerate(known):
        if any(len(word) >= 4 for word in some) and all(word in name.parts for word in some):
            return number
    return None


def is_performer(some: Words) -> bool:
    """Whether a name is surely a person's on a stage, so no label's: `DJ Marlon`."""
    return len(some) > 1 and some[0] in _STAGE


_IN_A_JOINT_NAME = -1


@dataclass(frozen=True)
class _Index:
    """Known names by their keys; the first of them that has a key has it."""

    keys: dict[str, int]
    leads: dict[str, int]
    rests: dict[str, int]
    parts: frozenset[str]


@lru_cache(maxsize=1024)
def _index(known: tuple[Name, ...]) -> _Index:
    keys: dict[str, int] = {}
    leads: dict[str, int] = {}
    for number, name in enumerate(known):
        for key in name.keys:
            keys.setdefault(key, number)
        for key in name.lead:
            leads.setdefault(key, number)
    rests = {key: _IN_A_JOINT_NAME for name in known for key in name.rest}
    return _Index(keys, leads, rests, frozenset().union(*(name.parts for name in known)))


def _name_at(some: Words, place: int, index: _Index) -> tuple[int | None, int]:
    longest = min(10, len(some) - place)
    for keys in (index.keys, index.leads, index.rests):
        for length in range(longest, 0, -1):
            run = some[place : place + length]
            key = joined(run)
            number = keys.get(key)
            if number is None:
                number = keys.get(romanised(joined(tuple(word for word in run if word != "and"))))
            if number is not None:
                return number, length
    return None, 1


def _alike(one: str, other: str) -> bool:
    """The same but for a slip: long names only, and the same figures in them."""
    if min(len(one), len(other)) < 6 or abs(len(one) - len(other)) > 2:
        return False
    if [letter for letter in one if letter.isdigit()] != [letter for letter in other if letter.isdigit()]:
        return False
    return one[0] == other[0] and fuzz.ratio(one, other) >= 88


def same_name(one: str, other: str) -> bool:
    """Whether two names are one artist's."""
    ours, theirs = names_of(one), names_of(other)
    return bool(ours and theirs and ours[0].keys & theirs[0].keys)


def own_channel(channel: str) -> str:
    """A channel's name without what sites add to an artist's: `Artist - Topic`, `ArtistVEVO`."""
    name = _TOPIC.sub("", clean(channel))
    return re.sub(r"(?<=\w)VEVO$", "", name).strip() or name


def channel_words(channel: str) -> Words:
    """The words of a channel's name without those that every channel has."""
    return tuple(word for word in words(own_channel(channel)) if word not in _AROUND) or words(own_channel(channel))


def is_topic(channel: str | None) -> bool:
    """Whether YouTube made the channel itself, from what the label delivered."""
    return bool(channel) and bool(_TOPIC.search(clean(channel)))


def is_own_channel(channel: str | None, known: Iterable[Name]) -> bool:
    """Whether it is an artist's own by its name: `Artist`, `ArtistVEVO`, `Artist - Topic`, `officialartist`."""
    if not channel:
        return False
    whole = joined(words(own_channel(channel)))
    tried = {whole, joined(channel_words(channel)), *_keys(own_channel(channel))}
    for key in tuple(tried):
        for suffix in _SUFFIXES:
            if key.endswith(suffix) and len(key) > len(suffix) + 1:
                tried.add(key.removesuffix(suffix))
    for key in tuple(tried):
        for prefix in _PREFIXES:
            if key.startswith(prefix) and len(key) > len(prefix) + 1:
                tried.add(key.removeprefix(prefix))
    return any(tried & name.keys or tried & name.lead for name in known)
