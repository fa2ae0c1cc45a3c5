"""What becomes of a match: is it there already, is it as long as it should be, and what if it gave no audio?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from tracksync.errors import (
    Damaged,
    Misconfigured,
    MixDetected,
    NoSureMatch,
    NotFound,
    Permanent,
    Protected,
    RateLimited,
    Refused,
    TracksyncError,
    Unexpected,
    Unreachable,
    Unsupported,
)
from tracksync.journal import Entry, Journal
from tracksync.matching import Candidate, FoundBy, MatchReceipt, Tried
from tracksync.model import Facts, PublishReceipt, RenderReceipt, Stage, State, Track
from tracksync.sources.links import Link, classify, looks_like_link
from tracksync.sources.secrets import redact
from tracksync.sources.whole import is_whole
from tracksync.stages.cooling import leave_alone, service_of
from tracksync.stages.match import how_to_name, named_candidate
from tracksync.stages.refresh import MADE_AGAIN
from tracksync.stages.workshop import Workshop

__all__ = ["check_unused", "confirm_length", "held_already", "pass_over", "settle_with", "usable_link"]

_MOST_TRIED = 6


def pass_over(shop: Workshop, track: Track, matched: MatchReceipt, error: TracksyncError) -> None:
    """What was matched gave no audio: note it, so that the next candidate has its turn.

    Raises:
        TracksyncError: the error itself, where looking on makes no sense or would be a guess.
    """
    link = matched.choice.link if matched.choice else track.origin
    if isinstance(error, RateLimited) and link:
        leave_alone(shop.journal, service_of(link), error)
    searched = matched.found_by in (FoundBy.SEARCH, FoundBy.RECORD, FoundBy.DISK)
    known = shop.journal.receipt(track.key, Stage.MATCH, MatchReceipt) or matched
    if searched and isinstance(error, RateLimited | Unreachable | Misconfigured) and link:
        # The others go on: this candidate's service is left alone, and what it has is not lost.
        leave_alone(shop.journal, service_of(link), error)
        shop.journal.put_receipt(track.key, Stage.MATCH, known.model_copy(update={"choice": None, "found_by": None}))
        shop.reporter.note(f"{track.facts.display}: {error.message} Another source is looked for.")
        return
    attempt = Tried(link=link or "", kind=error.kind, reason=error.message)
    tried = known.tried if any(before.link == link for before in known.tried) else (*known.tried, attempt)
    if matched.found_by is FoundBy.PERSON and isinstance(error, Permanent):
        # Their word stands; but another link that is put onto the page counts more from now on.
        shop.journal.put_receipt(track.key, Stage.MATCH, known.model_copy(update={"tried": tried}))
    if not link or not _may_look_on(shop, track, matched, error):
        raise error
    receipt = known.model_copy(update={"choice": None, "found_by": None, "tried": tried})
    shop.journal.put_receipt(track.key, Stage.MATCH, receipt)
    shop.journal.drop_receipts(track.key, [Stage.DOWNLOAD, Stage.TRANSCODE])
    shop.clear_staging(track.key)
    if len(tried) >= _MOST_TRIED:
        raise NoSureMatch(
            f"{error.message} {len(tried)} sources of {track.facts.display} were tried, and none gave its audio.",
            action=how_to_name(shop, track, "it"),
        )
    shop.reporter.note(f"{track.facts.display}: {error.message} Another source is looked for.")


def _may_look_on(shop: Workshop, track: Track, matched: MatchReceipt, error: TracksyncError) -> bool:
    if matched.found_by is FoundBy.PERSON:
        return False
    if matched.found_by is FoundBy.ITSELF:
        if not isinstance(error, Protected | Refused | NotFound) or not looks_like_link(track.origin):
            return False
        if classify(track.origin).service == "web" and not track.facts.artists:
            return False  # its name may be no more than a file's: that it is gone is all that there is to say
        # Of a link that gave nothing at all, not even a name, there is nothing to look for.
        return not looks_like_link(track.facts.title) or _learn_its_name(shop, track)
    return isinstance(error, Permanent | MixDetected) and not isinstance(error, Unexpected)


def _learn_its_name(shop: Workshop, track: Track) -> bool:
    """Ask the service what the track is called whose stream can't be had; False where it does not say."""
    from tracksync.sources.called import called

    try:
        found = called(classify(track.origin), shop.settings, shop.cancel)
    except TracksyncError:
        return False
    if found is None or not found.title:
        return False
    facts = Facts(title=found.title, artists=found.artists, isrc=found.isrc, link=track.facts.link)
    shop.journal.update_facts(track.key, facts, duration_s=found.duration_s or track.duration_s)
    return True


def held_already(shop: Workshop, track: Track, matched: MatchReceipt) -> Entry | None:
    """The track of the library whose audio is the very one that was matched: it is not fetched again."""
    if matched.choice is None or matched.choice.link is None:
        return None
    return _holder(shop.journal, track.key, matched.choice)


def _holder(journal: Journal, key: str, choice: Candidate) -> Entry | None:
    for entry in _by_the_same_name(journal, choice):
        if entry.key != key and entry.merged_into != key and is_whole(journal, entry):
            return journal.find(entry.merged_into) if entry.merged_into else entry
    return None


def _by_the_same_name(journal: Journal, choice: Candidate) -> Iterator[Entry]:
    if entry := journal.find(choice.id):
        yield entry
    with suppress(Unsupported):
        link = classify(choice.link or "")
        if entry := journal.find_by("link", link.canonical):
            yield entry


def confirm_length(track: Track, matched: MatchReceipt, rendered: RenderReceipt) -> None:
    """Hold the decoded length against the wanted one, where the audio is not the track's own.

    Raises:
        Damaged: it is another recording, or not all of it.
    """
    if matched.found_by not in (FoundBy.SEARCH, FoundBy.RECORD) or not track.duration_s:
        return
    off = abs(rendered.duration_s - track.duration_s)
    # The gate of matching: the same version is as long, within 3 s or 2 %.
    if off > max(3.0, 0.02 * track.duration_s):
        raise Damaged(
            f"{track.facts.display} should be {track.duration_s:.1f} s long, and what was found for it decodes to "
            f"{rendered.duration_s:.1f} s.",
            action=f"Name the right one: `tracksync sync {track.key} --use LINK`.",
        )


def settle_with(shop: Workshop, tracks: Sequence[Track], text: str) -> bool:
    """Let a link be the audio of the one track that a run is about, because a person says so.

    What was made from another is made again. Returns False where it is the track's audio already.

    Raises:
        Misconfigured: the run is about none, or about several; or the link is another track's, and this one has files.
        Unsupported: it is no link that audio can be had from.
    """
    link = usable_link(text)
    if len(tracks) != 1:
        raise Misconfigured(
            f"A link was given to use, for {len(tracks)} tracks.", action="Name exactly one track beside it."
        )
    key = tracks[0].key
    check_unused(shop.journal, key, link)
    known = shop.journal.receipt(key, Stage.MATCH, MatchReceipt) or MatchReceipt()
    if known.found_by is FoundBy.PERSON and known.choice and known.choice.link == link.origin:
        return False
    receipt = known.model_copy(
        update={
            "found_by": FoundBy.PERSON,
            "choice": named_candidate(link),
            "score": 1.0,
            "evidence": ("a person named this link",),
        }
    )
    shop.journal.put_receipt(key, Stage.MATCH, receipt)
    # Were it still merged, what is made now would be written onto the other's page, and both would be wrong.
    shop.journal.part(key)
    shop.journal.set_state(key, State.NEW)
    shop.journal.drop_receipts(key, MADE_AGAIN)
    shop.clear_staging(key)
    return True


def check_unused(journal: Journal, key: str, link: Link) -> None:
    """A track that has files of its own is not made one with another by a slip: its files would belong to nobody.

    Raises:
        Misconfigured: the link is the audio of another track of the library.
    """
    holder = _holder(journal, key, named_candidate(link))
    if holder is not None and journal.receipt(key, Stage.PUBLISH, PublishReceipt) is not None:
        raise Misconfigured(
            f"{redact(link.canonical)} is in the library already, as {holder.facts.display}, and the track that was "
            "named has files of its own.",
            action="Give another link; `tracksync duplicates` shows what is there twice.",
        )


def usable_link(text: str) -> Link:
    """A link that a person names as a track's audio.

    Raises:
        Unsupported: it is none that audio can be had from.
    """
    link = classify(text)
    if link.service == "spotify":
        raise Unsupported(
            f"{redact(text)} is a Spotify link, whose streams are protected: no audio can be had from it.",
            action="Give a SoundCloud, YouTube or Bandcamp link of the same recording.",
        )
    if link.is_list:
        raise Unsupported(f"{redact(text)} is a list, not a track.", action="Give the link of one track.")
    return link
