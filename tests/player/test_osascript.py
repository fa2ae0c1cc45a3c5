"""The Spotify app of macOS, in the words of a stand-in for osascript."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.spotify import an_id
from tracksync.errors import Misconfigured, Unreachable
from tracksync.sources.names import name_key
from tracksync.sources.player import osascript, programs

StandIn = Callable[[str, str], Path]

ID = an_id("Strobe")


def says(*fields: str) -> str:
    return "cat > script.txt; printf '%s' '" + "\x1f".join(fields).replace("'", "'\\''") + "\n'"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_track_that_is_playing(stand_in: StandIn) -> None:
    title, album = "Strobe | A, B - it's\u2028new", "For Lack of a Better Name"
    stand_in(
        "osascript", says("playing", f"spotify:track:{ID}", f"spotify:track:{ID}", title, "deadmau5", album, "215500")
    )
    found = osascript.read().track
    assert found is not None
    assert found.track is not None
    link = f"https://open.spotify.com/track/{ID}"
    assert (found.key, found.track.source, found.track.origin) == (f"spotify:track:{ID}", "spotify-current", link)
    facts = found.track.facts
    on_one_line = title.replace("\u2028", " ")
    assert (facts.title, facts.artists, facts.album, facts.link) == (on_one_line, ("deadmau5",), album, link)
    assert found.track.duration_s == 215.5
    assert found.identities == (("link", link), ("spotify", ID))


def test_the_app_is_asked_for_before_it_is_told_anything(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in("osascript", says("closed"))
    assert osascript.read().sure is False
    script = (tmp_path / "script.txt").read_text()
    assert script.isascii()
    assert script.index("is not running") < script.index("tell application")


@pytest.mark.parametrize(
    ("fields", "said", "sure"),
    [
        (("closed",), "the Spotify app is closed", False),
        (("stopped",), "nothing is playing in Spotify", True),
        (("paused", f"spotify:track:{ID}", "", "Strobe", "deadmau5", "", "1"),
         "deadmau5 - Strobe is paused in Spotify", True),
        (("playing", "spotify:ad:0001", "spotify:ad:0001", "Advertisement", "", "", "30000"),
         "an advert is playing in Spotify", True),
        (("playing", "spotify:episode:0001", "", "Talk", "Show", "", "1"), "an episode is playing in Spotify", True),
    ],
)  # fmt: skip
def test_what_is_no_track_is_said(stand_in: StandIn, fields: tuple[str, ...], said: str, sure: bool) -> None:
    stand_in("osascript", says(*fields))
    found = osascript.read()
    assert (found.track, found.said, found.sure) == (None, said, sure)


def test_a_local_file_is_named_by_what_it_is_called(stand_in: StandIn) -> None:
    local = "spotify:local:Me:Album:Demo:120"
    stand_in("osascript", says("playing", local, local, "Demo", "Me", "missing value", "1,2E+5"))
    found = osascript.read().track
    assert found is not None
    assert found.track is not None
    assert (found.key, found.track.origin) == (name_key("Demo", ["Me"]), "")
    assert (found.track.facts.album, found.track.facts.link, found.track.duration_s) == (None, None, 120)


@pytest.mark.parametrize(
    "script",
    [
        "echo",
        says("playing", "spotify:track:x"),
        says("dancing", *["x"] * 6),
        "exit 1",
        "echo 'execution error: Spotify got an error: AppleEvent timed out. (-1712)' >&2; exit 1",
    ],
)
def test_an_answer_that_is_none_is_no_silence(stand_in: StandIn, script: str) -> None:
    stand_in("osascript", script)
    with pytest.raises(Unreachable):
        osascript.read()


def test_no_permission_says_where_it_is_given(stand_in: StandIn) -> None:
    stand_in("osascript", "echo 'execution error: Not authorized to send Apple events. (-1743)' >&2; exit 1")
    with pytest.raises(Misconfigured) as told:
        osascript.read()
    assert "Automation" in told.value.action


@pytest.mark.parametrize("number", ["-1728", "-2741", "-600"])
def test_an_app_that_is_not_there_settles_nothing(stand_in: StandIn, number: str) -> None:
    stand_in("osascript", f"echo 'execution error: so it is ({number})' >&2; exit 1")
    found = osascript.read()
    assert (found.track, found.sure) == (None, False)


def test_a_player_that_hangs_is_given_up_with_all_its_children(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "LIMIT_S", 0.3)
    stand_in("osascript", "(sleep 2; touch late) & wait")
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"did not answer within 0\.3 seconds"):
        osascript.read()
    assert time.monotonic() - begun < 1
    time.sleep(2)
    assert not (tmp_path / "late").exists()


def test_a_program_that_cannot_be_run_is_said(stand_in: StandIn) -> None:
    stand_in("osascript", "").write_bytes(b"\x7fELFnonsense")
    with pytest.raises(Unreachable, match="can't be run"):
        osascript.read()
