"""What a person sees: names stand there as they are, whatever they look like to the terminal's own language."""

from __future__ import annotations

from typing import Any

import pytest

from tracksync.cli.show import Bars, say, show_tracks
from tracksync.model import Facts
from tracksync.text import visible

NAMES = [":fire: Alarm :x:", "[bold]Loud[/bold]", "[/]", "Back\\slash \\[x]", "[link=x]a[/link]"]
NAMES += ["x" + "\\" * number for number in (1, 2, 3)]


def an_event(name: str, **more: Any) -> dict[str, Any]:
    files = {"m4a": "/a.m4a", "wav": "/a.wav", "aiff": "/a.aiff"}
    measured = {"bpm": 128.0, "key_name": "Am", "camelot": "8A"}
    named = {"event": "track", "key": "file:1", "title": name, "artists": [name], "state": "synced", "error": None}
    return {**named, "files": files, **measured, **more}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_as_they_are(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    error = {"kind": "not-found", "message": f"{name} is gone.", "action": f"Look for {name}."}
    show_tracks([an_event(name, error=error)])
    say(f"said: {name}")
    with Bars() as bars:
        bars.hear({"event": "progress", "key": "file:1", "title": name, "stage": "transcode", "fraction": None})
        bars.hear(an_event(name))
    out, err = capsys.readouterr()
    assert out.count(f"{name} - {name}") == 2
    assert f"  {name} is gone." in out
    assert f"  → Look for {name}." in out
    assert err.splitlines() == [f"said: {name}", f"{name}: transcode", f"{name} - {name}: synced"]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_as_they_are_on_a_terminal(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    for variable, value in {"COLUMNS": "200", "FORCE_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(variable, value)
    with Bars() as bars:
        bars.hear({"event": "progress", "key": "file:1", "title": name, "stage": "transcode", "fraction": 0.5})
    assert name in capsys.readouterr().err


@pytest.mark.parametrize(
    "title", ["A\x1b[2Jred", "A\x1b]0;x\x07red", "A\x9b2Jred", "A\nred", "A\u202ered", "A\ud83dred"]
)
def test_no_name_gives_the_terminal_an_order(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_tracks([an_event(title)])
    say(title)
    with Bars() as bars:
        bars.hear({"event": "progress", "key": "file:1", "title": title, "stage": "transcode", "fraction": None})
        bars.hear({"event": "note", "text": f"{title} is passed over."})
    out, err = capsys.readouterr()
    assert not set(title) - set("Ared[2J]0;x") & set(out + err) - {"\n"}
    assert [line[:1] for line in err.splitlines()] == ["A"] * 3


def test_facts_are_on_one_line() -> None:
    hebrew = "\u202eעומר\u202c"
    artists = ("Q\nW", "x\u2028y", hebrew)
    facts = Facts(title="A\x1b[31m\r\nTitle ", artists=artists, album="  two  spaces ", genre="\x1b")
    assert (facts.title, facts.artists) == ("A[31m Title", ("Q W", "x y", hebrew))
    assert (facts.album, facts.genre) == ("  two  spaces ", None), "what is no control character stays as it is"
    twice = Facts(title="\x1b", artists=("B\x1bj", "Bj"), artist_ids={"B\x1bj": "1"})
    assert (twice.title, twice.artists, twice.artist_ids) == ("Untitled", ("Bj",), {"Bj": "1"})


def test_a_byte_that_is_no_text_is_spelled(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\udcff.mp3 is gone.")
    assert capsys.readouterr().err == "a\\udcff.mp3 is gone.\n"


@pytest.mark.parametrize("nothing", ["", " ", "\x1b", "\u200b", "\u3164 ", "\ufe0f", "\u202e\u200f"])
def test_what_cannot_be_seen(nothing: str) -> None:
    assert visible(nothing) == ""
    assert visible(f" A{nothing}").startswith("A")
    assert visible("👩\u200d🚀") == "👩\u200d🚀"
