"""One job of yt-dlp's, kept to what is wanted of it. Imports yt-dlp: import it only when there is a job.

A session refuses what must never happen (a Spotify link, a local file, a preview, a live stream, a whole list where
one track was asked for), names the file it writes, and reads every response under a `Watch`.
"""

from __future__ import annotations

import copy
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import yt_dlp
import yt_dlp.cache
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.networking import Request
from yt_dlp.networking.exceptions import HTTPError, TransportError

from tracksync.errors import NotAudio, Protected, Refused, Unsupported
from tracksync.sources.ytdlp import soundcloud
from tracksync.sources.ytdlp.attempts import Log
from tracksync.sources.ytdlp.errors import retry_after, spotify_refusal
from tracksync.sources.ytdlp.facts import link_or_none
from tracksync.sources.ytdlp.options import YtdlpOptions, parameters
from tracksync.sources.ytdlp.watch import Watch

__all__ = ["Session", "entries_of"]

_FETCHED_SCHEMES = frozenset({"http", "https", "ws", "wss", "data"})
_MOST_HOPS = 20
_PAGE = 100
# Plugins are loaded by the first session; two first ones at once would load them twice.
_OPENING = threading.Lock()


class _Memory(yt_dlp.cache.Cache):  # type: ignore[misc]
    """yt-dlp's cache, for as long as the program runs and not on disk: SoundCloud's client id and YouTube's player
    would otherwise be asked for again with every track of a list."""

    _KEPT = 64
    _data: ClassVar[dict[tuple[str, str], Any]] = {}
    _lock = threading.Lock()

    @property
    def enabled(self) -> bool:
        return True

    def store(self, section: str, key: str, data: Any, dtype: str = "json") -> None:  # noqa: ARG002 (yt-dlp's own)
        with self._lock:
            self._data.pop((section, key), None)
            self._data[section, key] = data
            while len(self._data) > self._KEPT:
                del self._data[next(iter(self._data))]

    def load(self, section: str, key: str, dtype: str = "json", default: Any = None, **_: Any) -> Any:  # noqa: ARG002
        with self._lock:
            return copy.deepcopy(self._data.get((section, key), default))

    def remove(self) -> None:
        with self._lock:
            self._data.clear()


class Session(yt_dlp.YoutubeDL):  # type: ignore[misc]
    """A `YoutubeDL` for one job, used by one thread."""

    def __init__(self, options: YtdlpOptions, watch: Watch, log: Log) -> None:
        self.watch = watch
        self.chosen: dict[str, Any] = {}
        """What is downloaded: the page's facts and the chosen format's."""
        self.is_needed: Callable[[dict[str, Any]], bool] = lambda _: True
        """Asked when all is known of what would be downloaded, right before it is."""
        self.is_spared = False
        """It was not needed."""
        self.flat = False
        """Only what tracks are called is wanted: SoundCloud is not asked for streams and pictures."""
        self.noted: dict[str, dict[str, Any]] = {}
        """What SoundCloud's lists said of their tracks, by the tracks' ids, in yt-dlp's terms."""
        self._folder = options.folder
        self._header = soundcloud.header_of(options.soundcloud_auth)
        self._hops = 0
        self._responses: list[Any] = []
        with _OPENING:
            super().__init__(parameters(options, log, watch.pause))
        self.cache = _Memory(self)
        soundcloud.install(self)

    def __exit__(self, *_: object) -> None:
        # Cookies that could not be read would be read, and fail, once more.
        with suppress(yt_dlp.utils.YoutubeDLError):
            self.close()
        self._hang_up()

    def _hang_up(self) -> None:
        """Close what yt-dlp leaves open: it asks for a whole file to see what kind it is, and then asks again."""
        for response in self._responses:
            with suppress(Exception):
                response.close()
        self._responses.clear()

    def add_default_info_extractors(self) -> None:
        """The ones that yt-dlp takes by itself, in its order. Its own way to choose them looks for each of 1,800 among
        all before it: a twelfth of a second, with every link."""
        for extractor in gen_extractor_classes():
            if extractor._ENABLED:
                self.add_info_extractor(extractor)

    # -- what is asked --------------------------------------------------------------------------------------------

    def extract_info(self, url: str, *args: Any, **kwargs: Any) -> Any:
        """Every page on the way passes here, also those that another page leads to."""
        link = link_or_none(url)
        if link is not None and link.service == "spotify":
            raise spotify_refusal(url)
        self._hops += 1
        if self._hops > _MOST_HOPS:
            raise Refused(
                f"{self.watch.shown} leads from page to page without end.",
                action="Open it in a browser and give the address where the track is.",
            )
        return super().extract_info(url, *args, **kwargs)

    def urlopen(self, req: Any) -> Any:
        """Open an address, under watch. Only the network's schemes: a page or a stream may name any."""
        address = req if isinstance(req, str) else getattr(req, "url", "")
        scheme = urlsplit(address).scheme.lower()
        if scheme and scheme not in _FETCHED_SCHEMES:
            raise Unsupported(f"{self.watch.shown} points to a {scheme}: address, which is not opened.")
        self.watch.check()
        request = Request(req) if isinstance(req, str) else req
        soundcloud.authorise(request, self._header)
        began = time.monotonic()
        try:
            response = super().urlopen(request)
        except HTTPError as error:
            self._responses.append(error.response)
            self.watch.attach(error.response)
            self.watch.refused(error.status, retry_after(error.response.get_header("Retry-After")))
            raise
        except TransportError:
            self.watch.failed(began)
            raise
        self.watch.answered()
        if any(name.lower().startswith("icy-") for name in response.headers):
            response.close()
            raise Unsupported(f"{self.watch.shown} is a radio station: it has no end.", action="Give a track's link.")
        self.watch.attach(response)
        self._responses = [opened for opened in self._responses if not opened.closed]
        self._responses.append(response)
        return response

    # -- what is taken --------------------------------------------------------------------------------------------

    def process_ie_result(self, ie_result: Any, download: bool = True, extra_info: Any = None) -> Any:
        """One track was asked for: a list of one is that one, a longer list is refused."""
        if ie_result.get("_type") in {"playlist", "multi_video"}:
            entries = list(islice((entry for entry in entries_of(ie_result) if entry), 2))
            if not entries:
                raise NotAudio(f"There is no audio behind {self.watch.shown}.")
            if len(entries) > 1:
                raise Unsupported(f"{self.watch.shown} is a list, not a track.", action="Sync the list's link itself.")
            page = {
                name: ie_result[name] for name in ("extractor", "extractor_key", "webpage_url") if name in ie_result
            }
            return self.process_ie_result(entries[0], download, {**page, **(extra_info or {})})
        return super().process_ie_result(ie_result, download, extra_info)

    def process_info(self, info_dict: Any) -> None:
        """The last look before the download, when the format is chosen."""
        shown = self.watch.shown
        if info_dict.get("is_live"):
            raise Unsupported(f"{shown} is a live stream: it has no end.", action="Give the recording's link.")
        if str(info_dict.get("format_id") or "").endswith("_preview"):
            raise Protected(
                f"{shown} is offered only as a preview of some seconds.", action="Give another link of the same track."
            )
        if info_dict.get("acodec") == "none":
            raise NotAudio(f"What {shown} offers has no sound.")
        if not _is_media_ending(info_dict.get("ext")):
            # A script's (`/get.php?id=5`), for example: yt-dlp refuses to make file names with it, and none is made.
            info_dict["ext"] = "unknown_video"
        if not self.is_needed(info_dict):
            self.is_spared = True
            return
        self.chosen = dict(info_dict)
        super().process_info(info_dict)

    def dl(self, *args: Any, **kwargs: Any) -> Any:
        self._hang_up()
        self.watch.downloading = True
        return super().dl(*args, **kwargs)

    def prepare_filename(self, info_dict: Any, *_: Any, **__: Any) -> str:
        """The file's name, made from what is fetched but of none of its words, so that a part is only ever continued
        with more of the same: extractor, id, format, and the size and time of change where they are known."""
        named = [info_dict.get(name) for name in ("extractor_key", "id", "format_id", "filesize", "timestamp")]
        digest = hashlib.sha256(repr(named).encode()).hexdigest()[:12]
        extension = info_dict.get("ext")
        return str(Path(self._folder) / f"source-{digest}.{extension if _is_media_ending(extension) else 'media'}")


def _is_media_ending(extension: object) -> bool:
    known = yt_dlp.utils.MEDIA_EXTENSIONS
    return extension in known.audio or extension in known.video


def entries_of(playlist: dict[str, Any]) -> Iterator[Any]:
    """A playlist's entries, one page after the other as they are asked for."""
    entries = playlist.get("entries")
    if entries is None:
        return
    if isinstance(entries, Iterable):
        yield from entries
        return
    start = 0
    while page := entries.getslice(start, start + _PAGE):
        yield from page
        start += len(page)
