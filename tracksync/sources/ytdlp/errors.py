"""What yt-dlp's errors mean, and what is to be done about them.

Nearly everything comes as a `DownloadError` whose text was made for a console. What happened stands in the exception
inside it: judged by its type first, then by its cause and the HTTP status, and by the text only where nothing else is
left (yt-dlp passes on the sites' own sentences, and gives up retries without an exception).
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime

from tracksync.errors import (
    DiskFull,
    LoginNeeded,
    Misconfigured,
    NotAudio,
    NotFound,
    Protected,
    RateLimited,
    Refused,
    TracksyncError,
    Transient,
    Unexpected,
    Unreachable,
    Unsupported,
)
from tracksync.sources.links import Link, classify
from tracksync.sources.secrets import redact, redact_text
from tracksync.sources.ytdlp.sayings import (
    IMPERSONATION,
    LATER,
    LOGIN,
    NEWER_OR_LOGIN,
    OTHER_LINK,
    RUNTIME,
    SAYINGS,
    UPDATE,
)

__all__ = ["classify_error", "clean", "retry_after", "spotify_refusal", "usual_pause"]

_PAUSES = {"soundcloud": 600.0, "youtube": 600.0}
"""Seconds to leave a service alone that said 429 and not for how long: SoundCloud counts ten minutes."""


def classify_error(
    error: BaseException,
    link: str,
    *,
    warnings: Sequence[str] = (),
    shown: str | None = None,
    authorised: bool = False,
) -> TracksyncError:
    """The error as ours: one sentence that names the link without its secrets, and what to do.

    Args:
        error: what yt-dlp (or anything beneath it) raised.
        link: the link that was being read.
        warnings: what yt-dlp warned of on the way; tells a missing JavaScript runtime from a missing format.
        shown: what messages are about, where the link is not it.
        authorised: SC_AUTH_HEADER was sent where it belongs.
    """
    return _Case(error, link, "\n".join(warnings), shown or redact(link), authorised).verdict()


def usual_pause(link: str) -> float | None:
    """How long the link's service is left alone after a 429 that does not say, in seconds; None where nobody knows."""
    with suppress(Unsupported):
        return _PAUSES.get(classify(link).service)
    return None


def spotify_refusal(link: str) -> Unsupported:
    """Spotify's streams are DRM: nothing of Spotify's is ever given to yt-dlp."""
    return Unsupported(
        f"{redact(link)} is a Spotify link: its streams are protected, and no audio can be had from it.",
        action="Give the track's SoundCloud, YouTube or Bandcamp link.",
    )


_NO_FORMATS = r"requested format is not available|no video formats found|only images"
_TRANSPORT = (
    (
        r"name or service not known|getaddrinfo|name ?resolution|nodename nor servname|no address associated|resolve",
        "could not be reached: its host has no address, or there is no network",
    ),
    (r"refused", "could not be reached: nothing answers there"),
    (r"unreachable|no route to host", "could not be reached: there is no way to its host"),
    (r"timed? ?out", "did not answer in time"),
    (r"bytes read|more expected|incomplete|too short|expected \d+ bytes", "broke off before its end"),
    (r"reset|aborted|closed|disconnected|broken|eof", "broke the connection off"),
)


class _Case:
    """One error to be judged."""

    def __init__(self, error: BaseException, link: str, warnings: str, shown: str, authorised: bool) -> None:
        self.chain = list(_chain(error))
        self.link = link
        self.shown = shown
        self.authorised = authorised
        self.warnings = warnings
        said = next((original for inner in self.chain if (original := getattr(inner, "orig_msg", ""))), str(error))
        self.text = clean(said)
        self.all_text = f"{clean(str(error))} {self.text}"

    def verdict(self) -> TracksyncError:
        for error in self.chain:
            if isinstance(error, TracksyncError):
                return error
        return self._disk() or self._by_type() or self._by_text() or self._rest()

    # -- by what it is ------------------------------------------------------------------------------------------------

    def _disk(self) -> TracksyncError | None:
        for error in self.chain:
            if not isinstance(error, OSError):
                continue
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                return DiskFull(f"There is no space left to download {self.shown}.", action="Free some space.")
            if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM} and error.filename:
                return Misconfigured(
                    f"{self.shown} cannot be staged: {error.filename} may not be written.",
                    action="Point TEMP_DIR to a folder that you may write to.",
                )
        return None

    def _by_type(self) -> TracksyncError | None:
        from yt_dlp.cookies import CookieLoadError
        from yt_dlp.networking import exceptions as network
        from yt_dlp.utils import ContentTooShortError, GeoRestrictedError, UnsupportedError, UserNotLive

        for error in self.chain:
            if isinstance(error, GeoRestrictedError):
                return Refused(f"{self.shown} is blocked in this country.", action=OTHER_LINK)
            if isinstance(error, UserNotLive):
                return Unsupported(f"{self.shown} is a live stream's page.", action="Give a track's link.")
            if isinstance(error, CookieLoadError):
                return self._cookies()
            if isinstance(error, UnsupportedError):
                return self._no_media()
        for error in self.chain:
            if isinstance(error, network.HTTPError):
                return self._by_status(error.status, error.redirect_loop, error.response.get_header("Retry-After"))
            if isinstance(error, network.CertificateVerifyError):
                return self._certificate(str(error))
            if isinstance(error, network.ProxyError):
                return self._proxy(str(error))
            if isinstance(error, network.TransportError | ContentTooShortError | ConnectionError | TimeoutError):
                return self._transport(str(error))
        return None

    def _by_status(self, status: int, is_loop: bool, header: str | None) -> TracksyncError:
        asked = retry_after(header)
        if is_loop or 300 <= status < 400:
            return Refused(
                f"{self.shown} redirects in a circle.", action="Open it in a browser and give the address it ends at."
            )
        if status == 429:
            pause = usual_pause(self.link) if asked is None else asked
            return RateLimited(f"{self.shown} is held back: too much was asked of its server (429).", retry_after=pause,
                               action=LATER)  # fmt: skip
        if status in {404, 410}:
            return NotFound(f"{self.shown} is gone, or never was ({status}).", action="Check the link in a browser.")
        if status == 407:
            return Misconfigured(
                "The proxy asks for a login (407).", action="Put user and password into the proxy's address."
            )
        if status >= 500 or status in {408, 425}:
            return Unreachable(f"The server of {self.shown} is in trouble ({status}).", action=LATER, retry_after=asked)
        if status == 451:
            return Refused(f"{self.shown} is blocked for legal reasons (451).", action=OTHER_LINK)
        if status == 401 and self.authorised and self._service() == "soundcloud":
            return LoginNeeded(
                "SoundCloud does not accept the login in SC_AUTH_HEADER (401).",
                action="Take the Authorization header anew from a logged-in browser, or remove SC_AUTH_HEADER.",
            )
        if status == 403 and re.search(r"impersonat", self.warnings):
            return Misconfigured(f"{self.shown} is given to browsers only (403).", action=IMPERSONATION)
        action = NEWER_OR_LOGIN if status == 403 else LOGIN
        return Refused(f"The server refuses {self.shown} ({status}).", action=action)

    def _certificate(self, text: str) -> TracksyncError:
        if re.search(r"expired|hostname mismatch|doesn't match|not valid for", text, re.IGNORECASE):
            return Refused(
                f"The certificate of {self.shown} is not valid for it.", action="Check the link in a browser."
            )
        return Misconfigured(
            f"The certificate of {self.shown} is signed by nobody that is trusted here.",
            action="Where your network or server has its own authority, name its certificate in SSL_CERT_FILE.",
        )

    def _proxy(self, text: str) -> TracksyncError:
        if "407" in text:
            return self._by_status(407, False, None)
        return Unreachable(
            f"{self.shown} could not be reached through the proxy.",
            action="Check HTTPS_PROXY (or YTDLP_PROXY), and that the proxy runs.",
        )

    def _transport(self, text: str) -> TracksyncError:
        for pattern, sentence in _TRANSPORT:
            if re.search(pattern, text, re.IGNORECASE):
                return Unreachable(f"{self.shown} {sentence}.", action=LATER)
        return Unreachable(f"{self.shown} could not be reached.", action=LATER)

    def _cookies(self) -> TracksyncError:
        reason = next((str(e) for e in self.chain if not type(e).__module__.startswith("yt_dlp")), "")
        detail = f": {clean(reason).rstrip('.')}" if reason else ""
        return Misconfigured(
            f"The cookies for yt-dlp cannot be loaded{detail}.",
            action="Correct YTDLP_COOKIES_FILE or YTDLP_COOKIES_FROM_BROWSER.",
        )

    def _no_media(self) -> TracksyncError:
        link = self._classified()
        if link is not None and link.service == "web" and link.is_list is False:
            return NotAudio(f"{self.shown} is a web page, not audio.", action=OTHER_LINK)
        return Unsupported(f"There is no audio to be found at {self.shown}.", action="Give the link of a track.")

    # -- by what it says ----------------------------------------------------------------------------------------------

    def _by_text(self) -> TracksyncError | None:
        text = self.all_text
        if status := re.search(r"HTTP Error (\d{3})", text):
            return self._by_status(int(status[1]), "redirect loop" in text, None)
        if self._service() == "youtube" and re.search(rf"{_NO_FORMATS}|any player response", text, re.IGNORECASE):
            return self._unanswered() or self._no_formats()
        for said in SAYINGS:
            if re.search(said.pattern, text, re.IGNORECASE):
                message = f"{self.shown} {said.sentence}"
                if said.kind is Protected:
                    # YouTube tries DRM out on some sessions, for videos that others get without it.
                    return Protected(message, action=said.action, again_later=self._service() == "youtube")
                if issubclass(said.kind, Transient):
                    return said.kind(message, action=said.action, retry_after=said.retry_after)
                return said.kind(message, action=said.action)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return self._certificate(text)
        # The downloader has given up its retries, and retries nothing but broken transfers.
        return self._transport(text) if "[download] Got error" in text else None

    def _unanswered(self) -> TracksyncError | None:
        """YouTube's player did not answer: of that yt-dlp tells in its warnings alone, and goes on without formats."""
        found = re.findall(
            r"(?:unable to download API page|error reading response|(failed to parse JSON))(.*)",
            self.warnings,
            re.IGNORECASE,
        )
        if not found:
            return None
        is_page, reason = found[-1]
        if is_page:
            return Unreachable(f"{self.shown} was answered with something else than data.", action=LATER)
        if status := re.search(r"HTTP Error (\d{3})", reason):
            return self._by_status(int(status[1]), False, None)
        return self._transport(reason)

    def _no_formats(self) -> TracksyncError:
        if re.search(r"javascript runtime|challenge solv", self.warnings, re.IGNORECASE):
            return Misconfigured(f"{self.shown} offers no audio without a JavaScript runtime.", action=RUNTIME)
        return Refused(f"{self.shown} offers no audio to this version of yt-dlp.", action=NEWER_OR_LOGIN)

    def _rest(self) -> TracksyncError:
        from yt_dlp.utils import ExtractorError, YoutubeDLError

        inner = next((error for error in self.chain if isinstance(error, ExtractorError)), None)
        if inner is not None and inner.expected:
            return Refused(f"{self.shown} cannot be fetched: {_sentence(self.text)}", action=OTHER_LINK)
        if inner is not None or isinstance(self.chain[0], YoutubeDLError):
            return Unsupported(f"yt-dlp cannot read {self.shown}: {_sentence(self.text)}", action=UPDATE)
        name = type(self.chain[0]).__name__
        return Unexpected(f"yt-dlp stumbled over {self.shown} ({name}): {_sentence(self.text)}", action=UPDATE)

    def _classified(self) -> Link | None:
        try:
            return classify(self.link)
        except Unsupported:
            return None

    def _service(self) -> str | None:
        link = self._classified()
        return link.service if link else None


def clean(text: str) -> str:
    """A message of yt-dlp's without what was made for its console (colours, prefixes, the call to report it), and
    without secrets."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    text = re.sub(r"(?i);?\s*please report this issue on\b.*", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*\(caused by .*", "", text, flags=re.DOTALL)
    text = re.sub(r"^(?:\s*(?:ERROR|WARNING):\s*)+", "", text.strip())
    return redact_text(" ".join(text.split()))


def retry_after(header: str | None) -> float | None:
    """`Retry-After` in seconds; None where there is none, or none that can be read."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    return None


def _sentence(text: str) -> str:
    text = re.sub(r"^\[[\w:+.-]+\]\s*(?:[^\s:]+:\s+)?", "", text) or "no reason is given"
    text = text if len(text) <= 200 else f"{text[:200]}…"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the outermost first."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        exc_info = getattr(current, "exc_info", None)
        inner = [exc_info[1] if isinstance(exc_info, tuple) and len(exc_info) == 3 else None]
        inner += [getattr(current, "cause", None), getattr(current, "reason", None), current.__cause__]
        # What was being handled when it was raised counts only where yt-dlp wraps without saying so.
        if type(current).__name__ in {"UnavailableVideoError", "CookieLoadError"}:
            inner.append(current.__context__)
        waiting += [item for item in inner if isinstance(item, BaseException)]
