"""Fixtures of the tests that run the whole: one Prefect server a session, our own music, a loopback server."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile

from examples.pieces import PIECES, render, write_wav
from tests.sandbox.music import Music
from tests.sandbox.server import prefect_server

__all__ = ["bad_files", "music", "prefect_api", "serve"]


def _shared(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all workers of the session have in common."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the session's one Prefect server."""
    with prefect_server(_shared(tmp_path_factory, "prefect")) as address:
        yield address


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Music:
    """The project's own pieces as files."""
    return Music(_shared(tmp_path_factory, "music"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up once it has seen enough is no error


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Serves a file over loopback HTTP and gives its link."""
    servers: list[ThreadingHTTPServer] = []

    def start(path: Path) -> str:
        server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(path.parent)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/{path.name}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def bad_files(tmp_path: Path) -> dict[str, Path]:
    """Files that can't be tracks, by what is wrong with them."""
    folder = tmp_path / "bad"
    folder.mkdir()
    noise = np.random.default_rng(3)
    whole = folder / "whole.wav"
    write_wav(whole, render(PIECES[0])[: 44_100 * 10])
    sound = whole.read_bytes()
    whole.unlink()
    contents = {
        "empty.mp3": b"",
        "text.mp3": b"not audio at all\n" * 50,
        "page.mp3": b"<!DOCTYPE html><html><body>404</body></html>",
        "random.mp3": noise.bytes(200_000),
        "cut.wav": sound[: len(sound) // 2],
        "list.mp3": b"#EXTM3U\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    soundfile.write(folder / "silent.wav", np.zeros((44_100 * 5, 2)), 44_100)
    soundfile.write(folder / "short.wav", noise.standard_normal((20_000, 2)) * 0.1, 44_100)
    odd = (noise.standard_normal((44_100 * 5, 2)) * 0.1).astype(np.float32)
    odd[9_000, 0] = np.nan
    soundfile.write(folder / "nan.wav", odd, 44_100, subtype="FLOAT")
    return {path.name: path for path in sorted(folder.iterdir())}
