"""The command line's contract, where no engine is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from examples.pieces import PIECES
from tests.sandbox.house import House
from tests.sandbox.music import Music
from tracksync.journal import Journal
from tracksync.model import Facts, State, Track


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_help_is_quick_and_names_the_commands(house: House) -> None:
    runs = [house.do("--help") for _ in range(3)]
    assert min(done.cpu_s for done in runs) < 0.4
    done = runs[0]
    assert done.code == 0
    assert all(command in done.out for command in ("sync", "status", "verify", "analyse", "doctor"))


@pytest.mark.parametrize("module", ["prefect", "essentia", "yt_dlp", "sqlalchemy", "numpy"])
def test_help_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, tracksync.cli; sys.exit('{module}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync",),
        ("sync", "ftp://example.org/a.mp3"),
        ("sync", "file:///etc/passwd"),
        ("sync", "data:audio/wav;base64,AAAA"),
        ("sync", "https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6"),
        ("sync", "/no/such/file.mp3"),
        ("sync", "--source", "next", "https://soundcloud.com/a/b"),
        ("verify",),
        ("sync", "--no-such-option"),
        ("no-such-command",),
    ],
)
def test_wrong_use_is_2_and_a_sentence(house: House, arguments: tuple[str, ...]) -> None:
    done = house.do(*arguments)
    assert done.code == 2, done.out + done.err
    assert (done.out + done.err).strip()
    assert not house.library.exists() or not house.files()


def test_an_artists_page_wants_no_login_to_be_refused(house: House) -> None:
    done = house.do("sync", "spotify:artist:6rqhFgbbKwnb9MLmUQDhG6", "--json")
    assert [event["error"]["kind"] for event in done.tracks] == ["unsupported"]
    assert "an artist's page" in done.tracks[0]["error"]["message"]


def test_what_is_refused_is_a_track_event_too(house: House) -> None:
    done = house.do("sync", "https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6?si=x", "--json")
    track, run = done.events
    assert done.code == 2, "Spotify is not set up"
    assert track["key"] == "spotify:track:6rqhFgbbKwnb9MLmUQDhG6"
    assert track["state"] == "waiting"
    assert "SPOTIFY_CLIENT_ID" in track["error"]["message"]
    assert track["error"]["action"]
    assert run == {
        "event": "run",
        "source": "named",
        "counts": {"waiting": 1},
        "flow_run_id": None,
        "seconds": run["seconds"],
    }


def test_a_login_that_is_missing_is_a_setting(house: House) -> None:
    house.more["SPOTIFY_CLIENT_ID"] = "app"
    done = house.do("sync", "https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6", "--json")
    assert done.code == 2, done.out
    assert done.tracks[0]["error"]["kind"] == "login-needed"
    assert "tracksync login spotify" in done.tracks[0]["error"]["action"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SC_MAX_CONCURRENCY", "many"),
        ("SC_COMP_MODE", "BEST"),
        ("TRACKSYNC_PCM", "8/22"),
        ("TRACKSYNC_FFMPEG", "/no/ffmpeg"),
    ],
)
def test_a_setting_that_is_wrong_is_named(house: House, tmp_path: Path, name: str, value: str) -> None:
    house.more[name] = value
    file = tmp_path / "a.wav"
    file.write_bytes(b"RIFF")
    done = house.do("sync", file)
    assert done.code == 2
    assert name in done.err


def test_doctor_tries_what_the_settings_name(house: House, tmp_path: Path) -> None:
    house.more["TRACKSYNC_HOMME"] = "x"
    (tmp_path / "note.txt").write_text("no music")
    folders = [
        tmp_path,
        tmp_path / "Musik",
        tmp_path / "note.txt",
        Path("/Volumes/NOT HERE/Music"),
        Path("/", "x" * 300),
    ]
    house.more["MUSIC_DIRECTORY_PATHS"] = ",".join(map(str, folders))
    done = house.do("doctor", "--json")
    checks = {event["name"]: event for event in done.events}
    told = [(event["ok"], event["detail"]) for event in done.events if event["name"] == "MUSIC_DIRECTORY_PATHS"]
    assert [ok for ok, _ in told] == [True, False, False, True, False]
    for (_, detail), folder, words in zip(
        told, folders, ("can be read", "is not there", "is not a folder", "not mounted", "name too long"), strict=True
    ):
        assert str(folder) in detail
        assert words in detail
    assert checks["ffmpeg"]["ok"]
    assert checks["journal"]["ok"]
    assert checks["OUT_DIR"]["ok"]
    assert not checks["settings"]["ok"]
    assert "did you mean TRACKSYNC_HOME" in checks["settings"]["detail"]
    assert done.code == 1


def test_a_folder_that_is_a_file_is_said(house: House, tmp_path: Path) -> None:
    house.library.write_text("a file")
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    done = house.do("sync", tmp_path / "a.wav")
    assert done.code == 2
    assert str(house.library) in done.err


def test_a_locale_without_the_letters_is_no_reason_to_end(house: House, tmp_path: Path) -> None:
    house.more |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    (tmp_path / "Žluťoučký kůň.mp3").write_bytes(b"")
    for arguments in (("sync",), ("sync", "--json")):
        done = house.do(*arguments, tmp_path / "Žluťoučký kůň.mp3")
        assert done.code == 1, done.err


def test_status_of_nothing(house: House) -> None:
    assert house.do("status").code == 0
    assert house.do("status", "--json").events == [{"event": "status", "counts": {}}]
    assert house.do("status", "url:" + "0" * 64).code == 1


def test_recover_says_that_something_waits(house: House) -> None:
    assert "nothing is unfinished" in house.do("recover").err
    track = Track(key="soundcloud:track:1", source="link", origin="https://soundcloud.com/a/b", facts=Facts(title="T"))
    with Journal.open(f"sqlite:///{house.root / 'state' / 'journal.db'}") as journal:
        journal.ensure(track)
        journal.set_state(track.key, State.WAITING, until=datetime.now(UTC) + timedelta(hours=1))
    done = house.do("recover")
    assert (done.code, "1 track still waits" in done.err) == (0, True), done.err


def test_analyse_tells_each_file_in_order(
    house: House, tmp_path: Path, music: Music, bad_files: dict[str, Path]
) -> None:
    files = [
        music.piece(0, "flac"),
        bad_files["silent.wav"],
        music.piece(1, "mp3"),
        bad_files["nan.wav"],
        tmp_path / "gone.mp3",
    ]
    done = house.do("analyse", *files, "--json")
    assert done.code == 1
    events = done.events
    assert [event["file"] for event in events] == [str(file) for file in files]
    assert set(events[0]) == {
        "event", "file", "bpm", "bpm_confidence", "bpm_alternatives", "key_name", "camelot", "key_confidence", "lufs",
        "true_peak_db", "duration_s", "error",
    }  # fmt: skip
    assert events[0]["bpm"] == pytest.approx(PIECES[0].bpm, abs=0.05)
    assert events[0]["error"] is None
    assert events[2]["bpm"] == pytest.approx(PIECES[1].bpm, abs=0.05)
    assert [event["error"] is not None for event in events] == [False, True, False, True, True]
    assert not list((tmp_path / "library").rglob("*")) if (tmp_path / "library").exists() else True


def test_dry_run_does_nothing(house: House, music: Music) -> None:
    done = house.do("sync", music.piece(0, "flac"), "--dry-run", "--json")
    assert done.code == 0
    assert [event["state"] for event in done.tracks] == ["new"]
    assert json.loads(done.out.splitlines()[-1])["flow_run_id"] is None
    assert house.files() == {}
    assert house.do("status", "--json").events == [{"event": "status", "counts": {}}]


def test_a_list_that_is_more_than_a_run_can_take_wants_a_limit(house: House) -> None:
    names = house.root / "long.txt"
    names.write_text("\n".join(f"Somebody - Song {number}" for number in range(10_001)), encoding="utf-8")
    done = house.do("sync", names)
    assert done.code == 2
    assert "10001 tracks were named, more than one run can take" in done.err
    assert "--limit" in done.err
    done = house.do("sync", names, "--dry-run", "--limit", "2", "--json")
    assert [track["title"] for track in done.tracks] == ["Song 0", "Song 1"]
    assert house.do("sync", names, "--limit", "1", "--use", "https://soundcloud.com/a/b").code == 2
