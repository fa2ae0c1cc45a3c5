"""The catalogue that needs no account: a view on the journal. The default, for good, for people without Notion."""

from __future__ import annotations

from typing import Any

from tracksync.catalogue.protocol import Page, TrackRecord
from tracksync.errors import NotFound
from tracksync.journal import Journal, StoredPage
from tracksync.model import Check, as_json

__all__ = ["EmbeddedCatalogue"]


class EmbeddedCatalogue:
    """Pages in the journal's own database; every change is one transaction."""

    name = "embedded"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def find(self, key: str) -> Page | None:
        """The track's page."""
        stored = self._journal.page(key)
        return _page(stored) if stored is not None and stored.content else None

    def upsert(self, record: TrackRecord) -> Page:
        """Make or update the page; it stops saying Downloaded where its record changes."""
        wanted = as_json(record)

        def change(content: dict[str, Any]) -> dict[str, Any]:
            same = content.get("record") == wanted
            return {"record": wanted, "downloaded": bool(same and content.get("downloaded"))}

        return _page(self._journal.change_page(record.key, change))

    def mark_downloaded(self, key: str) -> Page:
        """Say Downloaded."""
        if self.find(key) is None:
            raise NotFound(f"The track {key} has no page in the catalogue.", action="Run it again with --refresh.")
        return _page(self._journal.change_page(key, lambda content: {**content, "downloaded": True}))

    def check(self, key: str) -> list[Check]:
        """Whether the page is there and names files that are."""
        page = self.find(key)
        if page is None:
            return [Check(name="catalogue", ok=False, detail="the track has no page")]
        missing = [str(path) for path in (*page.record.files.values(), *page.record.copies) if not path.is_file()]
        return [
            Check(
                name="catalogue", ok=not missing, detail=f"names {', '.join(missing)}" if missing else "page is right"
            )
        ]

    def unfinished(self) -> list[Page]:
        """The pages that don't say Downloaded."""
        pages = [_page(stored) for stored in self._journal.pages() if stored.content]
        return [page for page in pages if not page.downloaded]


def _page(stored: StoredPage) -> Page:
    return Page(
        page_id=stored.page_id,
        record=TrackRecord.model_validate(stored.content["record"]),
        downloaded=stored.content["downloaded"],
    )
