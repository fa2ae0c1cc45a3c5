"""The videos of the stand-in, and how the player describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Play", "Video"]

_MEDIA = "https://rr1---sn-loopback.googlevideo.com/videoplayback"


class Play(StrEnum):
    """What the player says to somebody who is not logged in."""

    OK = "ok"
    BOT = "bot"
    TRY_LATER = "try-later"
    PRIVATE = "private"
    REMOVED = "removed"
    AGE = "age"
    MEMBERS = "members"
    GEO = "geo"
    DRM = "drm"
    DRM_WITH_LINKS = "drm-with-links"
    """Encrypted formats whose addresses are given nevertheless."""
    LIVE = "live"
    NEEDS_JS = "needs-js"
    """Formats whose addresses are to be worked out with the player's script."""


_REASONS: dict[Play, tuple[str, str, str]] = {
    Play.BOT: ("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot", "This helps protect our community. Learn more"),
    Play.TRY_LATER: ("UNPLAYABLE", "This content isn't available, try again later.", ""),
    Play.PRIVATE: ("LOGIN_REQUIRED", "Private video", "Sign in if you've been granted access to this video"),
    Play.REMOVED: ("ERROR", "Video unavailable", "This video has been removed by the uploader"),
    Play.AGE: ("LOGIN_REQUIRED", "Sign in to confirm your age", "This video may be inappropriate for some users."),
    Play.MEMBERS: ("UNPLAYABLE", "Join this channel to get access to members-only content like this video.", ""),
    Play.GEO: (
        "UNPLAYABLE", "Video unavailable", "The uploader has not made this video available in your country",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Video:
    """A video. `sound` is its M4A; `artists` and `album` make it a song on YouTube Music."""

    id: str
    title: str
    channel: str
    duration_s: int
    sound: bytes = field(repr=False)
    play: Play = Play.OK
    views: int = 1234
    artists: tuple[str, ...] = ()
    album: str | None = None
    is_available: bool = True
    """On YouTube Music; else its row is grey."""

    @property
    def link(self) -> str:
        return f"https://www.youtube.com/watch?v={self.id}"

    @property
    def length_text(self) -> str:
        return f"{self.duration_s // 60}:{self.duration_s % 60:02}"

    def player(self) -> dict[str, Any]:
        """The player's answer."""
        status: dict[str, Any] = {"status": "OK", "playableInEmbed": True}
        if self.play in _REASONS:
            code, reason, more = _REASONS[self.play]
            screen = {"reason": {"simpleText": reason}, "subreason": {"simpleText": more}} if more else {}
            status = {
                "status": code,
                "reason": reason,
                "errorScreen": {"playerErrorMessageRenderer": screen} if screen else {},
            }
        answer: dict[str, Any] = {"playabilityStatus": status, "videoDetails": self._details()}
        if self.play not in _REASONS:
            answer["streamingData"] = self._streams()
        return answer

    def _details(self) -> dict[str, Any]:
        return {
            "videoId": self.id,
            "title": self.title,
            "lengthSeconds": str(self.duration_s),
            "channelId": "UC0123456789abcdefghijkl",
            "author": self.channel,
            "viewCount": str(self.views),
            "shortDescription": "",
            "isLiveContent": self.play is Play.LIVE,
            **({"isLive": True} if self.play is Play.LIVE else {}),
        }

    def _streams(self) -> dict[str, Any]:
        if self.play is Play.LIVE:
            return {"hlsManifestUrl": f"https://manifest.googlevideo.com/api/manifest/hls_variant/id/{self.id}/a.m3u8"}
        address = f"{_MEDIA}?id={self.id}&itag=140&expire=2000000000&sig=abc"
        sound: dict[str, Any] = {
            "itag": 140,
            "mimeType": 'audio/mp4; codecs="mp4a.40.2"',
            "bitrate": 130_000,
            "contentLength": str(len(self.sound)),
            "approxDurationMs": str(self.duration_s * 1000),
            "audioQuality": "AUDIO_QUALITY_MEDIUM",
            "audioSampleRate": "44100",
            "audioChannels": 2,
        }
        if self.play is Play.NEEDS_JS:
            return {"adaptiveFormats": [{**sound, "signatureCipher": f"s=zyxw&sp=sig&url={_MEDIA}%3Fid%3D{self.id}"}]}
        if self.play in (Play.DRM, Play.DRM_WITH_LINKS):
            link = {"url": address} if self.play is Play.DRM_WITH_LINKS else {}
            licences = [{"drmFamily": "WIDEVINE", "url": "https://www.youtube.com/youtubei/v1/player/get_drm_license"}]
            return {"licenseInfos": licences, "adaptiveFormats": [{**sound, **link, "drmFamilies": ["WIDEVINE"]}]}
        return {"expiresInSeconds": "21540", "adaptiveFormats": [{**sound, "url": address}]}
