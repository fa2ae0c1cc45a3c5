"""Duplicates: which files hold the same audio, the same recording, or may; and setting the surest of them aside."""

from tracksync.library.duplicates.aside import PutBack, SetAside, put_back, set_aside
from tracksync.library.duplicates.find import Duplicates, find_duplicates
from tracksync.library.duplicates.model import Group, Kind, Member
from tracksync.library.duplicates.page import html_page

__all__ = [
    "Duplicates",
    "Group",
    "Kind",
    "Member",
    "PutBack",
    "SetAside",
    "find_duplicates",
    "html_page",
    "put_back",
    "set_aside",
]
