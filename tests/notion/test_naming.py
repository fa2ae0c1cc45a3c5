"""Naming a page on the command line, as people copy it."""

from __future__ import annotations

import pytest

from tracksync.cli.pages import page_id_of

PAGE = "0123abcd-4567-89ab-cdef-0123456789ab"
BARE = PAGE.replace("-", "")
OTHER = "f" * 32


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        BARE.upper(),
        f"notion:page:{PAGE}",
        f"https://www.notion.so/{BARE}",
        f"https://www.notion.so/team/Decade-{BARE}?pvs=4",
        f"https://www.notion.so/team/Decade-{BARE}/",
        f"https://team.notion.site/A-Title-{BARE}#{OTHER}",
        f"https://www.notion.so/team/{OTHER}?v={OTHER}&p={BARE}&pm=s",
        f"https://www.notion.so/{OTHER}?p={PAGE}",
    ],
)
def test_a_page_is_named_by(text: str) -> None:
    assert page_id_of(text) == PAGE


@pytest.mark.parametrize("text", ["", "One.flac", BARE[:-1], f"https://example.org/{BARE}", f"{BARE}.wav"])
def test_what_names_no_page(text: str) -> None:
    assert page_id_of(text) is None
