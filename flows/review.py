"""Ask a person about the tracks for which nothing was surely found: a form in Prefect's UI for each."""

from __future__ import annotations

from collections import Counter
from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.sync import bring_in, side_by_side
from tasks._prefect import said_in_words
from tasks.forms import form_for, understand
from tasks.limits import notion_gate
from tasks.questions import answer_to, ask, asked_elsewhere, asked_here, forget_answer, name_run, question_name
from tasks.reporting import reporter
from tracksync.journal import Entry
from tracksync.model import State as Stood
from tracksync.stages.candidates import settle_with
from tracksync.stages.detect import Batch
from tracksync.stages.eagle import eagle_ready
from tracksync.stages.review import choices, in_doubt, named
from tracksync.stages.workshop import Workshop, open_workshop

__all__ = ["review"]


@flow(name="review", task_runner=side_by_side, persist_result=False)
@said_in_words
def review(key: str | None = None) -> State[Any]:
    """Ask about one track after the other which audio it is, and bring in what is settled.

    While it waits for an answer the run is suspended: press Resume to see its form. It goes on when the form is sent.

    Args:
        key: the one track to ask about, its key or its link. None: all that are in doubt, the oldest first.
    """
    begun = monotonic()
    with open_workshop(reporter=reporter(), gate=notion_gate()) as shop:
        shop.catalogue_ready()
        eagle_ready(shop)
        elsewhere = asked_elsewhere()
        pass_by(shop)
        doubtful = in_doubt(shop.journal, key)
        for entry in doubtful:
            if other := elsewhere.get(question_name(entry.key)):
                shop.reporter.note(f"{entry.facts.display} is being asked about by the run “{other}”.")
            else:
                settle(shop, entry, begun)
        return closing(shop, key, sum(question_name(entry.key) in elsewhere for entry in doubtful))


def settle(shop: Workshop, entry: Entry, begun: float) -> None:
    """Act upon what a person answered for one track. Where nothing was, or where it led to nothing, the run ends here
    and asks; it begins anew with the answer."""
    name = question_name(entry.key)
    times = asked_here().get(name, 0)
    wrong = ""
    if times and (given := answer_to(name, times)) is not None:
        answer = understand(given, choices(shop.journal, entry.key))
        if answer.left:
            return
        wrong = answer.wrong or follow(shop, entry, answer.link, begun)
        forget_answer(name, times)
        if not wrong:
            return
        shop.reporter.note(f"{entry.facts.display}: {wrong} It is asked again.")
    name_run(f"Which one is {entry.facts.display}?")
    ask(name, times + 1, form_for(entry, choices(shop.journal, entry.key), wrong))


def follow(shop: Workshop, entry: Entry, link: str, begun: float) -> str:
    """Bring a track in with the link that a person named; returns what was wrong with it, empty where nothing was."""
    track = entry.as_track()
    settle_with(shop, [track], link)
    bring_in(shop, Batch("review", [track]), begun, remake=True)
    return "".join(again.error_message or "" for again in in_doubt(shop.journal, entry.key))


def pass_by(shop: Workshop) -> None:
    """An answer about a track that was settled elsewhere meanwhile is not used: that is said, and it is forgotten."""
    asked, doubtful = asked_here(), {entry.key for entry in in_doubt(shop.journal)}
    for entry in shop.journal.entries() if asked else ():
        name = question_name(entry.key)
        if name in asked and entry.key not in doubtful and answer_to(name, asked[name]) is not None:
            forget_answer(name, asked[name])
            shop.reporter.note(f"{entry.facts.display} is {entry.state} meanwhile: the answer was not used.")


def closing(shop: Workshop, key: str | None, elsewhere: int) -> State[Any]:
    """How the tracks stand that were asked about, also before the run was begun anew."""
    asked = asked_here()
    counts = Counter(entry.state for entry in shop.journal.entries() if question_name(entry.key) in asked)
    told = [f"{number} {state}" for state, number in sorted(counts.items())]
    told += [f"{elsewhere} being asked about by another run"] if elsewhere else []
    message = ", ".join(told) or nothing_asked(shop, key)
    name_run(message)
    return Failed(message=message) if counts[Stood.FAILED] or counts[Stood.WAITING] else Completed(message=message)


def nothing_asked(shop: Workshop, key: str | None) -> str:
    """Why there was nothing to ask."""
    if key is None:
        return "nothing is in doubt"
    entries = named(shop.journal, key)
    return ", ".join(f"{entry.facts.display} is {entry.state}" for entry in entries) or "the journal has no such track"
