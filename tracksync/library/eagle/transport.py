"""Asking Eagle's local HTTP API: its address, its token, its answers, and what can be wrong with each.

The token stands in the query (Eagle takes it nowhere else). It is put there below httpx, in the transport: httpx logs
each request's address and carries the request in its errors, and neither ever holds the token. A proxy is never asked,
whatever HTTP_PROXY says.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import ssl
import threading
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx

from tracksync.errors import EagleAway, Interrupted, Misconfigured
from tracksync.sources.secrets import redact_text

__all__ = ["DEFAULT_BASE", "LostAnswer", "Refusal", "Transport", "checked_base"]

DEFAULT_BASE = "http://localhost:41595"
OPEN_EAGLE = "Open Eagle; nothing is lost: the next run, or `tracksync recover`, imports it."
_PREFERENCES = "Copy it from Eagle's Preferences → Developer into EAGLE_TOKEN."
_BASE_HELP = f"Set EAGLE_API_BASE to {DEFAULT_BASE}, or remove it."

_CONNECT_S = 3.0
_ATTEMPTS = 3
_PAUSE_S = 0.3
_KEPT_S = 2.0
"""An idle connection is not used again after that: servers of Node's kind close theirs after five seconds, and a
request that makes something must not meet that."""
_REST_S = 10.0
"""For so long after Eagle did not answer, nobody asks again: a hundred tracks need not each find out."""


class LostAnswer(EagleAway):
    """A request that makes something was sent, and no answer came: it may have been done."""


class Refusal(Exception):
    """Eagle answered that it won't. Never leaves this package. `status` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def checked_base(text: str | None) -> str:
    """The address without a slash at its end.

    A plain http address has to be this machine's: the token would cross the network in clear. Anything behind the host
    that people copy along (`/api`, `/api/v2`) is left out.

    Raises:
        Misconfigured: it is none that can be used.
    """
    base = (text or DEFAULT_BASE).strip().rstrip("/")
    try:
        parts = urlsplit(base)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Misconfigured("EAGLE_API_BASE is no address.", action=_BASE_HELP) from None
    if parts.scheme not in ("http", "https") or not host:
        raise Misconfigured("EAGLE_API_BASE is no http address.", action=_BASE_HELP)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Misconfigured(
            "EAGLE_API_BASE holds more than an address.", action=f"{_BASE_HELP} The token goes into EAGLE_TOKEN."
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise Misconfigured(
            f"EAGLE_API_BASE names another machine ({host}) without https, and the token would cross the network in "
            "clear.",
            action=f"{_BASE_HELP} Eagle has to be on this machine, or behind https.",
        )
    path = re.sub(r"/api(/v2)?$", "", parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.netloc}{path}"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _WithToken(httpx.BaseTransport):
    """Puts the token into the query of what leaves, where nobody above sees it."""

    def __init__(self, inner: httpx.BaseTransport, token: str) -> None:
        self._inner = inner
        self._token = token

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_merge_params({"token": self._token})
        sent = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(sent)

    def close(self) -> None:
        self._inner.close()


class Transport:
    """Asks Eagle, from any thread.

    Args:
        base: the address, `checked_base`'s.
        token: Eagle's API token, None where none is set.
        timeout_s: how long an answer may take.
        cancel: set when the run has to end.
    """

    def __init__(
        self, base: str, token: str | None, *, timeout_s: float = 30.0, cancel: threading.Event | None = None
    ) -> None:
        self.base = base
        self.count = 0
        """How many requests there were."""
        self._token = token
        self._cancel = cancel or threading.Event()
        self._away: tuple[float, EagleAway] | None = None
        self._lock = threading.Lock()
        # Plain http needs no certificates, and reading them takes longer than asking.
        context = (
            ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
            if base.startswith("https:")
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )
        inner: httpx.BaseTransport = httpx.HTTPTransport(
            verify=context, trust_env=False, limits=httpx.Limits(keepalive_expiry=_KEPT_S)
        )
        self._client = httpx.Client(
            base_url=base,
            transport=_WithToken(inner, token) if token else inner,
            timeout=httpx.Timeout(timeout_s, connect=_CONNECT_S),
            trust_env=False,
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"Transport({self.base!r})"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, params: dict[str, str | int] | None = None) -> Any:
        """What Eagle answers (its `data`).

        Raises:
            EagleAway: it does not answer, or not as Eagle does.
            Misconfigured: it does not accept the token.
            Refusal: it says no.
        """
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: dict[str, Any], *, makes: bool = False) -> Any:
        """The same for what changes something. `makes`: doing it twice would do harm, so it is sent once.

        Raises:
            LostAnswer: with `makes`, where it may have been done without an answer.
            EagleAway, Misconfigured, Refusal: as `get`.
        """
        return self._ask("POST", path, body=body, makes=makes)

    def forget_away(self) -> None:
        """Ask again, however it was a moment ago."""
        with self._lock:
            self._away = None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str | int] | None = None,
        body: dict[str, Any] | None = None,
        makes: bool = False,
    ) -> Any:
        with self._lock:
            away = self._away
        if away and monotonic() < away[0]:
            raise away[1]
        for attempt in range(1, _ATTEMPTS + 1):
            if self._cancel.is_set():
                raise Interrupted("Eagle was not asked: the run was ended.", action="Run the same command again.")
            try:
                return self._once(method, path, params, body, makes)
            except LostAnswer:
                raise
            except Refusal as error:
                # Version 1 says 500 of what is not there and of what went wrong alike.
                if attempt == _ATTEMPTS or error.status < 500:
                    raise
                self._cancel.wait(_PAUSE_S * attempt)
            except EagleAway as error:
                if attempt == _ATTEMPTS or isinstance(error, _Closed):
                    raise self._remembered(error) from None
                self._cancel.wait(_PAUSE_S * attempt)
        raise AssertionError  # pragma: no cover

    def _once(
        self, method: str, path: str, params: dict[str, str | int] | None, body: dict[str, Any] | None, makes: bool
    ) -> Any:
        with self._lock:
            self.count += 1
        try:
            answer = self._client.request(method, path, params=params, json=body)
            content = answer.content
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Misconfigured(
                    f"The certificate at {self.base} is not trusted here.",
                    action="Name your authority's bundle in SSL_CERT_FILE.",
                ) from None
            raise _Closed(
                f"Eagle is closed: nothing answers at {self.base}.", action=OPEN_EAGLE, retry_after=_REST_S
            ) from None
        except httpx.TimeoutException:
            raise self._unanswered("Eagle did not answer in time", makes) from None
        except httpx.HTTPError as error:
            raise self._unanswered(f"Eagle broke off ({type(error).__name__})", makes) from None
        return self._data(answer.status_code, content, makes)

    def _data(self, status: int, content: bytes, makes: bool) -> Any:
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        told = self._told(answer)
        is_refused = status != 200 or not _is_success(answer)
        if status in (401, 403) or (is_refused and _is_about_token(told)):
            lacking = "it does not accept the one in EAGLE_TOKEN" if self._token else "EAGLE_TOKEN is not set"
            raise Misconfigured(f"Eagle asks for its API token, and {lacking}.", action=_PREFERENCES)
        if status >= 500 and (makes or not _is_eagles(answer)):
            raise self._unanswered(f"Eagle answered with {status}{f' ({told})' if told else ''}", makes)
        if not _is_eagles(answer):
            if status in (404, 405, 501):
                raise Refusal("it has no such thing", status)
            raise self._unanswered(f"What answers at {self.base} does not answer as Eagle does", makes)
        if status != 200 or not _is_success(answer):
            raise Refusal(told or f"status {status}", status)
        return answer["data"] if isinstance(answer, dict) and "data" in answer else None

    def _told(self, answer: object) -> str:
        """What Eagle said of an error, without the token, which it might repeat."""
        if not isinstance(answer, dict) or _is_success(answer):
            return ""
        parts = (answer.get("message"), answer.get("data"), answer.get("code"))
        text = " ".join(" ".join(str(part).split()) for part in parts if isinstance(part, str | int))
        if self._token:
            text = text.replace(self._token, "…")
        return redact_text(text)[:200]

    def _unanswered(self, told: str, makes: bool) -> EagleAway:
        if makes:
            return LostAnswer(f"{told}; it may have been done all the same.", action=OPEN_EAGLE)
        return EagleAway(f"{told}.", action=OPEN_EAGLE)

    def _remembered(self, error: EagleAway) -> EagleAway:
        plain = EagleAway(error.message, action=error.action, retry_after=error.retry_after)
        with self._lock:
            self._away = (monotonic() + _REST_S, plain)
        return plain


class _Closed(EagleAway):
    """Nothing listens: asking again at once is of no use, and nothing can have been done."""


def _is_eagles(answer: object) -> bool:
    return isinstance(answer, dict) and "status" in answer


def _is_success(answer: object) -> bool:
    return isinstance(answer, dict) and answer.get("status") == "success"


def _is_about_token(told: str) -> bool:
    return re.search(r"(?i)\btoken\b|unauthori[sz]ed|authenticat", told) is not None
