"""Eagle's library on the disk, which is only ever read: `X.library/images/<id>.info/{metadata.json, <name>.<ext>}`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["EagleFile", "eagle_file"]


@dataclass(frozen=True)
class EagleFile:
    """A file that is in a library of Eagle's."""

    item_id: str
    trashed: bool
    """Its item is in Eagle's trash."""


def eagle_file(path: Path) -> EagleFile | None:
    """What the file is to Eagle; None where it lies in no library of its."""
    parts = path.parts
    for number in range(len(parts) - 4, -1, -1):
        if parts[number].endswith(".library") and parts[number + 1] == "images" and parts[number + 2].endswith(".info"):
            folder = Path(*parts[: number + 3])
            return EagleFile(folder.name.removesuffix(".info"), _is_trashed(folder / "metadata.json"))
    return None


def _is_trashed(metadata: Path) -> bool:
    try:
        content = json.loads(metadata.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("isDeleted") is True
