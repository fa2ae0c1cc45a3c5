"""Files and folders as sources: which audio files does a path name?

Nothing is opened here: whether a file holds audio is for the decoder to say. A single file that is named is taken
whatever its ending; in a folder, only files with an ending that is an audio file's are.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from tracksync.errors import NotFound, Refused, Unsupported

__all__ = ["AUDIO_EXTENSIONS", "expand", "natural_key", "walk_folders"]

AUDIO_EXTENSIONS = frozenset({
    ".aac", ".aif", ".aifc", ".aiff", ".alac", ".ape", ".caf", ".flac", ".m4a", ".mka", ".mp2", ".mp3", ".mpc",
    ".oga", ".ogg", ".opus", ".tta", ".wav", ".wave", ".wma", ".wv",
})  # fmt: skip
"""Endings, in lower case, of files that are audio and nothing else. Containers that mostly hold video (mp4, webm, mov)
are left out: in a folder they would be films. Named one by one they are taken like any file."""

_LOG = logging.getLogger(__name__)


def expand(path: Path, on_unreadable: Callable[[Path, OSError], None] | None = None) -> list[Path]:
    """The audio files that a path names, as absolute paths.

    A file is itself, whatever its ending. A folder is its audio files, those of its subfolders included, in natural
    order (`2 b` before `10 a`). Hidden files and folders, AppleDouble companions (`._x`) and unfinished downloads are
    left out; a folder that is reached twice, through a symbolic link for example, is read once.

    Args:
        path: a file or a folder; `~` is understood.
        on_unreadable: told of each subfolder that cannot be read, and why; without it a warning is logged.

    Raises:
        NotFound: there is nothing of that name.
        Refused: it is there and may not be read.
        Unsupported: it is neither a file nor a folder (a device, a socket, a pipe), or no possible name.
    """
    where = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111 (no symlinks resolved; never raises)
    try:
        mode = where.stat().st_mode
    except ValueError:
        raise Unsupported(f"{str(path)!r} cannot be the name of a file.") from None
    except PermissionError:
        raise _refused(where) from None
    except OSError:
        # Missing, a broken or circular link, a name too long: there is nothing there.
        raise NotFound(f"There is no file or folder {where}.", action="Check the path's spelling.") from None
    if stat.S_ISREG(mode):
        if not os.access(where, os.R_OK):
            raise _refused(where)
        return [where]
    if not stat.S_ISDIR(mode):
        raise Unsupported(f"{where} is neither a file nor a folder.", action="Name an audio file or a folder of them.")
    try:
        with os.scandir(where):
            pass
    except PermissionError:
        raise _refused(where) from None
    walked = walk_folders(where, on_unreadable or _warn, set())
    files = [Path(entry.path) for _, entries in walked for entry in entries]
    return sorted(files, key=lambda file: [natural_key(part) for part in file.relative_to(where).parts])


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """What to sort names by, so that numbers count as numbers and case and accents' encoding don't matter."""
    folded = unicodedata.normalize("NFC", name).casefold()
    pieces = tuple(
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in re.split(r"(\d+)", folded) if piece
    )
    return pieces, name


def walk_folders(
    folder: str | os.PathLike[str],
    on_unreadable: Callable[[Path, OSError], None],
    seen: set[tuple[int, int]],
    leave_out: Collection[str] = (),
) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """A folder and its subfolders, each with the audio files right in it.

    Hidden files and folders are passed over, and symbolic links followed; a folder is given once.

    Args:
        on_unreadable: told of what cannot be read, and why.
        seen: device and inode of the folders that were given before; added to.
        leave_out: paths of folders that are not entered.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        current = waiting.pop()
        files: list[os.DirEntry[str]] = []
        try:
            identity = os.stat(current)  # noqa: PTH116 (strings: a Path for each of 100,000 entries costs more than stat)
            if (identity.st_dev, identity.st_ino) in seen or current in leave_out:
                continue
            seen.add((identity.st_dev, identity.st_ino))
            with os.scandir(current) as found:
                entries = list(found)
        except OSError as error:
            on_unreadable(Path(current), error)
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    waiting.append(entry.path)
                elif os.path.splitext(entry.name)[1].lower() in AUDIO_EXTENSIONS and entry.is_file():  # noqa: PTH122
                    files.append(entry)
            except OSError as error:
                on_unreadable(Path(entry.path), error)
        yield current, files


def _warn(path: Path, error: OSError) -> None:
    _LOG.warning("%s cannot be read and is passed over: %s.", path, error.strerror or error)


def _refused(path: Path) -> Refused:
    return Refused(f"{path} may not be read.", action="Give yourself permission to read it, then run again.")
