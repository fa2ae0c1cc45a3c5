"""Runs with Notion for their catalogue, as a person starts them: the real command line, client, flow, ffmpeg."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from examples.pieces import PIECES
from tests.sandbox.house import House
from tests.sandbox.music import Music
from tests.sandbox.notion import House as Databases
from tests.sandbox.notion import LoopbackNotion, Status, standard_house
from tests.sandbox.notion.databases import StandInPage

pytestmark = pytest.mark.server


@pytest.fixture
def databases(notion: LoopbackNotion) -> Databases:
    return standard_house(notion)


@pytest.fixture
def house(tmp_path: Path, databases: Databases, prefect_api: str) -> House:
    return House(tmp_path, {"PREFECT_API_URL": prefect_api, **databases.environment})


def finished_page(databases: Databases, files: dict[str, str], **more: Any) -> StandInPage:
    """A page as the years before left it."""
    named = {f"{Path(path).suffix[1:].upper()} File Path": path for path in files.values()}
    return databases.tracks.add_page({"Downloaded": True, **named, **more})


def test_tracks_get_one_page_each_and_then_nothing_is_written(house: House, databases: Databases, music: Music) -> None:
    """One is new; the other has a page of years ago, and is adopted as it is."""
    piece, kept = music.piece(0, "flac"), music.piece(1, "m4a")
    folder = house.root / "old"
    folder.mkdir()
    old = {kind: str(shutil.copyfile(music.piece(1, kind), folder / f"Old.{kind}")) for kind in ("m4a", "wav", "aiff")}
    artists = ", ".join(PIECES[1].artists)
    adopted = finished_page(databases, old, Title=PIECES[1].title, **{"Artist Name": artists, "Tempo": 93, "Key": "Eb"})
    databases.notion.clear()
    seen = house.do("sync", kept, "--json")
    assert seen.run["counts"] == {"synced": 1}
    assert seen.run["flow_run_id"] is None, "it is there and whole"
    assert databases.notion.writes == 0
    assert house.files() == {}
    assert adopted.plain("Tempo") == 93

    databases.notion.clear()
    done = house.do("sync", piece, "--playlist", "Warm-up", "--json")
    assert done.code == 0, done.err
    (page,) = [one for one in databases.tracks.pages if one is not adopted]
    assert page.plain("Downloaded") is True
    assert page.plain("Title") == PIECES[0].title
    assert page.plain("Tempo") == pytest.approx(PIECES[0].bpm, abs=0.05)
    assert [databases.notion.space.pages[one].plain("Name") for one in page.plain("Playlists")] == ["Warm-up"]
    assert {page.plain(f"{kind} File Path") for kind in ("M4A", "WAV", "AIFF")} == set(done.tracks[0]["files"].values())
    assert [block["type"] for block in page.blocks] == ["callout"]
    assert databases.notion.most_in(10.0) <= 30, "three a second, sustained"
    assert databases.notion.count("GET", "data_sources/[^/]+$") == 3, "each schema once, by two processes"

    databases.notion.clear()
    again = house.do("sync", piece, kept, "--json")
    assert again.run["counts"] == {"synced": 2}
    assert again.run["flow_run_id"] is None
    assert databases.notion.writes == 0
    assert databases.notion.count() <= 6

    said = house.do("verify", page.id)
    assert said.code == 0, said.out + said.err
    page.put({"WAV File Path": "/elsewhere/One.wav"})
    said = house.do("verify", page.id)
    assert said.code == 1
    assert "WAV" in said.out + said.err


def test_while_notion_is_down_the_tracks_are_finished_and_recovered_with_what_is_broken(
    house: House, databases: Databases, music: Music
) -> None:
    folder = house.root / "old"
    folder.mkdir()
    kept = shutil.copyfile(music.piece(2, "wav"), folder / "Old.wav")
    files = {"wav": str(kept), "m4a": str(folder / "Old.m4a"), "aiff": str(folder / "Old.aiff")}
    artists = ", ".join(PIECES[2].artists)
    broken = finished_page(databases, files, Title=PIECES[2].title, **{"Artist Name": artists})
    as_it_was = kept.read_bytes()
    databases.notion.add_fault(Status(code=429, retry_after="3600", times=None))
    done = house.do("sync", music.piece(0, "mp3"), music.piece(1, "mp3"), "--json")
    assert done.code == 1
    assert done.run["counts"] == {"waiting": 2}
    assert all("Notion" in event["error"]["message"] for event in done.tracks)
    before = house.files()
    assert len(before) == 6
    assert house.leftovers() == []

    databases.notion.mend()
    status = house.do("status", "--all", "--json")
    assert [event["standing"] for event in status.tracks] == ["broken"]
    later = house.do("recover", "--json")
    assert later.code == 0, later.out + later.err
    after = house.files()
    assert {name: after[name] for name in before} == before, "nothing was made a second time"
    assert sorted(page.plain("Title") for page in databases.tracks.pages) == sorted(p.title for p in PIECES)
    assert all(page.plain("Downloaded") for page in databases.tracks.pages)
    assert kept.read_bytes() == as_it_was
    named = [Path(broken.plain(f"{kind} File Path")) for kind in ("M4A", "WAV", "AIFF")]
    assert all(path.is_file() for path in named)
    status = house.do("status", "--all", "--json")
    assert [event["standing"] for event in status.tracks] == ["whole"] * 3
    databases.notion.clear()
    house.do("recover", "--json")
    assert databases.notion.writes == 0


def test_next_is_a_page_that_is_processed_and_a_dead_link_is_said_on_its_own(
    house: House, databases: Databases, music: Music, serve: Any
) -> None:
    link = serve(music.piece(2, "flac"))
    other = databases.tracks.add_page({"Title": "Not yet", "Bandcamp URL": link.replace("127.0.0.1", "localhost")})
    page = databases.tracks.add_page({"Title": "My own title", "Bandcamp URL": link, "Priority": "High"})
    dead = {"Title": "Dead", "Bandcamp URL": f"{link}.none.flac", "Priority": "5 - Critical"}
    gone = databases.tracks.add_page(dead)
    done = house.do("sync", "--source", "next", "--limit", "2", "--json")
    assert done.code == 1, done.err
    assert done.run["counts"] == {"failed": 1, "synced": 1}
    assert gone.plain("Audio Processing") == ("SC_404",)
    assert "SC_404" not in page.plain("Audio Processing")
    assert page.plain("Downloaded") is True
    assert page.plain("Title") == "My own title"
    assert page.plain("Tempo") == pytest.approx(PIECES[2].bpm, abs=0.05)
    assert not other.plain("Downloaded")
    foretold = house.do("sync", "--source", "next", "--dry-run", "--json")
    assert [track["title"] for track in foretold.tracks] == ["Not yet"], "the dead one is not taken again, nor the done"
    assert len(databases.tracks.pages) == 3


def test_two_runs_at_once_make_one_track_and_one_page(house: House, databases: Databases, music: Music) -> None:
    piece = music.piece(1, "flac")
    both = [house.start("sync", piece, "--json") for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        assert '"state":"synced"' in out
    assert len(house.files()) == 3
    assert len(databases.tracks.pages) == 1
    assert databases.tracks.pages[0].plain("Downloaded") is True
    assert len(databases.artists.pages) == len(PIECES[1].artists)
