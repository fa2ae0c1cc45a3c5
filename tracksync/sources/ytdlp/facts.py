"""What a page says of a track, as facts of ours.

The title stays as it was released, with its version and its brackets. Only what is not the title is taken off it: an
artist's name before " - ", where the page's title is all there is (SoundCloud and YouTube uploads are titled
`Artist - Title`); then the name before it is the artist, else the uploader is. YouTube's `Artist - Topic` channels are
the artist's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from tracksync.catalogue.songs import split_names
from tracksync.errors import Unsupported
from tracksync.model import Facts
from tracksync.sources.links import Link, classify, url_key
from tracksync.sources.secrets import redact

__all__ = ["facts_of", "key_of", "link_or_none", "page_of", "title_of_address"]

Info = Mapping[str, Any]

_TITLED_BY_UPLOADERS = frozenset({"soundcloud", "youtube"})
_SEPARATOR = re.compile(r"\s+[-–—]\s+")
# `Track - Extended Mix`: what follows is a version, and what stands before it no artist.
_VERSION = re.compile(
    r"(?i)(?:[\w.'’&]+\s+){0,3}(?:mix|remix|edit|version|dub|rework|bootleg|vip|live|instrumental|acapella|a cappella"
    r"|remaster(?:ed)?|acoustic|demo|preview|free ?(?:dl|download)|out now)\W*"
)
_ANNOUNCEMENT = re.compile(r"(?i)^\W*(?:premiere|exclusive|free ?(?:dl|download))\W+")


def facts_of(info: Info, link: Link) -> Facts:
    """The facts of yt-dlp's info of one track; a bare audio file knows only its address."""
    page = redact(page_of(info, link))
    if info.get("direct"):
        return Facts(title=title_of_address(link.origin), link=page)
    service = _service(info)
    title = _text(info.get("track")) or _text(info.get("title")) or title_of_address(link.origin)
    artists = _names(info, "artists", "artist") or _names(info, "creators", "creator")
    uploader = _uploader(info)
    if service in _TITLED_BY_UPLOADERS:
        title, artists = _parted(title, artists, uploader)
    if not artists and uploader and service in {*_TITLED_BY_UPLOADERS, "bandcamp"}:
        artists = (uploader,)
    genres = _names(info, "genres", "genre")
    return Facts(
        title=title,
        artists=artists,
        album=_text(info.get("album")) or None,
        genre=genres[0] if genres else None,
        date=_date(info, service),
        isrc=_isrc(info),
        link=page,
    )


def key_of(info: Info, link: Link) -> str:
    """The track's key: the service's own id where it has one, else the link's."""
    number = _text(info.get("id"))
    extractor = str(info.get("ie_key") or info.get("extractor_key") or "")
    if number and extractor == "Soundcloud" and number.isdecimal():
        return f"soundcloud:track:{number}"
    if number and extractor == "Youtube":
        return f"youtube:video:{number}"
    return link.key or url_key(link.canonical)


def page_of(info: Info, link: Link) -> str:
    """The page that a person would open. May hold a secret."""
    page = _text(info.get("webpage_url"))
    return page if page and _service(info) in {"soundcloud", "youtube", "bandcamp"} else link.origin


def title_of_address(address: str) -> str:
    """The last part of an address's path, without its ending: `…/Some%20Track.mp3` is `Some Track`."""
    parts = urlsplit(address)
    name = unquote(PurePosixPath(parts.path).name).strip()
    stem = PurePosixPath(name).stem if name else ""
    return " ".join(stem.split()) or parts.hostname or address


def _service(info: Info) -> str:
    return str(info.get("ie_key") or info.get("extractor_key") or "").lower()


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _names(info: Info, several: str, one: str) -> tuple[str, ...]:
    found = info.get(several) or info.get(one) or ()
    names = [found] if isinstance(found, str) else list(found)
    return tuple(dict.fromkeys(name for name in map(_text, names) if name))


def _uploader(info: Info) -> str:
    name = _text(info.get("uploader")) or _text(info.get("channel"))
    return re.sub(r"\s+-\s+Topic$", "", name)


def _parted(title: str, artists: tuple[str, ...], uploader: str) -> tuple[str, tuple[str, ...]]:
    """`Artist - Title` taken apart, unless what follows is a version or the artists are known by another name."""
    parts = _SEPARATOR.split(title, maxsplit=1)
    if len(parts) < 2:
        return title, artists
    before, after = _ANNOUNCEMENT.sub("", parts[0]).strip(), parts[1].strip()
    known = {name.casefold() for name in (*artists, ", ".join(artists), uploader) if name}
    if artists:
        if before.casefold() in known:
            return after, artists
        # `A, B - Title` where only A is named besides.
        names = split_names(before)
        if len(names) > 1 and {name.casefold() for name in names} & {name.casefold() for name in artists}:
            return after, names
        return title, artists
    if not before or not after or (_VERSION.fullmatch(after) and before.casefold() not in known):
        return title, artists
    return after, (before,)


def _date(info: Info, service: str) -> str | None:
    """Day of release; on SoundCloud a track is out when it is uploaded, elsewhere an upload says nothing."""
    day = _text(info.get("release_date")) or (_text(info.get("upload_date")) if service == "soundcloud" else "")
    if re.fullmatch(r"\d{8}", day):
        return f"{day[:4]}-{day[4:6]}-{day[6:]}"
    year = info.get("release_year")
    return str(year) if isinstance(year, int) and 1000 <= year <= 9999 else None


def _isrc(info: Info) -> str | None:
    plain = re.sub(r"[^A-Z0-9]", "", _text(info.get("isrc")).upper())
    return plain if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", plain) else None


def link_or_none(address: object) -> Link | None:
    """The link that an entry names; None where it names none that can be fetched."""
    try:
        return classify(address) if isinstance(address, str) else None
    except Unsupported:
        return None
