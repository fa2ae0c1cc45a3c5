"""What was named, and which tracks are that?

Two steps, because the first often suffices: `look` asks only the journal and the file's stat (milliseconds, no network,
nothing decoded) and knows every link and file that was here before; `detect` opens what is left.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracksync.errors import NotFound, RateLimited, TracksyncError, Unsupported
from tracksync.model import Facts, Track
from tracksync.sources.detected import Detected, in_playlist, named_track
from tracksync.sources.files import expand
from tracksync.sources.links import Link, classify, looks_like_link
from tracksync.sources.lists import Line, is_list_file, read_list
from tracksync.sources.secrets import redact
from tracksync.sources.short import is_short, resolve_short
from tracksync.text import normal_isrc

if TYPE_CHECKING:
    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.journal import Entry, Journal
    from tracksync.settings import Settings

__all__ = ["Look", "detect", "look"]

# A key and nothing else: `file:` is also the beginning of a link that is refused, `spotify:track:` of a URI.
_KEY = re.compile(
    r"(?:file|url|name):[0-9a-f]{64}|soundcloud:track:\d+|youtube:video:[\w-]{11}|spotify:track:[0-9A-Za-z]{22}"
)


@dataclass
class Look:
    """What `look` knew: `known` are the tracks' keys in the order named, `open` what has to be opened."""

    known: dict[str, Entry] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)


def look(journal: Journal, what: Sequence[str]) -> Look:
    """Sort what was named into what the journal knows already and what has to be opened."""
    result = Look()
    for text in what:
        entries = _known(journal, text)
        if entries is None:
            result.open.append(text)
            continue
        for entry in entries:
            result.known.setdefault(entry.key, entry)
    return result


def _known(journal: Journal, text: str) -> list[Entry] | None:
    if _KEY.fullmatch(text) and (entry := journal.find(text)):
        return [entry]
    if looks_like_link(text):
        try:
            link = classify(text)
        except TracksyncError:
            return None
        found = journal.find_by("link", link.canonical)
        return [found] if found else None
    return _known_path(journal, Path(text))


def _known_path(journal: Journal, path: Path) -> list[Entry] | None:
    try:
        files = expand(path)
    except TracksyncError:
        return None
    entries = []
    for file in files:
        key = journal.find_seen(file.absolute(), file.stat())
        entry = journal.find(key) if key else None
        if entry is None:
            return None
        entries.append(entry)
    return entries or None


def detect(
    what: Sequence[str],
    *,
    journal: Journal,
    settings: Settings,
    ffmpeg: Ffmpeg,
    playlist: str | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> list[Detected]:
    """Open everything that was named: read files and folders, ask yt-dlp for lists. Each entry once, in order.

    Nothing is written, and nothing is raised for one entry's sake: its reason stands in its `error`.
    """
    jobs: list[Callable[[], list[Detected]]] = []
    ask = _Ask(settings, note, _left_alone(journal))
    for text in what:
        if _KEY.fullmatch(text) and (journal.find(text) or not looks_like_link(text)):
            jobs.append(partial(_by_key, journal, text))
        elif looks_like_link(text):
            jobs.append(partial(_from_link, text, ask, playlist))
        elif is_list_file(Path(text)) and Path(text).is_file():
            jobs += _list_jobs(Path(text), ask, playlist)
        else:
            jobs += _file_jobs(text, ffmpeg, playlist)
    with ThreadPoolExecutor(max_workers=min(8, max(1, len(jobs)))) as threads:
        results = threads.map(lambda job: job(), jobs)
        return _unique(entry for result in results for entry in result)


@dataclass(frozen=True)
class _Ask:
    """What links are opened with. `held` are the services that are left alone, and why: it grows when one says so."""

    settings: Settings
    note: Callable[[str], None]
    held: dict[str, RateLimited]


def _left_alone(journal: Journal) -> dict[str, RateLimited]:
    found = [cooled for service in ("spotify", "soundcloud", "youtube") if (cooled := journal.cooled(service))]
    return {
        cooled.service: RateLimited(
            f"{cooled.service} is left alone until {cooled.until.astimezone():%H:%M}. {cooled.reason}",
            action="Run the same command again after that.",
            retry_after=cooled.left_s,
        )
        for cooled in found
        if cooled.asked
    }


def _unique(entries: Iterable[Detected]) -> list[Detected]:
    by_key: dict[str, Detected] = {}
    for entry in entries:
        by_key.setdefault(entry.key, entry)
    return list(by_key.values())


def _by_key(journal: Journal, key: str) -> list[Detected]:
    entry = journal.find(key)
    if entry is None:
        error = NotFound(f"{key} is not in the journal.", action="`tracksync status --json` lists the keys.")
        return [Detected(key, key, error=error)]
    return [Detected(key, key, track=entry.as_track())]


def _list_jobs(path: Path, ask: _Ask, playlist: str | None) -> list[Callable[[], list[Detected]]]:
    """A job for each entry of a list, so that those that have to be opened are opened side by side."""
    try:
        lines = read_list(path)
    except TracksyncError as error:
        return [partial(list, [_refused(str(path), error)])]
    if not lines:
        empty = NotFound(f"There is no entry in {path.name}.", action="Name a list of links, or of `artist - title`.")
        return [partial(list, [_refused(str(path), empty)])]
    return [partial(_from_line, path, line, ask, playlist) for line in lines]


def _from_line(path: Path, line: Line, ask: _Ask, playlist: str | None) -> list[Detected]:
    if line.problem is not None:
        told = f"{path.name}, line {line.number}: {redact(line.text)[:200]!r} {line.problem}."
        error = Unsupported(told, action="Write a link, or `artist - title`.")
        return [_refused(f"{path}:{line.number}:{line.text}", error)]
    folder = playlist or line.playlist
    link = None
    if line.link is not None:
        try:
            link = classify(line.link)
        except TracksyncError as error:
            return [_refused(line.link, error)]
        if line.facts is None or not line.facts.artists or link.service != "spotify" or link.key is None:
            return _from_link(line.link, ask, folder)
    assert line.facts is not None  # noqa: S101 (an entry has a link or a name)
    return [named_track(line.facts, link, "list", line.duration_s, folder)]


def _file_jobs(text: str, ffmpeg: Ffmpeg, playlist: str | None) -> list[Callable[[], list[Detected]]]:
    path = Path(text).absolute()
    try:
        files = expand(path)
    except TracksyncError as error:
        return [partial(list, [_refused(text, error)])]
    if not files:
        empty = NotFound(
            f"There is no audio file in {text}.", action="Name a folder with mp3, m4a, flac, wav, aiff or ogg files."
        )
        return [partial(list, [_refused(text, empty)])]
    return [partial(_from_file, file, ffmpeg, playlist) for file in files]


def _from_file(path: Path, ffmpeg: Ffmpeg, playlist: str | None) -> list[Detected]:
    # Imported here: `look` must not wait for what only an unknown file needs.
    from tracksync.audio.decode import audio_sha256
    from tracksync.audio.probe import probe
    from tracksync.audio.tags import facts_from, read_source

    try:
        audio = probe(ffmpeg, path)
        digest = audio_sha256(ffmpeg, path)
        facts = facts_from(path, read_source(path), path.stem)
    except TracksyncError as error:
        return [_refused(str(path), error, "file")]
    track = Track(
        key=f"file:{digest}",
        source="file",
        origin=str(path),
        facts=facts,
        duration_s=audio.duration_s,
        playlist=playlist,
    )
    return [Detected(str(path), track.key, track=track, identities=(("audio", digest),), seen=path)]


def _from_link(text: str, ask: _Ask, playlist: str | None) -> list[Detected]:
    from tracksync.sources.ytdlp import YtdlpOptions, list_tracks

    label = redact(text)
    try:
        named = classify(text)
    except TracksyncError as error:
        return [_refused(text, error)]
    try:
        link = _unfolded(named) if is_short(named.canonical) else named
        if link.service in ask.held and (link.service == "spotify" or link.key is None):
            raise ask.held[link.service]
        if link.service == "spotify":
            return _from_spotify(text, link, ask, playlist)
        found = list_tracks(link, YtdlpOptions.from_settings(ask.settings, ask.settings.staging_dir))
    except TracksyncError as error:
        if isinstance(error, RateLimited):
            ask.held.setdefault(named.service, error)
        return [_refused(text, error, "link")]
    if found.skipped:
        told = "1 entry is no track and is" if found.skipped == 1 else f"{found.skipped} entries are no tracks and are"
        ask.note(f"{label}: {told} passed over.")
    entries = []
    for item in found.tracks:
        shown = redact(item.url)
        track = Track(
            key=item.key,
            source="link",
            origin=item.url,
            # With its link: where the audio comes from a disk, nobody else says it.
            facts=Facts(title=item.title or shown, artists=item.artists, isrc=item.isrc, link=shown),
            duration_s=item.duration_s,
            playlist=playlist or found.playlist,
        )
        names = [("link", item.link.canonical)]
        if len(found.tracks) == 1 and found.playlist is None:
            names += [("link", link.canonical), ("link", named.canonical)]
        if isrc := normal_isrc(item.isrc):
            names.append(("isrc", isrc))
        entries.append(Detected(label, item.key, track=track, identities=tuple(dict.fromkeys(names))))
    return entries or [_refused(text, NotFound(f"There is no track behind {label}."), "link")]


def _unfolded(link: Link) -> Link:
    """Where a short link leads: a Spotify link must be known for one before anybody opens it."""
    target = resolve_short(link.canonical)
    if target is None:
        raise NotFound(f"{redact(link.text)} leads nowhere.", action="Check the link in a browser.")
    return classify(target)


def _from_spotify(text: str, link: Link, ask: _Ask, playlist: str | None) -> list[Detected]:
    """Spotify says what the tracks are; their audio is looked for elsewhere."""
    from tracksync.sources.spotify import behind, check_kind, is_own, open_client

    check_kind(link)
    with open_client(ask.settings, user=is_own(link)) as client:
        _, tracks = behind(client, link, note=ask.note)
        found = [in_playlist(item, playlist) for item in tracks]
    return found or [_refused(text, NotFound(f"There is no track behind {redact(text)}."), "link")]


def _refused(text: str, error: TracksyncError, source: str = "named") -> Detected:
    """An entry that is no track still has a key and a name, so that it can be reported like the others."""
    key, kind = None, "path"
    if looks_like_link(text):
        kind = "url"
        with suppress(TracksyncError):
            key = classify(text).key
    if key is None:
        key = f"{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"
    return Detected(redact(text), key, error=error, source=source)
