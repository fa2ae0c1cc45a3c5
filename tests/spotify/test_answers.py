"""The answer of a consent: what is in it, and how it is waited for."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from time import monotonic, sleep

import pytest

from tracksync.cli.loopback import Listener, wait_for_answer
from tracksync.errors import LoginNeeded
from tracksync.sources.spotify.consent import code_in

STATE = "the-state-of-this-login"
CODE = "AQ" + "x" * 40
BACK = f"http://127.0.0.1:8888/callback?code={CODE}&state={STATE}"


@pytest.mark.parametrize(
    "text",
    [BACK, f"  {BACK}\r\n", f"{BACK}#_=_", f"/callback?code={CODE}&state={STATE}", f"code={CODE}&state={STATE}", CODE],
)
def test_the_code_is_found_in_every_form(text: str) -> None:
    assert code_in(text, STATE) == CODE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Nothing was pasted."),
        (" \t", "Nothing was pasted."),
        ("what?", "neither an address nor a code"),
        ("short", "neither an address nor a code"),
        ("http://127.0.0.1:8888/callback", "no code in that address"),
        ("http://127.0.0.1:8888/callback?code=&state=x", "no code in that address"),
        ("http://[::1/callback?code=x", "no code in that address"),
        (f"https://accounts.spotify.com/authorize?code_challenge=y&state={STATE}", "That is the link to open"),
        (f"{BACK}X", "belongs to another login"),
        (f"http://127.0.0.1/callback?code={CODE}", "belongs to another login"),
        (f"http://127.0.0.1/callback?error=access_denied&state={STATE}", "Consent was denied"),
        ("http://127.0.0.1/callback?error=access_denied&state=x", "belongs to another login"),
        (f"http://127.0.0.1/callback?error=server_error&state={STATE}", "consent: server_error"),
        (f"http://127.0.0.1/callback?error={CODE}&state={STATE}", "consent: an error"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_a_sentence_that_repeats_nothing(text: str, sentence: str) -> None:
    with pytest.raises(LoginNeeded, match=sentence) as told:
        code_in(text, STATE)
    assert told.value.action == "Run `tracksync login spotify` again."
    assert CODE not in str(told.value)
    assert STATE not in str(told.value)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener("127.0.0.1", 0, "/callback", lambda answer: "good" in answer) as listening:
        yield listening


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """What is read from, and what is written to."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def get(listener: Listener, path: str) -> int:
    with closing(HTTPConnection("127.0.0.1", listener.port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def wait(listener: Listener | None, stdin: int | None, limit_s: float = 5, without_stdin_s: float = 5) -> str | None:
    return wait_for_answer(listener, stdin=stdin, limit_s=limit_s, without_stdin_s=without_stdin_s)


def test_the_browser_brings_it(listener: Listener, pipe: tuple[int, int]) -> None:
    assert get(listener, "/favicon.ico") == 404
    assert get(listener, "/callback") == 404
    assert get(listener, "/callback?code=good") == 200
    assert wait(listener, pipe[0]) == "/callback?code=good"


def test_an_answer_that_is_not_good_is_handed_on_and_not_praised(listener: Listener) -> None:
    assert get(listener, "/callback?code=bad") == 400
    assert wait(listener, None) == "/callback?code=bad"


def test_a_browser_that_only_connects_keeps_nobody_waiting(listener: Listener) -> None:
    with closing(HTTPConnection("127.0.0.1", listener.port, timeout=5)) as idle:
        idle.connect()
        assert get(listener, "/callback?code=good") == 200
        assert wait(listener, None) == "/callback?code=good"


def test_it_is_pasted_in_pieces(listener: Listener, pipe: tuple[int, int]) -> None:
    def paste() -> None:
        for piece in (b"a long ", b"answer\nand more"):
            os.write(pipe[1], piece)
            sleep(0.05)

    thread = threading.Thread(target=paste)
    thread.start()
    assert wait(listener, pipe[0]) == "a long answer"
    thread.join()


def test_the_end_of_the_input_ends_the_line() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"an answer")
    os.close(writing)
    assert wait(None, reading) == "an answer"
    os.close(reading)


def test_nobody_answers(listener: Listener, pipe: tuple[int, int]) -> None:
    for arguments, least, most in (
        ((listener, pipe[0], 0.3, 5), 0.3, 2),  # a terminal, and nobody there
        ((listener, None, 5, 0.3), 0.3, 2),  # no input: the browser has a moment
        ((None, None, 5, 5), 0, 0.3),  # neither: at once
    ):
        begun = monotonic()
        assert wait(*arguments) is None
        assert least <= monotonic() - begun < most


def test_input_that_has_ended_is_none() -> None:
    with open(os.devnull) as nothing:  # noqa: PTH123 (a descriptor is wanted)
        assert wait(None, nothing.fileno()) is None


def test_a_port_that_is_taken_is_an_os_error(listener: Listener) -> None:
    with pytest.raises(OSError, match="in use"):
        Listener("127.0.0.1", listener.port, "/", bool)
