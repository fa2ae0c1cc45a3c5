"""Pages that were seen, noted by several at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from tracksync.journal import Journal, SeenPage

PAGES = [
    SeenPage(
        page_id=f"page {number}",
        edited=0.0,
        content={},
        names=tuple((kind, f"{number} {more}") for kind in ("isrc", "link", "spotify") for more in range(4)),
    )
    for number in range(12)
]


def test_many_note_the_same_pages_and_none_is_turned_away(journal: Journal) -> None:
    def note(seed: int) -> None:
        order = random.Random(seed)  # noqa: S311 (an order, no secret)
        for _ in range(12):
            some = order.sample(PAGES, 6)
            journal.put_seen("notion", some)
            if order.random() < 0.3:
                journal.drop_seen("notion", [page.page_id for page in order.sample(some, 3)])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(note, range(6)))
    journal.put_seen("notion", PAGES)
    names = [name for page in PAGES for name in page.names]
    assert len(journal.seen_by("notion", names)) == len(names)
