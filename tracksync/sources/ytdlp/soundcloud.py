"""What SoundCloud tells and yt-dlp does not hand on, and the user's Authorization header. Imports yt-dlp.

yt-dlp's extractors are used as they are; around two of their methods is written down what the API said beside it: the
ISRC, and whether the sound can be had at all (its `policy`). So a preview in a list of three thousand likes is known
for one before anything of it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from yt_dlp.extractor import soundcloud
from yt_dlp.utils import ExtractorError

if TYPE_CHECKING:
    from tracksync.sources.ytdlp.session import Session

__all__ = ["OFFER", "authorise", "header_of", "install"]

OFFER = "tracksync_offer"
"""The field of an entry that says why its sound can't be had: `preview`, `blocked`, `protected`; else None."""

_API_HOSTS = frozenset({"api-v2.soundcloud.com", "api.soundcloud.com"})
_ENCRYPTED = ("ctr-", "cbc-")


# -- the header -------------------------------------------------------------------------------------------------------


def header_of(secret: SecretStr | None) -> str | None:
    """SC_AUTH_HEADER as the header's value; a bare token is taken for SoundCloud's kind, `OAuth`."""
    text = secret.get_secret_value().strip() if secret is not None else ""
    name, colon, value = text.partition(":")
    if colon and name.strip().lower() == "authorization":
        text = value.strip()
    if not text:
        return None
    return text if " " in text else f"OAuth {text}"


def authorise(request: Any, header: str | None) -> None:
    """Give the header to SoundCloud's own API over TLS, and take it off every other request.

    yt-dlp keeps a login of its own (from cookies) in a place that all its jobs share, and sends it to whatever address
    the API names: media servers among them. Redirects to other hosts lose the header in yt-dlp's clients.
    """
    parts = urlsplit(request.url)
    if parts.scheme == "https" and parts.hostname in _API_HOSTS and parts.port in (None, 443):
        if header is not None:
            request.headers["Authorization"] = header
        return
    theirs = soundcloud.SoundcloudBaseIE._HEADERS.get("Authorization")
    sent = request.headers.get("Authorization")
    if sent is not None and sent in (header, theirs):
        del request.headers["Authorization"]


# -- what is written down ---------------------------------------------------------------------------------------------


def install(session: Session) -> None:
    """Let this session's extractors write down what they see."""
    for extractor in (SoundcloudIE, SoundcloudSearchIE, SoundcloudUserIE, SoundcloudSetIE):
        session.add_info_extractor(extractor())


class _Tells:
    """An extractor whose own description of a track gains what it leaves out."""

    def _extract_info_dict(
        self,
        info: dict[str, Any],
        full_title: str | None = None,
        secret_token: str | None = None,
        extract_flat: bool = False,
    ) -> dict[str, Any]:
        flat = extract_flat or self._downloader.flat  # type: ignore[attr-defined]
        # Flat, yt-dlp takes no formats, and then finds a track that is blocked here to have none: an error, which also
        # ends the list that the track is in.
        asked = {**info, "policy": None} if flat else info
        told: dict[str, Any] = super()._extract_info_dict(asked, full_title, secret_token, flat)  # type: ignore[misc]
        return {**told, **_left_out(info)}

    def _extract_thumbnails(self, *args: Any) -> Any:
        """No pictures where only names are wanted: yt-dlp asks for each, which of two kinds it is."""
        return None if self._downloader.flat else super()._extract_thumbnails(*args)  # type: ignore[attr-defined,misc]


class _Notes:
    """An extractor of lists: the answers that it reads are noted by the tracks' ids."""

    def _call_api(self, *args: Any, **kwargs: Any) -> Any:
        answer = super()._call_api(*args, **kwargs)  # type: ignore[misc]
        if "linked_partitioning" in (kwargs.get("query") or {}):
            answer = _page(answer)
        for track in _tracks_of(answer):
            self._downloader.noted[str(track["id"])] = _described(track)  # type: ignore[attr-defined]
        return answer


class SoundcloudIE(_Tells, soundcloud.SoundcloudIE):  # type: ignore[misc]
    """A track."""


class SoundcloudSearchIE(_Tells, soundcloud.SoundcloudSearchIE):  # type: ignore[misc]
    """A search. yt-dlp takes an answer without a list for an empty one; here it is none."""

    def _call_api(self, *args: Any, **kwargs: Any) -> Any:
        return _page(super()._call_api(*args, **kwargs))


class SoundcloudUserIE(_Notes, soundcloud.SoundcloudUserIE):  # type: ignore[misc]
    """A person's likes, tracks, reposts."""


class SoundcloudSetIE(_Notes, soundcloud.SoundcloudSetIE):  # type: ignore[misc]
    """A set."""


def _page(answer: Any) -> dict[str, Any]:
    """A page of a list as yt-dlp can take it: with a list, and with nothing in it that it stumbles over."""
    items = answer.get("collection") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise ExtractorError("the answer has no list in it", ie="soundcloud")
    return {**answer, "collection": [item if isinstance(item, dict) else {} for item in items]}


def _tracks_of(answer: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(answer, dict):
        return
    for item in [*(answer.get("collection") or ()), *(answer.get("tracks") or ())]:
        track = item.get("track", item) if isinstance(item, dict) else None
        if isinstance(track, dict) and track.get("kind") == "track" and track.get("id") and track.get("title"):
            yield track


def _described(track: dict[str, Any]) -> dict[str, Any]:
    """A track of the API's in yt-dlp's terms, as far as a list's entry wants them."""
    artist = _inside(track, "publisher_metadata").get("artist")
    return {
        "title": track["title"],
        "uploader": _inside(track, "user").get("username"),
        "artists": [artist] if isinstance(artist, str) and artist else None,
        **_left_out(track),
    }


def _left_out(track: dict[str, Any]) -> dict[str, Any]:
    publisher = _inside(track, "publisher_metadata")
    # A preview's `duration` is its own.
    length = track.get("full_duration") or track.get("duration")
    found = {
        "isrc": publisher.get("isrc"),
        "album": publisher.get("album_title"),
        "duration": length / 1000 if isinstance(length, int | float) else None,
        OFFER: _offer(track),
    }
    return {name: value for name, value in found.items() if value}


def _offer(track: dict[str, Any]) -> str | None:
    policy = track.get("policy")
    if policy == "SNIP":
        return "preview"
    if policy == "BLOCK":
        return "blocked"
    streams = [_inside(item, "format").get("protocol") for item in _inside(track, "media").get("transcodings") or ()]
    if streams and all(isinstance(stream, str) and stream.startswith(_ENCRYPTED) for stream in streams):
        return "protected"
    return None


def _inside(value: Any, name: str) -> dict[str, Any]:
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}
