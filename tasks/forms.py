"""The form by which a person says, in Prefect's UI, which audio a track is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from prefect.input import RunInput
from pydantic import Field, create_model

from tasks.escape import link_to, plain
from tasks.evidence import choice_line
from tracksync.errors import TracksyncError
from tracksync.journal import Entry
from tracksync.stages.candidates import usable_link
from tracksync.stages.review import Choice, minutes

__all__ = ["ANOTHER", "NONE", "Answer", "form_for", "understand"]

ANOTHER = "Another one: the link below"
NONE = "None: leave it for now"


@dataclass(frozen=True)
class Answer:
    """What a form was answered with: a link, or why it has to be asked again; neither where the track is left."""

    link: str = ""
    """May hold a secret."""
    wrong: str = ""

    @property
    def left(self) -> bool:
        """The track stays as it is, for now."""
        return not self.link and not self.wrong


def form_for(entry: Entry, found: Sequence[Choice], wrong: str = "") -> type[RunInput]:
    """A form with what was found for the track, and a place for another link.

    A choice has to be made: a form that is sent unread settles nothing, and leaves nothing either.

    Args:
        entry: the track.
        found: what there is to choose from.
        wrong: what was wrong with the last answer.
    """
    options: Any = Literal[(*(choice.label for choice in found), ANOTHER, NONE)]
    model: type[RunInput] = create_model(
        "Review",
        __base__=RunInput,
        choice=(options, Field(title="Which one is it?")),
        other_link=(
            str,
            Field(default="", title="Link", description=f"Of the right one, where you chose “{ANOTHER}”."),
        ),
    )
    asked: type[RunInput] = model.with_initial_data(description=_page(entry, found, wrong))
    return asked


def _page(entry: Entry, found: Sequence[Choice], wrong: str) -> str:
    lines = [f"### {_itself(entry)}"]
    if wrong:
        lines.append(f"**{plain(wrong)}**")
    elif not found:
        lines.append(plain(entry.error_message or "Nothing was found."))
    if found:
        lines.append("Nothing that was found is surely it. Listen, and choose below:")
        lines.append("\n".join(choice_line(choice) for choice in found))
    return "\n\n".join(lines)


def _itself(entry: Entry) -> str:
    facts = entry.facts
    more = ", ".join(filter(None, (minutes(entry.duration_s), facts.album and plain(facts.album))))
    place = f" ({link_to(entry.origin, 'its page')})" if entry.origin.startswith("http") else ""
    return f"{plain(facts.display)}{f', {more}' if more else ''}{place}"


def understand(given: Mapping[str, Any], found: Sequence[Choice]) -> Answer:
    """What a person meant by a form.

    Args:
        given: the form's fields, as the server has checked them against the form that was shown.
        found: what there is to choose from now, which may be other than what was shown.
    """
    chosen, other = str(given.get("choice", "")), str(given.get("other_link") or "").strip()
    if chosen == NONE and not other:
        return Answer()
    if chosen == ANOTHER:
        return _usable(other) if other else Answer(wrong="No link was given.")
    if other:
        return Answer(wrong=f"A link was given, and “{_short(chosen)}” was chosen: it is not clear which is meant.")
    for choice in found:
        if choice.label == chosen:
            return _usable(choice.link)
    return Answer(wrong="Another search has been made since: what was chosen is no longer there.")


def _usable(link: str) -> Answer:
    try:
        return Answer(link=usable_link(link).text)
    except TracksyncError as error:
        return Answer(wrong=str(error))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
