"""SC_AUTH_HEADER goes to SoundCloud's API over TLS, and nowhere else: not in a request, a log, an error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.soundcloud import Kind, Song, SoundCloud
from tests.sandbox.web import Redirect, Status, Web
from tests.soundcloud.conftest import LENGTH_S
from tracksync.errors import LoginNeeded, TracksyncError
from tracksync.sources.search import searcher
from tracksync.sources.soundcloud import likes
from tracksync.sources.ytdlp import YtdlpOptions, fetch
from tracksync.sources.ytdlp.attempts import Log
from tracksync.sources.ytdlp.session import Session
from tracksync.sources.ytdlp.soundcloud import header_of
from tracksync.sources.ytdlp.watch import Watch

_TOKEN = SoundCloud.token
Add = Callable[..., Song]


@pytest.fixture
def known(options: YtdlpOptions) -> YtdlpOptions:
    """Options of somebody who has Go+."""
    return replace(options, soundcloud_auth=SecretStr(f"OAuth {_TOKEN}"))


def _who_saw_it(net: Loopback) -> set[str]:
    return {
        request.host
        for request in net.requests()
        if _TOKEN in repr(request.headers) or _TOKEN in repr(request.query) or _TOKEN.encode() in request.body
    }


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("OAuth 2-1-x", "OAuth 2-1-x"),
        ("2-1-x", "OAuth 2-1-x"),
        ("Authorization: OAuth 2-1-x", "OAuth 2-1-x"),
        (" authorization:2-1-x ", "OAuth 2-1-x"),
        ("Bearer x", "Bearer x"),
        ("  ", None),
        (None, None),
    ],
)
def test_every_way_to_write_it(text: str | None, header: str | None) -> None:
    assert header_of(None if text is None else SecretStr(text)) == header


@pytest.mark.parametrize("protocols", [("progressive",), ("hls",)])
def test_it_opens_what_the_account_may_hear_and_is_seen_by_the_api_alone(
    net: Loopback, add: Add, known: YtdlpOptions, sound: bytes, protocols: tuple[str, ...]
) -> None:
    song = add(kind=Kind.PREVIEW, protocols=protocols)
    got = fetch(song.link, known.folder, known)
    assert got.path.read_bytes() == sound
    assert got.duration_s == LENGTH_S
    assert _who_saw_it(net) == {"api-v2.soundcloud.com"}
    assert {"soundcloud.com", "a-v2.sndcdn.com", "i1.sndcdn.com"} <= {request.host for request in net.requests()}


def test_nor_do_lists_and_searches_show_it(
    net: Loopback, cloud: SoundCloud, add: Add, make_settings: MakeSettings
) -> None:
    fan = cloud.add_person("the-fan")
    cloud.likes[fan.id] = [add(kind=Kind.PREVIEW)]
    settings = make_settings(SOUNDCLOUD_PROFILE="the-fan", SC_AUTH_HEADER=_TOKEN)
    assert len(list(likes(settings))) == 1  # no preview for who has Go+
    assert len(searcher("soundcloud", settings).search("artist song", 5)) == 1
    assert _who_saw_it(net) == {"api-v2.soundcloud.com"}
    assert net.requests("api-v2.soundcloud.com/users/")[0].headers["authorization"] == f"OAuth {_TOKEN}"


@pytest.mark.parametrize("browser", [False, True])
def test_a_redirect_elsewhere_takes_it_along_in_no_client(net: Loopback, known: YtdlpOptions, browser: bool) -> None:
    from yt_dlp.networking import Request
    from yt_dlp.networking.impersonate import ImpersonateTarget

    net.add_fault("api-v2.soundcloud.com/tracks/1", Redirect(to="https://cf-media.sndcdn.com/leak"))
    extensions = {"impersonate": ImpersonateTarget("chrome")} if browser else {}
    with Watch("x", 2) as watch, Session(known, watch, Log()) as session:
        with pytest.raises(Exception, match="403"):
            session.urlopen(Request("https://api-v2.soundcloud.com/tracks/1", extensions=extensions))
        assert net.count("cf-media.sndcdn.com/leak") == 1
    assert _who_saw_it(net) == {"api-v2.soundcloud.com"}


def test_an_api_that_names_another_host_gets_nothing_sent_there(
    net: Loopback, cloud: SoundCloud, add: Add, known: YtdlpOptions
) -> None:
    from yt_dlp.extractor.soundcloud import SoundcloudBaseIE
    from yt_dlp.networking import Request

    # As a login from cookies leaves it, for all jobs of the process.
    SoundcloudBaseIE._HEADERS["Authorization"] = f"OAuth {_TOKEN}"
    addresses = [
        "https://cf-media.sndcdn.com/1.128.mp3", "https://soundcloud.com/", "https://on.soundcloud.com/x",
        "http://api-v2.soundcloud.com/x", "https://api-v2.soundcloud.com:8443/x", "https://api-v2.soundcloud.com.example/x",
    ]  # fmt: skip
    with Watch("x", 1) as watch, Session(known, watch, Log()) as session:
        for address in addresses:
            request = Request(address, headers={"Authorization": f"OAuth {_TOKEN}"})
            with pytest.raises(Exception):  # noqa: B017 (whatever the host answers, or that there is none)
                session.urlopen(request).close()
                raise LookupError
            assert "Authorization" not in request.headers, address
    assert _who_saw_it(net) == set()


def test_credentials_of_other_links_stay_theirs(known: YtdlpOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Web() as web:
        web.add("/a.mp3", b"ID3" + b"x" * 5000)
        fetch(f"http://user:pw@127.0.0.1:{web.port}/a.mp3", known.folder, known)
        assert all(seen.headers["authorization"].startswith("Basic ") for seen in web.requests())


def test_a_login_that_is_not_accepted_is_said_and_not_shown(
    net: Loopback, add: Add, options: YtdlpOptions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bad = "2-0-0-OutOfDate"
    with pytest.raises(LoginNeeded, match="SC_AUTH_HEADER") as caught:
        fetch(add().link, options.folder, replace(options, soundcloud_auth=SecretStr(bad)))
    assert bad not in str(caught.value) + repr(caught.value)
    assert bad not in caplog.text


def test_it_is_in_no_log_and_no_error(
    net: Loopback, add: Add, known: YtdlpOptions, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    assert _TOKEN not in repr(known)
    errors: list[TracksyncError] = []
    for fault in (Status(code=500), Status(code=403), Status(code=200, body=f"OAuth {_TOKEN}".encode())):
        net.mend()
        net.add_fault("api-v2.soundcloud.com", fault)
        with pytest.raises(TracksyncError) as caught:
            fetch(add().link, known.folder, known)
        errors.append(caught.value)
    net.mend()
    fetch(add().link, known.folder, known)
    assert _TOKEN not in caplog.text
    assert _TOKEN not in "".join(map(str, errors))
