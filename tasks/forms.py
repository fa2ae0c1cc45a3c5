"""The form by which a person says, in Prefect's UI, which audio a track is."""

from __future__ import annotations

from typing import Any, Literal

from prefect.input import RunInput
from pydantic import Field, create_model

from tracksync.journal import Entry
from tracksync.sources.secrets import redact
from tracksync.stages.review import choices
from tracksync.stages.workshop import Workshop

__all__ = ["answered_link", "form_for"]

_NONE = "None of these: leave it for now"


def form_for(shop: Workshop, entry: Entry) -> type[RunInput]:
    """A form with what was found for the track, and a place for another link."""
    found = choices(shop.journal, entry.key)
    options: Any = Literal[(_NONE, *(choice.label for choice in found))]
    model: type[RunInput] = create_model(
        "Review",
        __base__=RunInput,
        choice=(options, Field(default=_NONE, title="Which of these is the recording?")),
        other_link=(str, Field(default="", title="Or the link of the right one")),
    )
    links = "\n".join(f"- {choice.label}: {redact(choice.link)}" for choice in found)
    asked: type[RunInput] = model.with_initial_data(
        description=f"## {entry.facts.display}\n\n{_length(entry)}{entry.error_message or ''}\n\n{links}"
    )
    return asked


def answered_link(shop: Workshop, entry: Entry, answer: Any) -> str | None:
    """The link that the form was answered with."""
    if answer.other_link.strip():
        return str(answer.other_link.strip())
    found = {choice.label: choice.link for choice in choices(shop.journal, entry.key)}
    return found.get(answer.choice)


def _length(entry: Entry) -> str:
    return f"{int(entry.duration_s // 60)}:{int(entry.duration_s % 60):02d} long. " if entry.duration_s else ""
