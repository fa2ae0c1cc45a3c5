"""Finding ffmpeg, running it, and what ends a run: its limits, a cancel, a full disk, a signal."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from time import monotonic, sleep

import pytest

from tracksync.audio.ffmpeg import address, find_ffmpeg, input_options, run
from tracksync.errors import DiskFull, Interrupted, Misconfigured, Unexpected, Unreachable

SHELL_ONLY = pytest.mark.skipif(os.name == "nt", reason="needs a shell")


def program(folder: Path, name: str, words: str, *, code: int = 0) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{words}'\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def python(code: str) -> list[str]:
    """A program that stands in for ffmpeg where only its behaviour matters."""
    return [sys.executable, "-I", "-S", "-c", code]


def ended(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


# -- finding ----------------------------------------------------------------------------------------------------------


def test_one_is_found_and_answers() -> None:
    ff = find_ffmpeg(None)
    assert ff.path.is_file()
    assert ff.version
    assert ff.where in ("system", "imageio-ffmpeg")
    assert {"aac", "alac", "flac", "pcm_s16le", "pcm_s24be"} <= ff.encoders
    assert "libx264" not in ff.encoders, "audio encoders only"
    assert isinstance(ff.has_soxr, bool)


@SHELL_ONLY
def test_the_setting_comes_first(tmp_path: Path) -> None:
    mine = program(tmp_path, "mine", "ffmpeg version 7.1-mine Copyright")
    ff = find_ffmpeg(mine)
    assert (ff.path, ff.version, ff.where) == (mine, "7.1-mine", "setting")


@SHELL_ONLY
@pytest.mark.parametrize(
    ("words", "code"), [("ffplay version 7.1", 0), ("ffmpeg version 7.1", 1), ("", 0)], ids=["other", "fails", "mute"]
)
def test_a_setting_that_names_no_ffmpeg_is_told(tmp_path: Path, words: str, code: int) -> None:
    wrong = program(tmp_path, "wrong", words, code=code)
    with pytest.raises(Misconfigured, match="TRACKSYNC_FFMPEG"):
        find_ffmpeg(wrong)


def test_a_setting_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="absent"):
        find_ffmpeg(tmp_path / "absent")


@SHELL_ONLY
def test_the_one_on_path_comes_before_the_one_brought_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "ffmpeg", "ffmpeg version 6.0 Copyright")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    ff = find_ffmpeg(None)
    assert (ff.version, ff.where) == ("6.0", "system")


@SHELL_ONLY
def test_a_broken_one_on_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "ffmpeg", "libavcodec.so: cannot open shared object file", code=127)
    brought = program(tmp_path, "brought", "ffmpeg version 8.0 Copyright")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(brought))
    ff = find_ffmpeg(None)
    assert (ff.path, ff.where) == (brought, "imageio-ffmpeg")


def test_none_at_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "absent"))
    with pytest.raises(Misconfigured, match="no ffmpeg"):
        find_ffmpeg(None)


# -- what inputs are opened with ---------------------------------------------------------------------------------------


def test_no_list_and_no_network_is_on_the_whitelists() -> None:
    options = input_options()
    assert set(options["protocol_whitelist"].split(",")) == {"file", "pipe"}
    formats = set(options["format_whitelist"].split(","))
    assert not formats & {
        "hls",
        "applehttp",
        "concat",
        "concatf",
        "sdp",
        "rtp",
        "rtsp",
        "dash",
        "imf",
        "image2",
        "lavfi",
    }
    assert {"mp3", "wav", "aiff", "flac", "ogg", "mov", "matroska"} <= formats


@pytest.mark.parametrize("name", ["-dash", "concat:a|b", "a%03d", "pipe:0"])
def test_an_address_is_a_file_whatever_its_name(name: str) -> None:
    assert address(Path(name)) == f"file:{name}"


# -- running ----------------------------------------------------------------------------------------------------------


def test_a_run_gives_its_code_and_words() -> None:
    result = run(
        python("import sys; sys.stderr.write('one\\ntwo  \\n'); sys.stderr.buffer.write(b'\\xff\\n'); sys.exit(3)"),
        time_limit_s=60,
    )
    assert result.returncode == 3
    assert result.lines == ("one", "two", "\ufffd")
    assert result.text == "one\ntwo\n\ufffd"


def test_much_noise_is_kept_in_part() -> None:
    code = "import sys\nfor n in range(3000): sys.stderr.write(f'line {n}\\n')\nsys.stderr.write('x' * 100_000)"
    lines = run(python(code), time_limit_s=60).lines
    assert len(lines) == 800
    assert lines[:2] == ("line 0", "line 1")
    assert lines[-2] == "line 2999"
    assert len(lines[-1]) == 4096


def test_progress_is_heard_in_seconds_and_only_forwards() -> None:
    heard: list[float] = []
    values = ["N/A", "-21333", "500000", "500000", "400000", "2250000", "rubbish"]
    run(python(f"for v in {values!r}: print(f'out_time_us={{v}}\\nspeed=1x')"), time_limit_s=60, progress=heard.append)
    assert heard == [0.0, 0.5, 2.25]


def test_ffmpegs_own_progress_is_heard() -> None:
    heard: list[float] = []
    source = ("-f", "lavfi", "-i", "anullsrc=r=8000:d=3")
    command: list[str | Path] = [
        find_ffmpeg(None).path,
        "-v",
        "error",
        "-progress",
        "pipe:1",
        "-nostats",
        *source,
        "-f",
        "null",
        "-",
    ]
    assert run(command, time_limit_s=60, progress=heard.append).returncode == 0
    assert heard
    assert heard[-1] == pytest.approx(3.0, abs=0.1)


def test_a_run_past_its_limit_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"
    begun = monotonic()
    with pytest.raises(Unreachable, match="no progress"):
        run(python(code), time_limit_s=2.5)
    assert monotonic() - begun < 20
    assert ended(pid)


def test_a_run_that_stands_still_is_ended() -> None:
    begun = monotonic()
    with pytest.raises(Unreachable):
        run(
            python("import time; print('out_time_us=1000000', flush=True); time.sleep(60)"),
            time_limit_s=60,
            stall_limit_s=0.5,
        )
    assert monotonic() - begun < 20


def test_a_run_that_moves_is_not_taken_for_a_stall() -> None:
    code = "import time\nfor n in range(24): print(f'out_time_us={n}00000', flush=True); time.sleep(0.1)"
    assert run(python(code), time_limit_s=60, stall_limit_s=2.0).returncode == 0


def test_a_cancel_ends_the_program(tmp_path: Path) -> None:
    cancel, pid = threading.Event(), tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"

    def cancel_once_it_runs() -> None:
        while not (pid.exists() and pid.read_text()):
            sleep(0.01)
        cancel.set()

    thread = threading.Thread(target=cancel_once_it_runs)
    thread.start()
    begun = monotonic()
    with pytest.raises(Interrupted):
        run(python(code), time_limit_s=60, cancel=cancel)
    thread.join()
    assert monotonic() - begun < 20
    assert ended(pid)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_told() -> None:
    source = ("-f", "lavfi", "-i", "anoisesrc=d=20")
    with pytest.raises(DiskFull):
        run([find_ffmpeg(None).path, "-y", *source, "-f", "wav", "file:/dev/full"], time_limit_s=60)


@SHELL_ONLY
def test_a_crash_is_told() -> None:
    with pytest.raises(Unexpected, match="signal 9"):
        run(python("import os; os.kill(os.getpid(), 9)"), time_limit_s=60)
