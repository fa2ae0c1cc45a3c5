"""Before the first stage: what every track would meet is met once, and said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracksync.errors import DiskFull
from tracksync.library.publish import check_writable, ensure_folder, free_bytes

if TYPE_CHECKING:
    from tracksync.audio.ffmpeg import Ffmpeg
    from tracksync.settings import Settings

__all__ = ["preflight"]

_LEAST_FREE_BYTES = 200 * 2**20


def preflight(settings: Settings) -> Ffmpeg:
    """Make the folders, try whether they can be written, look for ffmpeg.

    Raises:
        Misconfigured: a folder can't be made or written, or there is no ffmpeg.
        VolumeAway: a folder's volume is not mounted.
        DiskFull: there is hardly any space left.
    """
    from tracksync.audio.ffmpeg import find_ffmpeg

    ffmpeg = find_ffmpeg(settings.ffmpeg)
    named = {
        "OUT_DIR": settings.out_dir,
        "BACKUP_DIR": settings.backup_dir,
        "WAV_BACKUP_DIR": settings.wav_backup_dir,
        "TEMP_DIR": settings.staging_dir,
    }
    for variable, folder in named.items():
        if folder is None:
            continue
        ensure_folder(folder)
        check_writable(folder, variable)
        free = free_bytes(folder)
        if free < _LEAST_FREE_BYTES:
            raise DiskFull(
                f"Only {free / 2**20:.0f} MB are free in {folder} ({variable}).",
                action="Make room there, and run the same command again.",
            )
    return ffmpeg
