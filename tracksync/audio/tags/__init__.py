"""The tags of our files, and of the files that people bring along.

`write_tags` and `read_back` are for M4A, WAV and AIFF as this program makes them, `read_source` for anything. Tags are
written in place, and not in one step: only ever into a file in staging.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracksync.audio.tags._id3 import read_id3, write_id3
from tracksync.audio.tags._mp4 import read_mp4, write_mp4
from tracksync.audio.tags._riff import plain_pcm_header, read_info, write_info
from tracksync.audio.tags._source import SourceTags, facts_from, read_source
from tracksync.audio.tags._values import clean_text, values_of
from tracksync.audio.tags._written import INFO_FIELDS, WrittenTags, expectation, tag_differences
from tracksync.errors import Damaged
from tracksync.library.storage import storage_error
from tracksync.model import AudioFormat, Facts, MusicalKey

__all__ = [
    "SourceTags",
    "WrittenTags",
    "clean_text",
    "expected_tags",
    "facts_from",
    "plain_pcm_header",
    "read_back",
    "read_source",
    "tag_differences",
    "write_tags",
]


def write_tags(
    path: Path,
    fmt: AudioFormat,
    facts: Facts,
    *,
    key: str,
    bpm: float | None,
    musical_key: MusicalKey | None,
    notation: str,
    comment: str | None,
    cover: bytes | None,
) -> None:
    """Write the same facts into any of the three files.

    M4A gets iTunes' atoms, AIFF an ID3v2.3 chunk, WAV that and a RIFF INFO list. What is not known (None) is not
    written, and what the file has there already stays, like every tag that is not ours. The samples are not touched.
    The same file and values give the same bytes.

    Args:
        path: the file, in staging.
        fmt: what it is.
        facts: title, artists and so on.
        key: the track's key, by which the file is known again.
        bpm: beats a minute; decimals are kept where the container has a place for them.
        musical_key: the key.
        notation: how it is written: `standard`, `camelot` or `open-key`.
        comment: where the sound came from.
        cover: a JPEG.

    Raises:
        Damaged: the file is not what it should be.
        DiskFull, Misconfigured, VolumeAway: it can't be written.
        ValueError: there is no such notation or key.
    """
    values = values_of(
        facts, key=key, bpm=bpm, musical_key=musical_key, notation=notation, comment=comment, cover=cover
    )
    with _told(path, "tagged"):
        if fmt is AudioFormat.M4A:
            write_mp4(path, values)
            return
        if fmt is AudioFormat.WAV:
            write_info(path, {entry: text for entry, name in INFO_FIELDS.items() if (text := getattr(values, name))})
        write_id3(path, fmt, values)


def expected_tags(
    fmt: AudioFormat,
    facts: Facts,
    *,
    key: str,
    bpm: float | None,
    musical_key: MusicalKey | None,
    notation: str,
    comment: str | None,
    cover: bytes | None,
) -> WrittenTags:
    """What `read_back` has to find after `write_tags` with the same arguments. `tag_differences` compares the two."""
    values = values_of(
        facts, key=key, bpm=bpm, musical_key=musical_key, notation=notation, comment=comment, cover=cover
    )
    return expectation(values, fmt)


def read_back(path: Path, fmt: AudioFormat) -> WrittenTags:
    """What the tags of one of our files say.

    Raises:
        Damaged: the file can't be read as what it should be.
        Misconfigured, VolumeAway: it can't be opened.
    """
    with _told(path, "read"):
        if fmt is AudioFormat.M4A:
            return read_mp4(path)
        found = read_id3(path, fmt)
        return found.model_copy(update={"info": read_info(path)}) if fmt is AudioFormat.WAV else found


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    """mutagen's errors, and the operating system's inside them, in our words."""
    from mutagen import MutagenError

    try:
        yield
    except (OSError, MutagenError) as error:
        if (cause := _system_error(error)) is not None:
            raise storage_error(cause, path) from error
        raise Damaged(f"{path.name} can't be {what}: {error or type(error).__name__}.") from error


def _system_error(error: BaseException | None) -> OSError | None:
    # mutagen wraps an OSError as the argument of its own, and sometimes only chains it.
    while error is not None:
        inner = error.args[0] if error.args else None
        for candidate in (error, inner):
            if isinstance(candidate, OSError) and candidate.errno is not None:
                return candidate
        error = error.__cause__ or error.__context__
    return None
