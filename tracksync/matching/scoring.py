"""One candidate against what is wanted: refused with a reason, or accepted with a score and what is left of doubt.

Title, version and length are gates, not parts of an average: a candidate that fails one is out, however well it does in
the others. The score only tells between those that pass, and holds them to a floor.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tracksync.matching.compare import Found, readings_of, surroundings
from tracksync.matching.model import Candidate, Verdict
from tracksync.matching.names import Name, channel_words, credited, is_own_channel, is_topic, names_of, own_channel
from tracksync.matching.sought import Reading, Sought, seconds
from tracksync.matching.titles import pieces_of
from tracksync.matching.tokens import clean, joined, name_words, words
from tracksync.matching.versions import Version, agreement, understand
from tracksync.matching.vocabulary import JOINERS, Kind
from tracksync.text import normal_isrc

__all__ = ["FLOOR", "Judged", "gate_s", "judge"]

FLOOR = 0.8
"""The least that a candidate has to reach: the best of a bad lot is not taken."""

LONGEST_TRACK_S = 20 * 60.0
"""Longer ones are mixes, where it is not known how long the wanted one is."""
_SHORTEST_TRACK_S = 45.0
_PREVIEWS_S = (25.0, 35.0)
_CLOSE_S = 2.0
_DOUBT = 0.06
_RELEASES = frozenset({
    "youtube-music", "youtubemusic", "ytmusic", "yt-music", "youtube_music", "youtube music", "ytm", "spotify",
    "deezer", "apple-music", "tidal", "beatport", "bandcamp",
})  # fmt: skip
"""Sources that list what labels deliver, with its artists."""
_SUSPECT = frozenset({Kind.KARAOKE, Kind.COVER, Kind.NIGHTCORE, Kind.EIGHT_D, Kind.SLOWED, Kind.SPED_UP, Kind.OTHER,
                      Kind.LOOP, Kind.BOOSTED})  # fmt: skip


@dataclass
class Judged:
    """A verdict, with what deciding between candidates needs of it."""

    verdict: Verdict
    doubts: int = 0
    official: bool = False
    """It is the artist's own or a release's, by where it stands."""
    released: bool = False
    isrc: bool = False
    extended: bool = False
    """It is the extended version of what is wanted."""
    needs_witness: bool = False
    """Its length could not be compared and nobody vouches for it: another of the same length has to."""
    duration_s: float | None = None
    versions: frozenset[Version] = frozenset()
    unread: tuple[str, ...] = ()
    artists: frozenset[str] = frozenset()
    key: tuple[float, ...] = field(default=())


def gate_s(duration_s: float) -> float:
    """How far a length may be from the wanted one for the same version, in seconds: 3, or 2 % of it."""
    return max(3.0, 0.02 * duration_s)


@dataclass(frozen=True)
class _Beside:
    """What a candidate says beside its title."""

    candidate: Candidate
    listed: tuple[Name, ...]
    channel: str | None
    implied: frozenset[Kind]
    release: bool
    duration_s: float | None
    isrc: bool
    other_isrc: bool
    """It has one, and another one than the wanted."""


def judge(sought: Sought, candidate: Candidate, *, prefer_extended: bool = False) -> Judged:
    """Hold a candidate against what is wanted."""
    channel = clean(candidate.channel) or None
    isrc = normal_isrc(candidate.isrc)
    beside = _Beside(
        candidate=candidate,
        listed=names_of(candidate.artists),
        channel=channel,
        implied=_implied(channel, candidate.artists, sought),
        release=candidate.source.casefold() in _RELEASES or is_topic(channel),
        duration_s=seconds(candidate.duration_s),
        isrc=isrc is not None and isrc == sought.isrc,
        other_isrc=isrc is not None and sought.isrc is not None and isrc != sought.isrc,
    )
    pieces = pieces_of(candidate.title)
    around = surroundings(channel, (*sought.album,) or words(clean(candidate.album)), beside.listed)
    best: Judged | None = None
    for reading in sought.readings:
        for found in readings_of(pieces, reading, around):
            for wanted in _versions_wanted(reading, prefer_extended):
                judged = _judge_reading(sought, reading, found, beside, wanted)
                if best is None or _rank(judged) > _rank(best):
                    best = judged
    if best is not None:
        return best
    if beside.isrc and sought.readings:
        return _only_by_isrc(sought, beside)
    return Judged(_refused(candidate, {"title": 0.0}, "another title"))


def _versions_wanted(reading: Reading, prefer_extended: bool) -> list[tuple[frozenset[Version], bool]]:
    plain = [(reading.versions, False)]
    if prefer_extended and not any(version.kind is Kind.EXTENDED for version in reading.versions):
        kept = frozenset(version for version in reading.versions if version.kind not in (Kind.RADIO, Kind.SINGLE))
        plain.append((kept | {Version(Kind.EXTENDED)}, True))
    return plain


def _rank(judged: Judged) -> tuple[bool, bool, float, float]:
    return judged.verdict.accepted, not judged.extended, judged.verdict.score, sum(judged.verdict.parts.values())


def _implied(channel: str | None, artists: tuple[str, ...], sought: Sought) -> frozenset[Kind]:
    """What a channel makes of everything that it uploads: `Sing King Karaoke`, `Nightcore Nation`."""
    known = {word for reading in sought.readings[:1] for name in reading.artists for word in words(name.raw)}
    kinds: set[Kind] = set()
    for text in (channel, *artists[:8]):
        some = tuple(word for word in words(clean(text)) if word not in known)
        for start in range(len(some)):
            for end in range(start + 1, min(start + 3, len(some)) + 1):
                note = understand(some[start:end])
                if note:
                    kinds |= {version.kind for version in note.versions} & _SUSPECT
    return frozenset(kinds)


def _judge_reading(
    sought: Sought,
    reading: Reading,
    found: Found,
    beside: _Beside,
    wanted: tuple[frozenset[Version], bool],
) -> Judged:
    versions, extended = wanted
    parts = {"title": round(found.title, 3)}
    candidate = beside.candidate
    if found.refusal:
        return Judged(_refused(candidate, parts | {"title": 0.3}, found.refusal))
    close = _is_close(sought, beside)
    if found.unclear and not (beside.isrc and close):
        return Judged(_refused(candidate, parts | {"title": 0.6}, found.unclear))
    names = reading.artists
    doubts = [*found.doubts, *filter(None, [found.unclear])]
    reasons: list[str] = []

    # Who
    own = is_own_channel(beside.channel, names[: max(1, reading.mains)]) if names else False
    remixer_own = is_own_channel(beside.channel, names[reading.mains :])
    artist, refusal = _artists(reading, found, beside, own, remixer_own)
    parts["artists"] = artist
    if refusal and not (beside.isrc and found.title >= 0.9 and close):
        return Judged(_refused(candidate, parts, refusal))
    if refusal:
        doubts.append(refusal)
    elif artist < 0.7:
        doubts.append("the artist is not surely the same")

    # Which version
    implied = beside.implied - {version.kind for version in versions} - {version.kind for version in found.versions}
    said = frozenset(
        version for version in found.versions if not _is_own_cover(version, versions, names, own or beside.release)
    ) | {Version(kind) for kind in implied if not own}
    ours_by = frozenset().union(*(name.keys for name in names))
    agreed = agreement(versions, said, ours_by, _all_keys(beside) | _named(found, names))
    if not agreed.agreed and not (beside.isrc and agreed.only_length and close):
        return Judged(_refused(candidate, parts | {"version": 0.0}, agreed.reason))
    doubts += agreed.doubts
    parts["version"] = 1.0 if agreed.agreed and not agreed.doubts else 0.8
    if reading.origin and found.origin and not set(reading.origin) & set(found.origin) - JOINERS:
        return Judged(_refused(candidate, parts, f"from {' '.join(found.origin)}, not {' '.join(reading.origin)}"))

    # How long
    length, refusal = _length(sought, beside, extended, versions)
    parts["duration"] = length
    if refusal:
        return Judged(_refused(candidate, parts, refusal))
    compared = sought.duration_s is not None and beside.duration_s is not None and not extended
    if bool(reading.origin) != bool(found.origin):
        doubts.append("only one says what it is from")
    if beside.other_isrc:
        doubts.append("another ISRC")
    if found.title < 1:
        doubts.append("the title is written in another way")
    official = own or (beside.release and bool(beside.listed) and artist >= 0.9) or beside.isrc
    if doubts and not beside.isrc and not (compared and close):
        return Judged(_refused(candidate, parts, f"not sure enough without the same length: {doubts[0]}"))
    needs_witness = False
    if extended:
        # Its length can only be a likely one: all else has to agree.
        if doubts or artist < 0.9:
            return Judged(_refused(candidate, parts, "not surely the extended version of it"))
    elif not compared and not official:
        needs_witness = sought.duration_s is None and not found.tags
        if not needs_witness:
            return Judged(_refused(candidate, parts, "its length cannot be compared, and nothing else makes it sure"))

    if beside.isrc:
        parts["isrc"] = 1.0
        reasons.append("the same ISRC")
    if own:
        reasons.append("on the artist's own channel")
    if compared and sought.duration_s and beside.duration_s:
        reasons.append(f"{abs(beside.duration_s - sought.duration_s):.1f} s from the wanted length")
    score = _score(parts, len(doubts), official)
    reasons += doubts
    if score < FLOOR:
        return Judged(_refused(candidate, parts, f"a score of {score:.2f} is below the floor of {FLOOR}", score))
    verdict = Verdict(
        candidate=candidate, accepted=True, score=score, parts=parts, reasons=tuple(reasons or ("all agrees",))
    )
    return Judged(
        verdict,
        doubts=len(doubts),
        official=official,
        released=beside.release,
        isrc=beside.isrc,
        extended=extended,
        needs_witness=needs_witness,
        duration_s=beside.duration_s,
        versions=found.versions,
        unread=tuple(found.unread),
        artists=_credits(reading, beside),
    )


def _artists(reading: Reading, found: Found, beside: _Beside, own: bool, remixer_own: bool) -> tuple[float, str]:
    """How well the artists agree, 0 to 1, and why the candidate is refused for them where it is."""
    names = reading.artists
    listed = credited(words(" x ".join(beside.candidate.artists[:24])), names)
    channel = credited(channel_words(beside.channel), names) if beside.channel else None
    if channel and channel.extra:
        channel = None  # `Adele Tribute`, `Justice Skolnik`: somebody else
    in_title = found.credited
    everyone = in_title | listed.found | (channel.found if channel else frozenset())
    if found.stranger and not in_title:
        return 0.1, f"by somebody else: {' '.join(found.others)}"
    if found.alias and not in_title and not own and not listed.found:
        return 0.3, "nothing says that it is by the wanted artist"
    if found.others:
        # A guest that only the candidate names, too: `bad guy (with …)` and `Levitating (feat. …)` are other recordings
        # and to the second as long as theirs. Where it is the same, the ISRC says so, or a person.
        return 0.4, f"with somebody else: {' '.join(dict.fromkeys(found.others))}"
    if beside.listed and not listed.found and not _is_uploader(beside):
        return 0.1, f"by somebody else: {', '.join(beside.candidate.artists[:3])}"
    if not names:
        return 0.0, "nothing says who the wanted one is by"
    if listed.extra and listed.found and not _is_uploader(beside):
        remixers = {word for version in found.versions for word in version.names}
        extra = [word for word in listed.extra if word not in remixers and word not in found.origin]
        if extra:
            return 0.4, f"with somebody else: {' '.join(extra)}"
    if own:
        everyone |= {0}
    if not everyone:
        if remixer_own:
            return 0.6, ""
        return 0.0, "nothing says that it is by the wanted artist"
    if 0 in everyone:
        missing = [number for number in range(reading.mains) if number not in everyone]
        if in_title or listed.found or own:
            return (1.0 if not missing else 0.9), ""
        return 0.75, ""  # only in the name of a channel that is not the artist's
    return 0.65, ""  # others of the artists, and not the first


def _is_uploader(beside: _Beside) -> bool:
    """Whether the listed artist is only whoever uploaded it."""
    return beside.candidate.source.casefold() not in _RELEASES


def _all_keys(beside: _Beside) -> frozenset[str]:
    keys = frozenset().union(*(name.keys for name in beside.listed)) if beside.listed else frozenset()
    return keys | {joined(words(own_channel(beside.channel)))} if beside.channel else keys


def _is_own_cover(version: Version, wanted: frozenset[Version], names: tuple[Name, ...], own: bool) -> bool:
    """The wanted one is a cover itself, and is called so where the artist has it: `Hurt (Nine Inch Nails cover)`."""
    if version.kind is not Kind.COVER or not version.names or not own:
        return False
    return not any(each.kind is Kind.COVER for each in wanted) and not credited(version.names, names).found


def _named(found: Found, names: tuple[Name, ...]) -> frozenset[str]:
    return frozenset().union(*(names[number].keys for number in found.credited))


def _credits(reading: Reading, beside: _Beside) -> frozenset[str]:
    keys = set(_all_keys(beside))
    for name in reading.artists:
        keys |= name.keys
    return frozenset(keys)


def _is_close(sought: Sought, beside: _Beside) -> bool:
    if sought.duration_s is None or beside.duration_s is None:
        return False
    return abs(sought.duration_s - beside.duration_s) <= max(_CLOSE_S, 0.01 * sought.duration_s)


def _length(sought: Sought, beside: _Beside, extended: bool, versions: frozenset[Version]) -> tuple[float, str]:
    """How well the lengths agree, 0 to 1, and why the candidate is refused for its length where it is."""
    wanted, length = sought.duration_s, beside.duration_s
    is_set = any(version.kind in (Kind.SET, Kind.LOOP) for version in versions)
    if length is None:
        return 0.5, "its length is not known" if extended else ""
    if extended:
        if length > LONGEST_TRACK_S or (wanted is not None and length < wanted + 3):
            return 0.0, f"{_clock(length)} is no extended version of it"
        return 0.8, ""
    if wanted is None:
        if length < _SHORTEST_TRACK_S:
            return 0.0, f"{_clock(length)}: most likely a preview"
        if length > LONGEST_TRACK_S and not is_set:
            return 0.0, f"{_clock(length)}: a mix, or longer than a track"
        return 0.6, ""
    apart = abs(wanted - length)
    if apart > gate_s(wanted) + 1e-6:
        if _PREVIEWS_S[0] <= length <= _PREVIEWS_S[1] and wanted > 60:
            return 0.0, f"a preview of {length:.0f} s"
        if length > LONGEST_TRACK_S and wanted <= LONGEST_TRACK_S:
            return 0.0, f"{_clock(length)}: a mix or a loop, wanted are {_clock(wanted)}"
        return 0.0, f"{_clock(length)} long, wanted are {_clock(wanted)}"
    return round(1.0 - 0.4 * apart / gate_s(wanted), 3), ""


def _clock(duration_s: float) -> str:
    minutes, rest = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _score(parts: dict[str, float], doubts: int, official: bool) -> float:
    if parts.get("isrc"):
        return round(max(0.9, min(1.0, 0.98 - 0.02 * doubts)), 3)
    weighed = 0.35 * parts["title"] + 0.3 * parts["artists"] + 0.15 * parts["version"] + 0.2 * parts["duration"]
    return round(max(0.0, min(1.0, weighed + (0.03 if official else 0.0) - _DOUBT * doubts)), 3)


def _only_by_isrc(sought: Sought, beside: _Beside) -> Judged:
    """The same ISRC under a title that does not look like it: taken where nothing else speaks against it."""
    candidate = beside.candidate
    reading = sought.readings[0]
    said = frozenset(version for piece in pieces_of(candidate.title) if piece.note for version in piece.note.versions)
    agreed = agreement(reading.versions, said, _credits(reading, beside), _credits(reading, beside))
    parts = {"title": 0.0, "isrc": 1.0}
    if not agreed.agreed:
        return Judged(_refused(candidate, parts | {"version": 0.0}, f"the same ISRC, but {agreed.reason}"))
    length, refusal = _length(sought, beside, False, reading.versions)
    parts["duration"] = length
    if refusal or not _is_close(sought, beside):
        return Judged(_refused(candidate, parts, f"the same ISRC, but {refusal or 'another title'}"))
    mine = "".join(form.key for form in reading.forms[:1])
    theirs = joined(name_words(words(candidate.title)))
    known = credited(words(" x ".join(candidate.artists)), reading.artists).found
    if mine[:1].isascii() == theirs[:1].isascii():
        return Judged(_refused(candidate, parts, "the same ISRC, but another title"))
    verdict = Verdict(
        candidate=candidate, accepted=True, score=0.9 if known else 0.85, parts=parts,
        reasons=("the same ISRC and length, the title in another script",),
    )  # fmt: skip
    return Judged(verdict, doubts=1, official=True, isrc=True, duration_s=beside.duration_s, versions=said)


def _refused(candidate: Candidate, parts: dict[str, float], reason: str, score: float | None = None) -> Verdict:
    if score is None:
        known = {"title": 0.0, "artists": 0.0, "version": 0.0, "duration": 0.0} | parts
        score = round(min(0.79, 0.35 * known["title"] + 0.3 * known["artists"] + 0.15 * known["version"]
                          + 0.2 * known["duration"]), 3)  # fmt: skip
    return Verdict(candidate=candidate, accepted=False, score=score, parts=parts, reasons=(reason,))


def with_reason(judged: Judged, reason: str) -> Judged:
    """The same candidate, refused after all."""
    verdict = judged.verdict
    refused = Verdict(
        candidate=verdict.candidate, accepted=False, score=min(verdict.score, 0.79), parts=verdict.parts,
        reasons=(reason, *verdict.reasons),
    )  # fmt: skip
    return replace(judged, verdict=refused)
