"""What a title says of its version, and whether two titles speak of the same one.

Versions agree in both directions: a live recording is not the original, and the original is not the live recording.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz

from tracksync.matching.tokens import Words, joined
from tracksync.matching.vocabulary import INSTRUMENTS, JOINERS, LANGUAGES, PHRASES, VENUES, WEAK, Kind, Role

__all__ = ["DECISIVE", "Agreement", "Note", "Version", "agreement", "says_version", "understand"]

_LONGEST_PHRASE = max(map(len, PHRASES))
_PREPOSITIONS = frozenset((
    "at", "in", "from", "on", "for", "en", "dans", "im", "au", "a", "aus", "w", "with", "с", "в", "на", "to",
))  # fmt: skip
_QUALIFIERS = frozenset({
    Kind.EXTENDED, Kind.RADIO, Kind.CLUB, Kind.ACOUSTIC, Kind.INSTRUMENTAL, Kind.LIVE, Kind.DUB, Kind.VIP, Kind.DEMO,
    Kind.CLEAN, Kind.KARAOKE, Kind.SPED_UP, Kind.SLOWED, Kind.NIGHTCORE, Kind.EIGHT_D, Kind.LO_FI, Kind.REVERB,
    Kind.SINGLE, Kind.MONO, Kind.A_CAPPELLA, Kind.COVER, Kind.MIXED, Kind.BOOSTED, Kind.BOOTLEG, Kind.REWORK,
    Kind.RERECORDED,
})  # fmt: skip
DECISIVE = frozenset({
    Kind.KARAOKE, Kind.COVER, Kind.OTHER, Kind.NIGHTCORE, Kind.SPED_UP, Kind.SLOWED, Kind.EIGHT_D, Kind.MASHUP,
    Kind.LOOP, Kind.SET, Kind.PREVIEW, Kind.BOOSTED, Kind.LO_FI, Kind.A_CAPPELLA, Kind.INSTRUMENTAL, Kind.REVERB,
})  # fmt: skip
"""Kinds that hold whatever stands beside them in the same brackets."""
_NEUTRAL = frozenset({Kind.SINGLE, Kind.MONO})
"""Kinds that are the original, where the lengths say so too."""
_SAME_AS = {Kind.SINGLE: None, Kind.MONO: None}
_NAMED_KINDS = frozenset({Kind.REMIX, Kind.BOOTLEG, Kind.REWORK, Kind.EDIT, Kind.VIP, Kind.DUB})
_EMPTY = frozenset(("the", "a", "an", "s", "of", "my", "this", "is", "at", "in", "from", "on", "for", "recorded"))


@dataclass(frozen=True)
class Version:
    """One thing that a title says of its version. `names` are the words of who made it, or of where and when."""

    kind: Kind
    names: Words = ()

    def __str__(self) -> str:
        if self.kind in _NAMED_KINDS or self.kind is Kind.COVER:
            return f"{self.kind} by {' '.join(self.names)}" if self.names else str(self.kind)
        if self.kind is Kind.NAMED:
            return f"{' '.join(self.names)} version".strip()
        return f"{self.kind} ({' '.join(self.names)})" if self.names else str(self.kind)


@dataclass(frozen=True)
class Note:
    """What a part of a title says, where it is not the name: in brackets, after a dash, or at the end of it."""

    versions: frozenset[Version] = frozenset()
    guests: Words = ()
    """Who is featured."""
    credit: Words = ()
    """Who it is by: `by Jeff Buckley`."""
    origin: Words = ()
    """Which film or album it is from."""


@dataclass
class _Reader:
    """Reads one note from left to right."""

    some: Words
    place: int = 0
    kinds: dict[Kind, Words] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    credit: list[str] = field(default_factory=list)
    origin: list[str] = field(default_factory=list)
    last_owned: Kind | None = None
    lyrics: bool = False
    remaster: bool = False
    original: bool = False
    noise: bool = False
    decisive: bool = False

    def read(self) -> Note | None:
        while self.place < len(self.some):
            role, kind, length = _phrase_at(self.some, self.place)
            word = self.some[self.place]
            self.place += length
            if role is None or (word == "with" and (self.kinds or self.pending)):
                self.pending.append(word)
            elif role is Role.OWNED and kind is not None:
                self.decisive |= kind in DECISIVE and (length > 1 or word not in WEAK or bool(self.pending))
                self._owned(kind, word)
            elif kind is Kind.LIVE:
                self._live()
            elif kind is not None:
                self.decisive |= kind in DECISIVE and (length > 1 or word not in WEAK)
                self._plain(kind)
            else:
                self._role(role)
        return self._finish()

    def _owned(self, kind: Kind, word: str) -> None:
        names = _trimmed(self.pending)
        qualified = not names and (bool(self.kinds.keys() & _QUALIFIERS) or self.original)
        if kind is Kind.NAMED:
            if names and not (self.remaster and all(name.isdigit() for name in names)):
                self.kinds[Kind.NAMED] = names
            elif not names and not qualified:
                self.noise = True
            self.noise = True
        elif kind is Kind.EDIT and not names and (Kind.REMIX in self.kinds or Kind.CLUB in self.kinds):
            self.kinds[Kind.RADIO if Kind.REMIX in self.kinds else Kind.EDIT] = ()
        elif word == "edit" and not names and not qualified:
            self.kinds[Kind.RADIO] = ()
        elif (word in ("mix", "edit") and qualified) or (
            kind is Kind.REMIX and not names and self.kinds.keys() & {Kind.VIP, Kind.BOOTLEG, Kind.LO_FI}
        ):
            self.noise = True
        else:
            self.kinds[kind] = names or self.kinds.get(kind, ())
        self.pending.clear()
        self.last_owned = kind

    def _plain(self, kind: Kind) -> None:
        if kind in (Kind.COVER, Kind.KARAOKE):
            self.last_owned = kind
        self.kinds.setdefault(kind, ())

    def _live(self) -> None:
        place = _trimmed(self.pending)
        self.pending.clear()
        following = self.some[self.place : self.place + 1]
        if following and (following[0] in _PREPOSITIONS or following[0].isdigit()):
            place = (*place, *self._until_phrase(Kind.LIVE))
        self.kinds[Kind.LIVE] = (*self.kinds.get(Kind.LIVE, ()), *place)

    def _role(self, role: Role) -> None:
        if role is Role.FEAT:
            self.guests += self._until_phrase()
        elif role is Role.PRODUCED:
            self._until_phrase()
            self.noise = True
        elif role is Role.BY:
            names = self._until_phrase()
            if self.remaster:
                self.noise = True  # who remastered it, made no version of it
            elif self.last_owned is not None and self.last_owned in self.kinds:
                self.kinds[self.last_owned] = tuple(names)
            else:
                self.credit += names
        elif role is Role.FROM:
            self.origin += self.some[self.place :]
            self.place = len(self.some)
        else:
            self.lyrics |= role is Role.LYRICS
            self.remaster |= role is Role.REMASTER
            self.original |= role is Role.ORIGINAL
            self.noise = True

    def _until_phrase(self, inside: Kind | None = None) -> list[str]:
        """The names that follow, up to the next phrase; a place may have words in it that are phrases elsewhere."""
        names: list[str] = []
        while self.place < len(self.some):
            role, kind, length = _phrase_at(self.some, self.place)
            ends = role is not None and role not in (Role.FROM, Role.BY, Role.FEAT)
            if inside is Kind.LIVE:
                ends = role is Role.REMASTER or role is Role.OWNED or kind in (Kind.ACOUSTIC, Kind.SET, Kind.COVER)
            if ends and names and (inside is Kind.LIVE or length > 1 or names[-1] not in JOINERS):
                break
            names += self.some[self.place : self.place + length]
            self.place += length
        return names

    def _finish(self) -> Note | None:
        left = tuple(self.pending)
        if left and not self._may_stay(left):
            return None
        if not (self.kinds or self.guests or self.credit or self.origin or self.noise or left):
            return None
        versions = frozenset(Version(kind, names) for kind, names in self.kinds.items())
        return Note(versions, tuple(self.guests), tuple(self.credit), tuple(self.origin))

    def _may_stay(self, left: Words) -> bool:
        """What is left over belongs to what was understood, or says something by itself."""
        if all(_is_year(word) for word in left) or (
            self.remaster and all(word[0].isdigit() or word == "in" for word in left)
        ):
            if Kind.LIVE in self.kinds:
                self.kinds[Kind.LIVE] += left
            return True
        if self.lyrics and all(word in LANGUAGES or word in JOINERS or word in ("en", "in", "em") for word in left):
            return True
        if self.decisive:
            return True
        if Kind.LIVE in self.kinds and any(word in VENUES or _is_year(word) for word in left):
            self.kinds[Kind.LIVE] += left
            return True
        if all(word in INSTRUMENTS or word in LANGUAGES or word in JOINERS for word in left):
            self.kinds.setdefault(Kind.NAMED, tuple(sorted(set(left) - JOINERS)))
            return True
        return False


@lru_cache(maxsize=20_000)
def understand(some: Words) -> Note | None:
    """What a part of a title says where it is all version, guests or noise; None where there is anything else in it."""
    return _Reader(some).read() if some else None


def says_version(some: Words) -> bool:
    """Whether a version's word is among them, understood or not."""
    for place in range(len(some)):
        role, kind, _ = _phrase_at(some, place)
        if kind is not None and role is not None:
            return True
    return False


def _phrase_at(some: Words, place: int) -> tuple[Role | None, Kind | None, int]:
    for length in range(min(_LONGEST_PHRASE, len(some) - place), 0, -1):
        found = PHRASES.get(some[place : place + length])
        if found is not None:
            return found[0], found[1], length
    return None, None, 1


def _trimmed(names: Iterable[str]) -> Words:
    kept = list(names)
    if len(kept) == 1 and kept[0] in ("x", "y", "e"):
        return tuple(kept)  # `X Remix`
    while kept and kept[0] in JOINERS:
        kept.pop(0)
    while kept and kept[-1] in JOINERS:
        kept.pop()
    return tuple(kept)


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal() and "1930" <= word <= "2049"


@dataclass(frozen=True)
class Agreement:
    """Whether two versions are the same. `doubts` are what the lengths have to make up for."""

    agreed: bool
    reason: str = ""
    doubts: tuple[str, ...] = ()
    only_length: bool = False
    """They differ in nothing but what changes a recording's length: a radio edit, an extended mix."""


def agreement(
    one: frozenset[Version],
    other: frozenset[Version],
    ours_by: frozenset[str] = frozenset(),
    theirs_by: frozenset[str] = frozenset(),
) -> Agreement:
    """Whether two titles speak of the same version; the same in both directions.

    Args:
        one: the versions of the one.
        other: those of the other.
        ours_by: joined names of the artists of the one, who an unnamed remix of it may be by.
        theirs_by: those of the other.
    """
    ours = {version.kind: version.names for version in one}
    theirs = {version.kind: version.names for version in other}
    doubts: list[str] = []
    for kind in (ours.keys() ^ theirs.keys()) & _NEUTRAL:
        doubts.append(f"only one says {kind}")
        ours.pop(kind, None)
        theirs.pop(kind, None)
    apart = ours.keys() ^ theirs.keys()
    if apart:
        only_length = apart <= {Kind.RADIO, Kind.EXTENDED} and len(apart) == 1
        return Agreement(False, _difference(ours, theirs), only_length=only_length)
    for kind in sorted(ours):
        same = _same_names(kind, ours[kind], theirs[kind], ours_by, theirs_by)
        if same is False:
            return Agreement(False, _difference(ours, theirs))
        if same is None:
            doubts.append(f"{kind}: only one says which")
    return Agreement(True, doubts=tuple(doubts))


def _same_names(
    kind: Kind, one: Words, other: Words, ours_by: frozenset[str], theirs_by: frozenset[str]
) -> bool | None:
    ours, theirs = _meaning(kind, one), _meaning(kind, other)
    if ours == theirs:
        return True
    if kind is Kind.LIVE:
        return _same_place(ours, theirs)
    if kind in _NAMED_KINDS or kind is Kind.NAMED:
        if ours and theirs:
            return _same_people(one, other)
        said = joined(one or other)
        by = theirs_by if ours else ours_by
        return said in by or said.removesuffix("s") in by
    return True  # who sings a karaoke version is not what makes it one


def _meaning(kind: Kind, names: Words) -> frozenset[str]:
    if kind is Kind.LIVE:
        return frozenset(name for name in names if name not in _EMPTY and name not in JOINERS)
    return frozenset(name.removesuffix("s") for name in names if name not in JOINERS) or frozenset(names)


def _same_people(one: Words, other: Words) -> bool:
    mine = tuple(word for word in one if word not in JOINERS) or one
    yours = tuple(word for word in other if word not in JOINERS) or other
    if joined(mine) == joined(yours):
        return True
    ours, theirs = sorted(mine), sorted(yours)
    if [word for word in ours if word.isdigit()] != [word for word in theirs if word.isdigit()]:
        return False
    left, right = " ".join(ours), " ".join(theirs)
    return min(len(left), len(right)) >= 5 and fuzz.ratio(left, right) >= 88


def _same_place(ours: frozenset[str], theirs: frozenset[str]) -> bool | None:
    years = [{word for word in some if _is_year(word)} for some in (ours, theirs)]
    if years[0] and years[1] and not years[0] & years[1]:
        return False
    places = [some - year for some, year in zip((ours, theirs), years, strict=True)]
    if places[0] and places[1]:
        return bool(places[0] & places[1])
    return None


def _difference(ours: dict[Kind, Words], theirs: dict[Kind, Words]) -> str:
    def said(kinds: dict[Kind, Words]) -> str:
        return ", ".join(str(Version(kind, names)) for kind, names in sorted(kinds.items())) or "the original"

    return f"another version: {said(theirs)}, wanted is {said(ours)}"
