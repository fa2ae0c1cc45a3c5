"""Stage 1, match: which audio is this track?

A file is its own audio, and so is a link to a stream that may be had. A track of Spotify's, an entry of a list, and one
whose own stream is protected, a preview, gone or blocked is looked for: first by the links that its page has, then
at the services that are searched, in the order of the setting. The first one whose best candidate is surely the same
recording wins. Where none is, nothing is downloaded, and a person decides.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracksync.catalogue.protocol import Service
from tracksync.errors import (
    Misconfigured,
    MixDetected,
    NoSureMatch,
    RateLimited,
    TracksyncError,
    Transient,
    Unreachable,
    Unsupported,
)
from tracksync.matching import Candidate, Decision, FoundBy, MatchReceipt, Verdict, Wanted, decide, queries_for
from tracksync.model import Stage, State, Track
from tracksync.settings import SearchIn
from tracksync.sources.detected import Detected
from tracksync.sources.links import Link, classify, looks_like_link
from tracksync.sources.secrets import redact
from tracksync.stages.cooling import cooled_for_search, has_own_audio, leave_alone, still_cooling
from tracksync.stages.known import look_for
from tracksync.stages.on_disk import take_from_disk
from tracksync.stages.review import service_name
from tracksync.stages.workshop import Workshop

__all__ = [
    "as_known_now",
    "can_be_searched",
    "ensure_matched",
    "gate_mix",
    "how_to_name",
    "named_candidate",
    "wanted_of",
]

_ON_A_RECORD = (Service.SOUNDCLOUD, Service.YOUTUBE, Service.BANDCAMP)
_RESULTS = 10
_LEFT_OUT_KEPT = 3
_KEPT = 12
"""Candidates that are kept for the person, best first."""
_AGAIN_S = 3600.0
"""When a track is looked for again where a service refused to be searched, or could not be understood (seconds)."""


def ensure_matched(shop: Workshop, track: Track, *, refresh: bool = False) -> MatchReceipt:
    """Look whether it is known which audio the track is, find out where it is not.

    Args:
        shop: the run's tools.
        track: the track.
        refresh: it is made again, from what it was made of.

    Raises:
        NoSureMatch: nothing that was found is surely it; the candidates are in the journal.
        MixDetected: it is known to be longer than a track.
        Transient: a service that has to be searched can't be asked now, and the others have nothing.
        Misconfigured: one of them can't be searched as the settings are, and the others have nothing.
    """
    known = shop.journal.receipt(track.key, Stage.MATCH, MatchReceipt) or MatchReceipt()
    tried = {attempt.link for attempt in known.tried}
    track = as_known_now(shop, track)
    if known.choice is None:
        gate_mix(shop, track.facts.display, track.duration_s)
    # What was found before may be on a disk by now, above all where the library lost its files. A person's word counts.
    if known.found_by is not FoundBy.PERSON and (held := _held_on_a_disk(shop, track, known, refresh=refresh)):
        return held
    if known.choice is not None:
        if (
            known.found_by is FoundBy.PERSON
            and known.choice.link in tried
            and (other := _on_its_page(shop, track, known))
        ):
            # What a person named gave nothing, and since then somebody put another link onto the page.
            shop.journal.put_receipt(track.key, Stage.MATCH, other)
            return other
        return known
    if has_own_audio(track) and track.origin not in tried:
        return MatchReceipt(found_by=FoundBy.ITSELF, tried=known.tried)
    shop.journal.set_state(track.key, State.MATCHING)
    shop.reporter.progress(track, Stage.MATCH, None)
    full = _completed(shop, track)
    if full is not track and (held := _held_on_a_disk(shop, full, known, refresh=refresh)):
        return held
    receipt = _on_its_page(shop, full, known) or _searched(shop, full, known)
    shop.journal.put_receipt(track.key, Stage.MATCH, receipt)
    if receipt.choice is None:
        raise _no_sure_match(shop, track, receipt)
    return receipt


def as_known_now(shop: Workshop, track: Track) -> Track:
    """With its name, ISRC and length: finding its audio may have told more of the track than its source did."""
    entry = shop.journal.find(track.key)
    if entry is None:
        return track
    return track.model_copy(update={"facts": entry.facts, "duration_s": entry.duration_s or track.duration_s})


def _held_on_a_disk(shop: Workshop, track: Track, known: MatchReceipt, *, refresh: bool) -> MatchReceipt | None:
    file = take_from_disk(shop, track, refresh=refresh)
    if file is None or any(attempt.link == str(file) for attempt in known.tried):
        return None
    if track.key.startswith("file:"):
        shop.journal.relocate(track.key, str(file))  # the very same audio: it was moved
    return _on_a_disk(track, known, file)


def _on_a_disk(track: Track, known: MatchReceipt, file: Path) -> MatchReceipt:
    """It is there: nothing is fetched. Kept nowhere, because files move."""
    return known.model_copy(
        update={
            "found_by": FoundBy.DISK,
            "choice": Candidate(id=track.key, source="disk", title=file.name, link=str(file)),
            "score": 1.0,
            "evidence": (f"on a disk already: {file}",),
        }
    )


def can_be_searched(track: Track) -> bool:
    """Whether enough is known of a track to tell it from others: a title alone is not."""
    return bool(track.facts.artists) and not looks_like_link(track.facts.title)


def gate_mix(shop: Workshop, name: str, length: float | None) -> None:
    """What is too long to be a track is a person's decision: it is neither looked for nor downloaded.

    Args:
        shop: the tools of the run.
        name: the track's, for the message.
        length: in seconds, None where it is not known.

    Raises:
        MixDetected: it is longer than TRACKSYNC_MAX_TRACK_MINUTES.
    """
    limit = shop.settings.max_track_minutes
    if length is not None and length > limit * 60:
        raise MixDetected(
            f"{name} is {length / 60:.0f} minutes long: a mix or a set, not a track.",
            action=f"To take it anyway, set TRACKSYNC_MAX_TRACK_MINUTES (it is {limit:g}) higher and run again.",
        )


# -- the record's links ------------------------------------------------------------------------------------------------


def _on_its_page(shop: Workshop, track: Track, known: MatchReceipt) -> MatchReceipt | None:
    """The first link on the track's page that was not tried: whoever put it there knew the track."""
    page = look_for(shop.catalogue, [track]).pages.get(track.key)
    if page is None:
        return None
    tried = {attempt.link for attempt in known.tried}
    for service in _ON_A_RECORD:
        text = page.properties.links.get(service)
        if not text:
            continue
        with suppress(Unsupported):
            link = classify(text)
            if link.origin in tried or link.is_list or link.service == "spotify":
                continue
            if shop.journal.cooled(link.service):
                continue
            return known.model_copy(
                update={
                    "found_by": FoundBy.RECORD,
                    "choice": named_candidate(link),
                    "score": 1.0,
                    "evidence": (f"the {service} link on its page",),
                }
            )
    return None


def named_candidate(link: Link) -> Candidate:
    """What a link names, without having been opened."""
    return Candidate(id=link.key or link.canonical, source=link.service, title=redact(link.canonical), link=link.origin)


# -- the search --------------------------------------------------------------------------------------------------------


def _searched(shop: Workshop, track: Track, known: MatchReceipt) -> MatchReceipt:
    """Ask the services one after the other; the first that has surely the recording ends it.

    Raises:
        NoSureMatch: too little is known of the track.
        Transient, Misconfigured: one can't be asked now, and the others have nothing.
    """
    if not can_be_searched(track):
        before = f"{known.tried[0].reason} " if known.tried else ""
        raise NoSureMatch(
            f"{before}{track.facts.display} can't be searched for: its artist is not known.",
            action=how_to_name(shop, track, "its audio"),
        )
    wanted = wanted_of(track)
    tried = {attempt.link for attempt in known.tried}
    heard = _Heard()
    searched: list[str] = []
    trouble: list[TracksyncError] = []
    for name in shop.settings.search_in:
        if cooled := cooled_for_search(shop, name):
            trouble.append(still_cooling(service_name(name), cooled))
            continue
        try:
            chosen = _at(shop, name, wanted, tried, heard)
        except TracksyncError as error:
            if isinstance(error, RateLimited | Unreachable):
                leave_alone(shop.journal, name, error)
            trouble.append(error)
            shop.reporter.note(f"{track.facts.display}: {service_name(name)} could not be searched: {error.message}")
            continue
        searched.append(name)
        if chosen is not None:
            return known.model_copy(
                update={
                    "found_by": FoundBy.SEARCH,
                    "choice": chosen.candidate,
                    "score": chosen.score,
                    "evidence": (_told(chosen), *chosen.reasons),
                    "verdicts": _best(heard.verdicts),
                    "searched": tuple(searched),
                }
            )
    if trouble:
        raise _worst(trouble, track)
    no_use = tuple(f"Found, but {sentence}" for sentence in dict.fromkeys(heard.left_out))[:_LEFT_OUT_KEPT]
    return known.model_copy(update={"verdicts": _best(heard.verdicts), "searched": tuple(searched), "evidence": no_use})


def _completed(shop: Workshop, track: Track) -> Track:
    """A Spotify track with what the Web API knows beyond a player or a list, above all its ISRC and every artist."""
    if not track.key.startswith("spotify:track:") or track.facts.isrc:
        return track
    from tracksync.sources.spotify import completed, has_login, open_client

    settings = shop.settings
    if not has_login(settings) and settings.spotify_client_secret is None:
        return track
    if shop.journal.cooled("spotify"):
        return track
    found = Detected(track.facts.display, track.key, track=track)
    try:
        with open_client(settings, user=False) as client:
            full = completed(client, found)
    except TracksyncError as error:
        if isinstance(error, RateLimited | Unreachable):
            leave_alone(shop.journal, "spotify", error)
        return track  # what is known has to do
    if full.track is None:
        return track
    shop.journal.update_facts(track.key, full.track.facts, duration_s=full.track.duration_s)
    for kind, value in full.identities:
        shop.journal.identify(track.key, kind, value)
    return full.track


def wanted_of(track: Track) -> Wanted:
    """What is looked for."""
    facts = track.facts
    return Wanted(
        title=facts.title, artists=facts.artists, duration_s=track.duration_s, isrc=facts.isrc, album=facts.album
    )


@dataclass
class _Heard:
    """What was heard at the services."""

    verdicts: list[Verdict] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """What was found and can't be had: a sentence each."""


def _at(shop: Workshop, name: SearchIn, wanted: Wanted, tried: set[str], heard: _Heard) -> Verdict | None:
    """The verdict that decides at one service, None where nothing there is surely the recording."""
    from tracksync.sources.search import searcher

    service = searcher(name, shop.settings, shop.cancel)
    found: dict[str, Candidate] = {}
    decision = Decision(choice=None, score=0.0)
    try:
        for query in queries_for(wanted):
            answer = shop.found.get((name, query))
            if answer is None:
                try:
                    answer = service.search(query, _RESULTS), service.unusable
                except Unsupported:
                    continue  # nothing but signs: there are names that cannot be searched for
                shop.remember((name, query), *answer)
            results, unusable = answer
            for candidate in results:
                if candidate.link not in tried:
                    found.setdefault(candidate.id, candidate)
            heard.left_out += unusable
            decision = decide(wanted, list(found.values()), prefer_extended=shop.settings.prefer_extended)
            if decision.choice is not None:
                return next(verdict for verdict in decision.verdicts if verdict.candidate.id == decision.choice.id)
        return None
    finally:
        heard.verdicts += decision.verdicts


def _best(verdicts: list[Verdict]) -> tuple[Verdict, ...]:
    ranked = sorted(verdicts, key=lambda verdict: (not verdict.accepted, -verdict.score))
    once: dict[str, Verdict] = {}
    for verdict in ranked:  # YouTube and YouTube Music find the same videos
        once.setdefault(verdict.candidate.id, verdict)
    return tuple(once.values())[:_KEPT]


def _told(verdict: Verdict) -> str:
    candidate = verdict.candidate
    who = ", ".join(candidate.artists) or candidate.channel or "somebody"
    parts = ", ".join(f"{name} {value:.2f}" for name, value in verdict.parts.items())
    length = f", {candidate.duration_s:.0f} s" if candidate.duration_s else ""
    where = service_name(candidate.source)
    return f"{where}: {candidate.title} by {who}{length}; score {verdict.score:.2f}{f' ({parts})' if parts else ''}"


def how_to_name(shop: Workshop, track: Track, what: str) -> str:
    """The action that settles which audio a track is: `what` is to be named. Only Notion's catalogue has pages."""
    page = ", or put its link onto the track's page" if shop.settings.uses_notion else ""
    return f"Name {what}: `tracksync sync {track.key} --use LINK`{page}."


def _no_sure_match(shop: Workshop, track: Track, receipt: MatchReceipt) -> NoSureMatch:
    names = [service_name(name) for name in receipt.searched]
    where = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    first = f"{receipt.tried[0].reason} " if receipt.tried else ""
    count = len(receipt.verdicts)
    found = f"{count} {'candidate' if count == 1 else 'candidates'} looked at" if count else "nothing found"
    return NoSureMatch(
        f"{first}No audio was found that is surely {track.facts.display}: {found} on {where}.",
        action=how_to_name(shop, track, "the right one"),
    )


def _worst(trouble: list[TracksyncError], track: Track) -> TracksyncError:
    """What keeps a track from being found: the pause that is over first, else a setting; else it waits an hour."""
    pauses = [error for error in trouble if isinstance(error, Transient)]
    settings = [error for error in trouble if isinstance(error, Misconfigured)]
    if settings and not pauses:
        return settings[0]
    first = min(pauses, key=lambda error: error.retry_after or 0.0) if pauses else Unreachable("", retry_after=_AGAIN_S)
    told = " ".join(dict.fromkeys(error.message for error in trouble))
    again = datetime.now(UTC).astimezone() + timedelta(seconds=first.retry_after or 0.0)
    return type(first)(
        f"{track.facts.display} was not found yet, and not everything could be searched. {told}",
        action=f"It is looked for again by the first run after {again:%H:%M}."
        if isinstance(first, RateLimited)
        else "It is looked for again by the next run.",
        retry_after=first.retry_after,
    )
