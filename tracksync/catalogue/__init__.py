"""The catalogue: what the user sees and edits."""

from tracksync.catalogue.embedded import EmbeddedCatalogue
from tracksync.catalogue.protocol import Catalogue, Page, Properties, TrackRecord

__all__ = ["Catalogue", "EmbeddedCatalogue", "Page", "Properties", "TrackRecord"]
