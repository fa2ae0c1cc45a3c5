"""Streams in pieces: whole or not at all, never protected ones, never a local file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.sandbox.web import Status, Web
from tests.ytdlp.conftest import AUDIO, Get, staged
from tracksync.errors import (
    NotFound,
    Protected,
    TracksyncError,
    Unsupported,
)
from tracksync.sources.ytdlp import YtdlpOptions


def _stream(web: Web, segments: list[str], *, end: bool = True, key: str = "") -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", *([key] if key else [])]
    for segment in segments:
        lines += ["#EXTINF:1.0,", segment]
    body = "\n".join([*lines, *(["#EXT-X-ENDLIST"] if end else []), ""])
    return web.add("/stream.m3u8", body.encode(), content_type="application/vnd.apple.mpegurl")


def test_a_stream_in_pieces(web: Web, get: Get, options: YtdlpOptions) -> None:
    pieces = [AUDIO[:1000], AUDIO[1000:5000], AUDIO[5000:]]
    for number, piece in enumerate(pieces):
        web.add(f"/{number}.ts", piece, faults=[Status(code=503, times=1)] if number == 1 else [])
    got = get(_stream(web, ["0.ts", "1.ts", "/2.ts"]))
    assert got.path.read_bytes() == AUDIO
    assert got.duration_s == 3
    assert staged(options) == [got.path.name]


def test_a_stream_with_a_hole_is_no_success(web: Web, get: Get, options: YtdlpOptions) -> None:
    web.add("/0.ts", AUDIO[:1000])
    web.add("/2.ts", AUDIO[1000:])
    with pytest.raises(NotFound):
        get(_stream(web, ["0.ts", "1.ts", "2.ts"]))
    assert not [name for name in staged(options) if name.endswith((".mp4", ".m4a", ".ts"))]


def test_a_live_stream_has_no_end(web: Web, get: Get) -> None:
    web.add("/0.ts", AUDIO)
    with pytest.raises(Unsupported, match="live"):
        get(_stream(web, ["0.ts"], end=False))


def test_a_protected_stream_is_not_touched(web: Web, get: Get) -> None:
    web.add("/0.ts", AUDIO)
    key = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"'
    with pytest.raises(Protected):
        get(_stream(web, ["0.ts"], key=key))
    assert web.count("/0.ts") == 0


@pytest.mark.parametrize("segment", ["file://{}", "file://localhost{}", "ftp://127.0.0.1:1{}"])
def test_a_stream_never_reads_local_files(
    web: Web, get: Get, options: YtdlpOptions, tmp_path: Path, segment: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"local secret" * 1000)
    web.add("/0.ts", AUDIO)
    with pytest.raises(Unsupported, match="address, which is not opened"):
        get(_stream(web, ["0.ts", segment.format(secret)]))
    assert not any(b"local secret" in path.read_bytes() for path in options.folder.iterdir())


def test_nor_does_ffmpeg_where_it_takes_over(
    web: Web, get: Get, options: YtdlpOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imageio_ffmpeg import get_ffmpeg_exe
    from yt_dlp.postprocessor.ffmpeg import FFmpegPostProcessor

    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "ffmpeg").symlink_to(get_ffmpeg_exe())
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    # yt-dlp remembers that there was no ffmpeg.
    monkeypatch.setattr(FFmpegPostProcessor, "_version_cache", {None: None})
    monkeypatch.setattr(FFmpegPostProcessor, "_features_cache", {})
    piece = tmp_path / "piece.ts"
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-c:a", "aac", "-f", "mpegts", str(piece)]
    subprocess.run([str(tools / "ffmpeg"), "-v", "error", *tone], check=True)
    web.add("/0.ts", piece.read_bytes(), content_type="video/mp2t")
    # A method that yt-dlp does not know: it hands the stream over.
    key = "#EXT-X-KEY:METHOD=OTHER"
    got = get(_stream(web, ["0.ts"], key=key))
    assert got.path.stat().st_size > 1000
    got.path.unlink()
    with pytest.raises(TracksyncError):
        get(_stream(web, [piece.as_uri()], key=key))
    assert not [path for path in options.folder.iterdir() if path.suffix != ".part" and path.stat().st_size]
