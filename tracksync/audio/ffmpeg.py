"""Finding ffmpeg and running it.

Every input is opened with whitelists: files only, and only containers that hold audio themselves. A playlist, a concat
script or an SDP that points at other files or addresses is thus refused by ffmpeg, whatever its name says.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic

from tracksync.errors import DiskFull, Interrupted, Misconfigured, Unexpected, Unreachable

__all__ = ["Ffmpeg", "RunResult", "find_ffmpeg", "input_options", "run"]

_CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,m4v,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mp3,mpc,mpc8,mpeg,mpegts,oga,ogg,opus,shn,tak,truehd,tta,voc,w64,wav,wsaud,wv,xwma"
)
_KEPT_LINES = 400
_NOISE_LIMIT = 4096


@dataclass(frozen=True)
class Ffmpeg:
    """An ffmpeg that answers. `where` says how it was found: `setting`, `system` or `imageio-ffmpeg`."""

    path: Path
    version: str
    where: str

    @cached_property
    def encoders(self) -> frozenset[str]:
        """Names of the audio encoders that it has."""
        return frozenset(re.findall(r"^ A\S{5} (\S+)", self._ask("-encoders"), re.MULTILINE))

    @cached_property
    def has_soxr(self) -> bool:
        """Whether it can resample with soxr."""
        return "--enable-libsoxr" in self._ask("-buildconf")

    def _ask(self, question: str) -> str:
        done = subprocess.run(
            [self.path, "-hide_banner", question],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        return done.stdout.decode(errors="replace")


def find_ffmpeg(setting: Path | None) -> Ffmpeg:
    """The ffmpeg of the setting, else the one on PATH, else the one that imageio-ffmpeg brought along.

    Raises:
        Misconfigured: the setting names none, or there is none at all.
    """
    if setting is not None:
        version = _version(setting)
        if version is None:
            raise Misconfigured(
                f"TRACKSYNC_FFMPEG names {setting}, which is not an ffmpeg that runs.",
                action="Correct it, or unset it to use the one on PATH or the one that came along.",
            )
        return Ffmpeg(setting, version, "setting")
    on_path = shutil.which("ffmpeg")
    if on_path and (version := _version(Path(on_path))):
        return Ffmpeg(Path(on_path), version, "system")
    brought = _brought_along()
    if brought and (version := _version(brought)):
        return Ffmpeg(brought, version, "imageio-ffmpeg")
    raise Misconfigured("There is no ffmpeg on this machine.", action="Install ffmpeg, or set TRACKSYNC_FFMPEG to one.")


def _brought_along() -> Path | None:
    try:
        import imageio_ffmpeg

        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError, OSError):
        return None


def _version(path: Path) -> str | None:
    try:
        done = subprocess.run(
            [path, "-hide_banner", "-version"], capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"ffmpeg version (\S+)", done.stdout.decode(errors="replace"))
    return found[1] if found and done.returncode == 0 else None


def input_options() -> dict[str, str]:
    """What every input is opened with, as ffmpeg-python wants it."""
    return {"protocol_whitelist": "file,pipe", "format_whitelist": _CONTAINERS}


def address(path: Path) -> str:
    """A file as ffmpeg's input or output: `file:` keeps it from reading protocols or patterns out of a name."""
    return _Address(f"file:{path}")


class _Address(str):
    """An address whose name may hold bytes that are no text: ffmpeg-python encodes `str()` of it, to tell nodes apart,
    while the process is given the bytes themselves."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True)
class RunResult:
    """A finished run: its exit code and what it said (the first and the last lines, where it said very much)."""

    returncode: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    time_limit_s: float,
    stall_limit_s: float = 120.0,
    progress: Callable[[float], None] | None = None,
    cancel: threading.Event | None = None,
) -> RunResult:
    """Run ffmpeg to its end; `progress` hears the seconds of audio that are done.

    The command must hold `-progress pipe:1 -nostats`. A thread can't be interrupted from outside, so the limits are
    kept here: the process is killed at either limit, when `cancel` is set, and when this call is left in any way.

    Raises:
        Unreachable: it took longer than its limit, or went on without progress. (Worth another try: a sleeping disk.)
        Interrupted: `cancel` was set.
        DiskFull: a write failed for lack of space.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    said = _Said()
    begun = moved = monotonic()
    position = -1.0

    def hear_progress() -> None:
        nonlocal moved, position
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            if line.startswith("out_time_us=") and (value := line[12:].strip()).lstrip("-").isdigit():
                seconds = max(0.0, int(value) / 1e6)
                if seconds > position:
                    position, moved = seconds, monotonic()
                    if progress is not None:
                        progress(seconds)

    def hear_words() -> None:
        assert process.stderr is not None  # noqa: S101
        for line in process.stderr:
            said.hear(line)

    threads = [threading.Thread(target=work, daemon=True) for work in (hear_progress, hear_words)]
    for thread in threads:
        thread.start()
    try:
        while True:
            try:
                process.wait(timeout=0.05 if monotonic() - begun < 2 else 0.2)
                break
            except subprocess.TimeoutExpired:
                pass
            now = monotonic()
            if cancel is not None and cancel.is_set():
                raise Interrupted("The run was ended while ffmpeg was at work.", action="Run the same command again.")
            if now - begun > time_limit_s or now - moved > stall_limit_s:
                raise Unreachable(
                    f"ffmpeg made no progress for too long and was ended after {now - begun:.0f} s.",
                    action="Look whether the disk answers, and run the same command again.",
                )
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for thread in threads:
            thread.join(timeout=10)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    result = RunResult(process.returncode, said.lines())
    if process.returncode != 0 and "No space left on device" in result.text:
        raise DiskFull("There is no space left for the work files.", action="Make room and run the same command again.")
    if process.returncode < 0:
        raise Unexpected(f"ffmpeg was ended by signal {-process.returncode}.", action="Run the same command again.")
    return result


class _Said:
    """Keeps the first and the last lines: a damaged file makes ffmpeg print megabytes."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)

    def hear(self, line: str) -> None:
        line = line.rstrip()[:_NOISE_LIMIT]
        if len(self._first) < _KEPT_LINES:
            self._first.append(line)
        else:
            self._last.append(line)

    def lines(self) -> tuple[str, ...]:
        return (*self._first, *self._last)
