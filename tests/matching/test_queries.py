"""What is searched for."""

from __future__ import annotations

import pytest

from tracksync.matching import Wanted, queries_for


@pytest.mark.parametrize(
    ("wanted", "queries"),
    [
        (
            Wanted(title="Strobe", artists=("deadmau5",), isrc="GB-TDG-09-00142"),
            ("GBTDG0900142", "deadmau5 Strobe"),
        ),
        (Wanted(title="Losing It - Extended Mix", artists=("FISHER",)), ("FISHER Losing It Extended Mix",)),
        (Wanted(title="Heroes - 2017 Remaster", artists=("David Bowie",)), ("David Bowie Heroes",)),
        (
            Wanted(title="Latch (feat. Sam Smith)", artists=("Disclosure", "Sam Smith")),
            ("Disclosure Sam Smith Latch", "Disclosure Latch"),
        ),
        (
            Wanted(title="Innerbloom - Lane 8 Remix", artists=("RÜFÜS DU SOL", "Lane 8")),
            ("RÜFÜS DU SOL Innerbloom Lane 8 Remix",),
        ),
        (
            Wanted(title="Running Up That Hill (A Deal With God)", artists=("Kate Bush",)),
            ("Kate Bush Running Up That Hill A Deal With God", "Kate Bush Running Up That Hill"),
        ),
        (Wanted(title="アイドル", artists=("YOASOBI",)), ("YOASOBI アイドル",)),
        (Wanted(title='"Heroes" -not *that', artists=()), ("Heroes not that",)),
        (Wanted(title="deadmau5 - Strobe", artists=("deadmau5",)), ("deadmau5 Strobe",)),
        (Wanted(title="", artists=()), ()),
        (Wanted(title="x" * 5000), ("x" * 120,)),
        (Wanted(title="Strobe", artists=("Various Artists",), isrc="nonsense"), ("Strobe",)),
    ],
)
def test_queries(wanted: Wanted, queries: tuple[str, ...]) -> None:
    assert queries_for(wanted) == queries
