"""Steps that prefect.yaml calls when it is deployed."""

from __future__ import annotations

from typing import Any

from tracksync.settings import load_settings

__all__ = ["schedule"]


def schedule() -> dict[str, Any]:
    """The schedule as the settings have it: off until MUSIC_SYNC_ENABLED switches it on."""
    settings = load_settings()
    return {
        "cron": settings.schedule,
        "timezone": "UTC",
        "active": settings.schedule_enabled,
        "description": "Brings in what is new where you like tracks: what Spotify plays, else SoundCloud's likes, else "
        "Spotify's liked songs, else Notion's next page. Or what you name: links, files, folders, keys of tracks. "
        f"The schedule is {'on' if settings.schedule_enabled else 'off (MUSIC_SYNC_ENABLED switches it on)'}.",
    }
