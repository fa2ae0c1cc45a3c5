"""What `tracksync status` prints for a track in doubt can be copied into a shell."""

from __future__ import annotations

import shlex

import pytest

from tests.review.doubts import a_doubt, a_verdict
from tracksync.cli.show import show_tracks
from tracksync.journal import Journal
from tracksync.report import track_event


def test_each_candidate_has_its_command_on_one_line(
    journal: Journal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = f"https://soundcloud.com/some-label/{'a-very-long-name-' * 8}x"
    video = "https://www.youtube.com/watch?v=1&list=2"
    verdicts = [
        a_verdict("A [bold]Title[/]", long),
        a_verdict("A", video, "youtube-music"),
        a_verdict("A", video, "youtube"),
        a_verdict("Private", "https://soundcloud.com/a/b/s-AbCdEf12345"),
    ]
    entry = a_doubt(journal, verdicts=verdicts)
    show_tracks([track_event(journal, entry)])
    printed = capsys.readouterr().out
    commands = [shlex.split(line) for line in printed.splitlines() if line.lstrip().startswith("tracksync sync")]
    assert commands == [["tracksync", "sync", entry.key, "--use", link] for link in (long, video)]
    assert "AbCdEf12345" not in printed
    assert "A [bold]Title[/]" in printed


def test_a_link_that_two_services_gave_is_one_candidate(journal: Journal) -> None:
    video = "https://www.youtube.com/watch?v=1"
    verdicts = [
        a_verdict("A", video, "youtube-music"),
        a_verdict("A", video, "youtube"),
        a_verdict("Without a link", None),
        a_verdict("Another without", None),
    ]
    told = track_event(journal, a_doubt(journal, verdicts=verdicts))
    shown = [(one["source"], one["title"]) for one in told["candidates"]]
    assert shown == [("youtube-music", "A"), ("soundcloud", "Without a link"), ("soundcloud", "Another without")]
