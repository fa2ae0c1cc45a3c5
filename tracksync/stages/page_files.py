"""Are the files that a page names what it says they are? For pages that were there before us."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tracksync.audio.decode import decode_all
from tracksync.audio.ffmpeg import Ffmpeg
from tracksync.audio.tags import read_source
from tracksync.catalogue.songs import fold, same_length
from tracksync.errors import TracksyncError
from tracksync.model import Check

__all__ = ["sound_checks", "title_check"]


def sound_checks(ffmpeg: Ffmpeg, files: Mapping[str, Path], duration_s: float | None) -> list[Check]:
    """Decode the files, which exist, from end to end, and hold their lengths against the page's.

    Args:
        ffmpeg: decodes.
        files: by the names that the checks begin with.
        duration_s: as the page says; None or 0 where it says none.
    """
    try:
        decoded = decode_all(ffmpeg, files, bits=16) if files else {}
    except TracksyncError as error:
        return [Check(name="decode", ok=False, detail=error.message)]
    checks: list[Check] = []
    for name, result in decoded.items():
        problems = "; ".join(result.errors[:2])
        told = problems or f"{result.duration_s:.3f} s"
        checks.append(Check(name=f"{name} decodes", ok=not result.errors, detail=told))
        if duration_s:
            near = same_length(result.duration_s, duration_s) is not False
            told = f"{result.duration_s:.3f} s, the page says {duration_s:g} s"
            checks.append(Check(name=f"{name} length", ok=near, detail=told))
    return checks


def title_check(name: str, path: Path, title: str) -> Check:
    """Whether the file is tagged as the page's track; one without a title says nothing against it."""
    try:
        tagged = read_source(path).title
    except (OSError, TracksyncError) as error:
        return Check(name=f"{name} tags", ok=False, detail=str(error))
    same = not tagged or fold(tagged) in fold(title) or fold(title) in fold(tagged)
    return Check(name=f"{name} tags", ok=same, detail=f"title {tagged!r}" if tagged else "no title in them")
