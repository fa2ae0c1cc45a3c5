"""Why a track has the audio that it has, or has none yet: the words on its page in Prefect's UI, as Markdown."""

from __future__ import annotations

from tasks.escape import code, link_to, plain
from tracksync.journal import Entry, Journal
from tracksync.matching import Candidate, FoundBy, MatchReceipt, Tried, Verdict
from tracksync.model import DownloadReceipt, Stage
from tracksync.stages.review import Choice, choices, in_doubt, minutes, service_name

__all__ = ["choice_line", "doubt_page", "why_this_audio"]

_ALSO_SHOWN = 5
_FOUND_BY = {
    FoundBy.RECORD: "The link stands on its page.",
    FoundBy.SEARCH: "It was found, and is surely the same recording.",
    FoundBy.PERSON: "A person named it.",
}


def why_this_audio(receipt: MatchReceipt | None, download: DownloadReceipt | None) -> list[str]:
    """What was taken, what speaks for it, and what was tried or found before and passed over; a line each."""
    receipt = receipt or MatchReceipt()
    choice = receipt.choice
    lines = ["\n### Why this audio"]
    if receipt.found_by in (None, FoundBy.ITSELF) or choice is None:
        lines.append("It is the file that was named." if _is_file(download) else "It is the link's own.")
    else:
        lines.append(f"{_FOUND_BY[receipt.found_by or FoundBy.ITSELF]} {_taken(choice)}")
    if receipt.found_by is FoundBy.SEARCH:
        lines += ["", *(f"- {plain(reason)}" for reason in receipt.evidence)]
    if receipt.tried:
        lines += ["\nTried before, without audio:", "", *tried_lines(receipt)]
    others = [verdict for verdict in receipt.verdicts if choice is None or verdict.candidate.link != choice.link]
    if others:
        lines += ["\nFound too, and not taken:", "", *map(_passed_over, others[:_ALSO_SHOWN])]
    return lines


def tried_lines(receipt: MatchReceipt) -> list[str]:
    """What was taken for the track's audio and gave none, and why; a line each."""
    return [f"- {_where(attempt)}{plain(attempt.reason)}" for attempt in receipt.tried]


def _where(attempt: Tried) -> str:
    # Most reasons name the link themselves.
    return "" if "://" in attempt.reason else f"{link_to(attempt.link, 'a link')}: "


def choice_line(choice: Choice) -> str:
    """Something that could be the track's audio, as a line of a numbered list."""
    told = ", ".join(filter(None, (plain(choice.title), f"by {plain(choice.by)}", choice.length)))
    why = f": {plain(choice.why)}" if choice.why else ""
    return f"{choice.number}. {told} ({link_to(choice.link, choice.where)}){why}"


def doubt_page(journal: Journal, entry: Entry, *, in_notion: bool) -> str:
    """The page of a track that waits for a person: why, what was found, and how it is settled."""
    receipt = journal.receipt(entry.key, Stage.MATCH, MatchReceipt) or MatchReceipt()
    found = choices(journal, entry.key)
    lines = [f"## {plain(entry.facts.display)}", plain(entry.error_message or entry.reason)]
    if receipt.tried:
        lines += ["### Tried", "\n".join(tried_lines(receipt))]
    if found:
        lines += ["### Found", "\n".join(map(choice_line, found))]
    if in_doubt(journal, entry.key):
        ways = [
            f"- here: run the deployment {code('review/default')}, and press Resume where it says Suspended;",
            f"- in a terminal: {code(f'tracksync sync {entry.key} --use LINK')}",
        ]
        ways += ["- in Notion: put the link of the right one onto the track's page."] if in_notion else []
        lines += ["### Settle it", "\n".join(ways)]
    elif entry.error_action:
        lines.append(plain(entry.error_action))
    return "\n\n".join(lines)


def _is_file(download: DownloadReceipt | None) -> bool:
    return download is not None and download.fetched_by == "file"


def _taken(choice: Candidate) -> str:
    where = link_to(choice.link, service_name(choice.source)) if choice.link else service_name(choice.source)
    if choice.link and choice.title.startswith(("http://", "https://")):  # a link that was named, and not opened
        return f"({where})"
    return f"{plain(choice.title)}, {_by(choice)} ({where})."


def _passed_over(verdict: Verdict) -> str:
    found = verdict.candidate
    where = link_to(found.link, service_name(found.source)) if found.link else service_name(found.source)
    why = f": {plain('; '.join(verdict.reasons))}" if verdict.reasons else ""
    return f"- {plain(found.title)}, {_by(found)} ({where}), {verdict.score:.2f}{why}"


def _by(found: Candidate) -> str:
    who = plain(", ".join(found.artists) or found.channel or "somebody")
    return ", ".join(filter(None, (f"by {who}", minutes(found.duration_s))))
