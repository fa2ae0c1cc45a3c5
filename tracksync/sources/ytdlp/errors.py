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
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from tracksync.errors import (
    DiskFull,
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

__all__ = ["classify_error", "clean", "retry_after", "spotify_refusal"]

_HOUR = 3600.0
_SOUNDCLOUD_PAUSE = 600.0

_OTHER_LINK = "Give another link of the same track."
_LATER = "Try again later."
_UPDATE = "Update yt-dlp (pip install -U yt-dlp): the site has probably changed."
_LOGIN = "If you can hear it when you are logged in, name your cookies in YTDLP_COOKIES_FILE."
_NEWER_OR_LOGIN = (
    "Update yt-dlp (pip install -U yt-dlp); if it stays so, name the cookies of a login in YTDLP_COOKIES_FILE."
)
_RUNTIME = "Install Deno 2.3 or newer (or Node 22 or newer): YouTube's formats need a JavaScript runtime."


def classify_error(error: BaseException, link: str, *, warnings: Sequence[str] = ()) -> TracksyncError:
    """The error as ours: one sentence that names the link without its secrets, and what to do.

    Args:
        error: what yt-dlp (or anything beneath it) raised.
        link: the link that was being read.
        warnings: what yt-dlp warned of on the way; tells a missing JavaScript runtime from a missing format.
    """
    return _Case(error, link, " ".join(warnings)).verdict()


def spotify_refusal(link: str) -> Unsupported:
    """Spotify's streams are DRM: nothing of Spotify's is ever given to yt-dlp."""
    return Unsupported(
        f"{redact(link)} is a Spotify link, and those can't be synced yet: Spotify's streams are protected, and "
        "finding the same recording elsewhere is not built yet.",
        action="Give the track's SoundCloud, YouTube or Bandcamp link.",
    )


@dataclass(frozen=True)
class _Said:
    """What a site or yt-dlp says, and what it means. `sentence` follows the link."""

    pattern: str
    kind: type[TracksyncError]
    sentence: str
    action: str
    retry_after: float | None = None


# In order: the first that fits. Apostrophes are curly on YouTube.
_SAYINGS = (
    _Said(r"confirm you.{1,3}re not a bot|captcha|unusual traffic", RateLimited,
          "is held back: the service wants to be shown that no robot asks.",
          "Wait an hour; cookies of a logged-in browser (YTDLP_COOKIES_FILE) help.", _HOUR),
    _Said(r"content isn.{1,3}t available, try again later|rate-limited by YouTube", RateLimited,
          "is held back: too much was asked of the service.", "Wait an hour.", _HOUR),
    _Said(r"DRM.protect|DRM protection|protected by DRM", Protected, "is protected by DRM and is not touched.",
          _OTHER_LINK),
    _Said(r"available in your country|blocked it in your country|geo.?restrict|not available from your location"
          r"|not available in your (?:region|location)", Refused, "is blocked in this country.", _OTHER_LINK),
    _Said(r"sign in to confirm your age|age.restricted|inappropriate for some users", Refused,
          "is open only to people who show their age.", _LOGIN),
    _Said(r"members.only|join this channel|available to this channel's members|premium members|requires payment"
          r"|music premium|rental|only available to subscribers", Refused, "is open only to paying members.", _LOGIN),
    _Said(r"private video|video is private|playlist is private|is private\b", NotFound, "is private.", _LOGIN),
    _Said(r"premieres in|will begin in|has not started yet|scheduled for", Transient, "is not out yet.", _LATER),
    _Said(r"live event has ended|not currently live|recording is not available", Unsupported,
          "was a live stream, and there is no recording of it.", _OTHER_LINK),
    _Said(r"did not get any data blocks|downloaded file is empty", NotAudio, "is empty: nothing came.", _OTHER_LINK),
    _Said(r"fragment \d+ not found", Unreachable, "has a gap: a part of the stream did not come.", _LATER),
    _Said(r"ffmpeg exited|ffmpeg could not be found", Unsupported, "comes in a form that cannot be read.",
          _OTHER_LINK),
    _Said(r"impersonate target .* is not available|impersonation dependency", Misconfigured,
          "needs a part of yt-dlp that is missing.",
          "Install yt-dlp with curl_cffi: pip install 'yt-dlp[default,curl-cffi]'."),
    _Said(r"proxy type|proxy url|missing scheme", Misconfigured, "cannot be fetched through the proxy that is set.",
          "Write the proxy as http://host:port or socks5h://host:port (HTTPS_PROXY, YTDLP_PROXY)."),
    _Said(r"has been removed|been deleted|no longer available|been terminated|does not exist|video unavailable"
          r"|isn.{1,3}t available anymore|not found|this video is (?:un|not )available|track is not available",
          NotFound, "is gone, or never was.", "Check the link in a browser; give another one if it is gone."),
    _Said(r"registered users|log(?:ged)?.?in|sign in|authenticat|--cookies", Refused, "asks for a login.", _LOGIN),
    _Said(r"blocked by (?:Websense|Indian censorship|decision of)", Refused, "is blocked in this network.",
          _OTHER_LINK),
    _Said(r"unusual and will be skipped|is not a valid URL|no suitable extractor|unable to handle request"
          r"|file:// URLs are disabled|unsupported url scheme", Unsupported,
          "is nothing that can be fetched.", "Give the link of a track."),
    _Said(r"no video formats found|requested format is not available|no formats|only images", NotAudio,
          "offers no audio.", _OTHER_LINK),
)  # fmt: skip

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

    def __init__(self, error: BaseException, link: str, warnings: str) -> None:
        self.chain = list(_chain(error))
        self.link = link
        self.shown = redact(link)
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
                return Refused(f"{self.shown} is blocked in this country.", action=_OTHER_LINK)
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
            pause = asked or (_SOUNDCLOUD_PAUSE if self._service() == "soundcloud" else None)
            return RateLimited(f"{self.shown} is held back: too much was asked of its server (429).", retry_after=pause,
                               action=_LATER)  # fmt: skip
        if status in {404, 410}:
            return NotFound(f"{self.shown} is gone, or never was ({status}).", action="Check the link in a browser.")
        if status == 407:
            return Misconfigured(
                "The proxy asks for a login (407).", action="Put user and password into the proxy's address."
            )
        if status >= 500 or status in {408, 425}:
            return Unreachable(
                f"The server of {self.shown} is in trouble ({status}).", action=_LATER, retry_after=asked
            )
        if status == 451:
            return Refused(f"{self.shown} is blocked for legal reasons (451).", action=_OTHER_LINK)
        action = _NEWER_OR_LOGIN if status == 403 else _LOGIN
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
                return Unreachable(f"{self.shown} {sentence}.", action=_LATER)
        return Unreachable(f"{self.shown} could not be reached.", action=_LATER)

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
            return NotAudio(f"{self.shown} is a web page, not audio.", action=_OTHER_LINK)
        return Unsupported(f"There is no audio to be found at {self.shown}.", action="Give the link of a track.")

    # -- by what it says ----------------------------------------------------------------------------------------------

    def _by_text(self) -> TracksyncError | None:
        text = self.all_text
        if status := re.search(r"HTTP Error (\d{3})", text):
            return self._by_status(int(status[1]), "redirect loop" in text, None)
        if re.search(r"requested format is not available|no video formats found|only images", text, re.IGNORECASE):
            if re.search(r"javascript runtime|challenge solv", f"{self.warnings} {text}", re.IGNORECASE):
                return Misconfigured(f"{self.shown} offers no audio without a JavaScript runtime.", action=_RUNTIME)
            if self._service() == "youtube":
                return Refused(f"{self.shown} offers no audio to this version of yt-dlp.", action=_NEWER_OR_LOGIN)
        for said in _SAYINGS:
            if re.search(said.pattern, text, re.IGNORECASE):
                message = f"{self.shown} {said.sentence}"
                if issubclass(said.kind, Transient):
                    return said.kind(message, action=said.action, retry_after=said.retry_after)
                return said.kind(message, action=said.action)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return self._certificate(text)
        # The downloader has given up its retries, and retries nothing but broken transfers.
        return self._transport(text) if "[download] Got error" in text else None

    def _rest(self) -> TracksyncError:
        from yt_dlp.utils import ExtractorError, YoutubeDLError

        inner = next((error for error in self.chain if isinstance(error, ExtractorError)), None)
        if inner is not None and inner.expected:
            return Refused(f"{self.shown} cannot be fetched: {_sentence(self.text)}", action=_OTHER_LINK)
        if inner is not None or isinstance(self.chain[0], YoutubeDLError):
            return Unsupported(f"yt-dlp cannot read {self.shown}: {_sentence(self.text)}", action=_UPDATE)
        name = type(self.chain[0]).__name__
        return Unexpected(f"yt-dlp stumbled over {self.shown} ({name}): {_sentence(self.text)}", action=_UPDATE)

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
