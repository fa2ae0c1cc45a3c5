"""Reaching the loopback's services from the test's own process, and what every such test has around it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest

from tests.sandbox.net.server import Loopback

__all__ = ["fresh", "hurried", "reach", "set_variables", "silent_console"]

_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_OTHERS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR")


def reach(net: Loopback, patch: pytest.MonkeyPatch) -> None:
    """Set the variables of `net.environment` as the command line has them, and no others of their kind."""
    set_variables({**net.environment, **dict.fromkeys(_CERTIFICATES, str(net.ca))}, patch)


def set_variables(environment: Mapping[str, str], patch: pytest.MonkeyPatch) -> None:
    """Set these of the variables that name proxies and certificates, and no others."""
    for name in (*_CERTIFICATES, *_OTHERS):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        patch.setenv(name, value)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing is left of what yt-dlp remembers for as long as the program runs, nor of its logins."""
    from yt_dlp.extractor.soundcloud import SoundcloudBaseIE

    from tracksync.sources.ytdlp.session import _Memory

    def forget() -> None:
        _Memory._data.clear()
        SoundcloudBaseIE._HEADERS.clear()

    forget()
    yield
    forget()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries pass fifty times as fast."""
    from tracksync.sources.ytdlp.watch import Watch

    monkeypatch.setattr(Watch, "_sleep", lambda _, seconds: time.sleep(seconds / 50))


@pytest.fixture(autouse=True)
def silent_console(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Whatever happens, yt-dlp writes nothing to the console."""
    yield
    written = capfd.readouterr()
    assert written.out == ""
    assert written.err == ""
