"""What sites and yt-dlp say, and what it means. The field `sentence` follows the link."""

from __future__ import annotations

from dataclasses import dataclass

from tracksync.errors import (
    Misconfigured,
    NotAudio,
    NotFound,
    Protected,
    RateLimited,
    Refused,
    TracksyncError,
    Transient,
    Unreachable,
    Unsupported,
)

__all__ = ["IMPERSONATION", "LATER", "LOGIN", "NEWER_OR_LOGIN", "OTHER_LINK", "RUNTIME", "SAYINGS", "UPDATE", "Said"]

_HOUR = 3600.0

OTHER_LINK = "Give another link of the same track."
LATER = "Try again later."
UPDATE = "Update yt-dlp (pip install -U yt-dlp): the site has probably changed."
LOGIN = "If you can hear it when you are logged in, name your cookies in YTDLP_COOKIES_FILE."
NEWER_OR_LOGIN = (
    "Update yt-dlp (pip install -U yt-dlp); if it stays so, name the cookies of a login in YTDLP_COOKIES_FILE."
)
RUNTIME = (
    "Install Deno 2.3 or newer (or Node 22 or newer): YouTube's formats need a JavaScript runtime; "
    "`tracksync doctor` checks it."
)
IMPERSONATION = "Install yt-dlp with curl_cffi: pip install 'yt-dlp[default,curl-cffi]'; `tracksync doctor` checks it."


@dataclass(frozen=True)
class Said:
    """What a site or yt-dlp says, and what it means. `sentence` follows the link."""

    pattern: str
    kind: type[TracksyncError]
    sentence: str
    action: str
    retry_after: float | None = None


# In order: the first that fits. Apostrophes are curly on YouTube.
SAYINGS = (
    Said(r"confirm you.{1,3}re not a bot|captcha|unusual traffic", RateLimited,
          "is held back: the service wants to be shown that no robot asks.",
          "Wait an hour; cookies of a logged-in browser (YTDLP_COOKIES_FILE) help.", _HOUR),
    Said(r"content isn.{1,3}t available, try again later|rate-limited by YouTube", RateLimited,
          "is held back: too much was asked of the service.", "Wait an hour.", _HOUR),
    Said(r"DRM.protect|DRM protection|protected by DRM", Protected, "is protected by DRM and is not touched.",
          OTHER_LINK),
    Said(r"available in your country|blocked it in your country|geo.?restrict|not available from your location"
          r"|not available in your (?:region|location)", Refused, "is blocked in this country.", OTHER_LINK),
    Said(r"sign in to confirm your age|age.restricted|inappropriate for some users", Refused,
          "is open only to people who show their age.", LOGIN),
    Said(r"members.only|join this channel|available to this channel's members|premium members|requires payment"
          r"|music premium|rental|only available to subscribers", Refused, "is open only to paying members.", LOGIN),
    Said(r"private video|video is private|playlist is private|is private\b", NotFound, "is private.", LOGIN),
    Said(r"failed to parse JSON|incomplete data received", Unreachable, "answered with something else than data.",
         "Try again later; if it stays so, update yt-dlp (pip install -U yt-dlp)."),
    Said(r"premieres in|will begin in|has not started yet|scheduled for", Transient, "is not out yet.", LATER),
    Said(r"live event has ended|not currently live|recording is not available", Unsupported,
          "was a live stream, and there is no recording of it.", OTHER_LINK),
    Said(r"did not get any data blocks|downloaded file is empty", NotAudio, "is empty: nothing came.", OTHER_LINK),
    Said(r"fragment \d+ not found", Unreachable, "has a gap: a part of the stream did not come.", LATER),
    Said(r"ffmpeg (?:could not be found|is not installed|not found)|install(?:ing)? ffmpeg", Misconfigured,
         "needs ffmpeg, which is not found.", "Install ffmpeg; `tracksync doctor` checks it."),
    Said(r"ffmpeg exited", Unsupported, "comes in a form that cannot be read.", OTHER_LINK),
    Said(r"impersonate target .* is not available|impersonation dependency", Misconfigured,
          "needs a part of yt-dlp that is missing.",
          IMPERSONATION),
    Said(r"proxy type|proxy url|missing scheme", Misconfigured, "cannot be fetched through the proxy that is set.",
          "Write the proxy as http://host:port or socks5h://host:port (HTTPS_PROXY, YTDLP_PROXY)."),
    Said(r"has been removed|been deleted|no longer available|been terminated|does not exist|video unavailable"
          r"|isn.{1,3}t available anymore|not found|this video is (?:un|not )available|track is not available",
          NotFound, "is gone, or never was.", "Check the link in a browser; give another one if it is gone."),
    Said(r"registered users|log(?:ged)?.?in|sign in|authenticat|--cookies", Refused, "asks for a login.", LOGIN),
    Said(r"blocked by (?:Websense|Indian censorship|decision of)", Refused, "is blocked in this network.",
          OTHER_LINK),
    Said(r"unusual and will be skipped|is not a valid URL|no suitable extractor|unable to handle request"
          r"|file:// URLs are disabled|unsupported url scheme", Unsupported,
          "is nothing that can be fetched.", "Give the link of a track."),
    Said(r"no video formats found|requested format is not available|no formats|only images", NotAudio,
          "offers no audio.", OTHER_LINK),
)  # fmt: skip
