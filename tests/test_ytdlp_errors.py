"""What yt-dlp's errors mean: the class, the sentence, what to do; never a secret, a colour or a call to report."""

from __future__ import annotations

import errno
import io
import pickle
import sys
from collections.abc import Callable

import pytest
from yt_dlp.cookies import CookieLoadError
from yt_dlp.networking import Response
from yt_dlp.networking.exceptions import (
    CertificateVerifyError,
    HTTPError,
    IncompleteRead,
    ProxyError,
    RequestError,
    SSLError,
    TransportError,
)
from yt_dlp.utils import (
    ContentTooShortError,
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    UnavailableVideoError,
    UnsupportedError,
    UserNotLive,
)

from tracksync.errors import (
    DiskFull,
    Interrupted,
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
from tracksync.sources.ytdlp import classify_error
from tracksync.sources.ytdlp.errors import clean, retry_after, spotify_refusal

LINK = "https://user:hunter2@host.example/a.mp3?token=hunter3&v=1"
YOUTUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
SOUNDCLOUD = "https://soundcloud.com/user/slug"


def http(status: int, *, loop: bool = False, **headers: str) -> HTTPError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTPError(Response(io.BytesIO(b""), LINK, named, status), redirect_loop=loop)


def wrapped(inner: BaseException, text: str | None = None) -> DownloadError:
    """As yt-dlp reports an exception."""
    return DownloadError(f"ERROR: {inner if text is None else text}", (type(inner), inner, None))


def extraction(cause: Exception) -> DownloadError:
    """As an extractor's failed request is reported."""
    return wrapped(ExtractorError(f"Unable to download webpage: {cause}", cause=cause, ie="generic", video_id="a"))


def said(text: str, *, expected: bool = True) -> DownloadError:
    """As a site's own sentence is reported."""
    return wrapped(ExtractorError(text, expected=expected, ie="youtube", video_id="dQw4w9WgXcQ"))


def bare(text: str) -> DownloadError:
    """As a downloader that gave up is reported: without an exception."""
    return DownloadError(f"ERROR: {text}", (None, None, None))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused), (401, Refused), (402, Refused), (403, Refused), (404, NotFound), (407, Misconfigured),
        (408, Unreachable), (410, NotFound), (425, Unreachable), (429, RateLimited), (451, Refused), (500, Unreachable),
        (502, Unreachable), (503, Unreachable), (504, Unreachable), (529, Unreachable), (302, Refused),
    ],
)  # fmt: skip
def test_by_status(status: int, kind: type[TracksyncError]) -> None:
    error = http(status)
    reported: list[Callable[[], BaseException]] = [
        lambda: error,
        lambda: extraction(error),
        lambda: wrapped(error, f"unable to download video data: HTTP Error {status}: x"),
        lambda: bare(f"\r[download] Got error: HTTP Error {status}: x. Giving up after 3 retries"),
    ]
    for report in reported:
        found = classify_error(report(), LINK)
        assert type(found) is kind
        assert str(status) in found.message or status == 302


def test_a_refusal_says_what_may_help() -> None:
    assert "Update yt-dlp" in classify_error(extraction(http(403)), YOUTUBE).action
    assert "YTDLP_COOKIES_FILE" in classify_error(extraction(http(401)), YOUTUBE).action


def test_the_pause_that_was_asked_for() -> None:
    asked = classify_error(extraction(http(429, Retry_After="120")), LINK)
    assert isinstance(asked, RateLimited)
    assert asked.retry_after == 120
    unasked = classify_error(extraction(http(429)), LINK)
    assert isinstance(unasked, RateLimited)
    assert unasked.retry_after is None
    soundcloud = classify_error(extraction(http(429)), SOUNDCLOUD)
    assert isinstance(soundcloud, RateLimited)
    assert soundcloud.retry_after == 600
    down = classify_error(extraction(http(503, Retry_After="7")), LINK)
    assert isinstance(down, Unreachable)
    assert down.retry_after == 7


def test_retry_after_as_seconds_as_a_date_and_as_rubbish() -> None:
    assert retry_after("30") == 30
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert (retry_after("Fri, 31 Dec 2199 23:59:59 GMT") or 0) > 1e9
    assert retry_after("soon") is None
    assert retry_after("-5") is None
    assert retry_after("") is None
    assert retry_after(None) is None


def test_redirects_in_a_circle() -> None:
    found = classify_error(extraction(http(302, loop=True)), LINK)
    assert isinstance(found, Refused)
    assert "circle" in found.message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TransportError("Read timed out."), "did not answer in time"),
        (TransportError("[Errno 111] Connection refused"), "nothing answers"),
        (TransportError("Failed to resolve 'host.example' ([Errno -2] Name or service not known)"), "no address"),
        (TransportError("[Errno 8] nodename nor servname provided, or not known"), "no address"),
        (TransportError("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))"), "broke the"),
        (TransportError("[Errno 101] Network is unreachable"), "no way"),
        (TransportError("odd"), "could not be reached"),
        (IncompleteRead(partial=5, expected=10), "before its end"),
        (ContentTooShortError(5, 10), "before its end"),
        (SSLError("UNEXPECTED_EOF_WHILE_READING"), "broke the"),
        (ConnectionResetError(104, "Connection reset by peer"), "broke the"),
        (TimeoutError("timed out"), "in time"),
        (ProxyError("Unable to connect to proxy"), "proxy"),
    ],
)
def test_the_network(error: Exception, words: str) -> None:
    for report in (error, extraction(error), wrapped(error)):
        found = classify_error(report, LINK)
        assert type(found) is Unreachable
        assert words in found.message


@pytest.mark.parametrize(
    "text",
    [
        "\r[download] Got error: Read timed out. Giving up after 3 retries",
        "\r[download] Got error: ('Connection broken: IncompleteRead(5 bytes read, 5 more expected)'",
        "\r[download] Got error: Downloaded 5 bytes, expected 10 bytes. Giving up after 3 retries",
        "fragment 3 not found, unable to continue",
    ],
)
def test_a_downloader_that_gave_up(text: str) -> None:
    assert type(classify_error(bare(text), LINK)) is Unreachable


def test_certificates() -> None:
    unknown = classify_error(extraction(CertificateVerifyError("unable to get local issuer certificate")), LINK)
    assert isinstance(unknown, Misconfigured)
    assert "SSL_CERT_FILE" in unknown.action
    expired = classify_error(extraction(CertificateVerifyError("certificate has expired (_ssl.c:1000)")), LINK)
    assert isinstance(expired, Refused)


def test_a_proxy_that_wants_a_login() -> None:
    found = classify_error(extraction(ProxyError("Tunnel connection failed: 407 Proxy Authentication Required")), LINK)
    assert isinstance(found, Misconfigured)
    assert isinstance(classify_error(RequestError('Unsupported proxy type: "gopher"'), LINK), Misconfigured)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("This video is DRM protected", Protected),
        ("The requested site is known to use DRM protection. It will NOT be supported.", Protected),
        ("This format is DRM protected; Try selecting another format with --format", Protected),
        ("The uploader has not made this video available in your country", Refused),
        ("This video is not available from your location due to geo restriction", Refused),
        ("Sign in to confirm you’re not a bot. Use --cookies-from-browser or --cookies", RateLimited),
        ("Sign in to confirm you're not a bot", RateLimited),
        ("Video unavailable. YouTube is requiring a captcha challenge before playback", RateLimited),
        (
            "This content isn't available, try again later. The current session has been rate-limited by YouTube",
            RateLimited,
        ),
        ("Video unavailable. This content isn’t available, try again later.", RateLimited),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", Refused),
        ("Join this channel to get access to members-only content like this video", Refused),
        ("This video is only available to Music Premium members", Refused),
        ("Private video. Sign in if you've been granted access to this video", NotFound),
        ("This video is private", NotFound),
        ("Video unavailable. This video has been removed by the uploader", NotFound),
        ("Video unavailable", NotFound),
        ("This video is no longer available because the YouTube account has been terminated.", NotFound),
        ("The playlist does not exist.", NotFound),
        ("This video is only available for registered users. Use --cookies", Refused),
        ("Premieres in 3 hours", Transient),
        ("This live event will begin in 2 days.", Transient),
        ("'x' is not a valid URL", Unsupported),
        ("No video formats found!", Refused),
        ("Requested format is not available. Use --list-formats for a list of available formats", Refused),
        ("Something that nobody has heard of", Refused),
    ],
)
def test_what_sites_say(text: str, kind: type[TracksyncError]) -> None:
    found = classify_error(said(text), YOUTUBE)
    assert type(found) is kind
    assert found.message.startswith(YOUTUBE) or kind is Refused


def test_a_bot_check_cools_the_source_for_an_hour() -> None:
    found = classify_error(said("Sign in to confirm you’re not a bot"), YOUTUBE)
    assert isinstance(found, RateLimited)
    assert found.retry_after == 3600


def test_no_formats_without_a_javascript_runtime_is_a_setting() -> None:
    warning = "[youtube] No supported JavaScript runtime could be found. Only deno is enabled by default"
    found = classify_error(said("Requested format is not available"), YOUTUBE, warnings=[warning])
    assert isinstance(found, Misconfigured)
    assert "Deno" in found.action
    assert "doctor" in found.action
    assert type(classify_error(said("Requested format is not available"), LINK)) is NotAudio


@pytest.mark.parametrize(
    ("said_before", "kind"),
    [
        ("[youtube] a: Unable to download API page: HTTP Error 429: Too Many Requests (caused by x)", RateLimited),
        ("[youtube] a: Unable to download API page: HTTP Error 503: x (caused by x)", Unreachable),
        ("[youtube] a: Unable to download API page: Read timed out. (caused by x)", Unreachable),
        ("[youtube] a: Failed to parse JSON (caused by JSONDecodeError)", Unreachable),
    ],
)
def test_a_player_that_did_not_answer_is_no_missing_runtime(said_before: str, kind: type[TracksyncError]) -> None:
    runtime = "[youtube] No supported JavaScript runtime could be found."
    for text in ("No video formats found!", "Failed to extract any player response"):
        assert type(classify_error(said(text), YOUTUBE, warnings=[runtime, said_before])) is kind


def test_drm_may_be_an_experiment_on_youtube_and_nowhere_else() -> None:
    youtube, soundcloud = (classify_error(said("This video is DRM protected"), link) for link in (YOUTUBE, SOUNDCLOUD))
    assert isinstance(youtube, Protected)
    assert isinstance(soundcloud, Protected)
    assert (youtube.again_later, soundcloud.again_later) == (True, False)
    assert pickle.loads(pickle.dumps(youtube)).again_later  # noqa: S301 (our own)


def test_what_a_setting_would_mend() -> None:
    browsers = classify_error(
        extraction(http(403)), SOUNDCLOUD, warnings=["The extractor is attempting impersonation, but no target is …"]
    )
    assert isinstance(browsers, Misconfigured)
    assert "doctor" in browsers.action
    login = classify_error(extraction(http(401)), SOUNDCLOUD, authorised=True)
    assert isinstance(login, LoginNeeded)
    assert "SC_AUTH_HEADER" in login.message
    assert type(classify_error(extraction(http(401)), YOUTUBE, authorised=True)) is Refused


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (wrapped(GeoRestrictedError("not here", countries=["DE"])), Refused),
        (wrapped(UserNotLive()), Unsupported),
        (bare("Did not get any data blocks"), NotAudio),
        (bare("The downloaded file is empty"), NotAudio),
        (bare("The extracted extension ('php') is unusual and will be skipped for safety reasons"), Unsupported),
        (bare("ffmpeg exited with code 1"), Unsupported),
        (bare("m3u8 download detected but ffmpeg could not be found. Please install"), Misconfigured),
        (RequestError("file:// URLs are disabled by default in yt-dlp for security reasons."), Unsupported),
        (RequestError('Impersonate target "chrome" is not available.'), Misconfigured),
        (wrapped(ExtractorError("Unable to extract client id", ie="soundcloud")), Unsupported),
        (KeyError("x"), Unexpected),
    ],
)
def test_the_rest(error: BaseException, kind: type[TracksyncError]) -> None:
    found = classify_error(error, SOUNDCLOUD)
    assert type(found) is kind


def test_a_page_in_the_place_of_audio_and_a_page_without_any() -> None:
    assert type(classify_error(wrapped(UnsupportedError(LINK)), LINK)) is NotAudio
    assert type(classify_error(wrapped(UnsupportedError(LINK)), "https://host.example/page")) is Unsupported


def test_an_extractor_that_broke_wants_an_update() -> None:
    found = classify_error(said("Unable to extract initial data", expected=False), YOUTUBE)
    assert isinstance(found, Unsupported)
    assert "Update yt-dlp" in found.action
    assert "Unable to extract initial data." in found.message


def test_a_full_disk_wherever_it_is_met() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert isinstance(classify_error(full, LINK), DiskFull)
    assert isinstance(classify_error(wrapped(full, "unable to write data: [Errno 28]"), LINK), DiskFull)
    assert isinstance(classify_error(_raised_while_handling(full, UnavailableVideoError(full)), LINK), DiskFull)


def test_a_folder_that_may_not_be_written() -> None:
    found = classify_error(wrapped(PermissionError(errno.EACCES, "Permission denied", "/stage/x.part")), LINK)
    assert isinstance(found, Misconfigured)
    assert "/stage/x.part" in found.message


def test_cookies_that_cannot_be_loaded() -> None:
    error = _raised_while_handling(
        FileNotFoundError("could not find firefox cookies database"), CookieLoadError("failed")
    )
    found = classify_error(error, LINK)
    assert isinstance(found, Misconfigured)
    assert "could not find firefox cookies database" in found.message


def test_our_own_errors_stay_as_they_are() -> None:
    own = Interrupted("stopped")
    assert classify_error(own, LINK) is own
    assert classify_error(wrapped(own), LINK) is own


@pytest.mark.parametrize(
    "error",
    [
        extraction(http(404)),
        extraction(TransportError(f"HTTPConnectionPool: Max retries exceeded with url: {LINK}")),
        wrapped(UnsupportedError(LINK)),
        said(f"Cannot open {LINK} with Authorization: OAuth hunter4"),
        said("\x1b[0;31mBroken\x1b[0m", expected=False),
        DownloadError(f"\x1b[0;31mERROR:\x1b[0m [generic] a: odd {LINK}"),
        ValueError(LINK),
    ],
)
def test_no_secret_no_colour_no_call_to_report(error: BaseException) -> None:
    found = classify_error(error, LINK)
    assert "hunter" not in str(found)
    assert "\x1b" not in str(found)
    assert "report this issue" not in str(found)
    assert "Traceback" not in str(found)
    assert "\n" not in str(found)
    assert "https://host.example/a.mp3?token=…&v=1" in found.message
    assert found.message.endswith((".", "…"))


def test_the_call_to_report_is_cut_off() -> None:
    message = str(ExtractorError("Unable to extract x", ie="youtube", video_id="a"))
    assert "please report" in message
    assert clean(f"\x1b[31mERROR:\x1b[0m {message}") == "[youtube] a: Unable to extract x"


def test_spotify_is_refused_with_what_to_give_instead() -> None:
    found = spotify_refusal("spotify:track:4uLU6hMCjMI75M1A2tKUQC")
    assert "no audio can be had from it" in found.message
    assert "Bandcamp" in found.action


def _raised_while_handling(first: Exception, second: Exception) -> BaseException:
    try:
        try:
            raise first
        except Exception:
            raise second  # noqa: B904 (as yt-dlp does)
    except Exception:
        caught = sys.exc_info()[1]
        assert caught is not None
        return caught
