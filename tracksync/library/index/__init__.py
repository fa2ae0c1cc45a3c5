"""The index of volumes: which audio files lie on which disk, and what they hold.

Kept in the journal. `index_folders` brings it up to date; `find_on_disk` and `find_many` answer whether a track is on a
disk already; `where_moved` finds a file that is no longer where it was.
"""

from tracksync.library.index.build import IndexReport, index_folders

__all__ = ["IndexReport", "index_folders"]
