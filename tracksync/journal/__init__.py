"""The journal: what happened to each track, and who is at work on it.

Tracks with their states, the ids that mean them, the receipts of their stages, the names of their files, and leases;
on SQLite by default, on PostgreSQL where several machines share it. Importing this package imports SQLAlchemy (0.15 s).
"""

from tracksync.journal._cooling import Cooled
from tracksync.journal._core import index_text
from tracksync.journal._elsewhere import Binding, SeenPage
from tracksync.journal._entry import Entry
from tracksync.journal._indexed import FolderRow, IndexedRow, place_of
from tracksync.journal._leases import Lease
from tracksync.journal._pages import StoredPage
from tracksync.journal._store import Journal

__all__ = [
    "Binding",
    "Cooled",
    "Entry",
    "FolderRow",
    "IndexedRow",
    "Journal",
    "Lease",
    "SeenPage",
    "StoredPage",
    "index_text",
    "place_of",
]
