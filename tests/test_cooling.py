"""A service that asked for a pause is left alone by every run, until it is over."""

from __future__ import annotations

from pathlib import Path

from tracksync.journal import Journal


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_pause_is_kept_across_runs_and_ends(tmp_path: Path) -> None:
    clock = Clock()
    address = f"sqlite:///{tmp_path / 'journal.db'}"
    with Journal.open(address, clock=clock) as journal:
        assert journal.cooled("youtube") is None
        journal.cool("youtube", 3600, "It wants to be shown that no robot asks.")
    with Journal.open(address, clock=clock) as journal:
        standing = journal.cooled("youtube")
        assert standing is not None
        assert (standing.left_s, standing.asked) == (3600, True)
        assert "robot" in standing.reason
        assert journal.cooled("soundcloud") is None
        clock.now += 3599
        assert journal.cooled("youtube") is not None
        clock.now += 2
        assert journal.cooled("youtube") is None


def test_the_longer_pause_counts_and_a_login_ends_it(journal: Journal) -> None:
    journal.cool("spotify", 7200, "Too much was asked.")
    journal.cool("spotify", 60, "It can't be reached.", asked=False)
    standing = journal.cooled("spotify")
    assert standing is not None
    assert standing.left_s > 7000
    assert standing.asked
    journal.warm("spotify")
    assert journal.cooled("spotify") is None


def test_a_clock_that_was_set_back_keeps_nothing_away_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    with Journal.open(f"sqlite:///{tmp_path / 'journal.db'}", clock=clock) as journal:
        journal.cool("soundcloud", 600, "429")
        clock.now -= 365 * 24 * 3600
        assert journal.cooled("soundcloud") is None
