"""What yt-dlp is told: the few settings that are the user's, and the many that are always the same.

yt-dlp's API reads no configuration file (only its command line does), so what stands here is all that counts. What it
reads by itself are the proxy variables (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY).
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from tracksync.errors import Misconfigured

if TYPE_CHECKING:
    from tracksync.settings import Settings

__all__ = ["RETRIES", "YtdlpOptions", "parameters"]

RETRIES = 3
"""How often a request, a fragment or a whole extraction is tried again."""

_SHORT_STALL_S = 8.0
# The protocols that ffmpeg may open where yt-dlp hands a stream over to it: no `file`, no `data`, no `concat`.
_FFMPEG_PROTOCOLS = "https,http,httpproxy,tls,tcp,crypto"


@dataclass(frozen=True)
class YtdlpOptions:
    """The user's settings for yt-dlp.

    `folder` is where files are staged, `stall_seconds` how long a server may send nothing (or nearly nothing) before
    it counts as unreachable, `backoff_seconds` the pause before the first retry; each further one is twice as long.
    """

    folder: Path
    cookies_file: Path | None = None
    cookies_from_browser: str | None = None
    proxy: SecretStr | None = None
    soundcloud_auth: SecretStr | None = None
    stall_seconds: float = 30.0
    backoff_seconds: float = 0.5

    @classmethod
    def from_settings(cls, settings: Settings, folder: Path) -> YtdlpOptions:
        return cls(
            folder=folder,
            cookies_file=settings.cookies_file,
            cookies_from_browser=settings.cookies_from_browser,
            proxy=settings.ytdlp_proxy,
            soundcloud_auth=settings.soundcloud_auth,
            stall_seconds=settings.stall_seconds,
        )

    @classmethod
    def for_asking(cls, settings: Settings) -> YtdlpOptions:
        """For lists and searches, behind which others wait: nothing is staged, and patience is short."""
        options = cls.from_settings(settings, settings.staging_dir)
        return replace(options, stall_seconds=min(options.stall_seconds, _SHORT_STALL_S))


def parameters(options: YtdlpOptions, logger: object, pause: Callable[[int], float]) -> dict[str, Any]:
    """yt-dlp's parameters.

    Args:
        options: the user's settings.
        logger: gets yt-dlp's messages; nothing is written to the console.
        pause: called with the number of tries so far before one more; what it returns is slept, in seconds.

    Raises:
        Misconfigured: the cookies file, the browser's name or SSL_CERT_FILE is not usable.
    """
    params: dict[str, Any] = {
        # Silent: no console, no colours, no cache, no look for updates, no netrc.
        "logger": logger,
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "cachedir": False,
        "warn_when_outdated": False,
        "usenetrc": False,
        # One track, its best audio; whatever it is made of is decoded by ourselves.
        "noplaylist": True,
        "format": "bestaudio/best/bestaudio*",
        "fixup": "never",
        "postprocessors": [],
        "writethumbnail": False,
        # All of it or nothing: yt-dlp's own default skips missing fragments and calls it a success.
        "ignoreerrors": False,
        "ignore_no_formats_error": False,
        "skip_unavailable_fragments": False,
        # Nor is half a list of YouTube's one.
        "extractor_args": {"youtube": {"raise_incomplete_data": ["true"]}},
        "allow_unplayable_formats": False,
        # Never a local file, and never somebody else's country.
        "enable_file_urls": False,
        "geo_bypass": False,
        "external_downloader": {"default": "native"},
        "external_downloader_args": {
            "ffmpeg_i": [
                "-protocol_whitelist",
                _FFMPEG_PROTOCOLS,
                "-rw_timeout",
                str(int(options.stall_seconds * 1_000_000)),
            ],
        },
        # Patience.
        "socket_timeout": options.stall_seconds,
        "retries": RETRIES,
        "fragment_retries": RETRIES,
        "extractor_retries": RETRIES,
        "file_access_retries": RETRIES,
        "retry_sleep_functions": dict.fromkeys(("http", "fragment", "extractor"), lambda n: pause(n)),
        # Files: parts are continued, names are given by the session and never by what a page says.
        "continuedl": True,
        "nopart": False,
        "updatetime": False,
        "concurrent_fragment_downloads": 1,
        "restrictfilenames": True,
        "outtmpl": {"default": "source"},
        "buffersize": 1 << 16,
        # Both run YouTube's scripts without access to files or network.
        "js_runtimes": {"deno": {}, "node": {}},
        "compat_opts": _certificates(),
    }
    if options.proxy is not None:
        params["proxy"] = options.proxy.get_secret_value()
    if options.cookies_file is not None:
        params["cookiefile"] = _cookies(options.cookies_file)
    if options.cookies_from_browser:
        params["cookiesfrombrowser"] = _browser(options.cookies_from_browser)
    return params


def _certificates() -> set[str]:
    """yt-dlp trusts certifi's bundle alone where certifi is installed; with `no-certifi` it asks OpenSSL, which honours
    SSL_CERT_FILE and SSL_CERT_DIR."""
    bundle, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if bundle and not Path(bundle).is_file():
        raise Misconfigured(
            f"SSL_CERT_FILE names {bundle}, which is not there.", action="Correct SSL_CERT_FILE or leave it empty."
        )
    return {"no-certifi"} if bundle or folder else set()


def _cookies(path: Path) -> io.StringIO:
    """A copy of the cookies, in memory: yt-dlp writes back into what it is given, and prints lines it can't read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Misconfigured(
            f"The cookies file {path} cannot be read: {reason}.", action="Correct YTDLP_COOKIES_FILE."
        ) from None
    cookies = [line for line in lines if _is_cookie(line)]
    others = [line for line in lines if line.strip() and not line.startswith("#")]
    if not cookies and others:
        raise Misconfigured(
            f"The cookies file {path} is not in Netscape's format.",
            action="Export the cookies as cookies.txt (seven fields a line, separated by tabs).",
        )
    return io.StringIO("\n".join(["# Netscape HTTP Cookie File", *cookies, ""]))


def _is_cookie(line: str) -> bool:
    if line.startswith("#") and not line.startswith("#HttpOnly_"):
        return False
    fields = line.split("\t")
    return len(fields) == 7 and re.fullmatch(r"(\d+(\.\d+)?)?", fields[4]) is not None


def _browser(text: str) -> tuple[str, str | None, str | None, str | None]:
    """`BROWSER[+KEYRING][:PROFILE][::CONTAINER]`, as yt-dlp's command line writes it."""
    from yt_dlp.cookies import SUPPORTED_BROWSERS, SUPPORTED_KEYRINGS

    found = re.fullmatch(
        r"(?P<name>[^+:]+)(?:\+(?P<keyring>[^:]+))?(?::(?!:)(?P<profile>.+?))?(?:::(?P<container>.+))?", text.strip()
    )
    name = found["name"].strip().lower() if found else ""
    keyring = found["keyring"].strip().upper() if found and found["keyring"] else None
    if found is None or name not in SUPPORTED_BROWSERS or (keyring and keyring not in SUPPORTED_KEYRINGS):
        raise Misconfigured(
            f"YTDLP_COOKIES_FROM_BROWSER names no browser that cookies can be taken from: {text!r}.",
            action=f"Name one of {', '.join(sorted(SUPPORTED_BROWSERS))}, with :PROFILE where it has several.",
        )
    return name, found["profile"], keyring, found["container"]
