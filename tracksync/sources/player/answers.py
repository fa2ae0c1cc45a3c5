"""What local players answer, as a track that is wanted. Pure: nothing is asked.

A track's id is Spotify's where the player is Spotify, or plays from it. Another player's track is named by its link or
its file; one with neither by what it is called.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracksync.errors import Unsupported
from tracksync.model import Facts, Track
from tracksync.sources.detected import Detected
from tracksync.sources.links import classify, url_key
from tracksync.sources.names import name_key
from tracksync.sources.playing import Playing
from tracksync.sources.secrets import redact

__all__ = ["Answer", "judged", "spotify_id"]

CURRENT = "spotify-current"
_ID = re.compile(r"(?:spotify:track:|/(?:[^/]+/)*spotify/track/|https?://open\.spotify\.com/(?:intl-[a-z-]+/)?track/)"
                 r"([0-9A-Za-z]{22})(?![0-9A-Za-z])")  # fmt: skip
_KIND = re.compile(
    r"(?:spotify:|/(?:[^/]+/)*spotify/|https?://open\.spotify\.com/(?:intl-[a-z-]+/)?)(ad|episode|local)\b"
)


@dataclass(frozen=True)
class Answer:
    """A player's own words. `ids` are whatever it gives as id or link of the track, the most telling first."""

    player: str
    state: str
    """`playing`, `paused` or `stopped`, in any case."""
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    seconds: float | None = None
    ids: tuple[str, ...] = ()

    @property
    def is_spotify(self) -> bool:
        """Whether it is Spotify's own program, or plays from Spotify."""
        return self.player.lower().startswith("spotify") or any(
            _ID.match(text) or _KIND.match(text) for text in self.ids
        )

    @property
    def plays(self) -> bool:
        return self.state.lower() == "playing"


def spotify_id(texts: Sequence[str]) -> str | None:
    """The track's id at Spotify, from `spotify:track:<id>`, `/com/spotify/track/<id>` or its link; None without one."""
    for text in texts:
        found = _ID.match(text.strip())
        if found:
            return found[1]
    return None


def judged(answer: Answer) -> Playing:
    """Whether a track plays, and which. A paused one does not count: nobody listens to it."""
    artists = tuple(dict.fromkeys(name for artist in answer.artists if (name := artist.strip())))
    title = answer.title.strip()
    label = f"{', '.join(artists)} - {title}" if artists else title or "a track"
    if not answer.plays:
        what = f"{label} is paused" if answer.state.lower() == "paused" else "nothing is playing"
        return Playing(None, f"{what} in {answer.player}", sure=answer.is_spotify)
    kind = next((match[1] for text in answer.ids if (match := _KIND.match(text.strip()))), None)
    if kind in {"ad", "episode"}:
        return Playing(None, f"an {'advert' if kind == 'ad' else 'episode'} is playing in {answer.player}")
    found = _named(answer, title, artists)
    if found is None:
        return Playing(None, f"{answer.player} plays something without a name or a link", sure=False)
    return Playing(found, f"{found.label} is playing in {answer.player}")


def _named(answer: Answer, title: str, artists: tuple[str, ...]) -> Detected | None:
    track_id = spotify_id(answer.ids)
    if track_id:
        link = f"https://open.spotify.com/track/{track_id}"
        return _detected(
            answer, title or f"Spotify track {track_id}", artists, f"spotify:track:{track_id}", link, link,
            (("link", link), ("spotify", track_id)),
        )  # fmt: skip
    for text in answer.ids:
        if text.startswith(("http://", "https://")):
            try:
                link_ = classify(text)
            except Unsupported:
                continue
            if link_.service == "spotify":
                continue  # a list's or an artist's page
            key = link_.key or url_key(link_.canonical)
            return _detected(
                answer, title or redact(text), artists, key, link_.origin, redact(link_.canonical),
                (("link", link_.canonical),),
            )  # fmt: skip
        path = _path(text)
        if path is not None:
            key = f"path:{hashlib.sha256(str(path).encode('utf-8', 'surrogateescape')).hexdigest()}"
            return _detected(answer, title or path.stem, artists, key, str(path), None, ())
    if title and artists:
        key = name_key(title, artists)
        return _detected(answer, title, artists, key, "", None, ())
    return None


def _detected(
    answer: Answer,
    title: str,
    artists: tuple[str, ...],
    key: str,
    origin: str,
    link: str | None,
    identities: tuple[tuple[str, str], ...],
) -> Detected:
    facts = Facts(title=title, artists=artists, album=answer.album.strip() or None, link=link)
    track = Track(key=key, source=CURRENT, origin=origin, facts=facts, duration_s=answer.seconds)
    return Detected(facts.display, key, track=track, source=CURRENT, identities=identities)


def _path(text: str) -> Path | None:
    """The file that a `file:` link names on this machine, None where it names none."""
    parts = urlsplit(text)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        return None
    path = Path(unquote(parts.path, errors="surrogateescape"))
    try:
        return path if path.is_absolute() and path.is_file() else None
    except (OSError, ValueError):
        return None
