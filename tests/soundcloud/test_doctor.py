"""`tracksync doctor` asks SoundCloud and yt-dlp; nothing passes by default."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.house import House
from tests.sandbox.net import Loopback
from tests.sandbox.net.fixtures import MakeSettings
from tests.sandbox.soundcloud import Person, Song, SoundCloud
from tests.sandbox.web import Status
from tracksync.cli.doctor_streams import streams_findings
from tracksync.cli.finding import Finding
from tracksync.settings import Settings

Add = Callable[..., Song]


def _found(settings: Settings, name: str) -> Finding:
    findings = {finding.name: finding for finding in streams_findings(settings)}
    assert set(findings) == {"soundcloud", "browser impersonation", "javascript runtime", "cookies"}
    return findings[name]


def test_the_profile_is_read(
    net: Loopback, cloud: SoundCloud, fan: Person, add: Add, make_settings: MakeSettings
) -> None:
    settings = make_settings(SOUNDCLOUD_PROFILE="@the-fan")
    found = _found(settings, "soundcloud")
    assert found.ok
    assert "nothing is liked" in found.detail
    cloud.likes[fan.id] = [None, add("Artist - Song")]
    assert "the newest is Artist - Song" in _found(settings, "soundcloud").detail
    assert net.count("api-v2.soundcloud.com/users/") == 2


def test_a_profile_that_cannot_be_read_does_not_pass(net: Loopback, fan: Person, make_settings: MakeSettings) -> None:
    assert not _found(make_settings(SOUNDCLOUD_PROFILE="nobody"), "soundcloud").ok
    net.add_fault("api-v2.soundcloud.com/users/", Status(code=403))
    found = _found(make_settings(SOUNDCLOUD_PROFILE="the-fan"), "soundcloud")
    assert not found.ok
    assert "403" in found.detail
    assert found.action


def test_no_profile_is_said_and_nothing_is_asked(net: Loopback, make_settings: MakeSettings) -> None:
    found = _found(make_settings(), "soundcloud")
    assert found.ok
    assert "SOUNDCLOUD_PROFILE is not set" in found.detail
    assert net.count() == 0


@pytest.mark.parametrize("profile", [{}, {"SOUNDCLOUD_PROFILE": "the-fan"}])
def test_a_login_is_tried(
    net: Loopback, cloud: SoundCloud, fan: Person, make_settings: MakeSettings, profile: dict[str, str]
) -> None:
    good = _found(make_settings(SC_AUTH_HEADER=cloud.token, **profile), "soundcloud")
    assert good.ok
    assert "SC_AUTH_HEADER" in good.detail
    bad = _found(make_settings(SC_AUTH_HEADER="2-0-OutOfDate", **profile), "soundcloud")
    assert not bad.ok
    assert "SC_AUTH_HEADER" in bad.detail
    assert "OutOfDate" not in repr(bad)


def test_what_yt_dlp_can_pretend_to_be(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _found(make_settings(), "browser impersonation")
    assert found.ok
    assert "Chrome 1" in found.detail
    import yt_dlp

    monkeypatch.setattr(yt_dlp.YoutubeDL, "_get_available_impersonate_targets", lambda _: [])
    missing = _found(make_settings(), "browser impersonation")
    assert not missing.ok
    assert "curl_cffi" in missing.action


@pytest.mark.parametrize(
    ("programs", "is_ok", "words"),
    [
        ({}, False, "neither deno nor node is found"),
        ({"node": "v20.1.0"}, False, "node 20.1.0 is too old"),
        ({"node": "v22.1.0"}, True, "node 22.1.0"),
        ({"deno": "deno 2.2.9 (stable)"}, False, "deno 2.2.9 is too old"),
        ({"deno": "deno 2.3.1 (stable)", "node": "v18.0.0"}, True, "deno 2.3.1"),
    ],
)
def test_the_javascript_runtime_that_yt_dlp_would_use(
    make_settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    programs: dict[str, str],
    is_ok: bool,
    words: str,
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, version in programs.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\necho '{version}'\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    found = _found(make_settings(), "javascript runtime")
    assert (found.ok, found.detail) == (is_ok, words)
    assert is_ok or "Deno 2.3" in found.action


def _cookies(path: Path, domain: str, expires: int = 2_000_000_000) -> Path:
    path.write_text(f"# Netscape HTTP Cookie File\n{domain}\tTRUE\t/\tTRUE\t{expires}\tSID\thunter2\n")
    return path


def test_cookies_are_loaded(make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "none are named" in _found(make_settings(), "cookies").detail
    path = tmp_path / "cookies.txt"
    for content, words in (
        (None, "cannot be read"),
        (b'[{"name": "SID", "value": "hunter2"}]', "Netscape"),
        (b"# Netscape HTTP Cookie File\n", "none of YouTube's"),
    ):
        if content is not None:
            path.write_bytes(content)
        found = _found(make_settings(YTDLP_COOKIES_FILE=str(path)), "cookies")
        assert not found.ok
        assert words in found.detail
        assert found.action
        assert "hunter2" not in repr(found)
    good = _found(make_settings(YTDLP_COOKIES_FILE=str(_cookies(path, ".youtube.com"))), "cookies")
    assert good.ok
    assert "1 of youtube.com" in good.detail
    assert not _found(make_settings(YTDLP_COOKIES_FILE=str(_cookies(path, ".youtube.com", 1))), "cookies").ok
    assert not _found(make_settings(YTDLP_COOKIES_FILE=str(_cookies(path, ".example.com"))), "cookies").ok
    wrong = _found(make_settings(YTDLP_COOKIES_FROM_BROWSER="netscape"), "cookies")
    assert not wrong.ok
    assert "netscape" in wrong.detail
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not _found(make_settings(YTDLP_COOKIES_FROM_BROWSER="firefox"), "cookies").ok


def test_the_command_prints_them(net: Loopback, fan: Person, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.more |= {**net.environment, "SOUNDCLOUD_PROFILE": "the-fan", "SC_AUTH_HEADER": "2-0-OutOfDate"}
    done = house.do("doctor", "--json")
    checks = {event["name"]: event for event in done.events}
    assert {"soundcloud", "browser impersonation", "javascript runtime", "cookies"} <= set(checks)
    assert not checks["soundcloud"]["ok"]
    assert "SC_AUTH_HEADER" in checks["soundcloud"]["detail"]
    assert "OutOfDate" not in done.out + done.err
    assert done.code == 1
