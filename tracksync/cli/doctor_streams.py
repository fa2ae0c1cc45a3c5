"""`tracksync doctor`, SoundCloud and YouTube: the profile's likes, and what yt-dlp needs, by asking them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tracksync.cli.finding import Finding
from tracksync.errors import TracksyncError
from tracksync.settings import Settings

if TYPE_CHECKING:
    from tracksync.sources.ytdlp.session import Session

__all__ = ["streams_findings"]

_NO_RUNTIME = "Install Deno 2.3 or newer, or Node 22 or newer: without one YouTube withholds formats."


def streams_findings(settings: Settings) -> list[Finding]:
    """Whose likes are read, and what of yt-dlp's is there: browser impersonation, a JavaScript runtime, cookies."""
    checks: dict[str, Callable[[Settings], Finding]] = {
        "soundcloud": _soundcloud,
        "browser impersonation": _impersonation,
        "javascript runtime": _runtime,
        "cookies": _cookies,
    }
    return [_tried(name, check, settings) for name, check in checks.items()]


def _tried(name: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except TracksyncError as error:
        return Finding(name, False, error.message, error.action)


def _soundcloud(settings: Settings) -> Finding:
    """Read the newest like; where there is a login and no profile, make a search with it."""
    login = ", with the login of SC_AUTH_HEADER" if settings.soundcloud_auth else ""
    if not settings.soundcloud_profile:
        detail = "likes are not used (SOUNDCLOUD_PROFILE is not set)"
        if settings.soundcloud_auth:
            from tracksync.sources.search import searcher

            searcher("soundcloud", settings).search("music", 1)
            detail += "; SC_AUTH_HEADER is accepted"
        return Finding("soundcloud", True, detail)
    from tracksync.sources.soundcloud import likes, likes_link

    reading = likes(settings)
    try:
        newest = next(reading, None)
    finally:
        reading.close()
    link = likes_link(settings.soundcloud_profile)
    told = f"the newest is {newest.label}" if newest else "nothing is liked that could be brought in"
    return Finding("soundcloud", True, f"{link} is readable{login}: {told}")


def _impersonation(settings: Settings) -> Finding:
    from tracksync.sources.ytdlp.sayings import IMPERSONATION

    name = "browser impersonation"
    with _session(settings) as session:
        targets = [target for target, _ in session._get_available_impersonate_targets()]
    versions = sorted(float(target.version) for target in targets if target.client == "chrome" and target.version)
    if not versions:
        told = "curl_cffi is missing, or of a version that yt-dlp does not use: SoundCloud's likes can't be read"
        return Finding(name, False, told, IMPERSONATION)
    return Finding(name, True, f"curl_cffi, up to Chrome {versions[-1]:g}")


def _runtime(settings: Settings) -> Finding:
    """The runtimes that yt-dlp is allowed, as yt-dlp itself finds them; and the scripts that run in them."""
    from yt_dlp.dependencies import yt_dlp_ejs

    name = "javascript runtime"
    with _session(settings) as session:
        found = [runtime.info for runtime in session._js_runtimes.values() if runtime is not None and runtime.info]
    usable = [info for info in found if info.supported]
    if not usable:
        old = ", ".join(f"{info.name} {info.version} is too old" for info in found)
        return Finding(name, False, old or "neither deno nor node is found", _NO_RUNTIME)
    told = ", ".join(f"{info.name} {info.version}" for info in usable)
    if yt_dlp_ejs is None:
        return Finding(name, False, f"{told}, but yt-dlp-ejs is missing", "pip install 'yt-dlp[default]'.")
    return Finding(name, True, told)


def _cookies(settings: Settings) -> Finding:
    """Load them as a download would, and say for which of the services there are any."""
    if settings.cookies_file is None and not settings.cookies_from_browser:
        return Finding("cookies", True, "none are named: what wants a login is passed over")
    with _session(settings, with_cookies=True) as session:
        cookies = list(session.cookiejar)
    where = str(settings.cookies_file or settings.cookies_from_browser)
    ours = {
        service: sum(cookie.domain.endswith(service) and not cookie.is_expired() for cookie in cookies)
        for service in ("youtube.com", "soundcloud.com")
    }
    if not any(ours.values()):
        told = f"{where}: {len(cookies)} cookies, none of YouTube's or SoundCloud's that is still valid"
        return Finding("cookies", False, told, "Log in at the service in that browser, and export its cookies again.")
    counts = ", ".join(f"{count} of {service}" for service, count in ours.items() if count)
    return Finding("cookies", True, f"{where}: {counts}")


@contextmanager
def _session(settings: Settings, *, with_cookies: bool = False) -> Iterator[Session]:
    """yt-dlp with the settings of every download, for a look at it."""
    from tracksync.sources.ytdlp.attempts import Log
    from tracksync.sources.ytdlp.errors import classify_error
    from tracksync.sources.ytdlp.options import YtdlpOptions
    from tracksync.sources.ytdlp.session import Session
    from tracksync.sources.ytdlp.watch import Watch

    options = YtdlpOptions.for_asking(settings)
    if not with_cookies:
        options = replace(options, cookies_file=None, cookies_from_browser=None)
    try:
        with Watch("yt-dlp", options.stall_seconds) as watch, Session(options, watch, Log()) as session:
            yield session
    except TracksyncError:
        raise
    except Exception as error:
        raise classify_error(error, "https://www.youtube.com/", shown="yt-dlp") from None
