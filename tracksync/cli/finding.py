"""What a check of the configuration found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """One check: what was tried, whether it held, what was seen, what to do."""

    name: str
    ok: bool
    detail: str
    action: str = ""
