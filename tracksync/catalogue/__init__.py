"""The catalogue: what the user sees and edits. Notion where it is configured, else the embedded one."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tracksync.catalogue.embedded import EmbeddedCatalogue
from tracksync.catalogue.protocol import Catalogue, Page, Properties, TrackRecord
from tracksync.journal import Journal
from tracksync.settings import Settings

__all__ = ["Catalogue", "EmbeddedCatalogue", "Page", "Properties", "TrackRecord", "open_catalogue"]


def open_catalogue(
    settings: Settings,
    journal: Journal,
    *,
    note: Callable[[str], None] = lambda _: None,
    cancel: threading.Event | None = None,
    gate: Callable[[], None] | None = None,
) -> Catalogue:
    """The catalogue that the settings name. Nothing is asked of it yet.

    Args:
        settings: where NOTION_TOKEN and TRACKS_DB_ID are set, it is Notion.
        journal: of the run.
        note: hears what a person should know and what ends nothing.
        cancel: set when the run has to end: waiting is broken off.
        gate: waited for before each request, where several machines share Notion's budget.
    """
    if settings.notion_token is None or settings.tracks_db_id is None:
        return EmbeddedCatalogue(journal)
    # Imported here: the client takes a moment, and most commands need none.
    from tracksync.catalogue.notion import NotionApi, NotionCatalogue, Pace

    pace = Pace(journal, cancel, gate)
    api = NotionApi(settings.notion_token.get_secret_value(), settings.notion_version, pace)
    return NotionCatalogue(journal, api, settings, note)
