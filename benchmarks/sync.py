"""`make bench`: what the pipeline costs, side by side with what can't be done without, in one run.

On audio that the project renders itself. Everything is a median of paired runs where it is short enough to be repeated;
ratios are taken pair by pair. `python -m benchmarks.sync --quick` leaves the sixty tracks out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from benchmarks._processes import Cost, cost_of, run
from examples.pieces import PIECES, render, tags, write_wav, write_with_ffmpeg
from tracksync.audio.analysis import analyse_pcm
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.matching import MatchReceipt
from tracksync.model import DownloadReceipt, M4AMode, Stage, Track
from tracksync.settings import Settings
from tracksync.sources.detect import detect
from tracksync.stages.analyse import ensure_analysed
from tracksync.stages.detect import enrol
from tracksync.stages.download import ensure_download
from tracksync.stages.publish import ensure_published
from tracksync.stages.transcode import ensure_rendered
from tracksync.stages.verify import verify_entry
from tracksync.stages.workshop import Workshop, open_workshop

_SECONDS = 180
_PAIRS = 3
_TRACKSYNC = [sys.executable, "-m", "tracksync"]


def main() -> int:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the sixty tracks")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="tracksync-bench-") as name:
        folder = Path(name)
        source = folder / "piece.flac"
        piece = replace(PIECES[0], seconds=_SECONDS)
        write_with_ffmpeg(source, render(piece), ffmpeg=find_ffmpeg(None).path, metadata=tags(piece))
        print(f"One piece of {_SECONDS // 60} minutes, FLAC; {os.cpu_count()} processors; medians of {_PAIRS} pairs.\n")
        for mode in (M4AMode.LOSSLESS, M4AMode.PORTABLE):
            _audio_stage(folder, source, mode)
        _starts(folder, source)
        if not quick:
            _many(folder)
    return 0


def _audio_stage(folder: Path, source: Path, mode: M4AMode) -> None:
    """The whole audio stage against ffmpeg's decode and encode alone."""
    ffmpeg = find_ffmpeg(None)
    codec = ["-c:a", "alac"] if mode is M4AMode.LOSSLESS else ["-c:a", "aac", "-b:a", "256k"]
    target = folder / "alone.m4a"
    alone_command = [str(ffmpeg.path), "-v", "error", "-nostdin", "-y", "-i", str(source), *codec, str(target)]
    analyse_pcm(_short(folder))  # essentia's import is not the stage's
    ratios, ours, theirs = [], [], []
    parts: dict[str, list[float]] = {}
    for number in range(_PAIRS):
        theirs.append(cost_of(lambda: subprocess.run(alone_command, check=True)))
        cost, shares = _stage(folder / f"{mode}-{number}", source, mode)
        ours.append(cost)
        ratios.append(cost.cpu / theirs[-1].cpu)
        for name, share in shares.items():
            parts.setdefault(name, []).append(share)
    name = "ALAC" if mode is M4AMode.LOSSLESS else "AAC"
    print(f"audio stage, M4A as {name}: {median(ratios):.2f} × the encoder alone (CPU)")
    print(f"  whole stage     {_told(ours)}")
    print(f"  encoder alone   {_told(theirs)}")
    for part, values in parts.items():
        print(f"    {part:<14}{median(values):6.2f} s CPU")
    print()


def _told(costs: list[Cost]) -> str:
    return f"{median(c.cpu for c in costs):6.2f} s CPU, {median(c.wall for c in costs):6.2f} s wall"


def _stage(home: Path, source: Path, mode: M4AMode) -> tuple[Cost, dict[str, float]]:
    """Each part in this process, so that its CPU can be told apart; the analysis as a worker runs it."""
    shares: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        cost = cost_of(work)
        shares[name] = cost.cpu
        walls.append(cost.wall)

    walls: list[float] = []
    with _shop(home, mode) as shop:
        track = _enrolled(shop, source)
        timed("read and hash", lambda: ensure_download(shop, track, MatchReceipt()))
        download = shop.journal.receipt(track.key, Stage.DOWNLOAD, DownloadReceipt)
        assert download is not None
        timed("transcode", lambda: ensure_rendered(shop, track, download))
        rendered = ensure_rendered(shop, track, download)
        timed("analyse", lambda: analyse_pcm(rendered.wav.path))
        analysis = ensure_analysed(shop, track, rendered)
        timed("tag, publish", lambda: ensure_published(shop, track, download, rendered, analysis))
        entry = shop.journal.find(track.key)
        assert entry is not None
        timed("verify", lambda: verify_entry(shop, entry))
    return Cost(sum(shares.values()), sum(walls)), shares


@contextmanager
def _shop(home: Path, mode: M4AMode) -> Iterator[Workshop]:
    settings = Settings(TRACKSYNC_HOME=home / "home", OUT_DIR=home / "library", SC_COMP_MODE=mode)  # type: ignore[call-arg]
    with open_workshop(settings) as shop:
        yield shop


def _enrolled(shop: Workshop, source: Path) -> Track:
    found = detect([str(source)], journal=shop.journal, settings=shop.settings, ffmpeg=shop.ffmpeg)
    return enrol(shop.journal, shop.reporter, found)[0][0]


def _short(folder: Path) -> Path:
    path = folder / "short.wav"
    write_wav(path, render(replace(PIECES[0], seconds=12)))
    return path


def _environment(home: Path, **more: str) -> dict[str, str]:
    own = {
        "TRACKSYNC_HOME": str(home / "home"),
        "OUT_DIR": str(home / "library"),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_PROFILES_PATH": str(home / "prefect" / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        **more,
    }
    unset = {"TRACKSYNC_DATABASE_URL", "BACKUP_DIR", "WAV_BACKUP_DIR", "TEMP_DIR", "PREFECT_API_URL"}
    return {name: value for name, value in os.environ.items() if name not in unset} | own


def _starts(folder: Path, source: Path) -> None:
    """How long until something happens."""
    home = folder / "starts"
    environment = _environment(home)
    bare = [sys.executable, "-m", "benchmarks._bare"]
    run([*_TRACKSYNC, "sync", str(source)], environment)  # makes Prefect's database, once for both
    pairs = []
    for _ in range(_PAIRS):
        theirs = _first(bare, environment, "first stage")
        ours = _first([*_TRACKSYNC, "sync", "--refresh", str(source)], environment, ": download")
        pairs.append((ours, theirs))
    ratio = median(ours / theirs for ours, theirs in pairs)
    print(f"from start to the first stage: {ratio:.2f} × a bare Prefect flow's")
    print(f"  tracksync {median(p[0] for p in pairs):.1f} s, bare flow {median(p[1] for p in pairs):.1f} s")
    with _server(environment) as address:
        served = _environment(home, PREFECT_API_URL=address)
        command = [*_TRACKSYNC, "sync", "--refresh", str(source)]
        times = [_first(command, served, ": download") for _ in range(_PAIRS)]
        print(f"  against a running server {median(times):.1f} s")
    for name, command in {
        "a track that is synced already": [*_TRACKSYNC, "sync", str(source)],
        "tracksync --help": [*_TRACKSYNC, "--help"],
    }.items():
        walls = [run(command, environment).wall for _ in range(5)]
        print(f"{name}: {median(walls):.2f} s")
    print()


def _first(command: list[str], environment: dict[str, str], line: str) -> float:
    done = run(command, environment, until_line=line)
    if done.first is None:
        raise RuntimeError("\n".join(done.lines[-15:]))
    return done.first


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[str]:
    port = 4200 + os.getpid() % 5000
    address = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        import httpx

        for _ in range(600):
            try:
                if httpx.get(f"{address}/health", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def _many(folder: Path) -> None:
    """Sixty tracks of three minutes, two at a time; the memory must not grow with their number."""
    sources = folder / "sixty"
    sources.mkdir()
    begun = monotonic()
    for number in range(60):
        base = PIECES[number % len(PIECES)]
        piece = replace(base, title=f"{base.title} {number}", bpm=90 + number, seed=1000 + number, seconds=_SECONDS)
        write_wav(sources / f"{number:02}.wav", render(piece))
    print(f"(rendering 60 pieces took {monotonic() - begun:.0f} s)")
    peaks = {}
    for count in (15, 60):
        environment = _environment(folder / f"many-{count}", SC_MAX_CONCURRENCY="2")
        files = sorted(str(path) for path in sources.iterdir())[:count]
        done = run([*_TRACKSYNC, "sync", *files], environment, sample=True)
        peaks[count] = done.peak_mb
        assert done.code == 0, done.lines[-5:]
        minutes = count * _SECONDS / 60
        print(
            f"{count} tracks of {_SECONDS // 60} minutes, 2 at a time: {done.wall:.0f} s wall "
            f"({done.wall / minutes:.2f} s a minute of audio), peak memory {done.peak_mb:.0f} MB"
        )
    print(f"memory at 60 tracks: {peaks[60] / peaks[15]:.2f} × that at 15")


if __name__ == "__main__":
    sys.exit(main())
