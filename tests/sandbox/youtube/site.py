"""The service: the pages that yt-dlp opens, the API behind them, the sound, and YouTube Music's search.

Not stood in for: the player's script (formats of most videos come with plain addresses, as YouTube gives them to the
clients that yt-dlp asks for without a JavaScript runtime), proof-of-origin tokens, accounts.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Iterable
from typing import Any

from tests.sandbox.net import Answer, Request
from tests.sandbox.youtube.music import search_page
from tests.sandbox.youtube.videos import Play, Video

__all__ = ["YouTube"]

_CONFIG = {
    "INNERTUBE_API_KEY": "key",
    "INNERTUBE_CONTEXT": {"client": {"clientName": "WEB", "clientVersion": "2.20260101.00.00", "visitorData": "vis"}},
    "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
    "VISITOR_DATA": "vis",
    "PLAYER_JS_URL": "/s/player/0a1b2c3d/player_ias.vflset/en_US/base.js",
}


class YouTube:
    """The service; what is in it is added by the test."""

    hosts: tuple[str, ...] = (
        "www.youtube.com", "youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be", "i.ytimg.com",
        "manifest.googlevideo.com", "rr1---sn-loopback.googlevideo.com",
    )  # fmt: skip

    def __init__(self) -> None:
        self.videos: dict[str, Video] = {}
        self.playlists: dict[str, tuple[str, list[Video]]] = {}
        self.expired_links = 0
        """So many of the next players' answers hold addresses that have expired."""
        self._links = itertools.count(1)
        self._expired: set[str] = set()
        self._lock = threading.Lock()

    def add(self, title: str, channel: str, sound: bytes, duration_s: int, **more: Any) -> Video:
        """A video; `more` are further fields of `Video`."""
        video = Video(f"vid{len(self.videos):08}", title, channel, duration_s, sound, **more)
        self.videos[video.id] = video
        return video

    def add_playlist(self, title: str, videos: Iterable[Video]) -> str:
        """A playlist; its link."""
        number = f"PL{len(self.playlists):032}"
        self.playlists[number] = (title, list(videos))
        return f"https://www.youtube.com/playlist?list={number}"

    # -- what is asked -------------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        if request.host.endswith("googlevideo.com"):
            return self._media(request)
        if request.host == "i.ytimg.com":
            return Answer(404, b"", "text/plain")
        if request.path.startswith("/youtubei/v1/"):
            return self._api(request, request.path.rpartition("/")[2])
        if request.path.startswith("/s/player/"):
            return Answer(200, b"var a={signatureTimestamp:20000};", "text/javascript")
        if request.host == "youtu.be":
            return Answer.redirect(f"https://www.youtube.com/watch?v={request.path.strip('/')}")
        if request.path == "/watch":
            return self._watch(request.query.get("v", ""))
        if request.path == "/oembed":
            return self._oembed(request.query.get("url", ""))
        if request.path == "/playlist":
            return _page(ytInitialData=self._playlist(request.query.get("list", "")))
        return _page()

    def _watch(self, number: str) -> Answer:
        video = self.videos.get(number)
        if video is None:
            return _page(ytInitialPlayerResponse=_gone(number), ytInitialData={"contents": {"x": {}}})
        player = {**self._player(video), "streamingData": {}}
        owner = {"videoOwnerRenderer": {"title": {"runs": [{"text": video.channel}]}}}
        below = {"results": {"results": {"contents": [{"videoSecondaryInfoRenderer": {"owner": owner}}]}}}
        return _page(ytInitialPlayerResponse=player, ytInitialData={"contents": {"twoColumnWatchNextResults": below}})

    def _oembed(self, address: str) -> Answer:
        video = self.videos.get(address.rpartition("v=")[2])
        if video is None or video.play is Play.REMOVED:
            return Answer(404, b"Not Found", "text/plain")
        if video.play is Play.PRIVATE:
            return Answer(401, b"Unauthorized", "text/plain")
        return Answer(200, {"title": video.title, "author_name": video.channel, "type": "video", "version": "1.0"})

    def _api(self, request: Request, endpoint: str) -> Answer:
        body = request.json
        if endpoint == "player":
            number = str(body.get("videoId"))
            video = self.videos.get(number)
            return Answer(200, self._player(video) if video else _gone(number))
        if endpoint == "search" and request.host == "music.youtube.com":
            wanted = "songs" if "II" in str(body.get("params", "")) else "videos"
            return Answer(200, search_page(self._found(body.get("query", "")), wanted))
        if endpoint == "search":
            return Answer(200, _results([_row(video) for video in self._found(body.get("query", ""))]))
        if endpoint == "browse":
            return Answer(200, self._playlist(str(body.get("browseId", "")).removeprefix("VL")))
        return Answer(404, {"error": {"code": 404, "message": "Requested entity was not found."}})

    def _player(self, video: Video) -> dict[str, Any]:
        with self._lock:
            signature = f"sig{next(self._links)}"
            if self.expired_links > 0:
                self.expired_links -= 1
                self._expired.add(signature)
        text = json.dumps(video.player()).replace("sig=abc", f"sig={signature}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _found(self, query: str) -> list[Video]:
        """The videos that share a word with the query, those first that share most."""
        words = _words(query)
        shared = {
            video.id: len(words & _words(f"{video.title} {video.channel} {' '.join(video.artists)}"))
            for video in self.videos.values()
        }
        hits = [video for video in self.videos.values() if shared[video.id]]
        return sorted(hits, key=lambda video: -shared[video.id])

    def _playlist(self, number: str) -> dict[str, Any]:
        if number not in self.playlists:
            alert = {"alertRenderer": {"type": "ERROR", "text": {"simpleText": "The playlist does not exist."}}}
            return {"alerts": [alert], "contents": {}}
        title, videos = self.playlists[number]
        rows = [{"playlistVideoRenderer": _row(video)["videoRenderer"]} for video in videos]
        section = {"itemSectionRenderer": {"contents": [{"playlistVideoListRenderer": {"contents": rows}}]}}
        tab = {"tabRenderer": {"selected": True, "content": {"sectionListRenderer": {"contents": [section]}}}}
        return {
            "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}},
            "metadata": {"playlistMetadataRenderer": {"title": title}},
        }

    def _media(self, request: Request) -> Answer:
        if request.host.startswith("manifest."):
            lines = ["#EXTM3U", '#EXT-X-STREAM-INF:BANDWIDTH=130000,CODECS="mp4a.40.2"', "/live/audio.m3u8", ""]
            return Answer(200, "\n".join(lines).encode(), "application/vnd.apple.mpegurl")
        video = self.videos.get(request.query.get("id", ""))
        if video is None or request.query.get("sig") in self._expired:
            return Answer(403, b"", "text/plain")
        return Answer.media(video.sound, "audio/mp4")


def _page(**values: Any) -> Answer:
    scripts = "".join(f"<script>var {name} = {json.dumps(value)};</script>" for name, value in values.items())
    return Answer.html(f"<html><head><script>ytcfg.set({json.dumps(_CONFIG)});</script></head><body>{scripts}</body>")


def _gone(number: str) -> dict[str, Any]:
    return {
        "playabilityStatus": {"status": "ERROR", "reason": "Video unavailable"},
        "videoDetails": {"videoId": number},
    }


def _row(video: Video) -> dict[str, Any]:
    """A video in a list of YouTube's."""
    title, length = video.title, {"simpleText": video.length_text}
    if video.play is Play.PRIVATE:
        title = "[Private video]"
    style = "LIVE" if video.play is Play.LIVE else "DEFAULT"
    overlay = {"thumbnailOverlayTimeStatusRenderer": {"style": style, "text": length}}
    return {
        "videoRenderer": {
            "videoId": video.id,
            "title": {"runs": [{"text": title}]},
            "ownerText": {"runs": [{"text": video.channel}]},
            "shortBylineText": {"runs": [{"text": video.channel}]},
            "thumbnailOverlays": [overlay],
            "viewCountText": {"simpleText": f"{video.views:,} views"},
            **({} if video.play is Play.LIVE else {"lengthText": length}),
        }
    }


def _results(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        rows = [{"backgroundPromoRenderer": {"title": {"runs": [{"text": "No results found"}]}}}]
    sections = {"contents": [{"itemSectionRenderer": {"contents": rows}}]}
    return {"contents": {"twoColumnSearchResultsRenderer": {"primaryContents": {"sectionListRenderer": sections}}}}


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
