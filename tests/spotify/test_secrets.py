"""No token, code or secret of Spotify's is in a log, in an error, or in a file but the one that keeps the login."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.sandbox.spotify import Body, Cut, Fault, LoopbackSpotify, Reset, Status
from tests.sandbox.spotify.fixtures import log_in
from tracksync.errors import TracksyncError
from tracksync.settings import Settings
from tracksync.sources.spotify import album, open_client, playing, playlist, saved_tracks, track
from tracksync.sources.spotify.consent import Consent, code_in
from tracksync.sources.spotify.token import TOKEN_FILE

REDIRECT = "http://127.0.0.1:8888/callback"
FAULTS: list[Fault | None] = [
    None,
    Status(code=401),
    Status(code=403),
    Status(code=429, retry_after="7200"),
    Status(code=500),
    Body(body=b"<html>"),
    Body(path="accounts", body=b"{}"),
    Status(path="accounts", code=400, text='{"error": "invalid_grant"}'),
    Cut(),
    Reset(),
]


class Everything(logging.Handler):
    """Keeps every record as it would be written, its traceback included."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r} {vars(record)!r}")


@pytest.fixture
def heard() -> Iterator[Everything]:
    """Every logger that there is, at its loudest."""
    handler = Everything()
    root = logging.getLogger()
    names = [name for name in logging.root.manager.loggerDict if name.startswith(("spotipy", "urllib3", "requests"))]
    loggers = [root, *(logging.getLogger(name) for name in ["spotipy.client", "spotipy.oauth2", "tracksync", *names])]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for logger, level in before:
        logger.setLevel(level)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_nothing_secret_is_told(
    spotify: LoopbackSpotify,
    spotify_settings: Callable[..., Settings],
    heard: Everything,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    fault: Fault | None,
) -> None:
    world = spotify.world
    row = world.track("One")
    world.save(row)
    world.play(row)
    lists = [world.playlist("List", row), world.album("Album", row)]
    plain = spotify_settings()
    given = spotify_settings(
        SPOTIFY_REFRESH_TOKEN=world.refresh_token("user-library-read"),
        SPOTIFY_CLIENT_SECRET=world.secret,
        TRACKSYNC_HOME=str(tmp_path / "other"),
    )
    if fault is not None:
        spotify.add_fault(fault)
    told: list[str] = []

    def attempt(job: Callable[[], object]) -> None:
        try:
            job()
        except TracksyncError as error:
            told.append("".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)))

    def consent() -> None:
        asked = Consent(plain, REDIRECT)
        answer = world.agree(asked.link)
        with suppress(TracksyncError):
            code_in(answer + "X", asked.state)
        asked.finish(code_in(answer, asked.state))

    def read(settings: Settings, *, user: bool = True) -> None:
        with open_client(settings, user=user) as client:
            for job in (
                lambda: list(saved_tracks(client)),
                lambda: playing(client),
                lambda: playlist(client, lists[0]),
                lambda: list(album(client, lists[1])[1]),
                lambda: track(client, row["id"]),
            ):
                attempt(job)

    attempt(consent)
    log_in(spotify, plain)
    attempt(lambda: read(plain))
    world.log_out_everywhere()
    attempt(lambda: read(plain))
    attempt(lambda: read(given))
    attempt(lambda: read(given, user=False))
    captured = capfd.readouterr()
    everything = "\n".join([*heard.lines, *told, captured.out, captured.err])
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != TOKEN_FILE]
    everything += "\n".join(path.read_text(errors="replace") for path in files)
    assert heard.lines
    assert len(world.given) >= 4
    basic = base64.b64encode(f"{world.client_id}:{world.secret}".encode()).decode()
    assert [secret for secret in [*world.given, world.secret, basic] if secret in everything] == []
    assert "Authorization" not in everything
