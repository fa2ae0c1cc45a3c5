"""The catalogue in Notion."""

from tracksync.catalogue.notion.api import NotionApi
from tracksync.catalogue.notion.catalogue import PAGE_KEY, NotionCatalogue
from tracksync.catalogue.notion.pace import REQUESTS_PER_SECOND, Pace
from tracksync.catalogue.notion.schema import database_id

__all__ = ["PAGE_KEY", "REQUESTS_PER_SECOND", "NotionApi", "NotionCatalogue", "Pace", "database_id"]
