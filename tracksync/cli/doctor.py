"""`tracksync doctor`: check the configuration by trying what it names. Nothing passes by default."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tracksync.cli.doctor_eagle import eagle_findings
from tracksync.cli.doctor_notion import notion_findings
from tracksync.cli.doctor_spotify import spotify_findings
from tracksync.cli.doctor_streams import streams_findings
from tracksync.cli.finding import Finding
from tracksync.cli.show import say, tell, write_json
from tracksync.errors import TracksyncError
from tracksync.settings import Settings, load_settings, unknown_names, use_network_settings

__all__ = ["run_doctor"]

_ENCODERS = {"alac": "M4A, lossless", "aac": "M4A, portable", "pcm_s16le": "WAV", "pcm_s16be": "AIFF"}
_COMFORTABLE_BYTES = 2 * 2**30


def run_doctor(*, as_json: bool) -> int:
    """Run every check; returns 2 where the settings can't be read, 1 where a check does not hold, else 0."""
    failed = 0
    for finding in _findings():
        failed += not finding.ok
        if as_json:
            write_json(
                {
                    "event": "check",
                    "name": finding.name,
                    "ok": finding.ok,
                    "detail": finding.detail,
                    "action": finding.action,
                }
            )
            continue
        mark = ("✓", "green") if finding.ok else ("✗", "red")
        tell(mark, f" {finding.name}: {finding.detail}")
        if finding.action and not finding.ok:
            tell(f"    → {finding.action}")
    if not as_json:
        say("All well." if not failed else f"{failed} {'check' if failed == 1 else 'checks'} did not hold.")
    return 1 if failed else 0


def _findings() -> Iterator[Finding]:
    try:
        settings = load_settings()
    except TracksyncError as error:
        yield Finding("settings", False, error.message, error.action)
        return
    use_network_settings()
    yield _settings()
    yield from _try("ffmpeg", lambda: _ffmpeg(settings))
    for variable, folder in {
        "OUT_DIR": settings.out_dir,
        "BACKUP_DIR": settings.backup_dir,
        "WAV_BACKUP_DIR": settings.wav_backup_dir,
        "TEMP_DIR": settings.staging_dir,
        "TRACKSYNC_HOME": settings.home,
    }.items():
        if folder is not None:
            yield from _try(variable, lambda folder=folder, variable=variable: _folder(folder, variable))  # type: ignore[misc]
    for folder in settings.music_directories:
        yield from _try("MUSIC_DIRECTORY_PATHS", lambda folder=folder: _music(folder))  # type: ignore[misc]
    yield from _try("journal", lambda: _journal(settings))
    yield from _try("notion", lambda: notion_findings(settings))
    yield from _try("eagle", lambda: eagle_findings(settings))
    yield from _try("spotify", lambda: spotify_findings(settings))
    yield from _try("analysis", _analysis)
    yield from _try("yt-dlp", _ytdlp)
    yield from _try("streams", lambda: streams_findings(settings))
    yield from _try("prefect", _prefect)


def _try(name: str, check: Callable[[], Finding | list[Finding]]) -> list[Finding]:
    try:
        found = check()
    except TracksyncError as error:
        return [Finding(name, False, error.message, error.action)]
    return found if isinstance(found, list) else [found]


def _settings() -> Finding:
    unknown = unknown_names({**_dotenv(), **os.environ})
    if not unknown:
        return Finding("settings", True, "read from the environment" + (" and .env" if Path(".env").is_file() else ""))
    told = ", ".join(f"{name} (did you mean {meant}?)" if meant else name for name, meant in unknown)
    return Finding("settings", False, f"not a setting: {told}", "Correct the name or remove it.")


def _dotenv() -> dict[str, str]:
    from dotenv import dotenv_values

    return {name: value or "" for name, value in dotenv_values(".env").items()}


def _ffmpeg(settings: Settings) -> list[Finding]:
    from tracksync.audio.ffmpeg import find_ffmpeg

    ffmpeg = find_ffmpeg(settings.ffmpeg)
    findings = [Finding("ffmpeg", True, f"{ffmpeg.version} ({ffmpeg.where}: {ffmpeg.path})")]
    for encoder, purpose in _ENCODERS.items():
        there = encoder in ffmpeg.encoders
        findings.append(
            Finding(
                f"encoder {encoder}",
                there,
                purpose if there else f"missing: no {purpose}",
                "" if there else "Install a full ffmpeg, or unset TRACKSYNC_FFMPEG to use the one that came along.",
            )
        )
    findings.append(
        Finding(
            "resampler", True, "soxr" if ffmpeg.has_soxr else "ffmpeg's own (this ffmpeg has no soxr; still correct)"
        )
    )
    return findings


def _folder(folder: Path, variable: str) -> Finding:
    from tracksync.library.publish import check_writable, ensure_folder, free_bytes

    ensure_folder(folder)
    check_writable(folder, variable)
    free = free_bytes(folder)
    text = f"{folder}, writable, {free / 2**30:.1f} GB free"
    if free < _COMFORTABLE_BYTES:
        return Finding(variable, False, text, "A track needs about 0.4 GB while it is worked on: make room.")
    return Finding(variable, True, text)


def _music(folder: Path) -> Finding:
    """A folder that the index covers: it is only read, and may be on a disk that is not always there."""
    from tracksync.library.storage import away_volume

    variable = "MUSIC_DIRECTORY_PATHS"
    if (volume := away_volume(folder)) is not None:
        return Finding(variable, True, f"{folder}; {volume} is not mounted now, what is known of it is kept")
    correct = f"Correct {variable}: folders, separated by commas."
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except FileNotFoundError:
        return Finding(variable, False, f"{folder} is not there", correct)
    except NotADirectoryError:
        return Finding(variable, False, f"{folder} is not a folder", correct)
    except PermissionError:
        return Finding(variable, False, f"{folder} may not be read", "Give yourself permission to read it.")
    except OSError as error:
        told = (error.strerror or type(error).__name__).lower()
        return Finding(variable, False, f"{folder} can't be read ({told})", "Look whether its disk answers.")
    return Finding(variable, True, f"{folder}, can be read")


def _journal(settings: Settings) -> Finding:
    from sqlalchemy.engine import make_url

    from tracksync.journal import Journal

    with Journal.open(settings.journal_url) as journal:
        counts = journal.counts()
    where = make_url(settings.journal_url).render_as_string(hide_password=True)
    return Finding("journal", True, f"{where}, {sum(counts.values())} tracks")


def _analysis() -> Finding:
    code = "import essentia; print(essentia.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 0:
        return Finding("analysis", True, f"essentia {done.stdout.split()[-1]}")
    return Finding(
        "analysis",
        False,
        "essentia does not import",
        "Tracks still get their files, without tempo and key. Run `make setup`.",
    )


def _ytdlp() -> Finding:
    from yt_dlp.version import __version__ as version

    return Finding("yt-dlp", True, str(version))


def _prefect() -> Finding:
    """Which server a run would use, and whether it answers. Asked in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "deployments.check"], capture_output=True, text=True, timeout=120, check=False
    )
    last = (done.stdout.strip().splitlines() or ["Prefect does not import; run `make setup`."])[-1]
    return Finding(
        "prefect",
        done.returncode == 0,
        last,
        {0: "", 2: "Run `python -m deployments.bootstrap`."}.get(
            done.returncode, "Start the server, or unset PREFECT_API_URL."
        ),
    )
