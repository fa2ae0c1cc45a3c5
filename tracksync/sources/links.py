"""What is this link: whose is it, which track does it name, and is it a list?

Nothing is asked of the network here. The same track has one canonical link, however it was shared: hosts in lower
case, no default port, no credentials, no tracking parameters, no fragment, the rest of the query in a fixed order.
What tells two tracks apart is kept: `?v=` above all. Its key is the track's identity wherever it can be known without
asking.

Tracking parameters that only trackers use (`utm_…`, `fbclid`, …) are dropped everywhere. Those that are an ordinary
word elsewhere (`si`, `feature`, `ref`, `in`) are dropped on the services that use them for tracking and kept on every
other host, where dropping them could make two tracks one.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote, unquote

from tracksync.errors import Unsupported
from tracksync.sources.files import AUDIO_EXTENSIONS
from tracksync.sources.secrets import redact
from tracksync.sources.services import Named, bandcamp, soundcloud, spotify, spotify_uri, youtube

__all__ = ["Link", "classify", "looks_like_link", "url_key"]

Service = Literal["soundcloud", "youtube", "spotify", "bandcamp", "web"]


@dataclass(frozen=True)
class Link:
    """A link that could lead to a track."""

    text: str
    """As it was given, without surrounding space. May hold a secret."""
    service: Service
    canonical: str
    """The same for every way to share the same thing; may hold a secret, so `redact` it where it is shown."""
    key: str | None
    """The track's key where the link alone tells it: `youtube:video:<id>`, `spotify:track:<id>`,
    `soundcloud:track:<id>`, `url:<sha256 of canonical>`. None for lists, and where only the service knows
    (SoundCloud's numeric id)."""
    is_list: bool | None
    """Whether it is a page with several tracks; None where only opening it tells."""
    origin: str
    """What to fetch: the link with its credentials and its whole query. May hold a secret."""


# Words before a colon that make a text a link, though not one that can be fetched: said so, rather than "no such file".
_OTHER_SCHEMES = frozenset({
    "about", "blob", "data", "file", "ftp", "ftps", "gopher", "javascript", "magnet", "mailto", "rtmp", "rtmpe",
    "rtsp", "sftp", "smb", "tel", "urn", "view-source", "ws", "wss",
})  # fmt: skip
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):(//)?")
_SERVICE_WITHOUT_SCHEME = re.compile(
    r"(?i)(?:(?:www|m|music|on|api|w|open|play)\.)?"
    r"(?:youtube\.com|youtu\.be|soundcloud\.com|spotify\.com|(?:[a-z0-9-]+\.)?bandcamp\.com)(?=[/?:]|$)"
)
_TRACKERS = re.compile(
    r"(?i)utm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_ga|_gl"
    r"|_hsenc|_hsmi|mkt_tok|wickedid|vero_id|oly_enc_id|oly_anon_id|srsltid"
)
_LINK = re.compile(r"[A-Za-z]+://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_SAFE = "!$&'()*+,;=:@/?-._~%"
_MEDIA_EXTENSIONS = AUDIO_EXTENSIONS | {".mp4", ".m4v", ".webm", ".mkv", ".mov", ".m3u8", ".mpd"}
_HELP = "Give the link of a track or a list, beginning with https://."
_MAX_WRAPPED = 3
_RECOGNISERS: tuple[tuple[Service, Callable[[str, Sequence[str], Mapping[str, str]], Named | None]], ...] = (
    ("youtube", youtube),
    ("soundcloud", soundcloud),
    ("spotify", spotify),
    ("bandcamp", bandcamp),
)


def looks_like_link(text: str) -> bool:
    """Whether a text on the command line is meant as a link rather than as a file's path.

    `C:\\music\\x.mp3` and `Artist: Title.mp3` are paths. `ftp://…`, `mailto:…` and `https:/x` are links, which
    `classify` then refuses with a reason. The services' own links are recognised without `https://`.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _SERVICE_WITHOUT_SCHEME.match(text) is not None
    name = scheme[1].lower()
    return bool(scheme[2]) or name in {"http", "https", *_OTHER_SCHEMES} or spotify_uri(text) is not None


def classify(text: str) -> Link:
    """What a link is.

    Raises:
        Unsupported: it is no link, of a kind that cannot be fetched (`file:`, `data:`, `ftp:`, `mailto:`, …), or its
            host or port is not valid.
    """
    text = text.strip()
    return _classify(text, text, depth=0)


def _classify(text: str, address: str, depth: int) -> Link:
    if named := spotify_uri(address):
        return _named(text, "spotify", named, None)
    if _SERVICE_WITHOUT_SCHEME.match(address):
        address = f"https://{address}"
    parts = _parse(address)
    for service, recognise in _RECOGNISERS:
        named = recognise(parts.host, parts.segments, parts.params) if parts.port is None else None
        if named is None:
            continue
        if named.inner is None:
            return _named(text, service, named, parts)
        if depth < _MAX_WRAPPED:
            with suppress(Unsupported):
                return _classify(text, named.inner, depth + 1)
    return _web(text, parts)


# -- the parts of a link ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parts:
    """A link taken apart. `pairs` are the query's pieces: decoded name, and the piece as it stands."""

    scheme: str
    credentials: str
    host: str
    port: int | None
    path: str
    pairs: tuple[tuple[str, str], ...]
    fragment: str

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def segments(self) -> list[str]:
        return [segment for segment in self.path.split("/") if segment]

    @property
    def params(self) -> dict[str, str]:
        """Decoded, the first of each name."""
        found: dict[str, str] = {}
        for name, piece in self.pairs:
            found.setdefault(name, unquote(piece.partition("=")[2]))
        return found

    @property
    def canonical(self) -> str:
        kept = sorted((pair for pair in self.pairs if not _TRACKERS.fullmatch(pair[0])), key=lambda pair: pair[0])
        return f"{self.scheme}://{self.place}{self.path}{_query(kept)}{self.fragment}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.credentials}{self.place}{self.path}{_query(self.pairs)}{self.fragment}"


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    text = "&".join(piece for _, piece in pairs)
    return f"?{text}" if text else ""


def _parse(text: str) -> _Parts:
    shown = _shown(text)
    if not text:
        raise Unsupported("An empty text is no link.", action=_HELP)
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise Unsupported(f"{shown} holds a line break or another control character.", action=_HELP)
    found = _SCHEME.match(text)
    if found is None:
        raise Unsupported(f"{shown} is no link.", action=_HELP)
    scheme = found[1].lower()
    if scheme not in {"http", "https"}:
        raise Unsupported(f"{shown} is a {scheme}: link, which cannot be fetched.", action=_HELP)
    parts = _LINK.fullmatch(text, found.start())
    if parts is None:
        raise Unsupported(f"{shown} names no host.", action=_HELP)
    credentials, at, place = parts["authority"].rpartition("@")
    host, port = _host_and_port(place, shown)
    fragment = parts["fragment"] or ""
    # Some sites route by the fragment: there it is part of the identity. Elsewhere it is a place on the page.
    fragment = f"#{_escape(fragment)}" if fragment[:1] in {"!", "/"} else ""
    return _Parts(
        scheme=scheme,
        credentials=credentials + at,
        host=host,
        port=None if port == {"http": 80, "https": 443}[scheme] else port,
        path=_path(parts["path"]),
        pairs=tuple((unquote(piece.partition("=")[0]), piece) for piece in _pieces(parts["query"] or "")),
        fragment=fragment,
    )


def _pieces(query: str) -> list[str]:
    return [_escape(piece) for piece in query.split("&") if piece]


def _host_and_port(place: str, shown: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]*))?", place)
    if found is None or not found["host"]:
        raise Unsupported(f"{shown} names no valid host.", action=_HELP)
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 1 <= port <= 65_535:
        raise Unsupported(f"{shown} names a port that does not exist.", action=_HELP)
    host = _host(found["host"])
    if host is None:
        raise Unsupported(f"{shown} names no valid host.", action=_HELP)
    return host, port


def _host(text: str) -> str | None:
    """The host as DNS knows it: lower case, IDN in its ASCII form, IPv6 in its short form. None where it is none."""
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
        except ValueError:
            return None
    try:
        # The codec that the downloader uses too.
        host = unquote(text, errors="strict").removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    if re.fullmatch(r"[0-9.]+", host):
        try:
            return ipaddress.IPv4Address(host).compressed
        except ValueError:
            return None
    return host if len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split(".")) else None


def _path(text: str) -> str:
    """Escapes normalised and dot segments removed (RFC 3986, 6.2.2)."""
    kept: list[str] = []
    segments = _escape(text).split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _escape(text: str) -> str:
    """Percent-encoding in one form: what needs none is decoded, the rest in capitals; reserved characters stay."""

    def normal(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if letter in _UNRESERVED else found[0].upper()

    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(re.sub(r"%([0-9A-Fa-f]{2})", normal, text), safe=_SAFE)


# -- what they come to ------------------------------------------------------------------------------------------------


def _named(text: str, service: Service, named: Named, parts: _Parts | None) -> Link:
    key = url_key(named.canonical) if named.key == "url" else named.key
    origin = parts.origin if parts is not None and service == "bandcamp" else named.canonical
    return Link(text, service, named.canonical, key, named.is_list, origin)


def _web(text: str, parts: _Parts) -> Link:
    ending = PurePosixPath(unquote(parts.path)).suffix.lower()
    is_list = False if ending in _MEDIA_EXTENSIONS else None
    return Link(text, "web", parts.canonical, url_key(parts.canonical), is_list, parts.origin)


def url_key(canonical: str) -> str:
    """The key of a track that has no name but its link."""
    return f"url:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _shown(text: str) -> str:
    shown = redact(text)
    return repr(shown if len(shown) <= 120 else f"{shown[:120]}…")
