"""The audio behind a link, into a folder. Page and media in one step: media links expire within minutes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracksync.errors import Interrupted, NotAudio, TracksyncError, Unreachable, Unsupported
from tracksync.model import Facts
from tracksync.sources.links import Link, classify
from tracksync.sources.secrets import redact
from tracksync.sources.ytdlp.errors import spotify_refusal
from tracksync.sources.ytdlp.facts import facts_of, page_of
from tracksync.sources.ytdlp.options import YtdlpOptions

if TYPE_CHECKING:
    from tracksync.sources.ytdlp.session import Session

__all__ = ["Fetched", "NotNeeded", "fetch"]

Progress = Callable[[int, int | None], None]
IsNeeded = Callable[[Facts, float | None], bool]

_COVER_TRIES = 3
_MAX_COVER_BYTES = 20 << 20
_IMAGES = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n", "png"), (b"RIFF....WEBP", "webp"), (b"GIF8", "gif"))


@dataclass(frozen=True)
class Fetched:
    """What came. `path` holds the audio as it was sent, `duration_s` is the length that the page announced."""

    path: Path
    facts: Facts
    duration_s: float | None
    thumbnail: Path | None
    extractor: str
    format_id: str | None
    abr_kbps: float | None
    direct: bool
    """The link was a bare audio file: what it knows of itself stands in its tags."""
    webpage_url: str
    """May hold a secret."""
    warnings: tuple[str, ...] = ()


class NotNeeded(Exception):
    """Whoever asked has the track already, now that its name and length are known: no media was requested."""


def fetch(
    link: str,
    folder: Path,
    options: YtdlpOptions,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    *,
    is_needed: IsNeeded | None = None,
) -> Fetched:
    """Download the audio of one track.

    The best audio-only format, else the best with audio. A part that an earlier try left in the folder is continued;
    what is there completely is not fetched again. Names in the folder are never made from what a page says.

    Args:
        link: the track's link, with its credentials if it has any.
        folder: where the files go; made if missing.
        options: the user's settings.
        progress: told the bytes that are there, and how many there will be (None where unknown).
        cancel: ends the download soon after it is set; what has come is kept.
        is_needed: told the facts and the length (seconds) that the page says, before any media is requested.

    Raises:
        NotNeeded: `is_needed` said so.
        Unsupported, Protected, NotAudio, NotFound, Refused: this link gives no track.
        Unreachable, RateLimited, Interrupted, DiskFull: not now.
        Misconfigured: a setting or a program is missing.
    """
    named = classify(link)
    if named.service == "spotify":
        raise spotify_refusal(link)

    from tracksync.sources.ytdlp.attempts import Log, with_retries
    from tracksync.sources.ytdlp.session import Session
    from tracksync.sources.ytdlp.watch import Watch

    folder.mkdir(parents=True, exist_ok=True)
    options = replace(options, folder=folder)

    def job(log: Log) -> Fetched | None:
        with Session(options, watch, log) as session:
            return _fetch(session, named, progress, log, is_needed)

    with Watch(redact(named.text), options.stall_seconds, options.backoff_seconds, cancel) as watch:
        got = with_retries(job, named.text, watch, authorised=options.soundcloud_auth is not None)
    if got is None:
        raise NotNeeded
    return got


def _fetch(
    session: Session, link: Link, progress: Progress | None, log: Any, is_needed: IsNeeded | None
) -> Fetched | None:
    if is_needed is not None:
        session.is_needed = lambda info: is_needed(facts_of(info, link), _length(info))
    session.add_progress_hook(lambda status: _report(session, status, progress))
    session.extract_info(link.origin, download=True)
    if session.is_spared:
        return None
    info = session.chosen
    if not info:
        raise Unsupported(f"There is no audio to be found at {session.watch.shown}.", action="Give a track's link.")
    path = Path(session.prepare_filename(info))
    _check_audio(path, session.watch.shown)
    return Fetched(
        path=path,
        facts=facts_of(info, link),
        duration_s=_length(info),
        thumbnail=_cover(session, info, path),
        extractor=str(info.get("extractor_key") or info.get("extractor") or "unknown").lower(),
        format_id=str(info["format_id"]) if info.get("format_id") else None,
        abr_kbps=info.get("abr") or None,
        direct=bool(info.get("direct")),
        webpage_url=page_of(info, link),
        warnings=tuple(log.warnings),
    )


def _length(info: dict[str, Any]) -> float | None:
    duration = info.get("duration")
    return float(duration) if isinstance(duration, int | float) and duration > 0 else None


def _report(session: Session, status: dict[str, Any], progress: Progress | None) -> None:
    from tracksync.sources.ytdlp.watch import MAX_MEDIA_BYTES

    session.watch.check()
    done = int(status.get("downloaded_bytes") or 0)
    if done > MAX_MEDIA_BYTES:
        raise Unsupported(f"{session.watch.shown} has no end, or is no track: {done >> 30} GiB have come.")
    if progress is not None and status.get("status") in {"downloading", "finished"}:
        total = status.get("total_bytes") or status.get("total_bytes_estimate")
        progress(done or int(total or 0), int(total) if total else None)


def _check_audio(path: Path, shown: str) -> None:
    """A server may send a page and call it audio: what came is looked at, and thrown away where it is text."""
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
    except FileNotFoundError:
        raise Unreachable(f"The audio of {shown} did not arrive.", action="Try again later.") from None
    if not head:
        path.unlink()
        raise NotAudio(f"{shown} is empty: nothing came.", action="Give another link of the same track.")
    if kind := _text_kind(head):
        path.unlink()
        raise NotAudio(
            f"The server of {shown} sent {kind} instead of audio.",
            action="Open the link in a browser, and give the address of the audio itself.",
        )


def _text_kind(head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if re.match(rb"<!doctype html|<html|<head|<body|<!--", text) or b"<html" in text[:512]:
        return "a web page"
    if text.startswith((b"<?xml", b"<error")):
        return "an XML document"
    if re.match(rb'[{\[]\s*["{\[\]}]', text):
        return "a JSON document"
    return None


def _cover(session: Session, info: dict[str, Any], audio: Path) -> Path | None:
    """The page's picture beside the audio. A track without one is as good: nothing that goes wrong here matters."""
    pictures = [picture for picture in info.get("thumbnails") or () if picture.get("url")]
    for picture in list(reversed(pictures))[:_COVER_TRIES]:
        try:
            data = _picture(session, picture)
        except Interrupted:
            raise
        except (TracksyncError, OSError):
            return None
        except Exception:  # noqa: S112 (a picture less)
            continue
        for magic, extension in _IMAGES:
            if re.match(magic, data, re.DOTALL):
                path = audio.with_name(f"cover-{audio.stem.removeprefix('source-')}.{extension}")
                path.write_bytes(data)
                return path
    return None


def _picture(session: Session, picture: dict[str, Any]) -> bytes:
    from yt_dlp.networking import Request

    response = session.urlopen(Request(picture["url"], headers=picture.get("http_headers") or {}))
    data = bytearray()
    while piece := response.read(1 << 16):
        data += piece
        if len(data) > _MAX_COVER_BYTES:
            return b""
    return bytes(data)
