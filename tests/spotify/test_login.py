"""`tracksync login spotify` from end to end: the real command, a browser or a paste, and whatever can go wrong."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.house import House
from tests.sandbox.spotify import LoopbackSpotify, Status
from tracksync.sources.spotify.access import SCOPES
from tracksync.sources.spotify.token import TokenFile


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(spotify: LoopbackSpotify, tmp_path: Path) -> House:
    return House(
        tmp_path,
        {
            "SPOTIFY_CLIENT_ID": spotify.world.client_id,
            "SPOTIFY_REDIRECT_URI": f"http://127.0.0.1:{free_port()}/callback",
            "NO_PROXY": "127.0.0.1",
            **spotify.environment,
        },
    )


def kept(house: House) -> TokenFile:
    return TokenFile(house.root / "state")


class Login:
    """The command, running; `link` is what it printed."""

    def __init__(self, house: House, *more: str, stdin: int = subprocess.PIPE) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracksync", "login", "spotify", *more],
            env=house.environment,
            cwd=house.root,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first = self.process.stdout.readline()
        self.link = str(json.loads(self.first)["link"]) if "--json" in more else self.first.strip()

    def end(self, pasted: str | None = None, *, limit_s: float = 30) -> tuple[int, str, str]:
        """Paste, and see what comes of it: exit code, standard output, standard error."""
        out, err = self.process.communicate(pasted, timeout=limit_s)
        assert "Traceback" not in err, err
        return self.process.returncode, out, err

    def __enter__(self) -> Login:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def browse(address: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=10) as answer:
            return int(answer.status), str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_link_asks_for_what_is_read_and_no_more(spotify: LoopbackSpotify, house: House) -> None:
    with Login(house) as login:
        asked = parse_qs(urlsplit(login.link).query)
    assert sorted(asked["scope"][0].split()) == sorted(SCOPES)
    assert asked["redirect_uri"] == [house.more["SPOTIFY_REDIRECT_URI"]]
    assert len(asked["state"][0]) >= 32
    assert asked["code_challenge_method"] == ["S256"]


def test_the_browser_brings_the_answer(spotify: LoopbackSpotify, house: House) -> None:
    with Login(house) as login:
        back = spotify.world.agree(login.link)
        assert browse(urlsplit(back)._replace(path="/favicon.ico").geturl())[0] == 404
        status, page = browse(back)
        code, out, err = login.end()
    assert (status, code, out) == (200, 0, "")
    assert "Done" in page
    assert "Logged in to Spotify as A Listener" in err
    token = kept(house).read()
    assert token is not None
    assert sorted((token.scope or "").split()) == sorted(SCOPES)
    assert kept(house).path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("part", ["address", "query", "code"])
def test_the_answer_is_pasted(spotify: LoopbackSpotify, house: House, part: str) -> None:
    with Login(house, "--no-browser", "--json") as login:
        back = spotify.world.agree(login.link)
        pasted = {"address": back, "query": urlsplit(back).query, "code": parse_qs(urlsplit(back).query)["code"][0]}
        code, out, err = login.end(f"  {pasted[part]} \n")
    assert code == 0, err
    (done,) = [json.loads(line) for line in out.splitlines()]
    assert (done["event"], done["service"], done["state"], done["account"]) == (
        "login",
        "spotify",
        "done",
        "A Listener",
    )
    assert kept(house).read() is not None


def test_a_port_that_is_taken_leaves_the_paste(spotify: LoopbackSpotify, house: House) -> None:
    port = urlsplit(house.more["SPOTIFY_REDIRECT_URI"]).port or 0
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with Login(house) as login:
            code, _, err = login.end(spotify.world.agree(login.link) + "\n")
    assert code == 0
    assert f"port {port} can't be listened on" in err


def test_an_address_without_a_port_takes_any(spotify: LoopbackSpotify, house: House) -> None:
    house.more["SPOTIFY_REDIRECT_URI"] = "http://127.0.0.1/back"
    with Login(house) as login:
        back = spotify.world.agree(login.link)
        assert (urlsplit(back).port or 0) > 1024
        assert browse(back)[0] == 200
        assert login.end()[0] == 0


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "Nothing was pasted."),
        ("{back}X", "belongs to another login"),
        ("AQxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "Spotify does not accept that answer"),
        ("{denied}", "Consent was denied"),
    ],
)
def test_what_can_be_pasted_wrongly_is_a_sentence(
    spotify: LoopbackSpotify, house: House, pasted: str, sentence: str
) -> None:
    with Login(house) as login:
        back, denied = spotify.world.agree(login.link), spotify.world.agree(login.link, deny=True)
        code, _, err = login.end(pasted.format(back=back, denied=denied) + "\n")
    assert (code, sentence in err) == (2, True), err
    assert "Run `tracksync login spotify` again." in err
    assert kept(house).read() is None


def test_an_answer_of_another_login_is_shown_the_door(spotify: LoopbackSpotify, house: House) -> None:
    with Login(house) as login:
        status, page = browse(f"{spotify.world.agree(login.link)}X")
        code, _, err = login.end()
    assert (status, code) == (400, 2)
    assert "Done" not in page
    assert "another login" in err


def test_a_consent_that_leaves_something_out_is_not_kept(spotify: LoopbackSpotify, house: House) -> None:
    spotify.world.grants = "user-library-read"
    with Login(house) as login:
        code, _, err = login.end(spotify.world.agree(login.link) + "\n")
    assert code == 2
    assert "user-read-currently-playing" in err
    assert kept(house).read() is None


def test_an_account_that_is_not_on_the_apps_list_is_told(spotify: LoopbackSpotify, house: House) -> None:
    spotify.world.forbidden = "User not registered in the Developer Dashboard"
    with Login(house) as login:
        code, _, err = login.end(spotify.world.agree(login.link) + "\n")
    assert code == 1
    assert "User Management" in err


def test_spotify_out_of_order_is_a_sentence(spotify: LoopbackSpotify, house: House) -> None:
    with Login(house) as login:
        spotify.add_fault(Status(path="accounts", code=503, retry_after="600"))
        code, _, err = login.end(spotify.world.agree(login.link) + "\n")
    assert code == 1
    assert "out of order (503)" in err
    assert kept(house).read() is None


# -- nobody there -----------------------------------------------------------------------------------------------------


def test_nobody_there_is_no_reason_to_wait(house: House) -> None:
    house.more["SPOTIFY_REDIRECT_URI"] = "https://example.org/callback"
    begun = monotonic()
    with Login(house, stdin=subprocess.DEVNULL) as login:
        code, _, err = login.end()
    assert (code, monotonic() - begun < 10) == (2, True)
    assert "No answer came. " not in err
    assert "No answer came." in err
    assert "in a terminal" in err


def test_without_input_the_browser_has_a_moment(spotify: LoopbackSpotify, house: House) -> None:
    with Login(house, stdin=subprocess.DEVNULL) as login:
        assert browse(spotify.world.agree(login.link))[0] == 200
        assert login.end()[0] == 0


def test_an_interrupt_ends_it_without_a_word(house: House) -> None:
    with Login(house) as login:
        login.process.send_signal(signal.SIGINT)
        code, _, err = login.end()
    assert code == 130
    assert "KeyboardInterrupt" not in err


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        with suppress(OSError):
            os.close(theirs)


@pytest.mark.parametrize("option", ["--browser", "--no-browser"])
def test_a_browser_is_opened_where_there_are_one_and_a_terminal(
    spotify: LoopbackSpotify, house: House, option: str
) -> None:
    opened = house.root / "opened"
    browser = house.root / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    house.more |= {"BROWSER": str(browser), "DISPLAY": ":0", "SSH_CONNECTION": "", "SSH_TTY": ""}
    with terminal() as (ours, theirs):
        process = subprocess.Popen(
            [sys.executable, "-m", "tracksync", "login", "spotify", option],
            env=house.environment,
            cwd=house.root,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        assert process.stdout is not None
        with process:
            link = process.stdout.readline().strip()
            os.write(ours, spotify.world.agree(link).encode() + b"\n")
            assert process.wait(timeout=30) == 0
    assert opened.exists() is (option == "--browser")
    assert not opened.exists() or opened.read_text().strip() == link


# -- wrong use --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "more", "sentence"),
    [
        ((), {}, "There is: spotify."),
        (("tidal",), {}, "There is no login for tidal."),
        (("soundcloud",), {}, "SOUNDCLOUD_PROFILE"),
        (("spotify",), {"SPOTIFY_CLIENT_ID": ""}, "Register http://127.0.0.1"),
        (("spotify",), {"SPOTIFY_REDIRECT_URI": "http://localhost:8888/callback"}, "by its number"),
        (("spotify",), {"SPOTIFY_REDIRECT_URI": "http://example.org/"}, "only to https"),
        (("spotify",), {"SPOTIFY_REDIRECT_URI": "callback"}, "no address"),
        (("spotify",), {"SPOTIFY_REDIRECT_URI": "http://127.0.0.1:99999/"}, "no address"),
    ],
)
def test_wrong_use_is_a_sentence(house: House, arguments: tuple[str, ...], more: dict[str, str], sentence: str) -> None:
    house.more |= more
    done = house.do("login", *arguments, limit_s=30)
    assert (done.code, sentence in done.err) == (2, True), done.err
