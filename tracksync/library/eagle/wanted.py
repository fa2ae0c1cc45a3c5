"""What an item shall say of its track: its name, tags, link and annotation; and how that joins what is there.

Nothing of a person's is lost: tags are added to and never taken away, a link that stands is left, and of the annotation
only the lines below our marker are ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tracksync.audio.camelot import camelot, key_name, parse_key
from tracksync.catalogue.protocol import service_of
from tracksync.library.eagle.item import is_key_tag
from tracksync.library.names import file_stem
from tracksync.model import Adopted, Analysis, DownloadReceipt, Facts, MusicalKey, RenderReceipt, Track

__all__ = ["MARKER", "Wanted", "annotation_with", "clean_tag", "merged_tags", "wanted_of", "wanted_of_adopted"]

MARKER = "— Tracksync —"
_LONGEST_TAG = 200
_FASTEST_BPM = 1000


@dataclass(frozen=True)
class Wanted:
    """What an item of this track says. `link` is empty where there is none; `lines` are ours of the annotation; `fmt`
    is that one of the tags which names the format of the file."""

    key: str
    name: str
    link: str
    tags: tuple[str, ...]
    lines: tuple[str, ...]
    fmt: str

    def of_format(self, ext: str) -> Wanted:
        """The same of an item whose file is of another format."""
        tags = tuple(ext.upper() if tag == self.fmt else tag for tag in self.tags)
        return replace(self, tags=tags, fmt=ext.upper())

    @property
    def annotation(self) -> str:
        """For an item that says nothing yet."""
        return annotation_with("", self.lines)

    def lacking(self, tags: Sequence[str]) -> list[str]:
        """The tags that are not among these."""
        return list(merged_tags(tags, self.tags)[len(tags) :])


def wanted_of(
    track: Track, download: DownloadReceipt, rendered: RenderReceipt | None, analysis: Analysis, fmt: str
) -> Wanted:
    """From the receipts of the stages; `fmt` is the format of the file that is, or stands, in Eagle."""
    facts = download.facts
    lines = tuple(_summary(track, download, rendered, analysis))
    playlists = (track.playlist,) if track.playlist else ()
    return _wanted(track.key, facts, playlists, analysis.bpm, analysis.key, download.fetched_by, lines, fmt)


def wanted_of_adopted(key: str, adopted: Adopted, facts: Facts, playlists: Sequence[str], fmt: str) -> Wanted:
    """From what stands on the page of a track that was there before us, which nobody measured here.

    Args:
        key: the track's.
        adopted: its figures.
        facts: what the page calls it, with the link that it comes from.
        playlists: all that it is in.
        fmt: the format of the file that is, or stands, in Eagle.
    """
    musical = parse_key(adopted.key_name or "")
    bpm = adopted.bpm if adopted.bpm and 0.5 <= adopted.bpm < _FASTEST_BPM else None
    length = f"{int(adopted.duration_s // 60)}:{int(adopted.duration_s % 60):02}" if adopted.duration_s else ""
    figures = [
        f"{bpm:g} BPM" if bpm else "",
        f"{key_name(musical)} ({camelot(musical)})" if musical else adopted.key_name or "",
        length,
    ]
    source = facts.link or adopted.source
    lines = [
        _title_line(facts),
        _line(f"From: {source}") if source else "",
        _line(f"On its page: {', '.join(filter(None, figures))}") if any(figures) else "",
        _line(f"ISRC: {facts.isrc}") if facts.isrc else "",
        f"Key: {key}",
    ]
    return _wanted(key, facts, playlists, bpm, musical, adopted.source, tuple(filter(None, lines)), fmt)


def _wanted(
    key: str,
    facts: Facts,
    playlists: Sequence[str],
    bpm: float | None,
    musical: MusicalKey | None,
    fetched_by: str,
    lines: tuple[str, ...],
    fmt: str,
) -> Wanted:
    link = facts.link or ""
    service = service_of(link) if link else None
    tags = [
        *facts.artists,
        facts.genre or "",
        *playlists,
        f"BPM{int(bpm + 0.5)}" if bpm else "",
        *((key_name(musical), camelot(musical)) if musical else ()),
        fmt.upper(),
        service.value if service else fetched_by,
    ]
    cleaned = merged_tags((), [tag for text in tags if (tag := clean_tag(text))])
    return Wanted(key, file_stem(facts), link, (*cleaned, key), lines, fmt.upper())


def _summary(
    track: Track, download: DownloadReceipt, rendered: RenderReceipt | None, analysis: Analysis
) -> Iterable[str]:
    """A line each, none of them empty: what it is, where it comes from, what was measured, its key."""
    facts = download.facts
    yield _title_line(facts)
    audio = download.source_audio
    yield _line(f"From: {facts.link or download.fetched_by} ({audio.describe}{', lossy' if audio.lossy else ''})")
    figures = [
        f"{analysis.bpm:g} BPM" if analysis.bpm else "",
        f"{key_name(analysis.key)} ({camelot(analysis.key)})" if analysis.key else "",
        f"{rendered.lufs:.1f} LUFS" if rendered and rendered.lufs is not None else "",
        f"{int(rendered.duration_s // 60)}:{int(rendered.duration_s % 60):02}" if rendered else "",
    ]
    if any(figures):
        yield f"Measured: {', '.join(filter(None, figures))}"
    if facts.isrc:
        yield _line(f"ISRC: {facts.isrc}")
    yield f"Key: {track.key}"


def _title_line(facts: Facts) -> str:
    return _line(" · ".join(filter(None, (facts.display, facts.album, facts.date))))


def _line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text).split())


def clean_tag(text: str) -> str:
    """A tag as Eagle keeps it: one line, NFC, without control characters; empty where nothing is left."""
    return _line(unicodedata.normalize("NFC", text))[:_LONGEST_TAG].strip()


def merged_tags(standing: Sequence[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Those that stand, as they stand, and behind them the wanted ones that are not among them in any spelling.

    A track's key counts only as it is written: it is looked for exactly.
    """
    known = {_folded(tag) for tag in standing}
    exact = set(standing)
    merged = list(standing)
    for tag in wanted:
        if tag in exact if is_key_tag(tag) else _folded(tag) in known:
            continue
        known.add(_folded(tag))
        exact.add(tag)
        merged.append(tag)
    return tuple(merged)


def _folded(tag: str) -> str:
    return " ".join(unicodedata.normalize("NFC", tag).casefold().split())


def annotation_with(standing: str, lines: Sequence[str]) -> str:
    """The annotation with our lines below the marker: at its end, or where they stand already.

    What stands above them, and below them behind an empty line, is a person's and stays as it is.
    """
    ours = "\n".join((MARKER, *lines))
    found = re.search(rf"(?m)^[ \t]*{re.escape(MARKER)}[ \t]*\r?$(?:\r?\n[^\r\n]*\S[^\r\n]*)*", standing)
    if found:
        return standing[: found.start()] + ours + standing[found.end() :]
    above = standing.rstrip()
    return f"{above}\n\n{ours}" if above else ours
