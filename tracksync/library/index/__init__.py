"""The index of volumes: which audio files lie on which disk, and what they hold.

Kept in the journal. `index_folders` brings it up to date; `find_on_disk` and `find_many` answer whether a track is on a
disk already; `where_moved` finds a file that is no longer where it was.
"""

from tracksync.library.index.build import IndexReport, index_folders
from tracksync.library.index.finding import IndexedFile, find_many, find_on_disk, where_moved, where_moved_many
from tracksync.library.index.scope import folders_to_index

__all__ = [
    "IndexReport",
    "IndexedFile",
    "find_many",
    "find_on_disk",
    "folders_to_index",
    "index_folders",
    "where_moved",
    "where_moved_many",
]
