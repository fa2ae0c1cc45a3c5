"""Asking Eagle: the token is never seen, a proxy never asked, and what is wrong is said."""

from __future__ import annotations

import io
import logging
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sandbox.eagle import Html, LoopbackEagle, LostAnswer, Reset, Slow, Status
from tests.sandbox.eagle.fixtures import eagle_settings, open_shop
from tests.sandbox.proxy import Proxy
from tracksync.errors import EagleAway, Misconfigured, TracksyncError
from tracksync.journal import Journal
from tracksync.library.eagle import house as house_module
from tracksync.library.eagle import launch as launch_module
from tracksync.library.eagle.transport import Transport, checked_base
from tracksync.model import Track
from tracksync.stages.eagle import eagle_checks, eagle_ready, ensure_imported
from tracksync.stages.workshop import Workshop

Shops = Callable[..., Workshop]
TOKEN = "0a1b-the-secret-2c3d"


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """What any logger says, at any level, with tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_token_is_sent_and_never_seen(
    eagle: LoopbackEagle, shops: Shops, track: Track, everything_logged: io.StringIO
) -> None:
    eagle.token = TOKEN
    shop = shops()
    assert ensure_imported(shop, track) is not None
    assert {seen.status for seen in eagle.requests} <= {200, 404}
    said = everything_logged.getvalue()
    assert "HTTP Request: GET" in said  # httpx does log
    assert TOKEN not in said
    assert TOKEN not in repr(shop.eagle) + repr(shop.eagle and shop.eagle.house.transport) + repr(shop.settings)


@pytest.mark.parametrize(
    "fault",
    [
        Status(code=500, times=None, told="cannot handle"),
        Status(code=400, times=None, told="cannot handle"),
        Html(times=None),
        Reset(times=None),
        LostAnswer(times=None),
        Slow(times=None, seconds=0.5),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_no_error_holds_the_token(
    eagle: LoopbackEagle, shops: Shops, track: Track, fault: Status, everything_logged: io.StringIO
) -> None:
    eagle.token = TOKEN
    eagle.add_fault(fault)
    shop = shops(timeout_s=0.2)
    try:
        ensure_imported(shop, track)
        raise AssertionError("it went well")
    except TracksyncError as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + str(error) + error.action
        for link in (error.__cause__, error.__context__):
            told += "".join(traceback.format_exception(link)) + repr(vars(link)) if link else ""
    entry = shop.journal.find(track.key)
    assert entry is not None
    told += repr(eagle_checks(shop, entry))
    assert TOKEN not in told + everything_logged.getvalue()


@pytest.mark.parametrize(
    "refusal",
    [
        (401, {"status": "error", "message": "Invalid API token"}),
        (403, {"status": "error"}),
        (200, {"status": "error", "data": "token is not valid"}),
        (500, {"status": "error", "message": "Unauthorized"}),
    ],
)
@pytest.mark.parametrize("token", ["", "another"])
def test_a_token_that_is_missing_or_wrong_is_a_matter_of_settings(
    eagle: LoopbackEagle, shops: Shops, track: Track, token: str, refusal: tuple[int, dict[str, str]]
) -> None:
    eagle.token = TOKEN
    eagle.refusal = refusal
    shop = shops(EAGLE_TOKEN=token)
    attempts: list[Callable[[], object]] = [lambda: eagle_ready(shop), lambda: ensure_imported(shop, track)]
    for attempt in attempts:
        with pytest.raises(Misconfigured, match="asks for its API token") as caught:
            attempt()
        assert "EAGLE_TOKEN" in str(caught.value)
        assert "Preferences" in caught.value.action
        assert ("is not set" in caught.value.message) == (not token)
    assert eagle.api.adds == 0


def test_no_proxy_is_asked(eagle: LoopbackEagle, shops: Shops, track: Track, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert ensure_imported(shops(), track) is not None
        assert proxy.asked == []


@pytest.mark.parametrize(
    ("text", "base"),
    [
        (None, "http://localhost:41595"),
        (" http://localhost:41595/ ", "http://localhost:41595"),
        ("http://127.0.0.1:1234/api", "http://127.0.0.1:1234"),
        ("http://[::1]:41595/api/v2/", "http://[::1]:41595"),
        ("https://eagle.example/x", "https://eagle.example/x"),
    ],
)
def test_addresses(text: str | None, base: str) -> None:
    assert checked_base(text) == base


@pytest.mark.parametrize(
    "text",
    ["localhost:41595", "ftp://localhost", "http://", "http://192.168.1.5:41595", "http://eagle.example",
     "http://user:pw@localhost:41595", "http://localhost:41595/?token=abc", "http://localhost:99999", "nonsense"],
)  # fmt: skip
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(Misconfigured, match="EAGLE_API_BASE") as caught:
        checked_base(text)
    assert "pw" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_who_knows_that_eagle_is_away_does_not_ask_again(eagle: LoopbackEagle) -> None:
    eagle.add_fault(Reset(times=None))
    transport = Transport(eagle.base, None, timeout_s=1)
    for _ in range(5):
        with pytest.raises(EagleAway):
            transport.get("/api/folder/list")
    assert transport.count == 3
    eagle.mend()
    transport.forget_away()
    assert transport.get("/api/folder/list") == []
    transport.close()


def test_a_small_hiccup_is_not_noticed(eagle: LoopbackEagle) -> None:
    transport = Transport(eagle.base, None, timeout_s=1)
    for fault in (Reset(), Html(code=502), Status(code=503), LostAnswer(times=2)):
        eagle.add_fault(fault)
        assert transport.get("/api/folder/list") == []
    transport.close()


def test_eagle_is_opened_where_the_settings_say_so(
    eagle: LoopbackEagle, journal: Journal, tmp_path: Path, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    eagle.close()
    monkeypatch.setattr(house_module, "can_launch", lambda: True)
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> object:
        asked.append(command)
        eagle.open()
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(subprocess, "run", run)
    plain = open_shop(eagle_settings(eagle, tmp_path / "state"), journal)
    with pytest.raises(EagleAway, match="closed"):
        ensure_imported(plain, track)
    assert asked == []
    shop = open_shop(eagle_settings(eagle, tmp_path / "state", TRACKSYNC_EAGLE_LAUNCH="true"), journal)
    assert ensure_imported(shop, track) is not None
    assert asked == [["open", "-g", "-a", "Eagle"]]
    for opened in (plain, shop):
        assert opened.eagle is not None
        opened.eagle.house.close()


def test_an_eagle_that_does_not_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: type("Done", (), {"returncode": 0}))
    monkeypatch.setattr(launch_module, "_POLL_S", 0.01)
    with pytest.raises(EagleAway, match="does not answer after"):
        launch_module.launch(lambda: False, threading.Event(), limit_s=0.05)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: type("Done", (), {"returncode": 1}))
    with pytest.raises(EagleAway, match="could not be opened"):
        launch_module.launch(lambda: False, threading.Event())
