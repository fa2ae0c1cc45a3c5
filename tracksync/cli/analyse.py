"""`tracksync analyse FILE …`: tempo, key and loudness of any audio file; nothing is stored."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from tracksync.audio.camelot import camelot, key_name
from tracksync.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tracksync.audio.pool import AnalysisPool
from tracksync.audio.probe import probe
from tracksync.audio.render import decode_to_wav
from tracksync.cli.show import line, terminal, write_json
from tracksync.errors import NotFound, TracksyncError, Unexpected
from tracksync.model import Analysis
from tracksync.report import error_json
from tracksync.settings import load_settings

__all__ = ["run_analyse"]

_ANALYSIS_LIMIT_S = 300.0


def run_analyse(files: Sequence[Path], *, as_json: bool) -> int:
    """Analyse the files, as many at a time as there are processors, and tell each in the order named.

    Returns 1 where one of them could not be analysed, else 0.
    """
    settings = load_settings()
    ffmpeg = find_ffmpeg(settings.ffmpeg)
    workers = os.cpu_count() or 1
    failed = 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("File", "BPM", "Or", "Key", "Camelot", "LUFS", "Peak dB", "Length"):
        table.add_column(heading, justify="left" if heading in ("File", "Key") else "right")
    with (
        tempfile.TemporaryDirectory(prefix="tracksync-") as folder,
        AnalysisPool(workers=workers, time_limit_s=_ANALYSIS_LIMIT_S) as pool,
        # One more than workers: a file is decoded while another is measured.
        ThreadPoolExecutor(max_workers=workers + 1) as threads,
    ):
        jobs = enumerate(files)
        for event in threads.map(lambda job: _analyse(ffmpeg, pool, Path(folder) / f"{job[0]}.wav", job[1]), jobs):
            failed += event["error"] is not None
            if as_json:
                write_json(event)
            else:
                table.add_row(*_row(event))
    if not as_json:
        terminal().print(table)
    return 1 if failed else 0


def _analyse(ffmpeg: Ffmpeg, pool: AnalysisPool, wav: Path, file: Path) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event": "analysis",
        "file": str(file),
        "bpm": None,
        "bpm_confidence": None,
        "bpm_alternatives": [],
        "key_name": None,
        "camelot": None,
        "key_confidence": None,
        "lufs": None,
        "true_peak_db": None,
        "duration_s": None,
        "error": None,
    }
    try:
        if not file.exists():
            raise NotFound(f"{file} is not there.", action="Check the path.")
        audio = probe(ffmpeg, file)
        heard = decode_to_wav(ffmpeg, file, audio, wav, name=file.name)
        event |= {"duration_s": round(heard.duration_s, 3), "lufs": heard.lufs, "true_peak_db": heard.true_peak_db}
        analysis = pool.analyse(wav, heard.duration_s)
        event |= _figures(analysis)
        if analysis.incomplete:
            raise Unexpected(f"{file}: {' '.join(analysis.problems)}")
    except TracksyncError as error:
        event["error"] = error_json(error)
    finally:
        wav.unlink(missing_ok=True)
    return event


def _figures(analysis: Analysis) -> dict[str, Any]:
    return {
        "bpm": analysis.bpm,
        "bpm_confidence": analysis.bpm_confidence,
        "bpm_alternatives": list(analysis.bpm_alternatives),
        "key_name": key_name(analysis.key) if analysis.key else None,
        "camelot": camelot(analysis.key) if analysis.key else None,
        "key_confidence": analysis.key_confidence,
    }


def _row(event: dict[str, Any]) -> list[str | Text]:
    if event["error"]:
        return [line(event["file"]), line((event["error"]["message"], "red")), *[""] * 6]
    length = event["duration_s"]
    return [
        line(event["file"]),
        f"{event['bpm']:g}" if event["bpm"] else "–",
        " ".join(f"{bpm:g}" for bpm in event["bpm_alternatives"][:2]) or "–",
        event["key_name"] or "–",
        event["camelot"] or "–",
        "–" if event["lufs"] is None else f"{event['lufs']:.1f}",
        "–" if event["true_peak_db"] is None else f"{event['true_peak_db']:.1f}",
        f"{int(length // 60)}:{length % 60:04.1f}" if length is not None else "–",
    ]
