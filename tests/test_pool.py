"""The analysis pool: whatever a worker does, its track gets an answer and the others are unharmed."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests._workers import behave
from tracksync.audio import pool as pool_module
from tracksync.audio.pool import AnalysisPool
from tracksync.model import Analysis


def test_crashes_hangs_and_errors_are_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_LEAST_S", 3.0)
    names = ["crash", "well", "hang", "exit", "raise", "well2", "once", "well3"]
    with AnalysisPool(2, 3.0, function=behave) as pool, ThreadPoolExecutor(len(names)) as threads:
        results = dict(
            zip(names, threads.map(lambda name: pool.analyse(tmp_path / f"{name}.wav", 1.0), names), strict=True)
        )
    for name in ("well", "well2", "well3", "once"):
        assert results[name].bpm == 1.0, name
    assert "crashed" in results["crash"].problems[0]
    assert "crashed" in results["exit"].problems[0]
    assert "longer than" in results["hang"].problems[0]
    assert "ZeroDivisionError" in results["raise"].problems[0]
    assert all(results[name].incomplete for name in ("crash", "exit", "hang", "raise"))


@pytest.mark.parametrize("after", [0.0, 0.1, 0.4, 1.0])
def test_closing_ends_a_worker_at_work(tmp_path: Path, after: float) -> None:
    begun = monotonic()
    with ThreadPoolExecutor(1) as threads, AnalysisPool(1, 600, function=behave) as pool:
        threads.submit(pool.analyse, tmp_path / "hang.wav", 1.0)
        sleep(after)
    assert monotonic() - begun < 15


def test_an_answer_that_never_comes_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_GRACE_S", 0.1)
    monkeypatch.setattr(pool_module, "_LEAST_S", 0.1)

    class Lost:
        def schedule(self, *_: object, **__: object) -> Future[Analysis]:
            return Future()

    pool = AnalysisPool(1, 0.1, function=behave)
    monkeypatch.setattr(pool, "_running", Lost)
    assert "crashed twice" in pool.analyse(tmp_path / "well.wav", 0.0).problems[0]


def test_workers_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests._workers import behave; "
        "from tracksync.audio.pool import AnalysisPool\n"
        "if __name__ == '__main__':\n"
        "    AnalysisPool(1, 600, function=behave).analyse(Path(sys.argv[1]), 1.0)\n"
    )
    root = Path(__file__).resolve().parent.parent
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "pid.wav")], cwd=root)
    try:
        noted = tmp_path / "pid.pid"
        for _ in range(200):
            if noted.exists() and noted.read_text():
                break
            sleep(0.05)
        worker = int(noted.read_text())
    finally:
        parent.kill()
        parent.wait()
    for _ in range(200):
        if not _alive(worker):
            return
        sleep(0.05)
    os.kill(worker, 9)
    pytest.fail("the worker outlived its parent")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
