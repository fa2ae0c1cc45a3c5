"""HTTP for ytmusicapi: its client looks at neither status nor kind of an answer before it takes it apart.

A `requests` session that gives up in time, also on a server that drips, and that turns what is no answer of YouTube
Music's into an error of ours before ytmusicapi stumbles over it.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest, Response

from tracksync.errors import (
    Interrupted,
    Misconfigured,
    NotFound,
    RateLimited,
    Refused,
    TracksyncError,
    Unexpected,
    Unreachable,
)
from tracksync.sources.ytdlp.errors import retry_after

__all__ = ["MusicSession", "translated"]

_NAME = "YouTube Music"
_CONNECT_S, _READ_S, _WHOLE_S = 5.0, 8.0, 10.0
_PIECE = 1 << 16
_LARGEST = 32 << 20
_PAUSE_S = 600.0
_PROXIES = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})
_LATER = "Try again later."


class MusicSession(requests.Session):
    """One of these for one search at a time; `cancel` ends it soon."""

    def __init__(self, proxy: str | None, cancel: threading.Event | None) -> None:
        super().__init__()
        self._cancel = cancel
        if proxy:
            parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
            if parts.scheme.lower() not in _PROXIES or not parts.hostname:
                raise _wrong_proxy()
            self.proxies = {"http": proxy, "https": proxy}
            # Where a proxy is named, the variables for proxies don't count; those for certificates do (below).
            self.trust_env = False
        bundle = next((os.environ[name] for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
                       if os.environ.get(name)), None)  # fmt: skip
        if bundle:
            self.verify = bundle

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send, and read the whole answer within `_WHOLE_S` seconds."""
        began = time.monotonic()
        self._check(began)
        kwargs["timeout"], kwargs["stream"] = (_CONNECT_S, _READ_S), True
        response = super().send(request, **kwargs)
        with response:
            parts = bytearray()
            while piece := response.raw.read1(_PIECE, decode_content=True):
                parts += piece
                self._check(began)
                if len(parts) > _LARGEST:
                    raise Unreachable(f"{_NAME} sends an answer without end.", action=_LATER)
        response._content, response._content_consumed = bytes(parts), True
        _judge(response)
        return response

    def _check(self, began: float) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Interrupted(f"The search at {_NAME} was stopped.")
        if time.monotonic() - began > _WHOLE_S:
            raise Unreachable(f"{_NAME} did not answer within {_WHOLE_S:g} s.", action=_LATER)


def _judge(response: Response) -> None:
    """Raise for what is no answer to a search. The home page, which is asked for a visitor's id first, is any page."""
    status, is_search = response.status_code, "/youtubei/" in (response.request.path_url or "")
    if 300 <= status < 400 and response.headers.get("location"):
        return  # requests follows it, and asks here again
    if status == 429 or "google.com/sorry" in response.url:
        asked = retry_after(response.headers.get("Retry-After"))
        raise RateLimited(
            f"{_NAME} is held back: too much was asked of it (429).",
            retry_after=_PAUSE_S if asked is None else asked,
            action=_LATER,
        )
    if status >= 500:
        raise Unreachable(f"{_NAME} is in trouble ({status}).", action=_LATER)
    if status == 404 and is_search:
        raise NotFound(f"{_NAME} has no search where it was (404).", action=_update())
    if status == 407:
        raise Misconfigured("The proxy asks for a login (407).", action="Put user and password into its address.")
    if status >= 400:
        raise Refused(f"{_NAME} refuses the search ({status}).", action=_update())
    if is_search:
        _judge_body(response)


def _judge_body(response: Response) -> None:
    kind = response.headers.get("Content-Type", "")
    if "json" not in kind:
        raise Unreachable(f"{_NAME} answered with a page ({kind or 'of no kind'}) instead of results.", action=_LATER)
    try:
        value = response.json()
    except ValueError:
        raise Unreachable(f"{_NAME} sent half an answer.", action=_LATER) from None
    if not isinstance(value, dict) or not ({"contents", "continuationContents", "responseContext"} & set(value)):
        raise changed()


def _wrong_proxy() -> Misconfigured:
    return Misconfigured(
        f"{_NAME} cannot be asked through the proxy that is set.",
        action="Write the proxy as http://host:port (HTTPS_PROXY, YTDLP_PROXY); for socks, install PySocks.",
    )


def changed() -> TracksyncError:
    """The answer cannot be read by this ytmusicapi."""
    return Unexpected(f"{_NAME} answers in a form that ytmusicapi does not know.", action=_update())


def _update() -> str:
    return "Update ytmusicapi (pip install -U ytmusicapi): the site has probably changed."


def translated(error: Exception) -> TracksyncError:
    """What requests, urllib3 and ytmusicapi raise, as ours. Never an address, which may hold a proxy's password."""
    from requests import exceptions
    from urllib3.exceptions import HTTPError

    if isinstance(error, TracksyncError):
        return error
    text = str(error)
    if isinstance(error, exceptions.ProxyError):
        if "407" in text:
            return Misconfigured("The proxy asks for a login (407).", action="Put user and password into its address.")
        return Unreachable(
            f"{_NAME} could not be reached through the proxy.", action="Check HTTPS_PROXY or YTDLP_PROXY."
        )
    if isinstance(error, exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return Misconfigured(
                f"The certificate of {_NAME} is signed by nobody that is trusted here.",
                action="Where your network has its own authority, name its certificate in SSL_CERT_FILE.",
            )
        return Unreachable(f"{_NAME} broke the connection off.", action=_LATER)
    if isinstance(error, exceptions.InvalidProxyURL | exceptions.InvalidSchema):
        return _wrong_proxy()
    if isinstance(error, OSError) and not isinstance(error, exceptions.RequestException):
        return Misconfigured(f"{_NAME} cannot be asked: {error.strerror or text}.", action="Check SSL_CERT_FILE.")
    if isinstance(error, exceptions.Timeout):
        return Unreachable(f"{_NAME} did not answer in time.", action=_LATER)
    if isinstance(error, exceptions.RequestException | HTTPError):
        return Unreachable(f"{_NAME} could not be reached.", action=_LATER)
    return changed()
