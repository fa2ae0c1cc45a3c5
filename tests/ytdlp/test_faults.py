"""Servers that fail on demand: what passes is lived through, what stays is said in one sentence."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.web import Drip, Redirect, Reset, Short, Silence, Stall, Status, Web
from tests.ytdlp.conftest import AUDIO, PAGE, Get, staged
from tracksync.errors import (
    DiskFull,
    Interrupted,
    NotAudio,
    NotFound,
    RateLimited,
    Refused,
    TracksyncError,
    Unreachable,
    Unsupported,
)
from tracksync.sources.ytdlp import YtdlpOptions, fetch


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Status(code=404), NotFound, "gone"),
        (Status(code=410), NotFound, "gone"),
        (Status(code=404, skip=1), NotFound, "gone"),
        (Status(code=401), Refused, "refuses"),
        (Status(code=403), Refused, "refuses"),
        (Status(code=403, skip=1), Refused, "refuses"),
        (Status(code=500), Unreachable, "in trouble"),
        (Status(code=503, skip=1), Unreachable, "in trouble"),
        (Redirect(to="/a.mp3"), Refused, "circle"),
        (Redirect(to="/b.mp3"), NotFound, "gone"),
        (Redirect(to="file:///etc/passwd"), TracksyncError, ""),
        (Reset(after=0), Unreachable, "broke"),
        (Reset(after=1000), Unreachable, "broke"),
        (Short(missing=1000), Unreachable, "before its end"),
        (Silence(), Unreachable, "in time"),
        (Stall(after=0, skip=1), Unreachable, "stalled"),
        (Stall(after=5000, skip=1), Unreachable, "stalled"),
        (Drip(after=0, size=1, every=0.1, skip=1), Unreachable, "stalled"),
    ],
    ids=lambda value: repr(value) if hasattr(value, "times") else "",
)
def test_a_fault_that_stays(
    web: Web, options: YtdlpOptions, hasty: YtdlpOptions, fault: Any, kind: type[TracksyncError], words: str
) -> None:
    given = hasty if isinstance(fault, Silence | Stall | Drip) else options
    link = web.add("/a.mp3", AUDIO, ranges=not isinstance(fault, Reset), faults=[fault])
    began = time.monotonic()
    with pytest.raises(kind) as caught:
        fetch(link, given.folder, given)
    assert words in caught.value.message
    assert link in caught.value.message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert time.monotonic() - began < 4
    assert web.count() <= 31


@pytest.mark.parametrize(
    ("fault", "ranges"),
    [
        (Status(code=503, times=2), True),
        (Status(code=503, skip=1, times=2), True),
        (Status(code=503, times=1, headers={"Retry-After": "0"}), True),
        (Status(code=403, skip=1, times=1), True),
        (Reset(after=0, skip=1, times=2), True),
        (Reset(after=100_000, skip=1, times=2), True),
        (Reset(after=100_000, skip=1, times=2), False),
        (Short(missing=1000, skip=1, times=2), True),
        (Short(missing=1000, skip=1, times=2), False),
    ],
    ids=repr,
)
def test_a_fault_that_passes(web: Web, get: Get, fault: Any, ranges: bool) -> None:
    link = web.add("/a.mp3", AUDIO, ranges=ranges, faults=[fault])
    assert get(link).path.read_bytes() == AUDIO


def test_a_resumed_download_asks_for_the_rest_alone(web: Web, get: Get) -> None:
    link = web.add("/a.mp3", AUDIO, faults=[Reset(after=100_000, skip=1, times=1)])
    get(link)
    assert [seen.range_start for seen in web.requests()] == [None, None, 100_000]


def test_too_many_requests_says_for_how_long(web: Web, get: Get) -> None:
    for faults in (
        [Status(code=429, headers={"Retry-After": "77"})],
        [Status(code=429, headers={"Retry-After": "77"}, skip=1)],
    ):
        with pytest.raises(RateLimited) as caught:
            get(web.add("/a.mp3", AUDIO, faults=faults))
        assert caught.value.retry_after == 77


def test_a_server_that_asks_for_a_long_pause_is_left_alone(web: Web, get: Get) -> None:
    link = web.add("/a.mp3", AUDIO, faults=[Status(code=503, headers={"Retry-After": "600"})])
    with pytest.raises(Unreachable) as caught:
        get(link)
    assert caught.value.retry_after == 600
    assert web.count() == 1


def test_a_slow_server_is_no_stalled_one(web: Web, hasty: YtdlpOptions) -> None:
    body = AUDIO[:12_000]
    link = web.add("/a.mp3", body, faults=[Drip(size=1000, every=0.05, skip=1)])
    assert fetch(link, hasty.folder, hasty).path.read_bytes() == body


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE, "audio/mpeg"),
        (PAGE, "application/octet-stream"),
        (b"\xef\xbb\xbf\n  <HTML><body>no", "audio/mpeg"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "audio/mpeg"),
        (b'{"error": "expired"}', "audio/mpeg"),
        (b"", "audio/mpeg"),
        (PAGE, "text/html"),
    ],
)
def test_what_is_no_audio_is_said_to_be_none(
    web: Web, get: Get, options: YtdlpOptions, body: bytes, content_type: str
) -> None:
    link = web.add("/a.mp3", body, content_type=content_type)
    with pytest.raises(NotAudio):
        get(link)
    assert staged(options) == []  # Nothing is kept that a second run would take for the audio.


def test_a_page_without_audio(web: Web, get: Get) -> None:
    with pytest.raises(Unsupported, match="no audio"):
        get(web.add("/page", PAGE, content_type="text/html"))


def test_a_radio_station_has_no_end(web: Web, get: Get) -> None:
    link = web.add("/radio", AUDIO, headers={"icy-name": "x"}, length=False, faults=[Drip(size=1000, every=0.05)])
    with pytest.raises(Unsupported, match="radio"):
        get(link)


def test_nothing_answers(get: Get) -> None:
    with pytest.raises(Unreachable, match="nothing answers"):
        get("http://127.0.0.1:1/a.mp3")


def test_a_full_disk(web: Web, get: Get, options: YtdlpOptions) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    link = web.add("/a.mp3", AUDIO, faults=[Reset(after=1000, skip=1)])
    with pytest.raises(Unreachable):
        get(link)
    (part,) = options.folder.iterdir()
    part.unlink()
    part.symlink_to("/dev/full")
    web.add("/a.mp3", AUDIO)
    with pytest.raises(DiskFull, match="no space"):
        get(link)


def _is_under_way(web: Web, folder: Path, at: str) -> bool:
    if at == "before":
        return True
    if at == "between tries":
        return web.count("/a.mp3") > 0
    parts = list(folder.glob("*")) if folder.is_dir() else []
    # What was received last may still be on its way to the disk.
    return any(part.stat().st_size >= 30_000 for part in parts)


@pytest.mark.parametrize("at", ["before", "while it comes", "while nothing comes", "between tries"])
def test_a_cancelled_download_ends_soon_and_keeps_what_came(web: Web, tmp_path: Path, at: str) -> None:
    options = YtdlpOptions(tmp_path / "stage", stall_seconds=30, backoff_seconds=5 if at == "between tries" else 0.01)
    fault = {
        "while it comes": Drip(after=50_000, size=2000, every=0.02, skip=1),
        "while nothing comes": Stall(after=50_000, skip=1),
        "between tries": Status(code=503),
    }.get(at)
    link = web.add("/a.mp3", AUDIO, faults=[fault] if fault else [])
    cancel = threading.Event()
    if at == "before":
        cancel.set()
    cancelled: list[float] = []

    def give_up() -> None:
        """Once it is in the middle of it: after the first answer, or with half of the file there."""
        until = time.monotonic() + 20
        while time.monotonic() < until and not _is_under_way(web, options.folder, at):
            time.sleep(0.01)
        cancelled.append(time.monotonic())
        cancel.set()

    whoever = threading.Thread(target=give_up)
    whoever.start()
    with pytest.raises(Interrupted, match="stopped"):
        fetch(link, options.folder, options, None, cancel)
    whoever.join()
    assert time.monotonic() - cancelled[0] < 2
    if at.startswith("while"):
        (part,) = options.folder.iterdir()
        assert part.stat().st_size >= 50_000
        assert AUDIO.startswith(part.read_bytes())
    assert not [thread for thread in threading.enumerate() if thread.name == "tracksync-cancel"]
