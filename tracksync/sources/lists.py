"""Lists of tracks as files: links or `artist - title`, a line each, or a table as Exportify and others export it.

A text file has one entry a line; empty lines and those that begin with `#` say nothing. A table (CSV or TSV) is read by
its headings, whatever their order and language of quotes: a Spotify URI or link, a link of any service, or the names of
artists and title. Nothing is asked of the network here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tracksync.errors import NotFound, Refused, Unsupported
from tracksync.model import Facts
from tracksync.sources.links import looks_like_link
from tracksync.text import visible

__all__ = ["LIST_ENDINGS", "Line", "is_list_file", "read_list"]

LIST_ENDINGS = frozenset({".txt", ".csv", ".tsv"})
_MOST_BYTES = 32 * 2**20
_LOOKED_AT = 1 << 16
# Control characters that no text has: all but tabs, line ends and pages' ends.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SEPARATOR = re.compile(r"\s+[-–—]\s+|\t+")

# Headings by what they say, folded to letters and digits; the first that a table has wins.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "link": (
        "trackuri", "spotifyuri", "uri", "trackurl", "spotifyurl", "url", "link", "tracklink", "soundcloudurl",
        "youtubeurl",
    ),
    "spotify_id": ("spotifyid", "trackid", "spotifytrackid", "id"),
    "title": ("trackname", "title", "track", "name", "song", "songname", "tracktitle"),
    "artists": ("artistnames", "artists", "artist", "artistname", "trackartist", "performer"),
    "album": ("albumname", "album", "release"),
    "date": ("albumreleasedate", "releasedate", "date", "year"),
    "ms": ("trackdurationms", "durationms", "tracklengthms", "lengthms"),
    "seconds": ("durations", "durationseconds", "lengthseconds", "seconds"),
    "clock": ("duration", "length", "time"),
    "isrc": ("isrc", "trackisrc"),
    "genre": ("genre",),
    "playlist": ("playlistname", "playlist"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One entry of a list. With `link` it is fetched or looked up by it; else it is known by its name."""

    number: int
    """Of the line in the file, from 1."""
    text: str
    """As it stands there."""
    link: str | None = None
    facts: Facts | None = None
    duration_s: float | None = None
    playlist: str | None = None
    problem: str | None = None
    """Why it is no track: the rest of a sentence that begins with the file and the line."""


def is_list_file(path: Path) -> bool:
    """Whether a file is a list by its ending."""
    return path.suffix.lower() in LIST_ENDINGS


def read_list(path: Path) -> list[Line]:
    """The entries of a list, in its order.

    Raises:
        NotFound, Refused: the file is not there, or may not be read.
        Unsupported: it is no text, or is larger than a list can be.
    """
    text = _text(path)
    if path.suffix.lower() == ".txt":
        return list(_lines(text))
    dialect = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
    rows = csv.reader(io.StringIO(re.sub(r"\r\n?", "\n", text)), delimiter=dialect, strict=False)
    try:
        table = [(rows.line_num, row) for row in rows]
    except csv.Error:
        told = f"{path.name} is no table that can be read: there is a cell without end in line {rows.line_num}."
        raise Unsupported(told, action="Export it again.") from None
    table = [(number, row) for number, row in table if any(cell.strip() for cell in row)]
    if not table:
        return []
    columns = _columns(table[0][1])
    if not columns:
        # A table without headings is a list of lines that happen to have commas in them.
        return list(_lines(text))
    playlist = path.stem if "link" in columns or "spotify_id" in columns else None
    return [_row(number, row, columns, playlist) for number, row in table[1:]]


def _text(path: Path) -> str:
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
    except PermissionError:
        raise Refused(f"{path} may not be read.", action="Give yourself permission to read it.") from None
    except OSError:
        raise NotFound(f"There is no file {path}.", action="Check the path's spelling.") from None
    if data is None:
        raise Unsupported(f"{path.name} is larger than a list of tracks can be.", action="Name a list of links.")
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if _NO_TEXT.search(data[:_LOOKED_AT]):
        raise Unsupported(f"{path.name} is no text.", action="Name a list of links, or of `artist - title`, in UTF-8.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lines(text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield _line(number, line)


def _line(number: int, line: str) -> Line:
    if looks_like_link(line):
        return Line(number, line, link=line)
    parts = _SEPARATOR.split(line, maxsplit=1)
    artists, title = parts if len(parts) == 2 else ("", "")
    names, title = _names(artists), visible(title)
    if not names or not title:
        return Line(number, line, problem="is neither a link nor `artist - title`")
    return Line(number, line, facts=Facts(title=title, artists=names))


def _delimiter(text: str) -> str:
    """The one that its first line has most of: commas, semicolons (where the decimal sign is a comma), tabs."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _columns(headings: list[str]) -> dict[str, int]:
    """Which column says what; empty where the row is none of headings."""
    names = [re.sub(r"[^a-z0-9]", "", heading.lower()) for heading in headings]
    found: dict[str, int] = {}
    for meaning, known in _HEADINGS.items():
        column = next((names.index(name) for name in known if name in names), None)
        if column is not None:
            found[meaning] = column
    return found if {"link", "spotify_id", "title"} & found.keys() else {}


def _row(number: int, row: list[str], columns: Mapping[str, int], playlist: str | None) -> Line:
    def cell(meaning: str) -> str:
        column = columns.get(meaning)
        return row[column].strip() if column is not None and column < len(row) else ""

    text = ", ".join(part for part in (cell("artists"), cell("title")) if part) or ", ".join(row)
    if any("\n" in cell(meaning) for meaning in ("title", "artists", "link")):
        return Line(number, text, problem="is the end of a quotation that nothing closes, so that rows run together")
    link = cell("link") or _spotify(cell("spotify_id"))
    if link and not looks_like_link(link):
        link = _spotify(link)
    title, artists = visible(cell("title")), _names(cell("artists"))
    facts = None
    if title:
        facts = Facts(
            title=title,
            artists=artists,
            album=cell("album") or None,
            genre=cell("genre") or None,
            date=_date(cell("date")),
            isrc=cell("isrc") or None,
        )
    playlist = cell("playlist") or playlist
    local = link.lower().startswith("spotify:local:")
    if local:
        link = ""
    if link:
        return Line(number, text, link, facts, _seconds(cell), playlist)
    if facts and artists:
        return Line(number, text, None, facts, _seconds(cell), playlist)
    return Line(number, text, problem="has neither a link nor artists and title")


def _spotify(text: str) -> str:
    return f"https://open.spotify.com/track/{text}" if re.fullmatch(r"[0-9A-Za-z]{22}", text) else ""


def _names(text: str) -> tuple[str, ...]:
    """Several artists in one cell: by semicolons where there are some, else by commas (`Tyler, The Creator` is one)."""
    parts = text.split(";") if ";" in text else re.split(r",(?!\s*(?:the|jr|sr)\b)", text, flags=re.IGNORECASE)
    return tuple(dict.fromkeys(filter(None, map(visible, parts))))


def _seconds(read: Callable[[str], str]) -> float | None:
    for meaning, share in (("ms", 1000.0), ("seconds", 1.0)):
        if re.fullmatch(r"\d{1,9}([.,]\d+)?", text := read(meaning)):
            return float(text.replace(",", ".")) / share or None
    clock = re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.\d+)?", read("clock"))
    if clock:
        return int(clock[1] or 0) * 3600.0 + int(clock[2]) * 60 + int(clock[3]) or None
    return None


def _date(text: str) -> str | None:
    found = re.match(r"\d{4}(-\d{2}(-\d{2})?)?(?!\d)", text)
    return found[0] if found else None
