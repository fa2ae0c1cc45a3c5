"""The user's settings reach yt-dlp: cookies, proxy, certificates; the rest is always the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yt_dlp
from pydantic import SecretStr

from tests.sandbox.web import Web
from tests.ytdlp.conftest import AUDIO, Get
from tracksync.errors import (
    Misconfigured,
    Unreachable,
)
from tracksync.settings import Settings, use_network_settings
from tracksync.sources.ytdlp import YtdlpOptions, fetch
from tracksync.sources.ytdlp.attempts import Log
from tracksync.sources.ytdlp.options import parameters
from tracksync.sources.ytdlp.session import Session
from tracksync.sources.ytdlp.watch import Watch


def _parameters(options: YtdlpOptions) -> dict[str, Any]:
    return parameters(options, Log(), Watch("x", 1).pause)


def test_parameters_that_may_not_change(options: YtdlpOptions) -> None:
    params = _parameters(options)
    assert params["skip_unavailable_fragments"] is False
    assert params["ignore_no_formats_error"] is False
    assert params["enable_file_urls"] is False
    assert params["allow_unplayable_formats"] is False
    assert params["cachedir"] is False
    assert params["fixup"] == "never"
    assert params["compat_opts"] == set()
    whitelist = params["external_downloader_args"]["ffmpeg_i"][1].split(",")
    assert params["external_downloader_args"]["ffmpeg_i"][0] == "-protocol_whitelist"
    assert not {"file", "data", "concat", "subfile", "pipe"} & set(whitelist)
    assert {"https", "http", "tls", "tcp", "crypto"} <= set(whitelist)


def test_a_session_has_the_extractors_that_ytdlp_takes_by_itself(options: YtdlpOptions) -> None:
    taken = yt_dlp.YoutubeDL({"quiet": True})
    with Session(options, Watch("x", 1), Log()) as session:
        assert list(session._ies) == list(taken._ies)


def test_options_from_settings(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        YTDLP_COOKIES_FILE=str(tmp_path / "c.txt"),
        YTDLP_PROXY="http://u:hunter2@p:1",
        TRACKSYNC_STALL_SECONDS=7,
    )  # type: ignore[call-arg]
    options = YtdlpOptions.from_settings(settings, tmp_path)
    assert (options.cookies_file, options.stall_seconds, options.folder) == (tmp_path / "c.txt", 7, tmp_path)
    assert "hunter2" not in repr(options)


def test_what_ytdlp_remembers_stays_in_memory(
    options: YtdlpOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Watch("x", 1) as watch, Session(options, watch, Log()) as first, Session(options, watch, Log()) as second:
        first.cache.store("soundcloud", "client_id", "abc")
        assert second.cache.load("soundcloud", "client_id") == "abc"
        for number in range(100):
            first.cache.store("other", str(number), [number])
        assert second.cache.load("other", "99") == [99]
        assert second.cache.load("soundcloud", "client_id", default="gone") == "gone"
        first.cache.remove()
        assert second.cache.load("other", "99") is None
    assert not (tmp_path / "cache").exists()


def test_cookies_are_sent_from_a_copy(web: Web, tmp_path: Path) -> None:
    cookies = tmp_path / "cookies.txt"
    good = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\thunter2"
    text = f"# a comment\n{good}\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t\tother\tx\nbroken line with hunter3\n"
    cookies.write_text(text)
    options = YtdlpOptions(tmp_path / "stage", cookies_file=cookies, stall_seconds=10)
    got = fetch(web.add("/a.mp3", AUDIO, headers={"Set-Cookie": "new=1"}), options.folder, options)
    assert "session=hunter2" in web.requests()[0].headers["cookie"]
    assert "other=x" in web.requests()[0].headers["cookie"]
    assert cookies.read_text() == text
    assert [path.name for path in options.folder.iterdir()] == [got.path.name]


@pytest.mark.parametrize("content", [None, b'[{"name": "x", "value": "hunter2"}]', b"\xff\xfe\x00rubbish"])
def test_cookies_that_cannot_be_used(tmp_path: Path, content: bytes | None) -> None:
    cookies = tmp_path / "cookies.txt"
    if content is not None:
        cookies.write_bytes(content)
    options = YtdlpOptions(tmp_path / "stage", cookies_file=cookies)
    with pytest.raises(Misconfigured, match="cookies file") as caught:
        fetch("http://127.0.0.1:1/a.mp3", options.folder, options)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("firefox", ("firefox", None, None, None)),
        ("Chrome:Profile 1", ("chrome", "Profile 1", None, None)),
        ("chromium+gnomekeyring:Default", ("chromium", "Default", "GNOMEKEYRING", None)),
        ("firefox:default::Music", ("firefox", "default", None, "Music")),
        ("firefox::none", ("firefox", None, None, "none")),
    ],
)
def test_a_browser_to_take_cookies_from(options: YtdlpOptions, text: str, parts: tuple[str | None, ...]) -> None:
    given = YtdlpOptions(options.folder, cookies_from_browser=text)
    assert _parameters(given)["cookiesfrombrowser"] == parts


def test_a_browser_that_there_is_not(options: YtdlpOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured, match="netscape"):
        _parameters(YtdlpOptions(options.folder, cookies_from_browser="netscape"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    given = YtdlpOptions(options.folder, cookies_from_browser="firefox")
    with pytest.raises(Misconfigured, match="cookies"):
        fetch("http://127.0.0.1:1/a.mp3", given.folder, given)


def test_the_users_proxy_is_used_and_his_exceptions_kept(
    web: Web, get: Get, options: YtdlpOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = web.add("/a.mp3", AUDIO)
    monkeypatch.setenv("HTTP_PROXY", web.address)
    assert get("http://host.invalid/a.mp3").path.read_bytes() == AUDIO
    assert all(seen.proxied for seen in web.requests())
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="proxy"):
        get("http://other.invalid/a.mp3")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert get(link).path.read_bytes() == AUDIO
    assert not web.requests()[-1].proxied
    given = YtdlpOptions(options.folder / "x", proxy=SecretStr(web.address), stall_seconds=10)
    fetch("http://third.invalid/a.mp3", given.folder, given)
    assert web.requests()[-1].proxied


def test_the_users_certificates_are_trusted(options: YtdlpOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    from yt_dlp.networking import Request
    from yt_dlp.networking.impersonate import ImpersonateTarget

    with Web(tls=True) as web:
        link = web.add("/a.mp3", AUDIO)
        with pytest.raises(Misconfigured, match="signed by nobody") as caught:
            fetch(link, options.folder, options)
        assert "SSL_CERT_FILE" in caught.value.action
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(web.ca))
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        use_network_settings()
        try:
            assert fetch(link, options.folder, options).path.read_bytes() == AUDIO
            # The handler that pretends to be a browser has a list of its own.
            with Watch(link, 1) as watch, Session(options, watch, Log()) as session:
                request = Request(link, extensions={"impersonate": ImpersonateTarget()})
                assert session.urlopen(request).read() == AUDIO
        finally:
            for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE"):
                os.environ.pop(name, None)
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    with pytest.raises(Misconfigured, match="SSL_CERT_FILE"):
        fetch(link, options.folder, options)
