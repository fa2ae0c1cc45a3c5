"""Pages from before beside Eagle, as a person finishes them: the real command line, flow, ffmpeg and clients."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.pieces import PIECES
from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.house import House
from tests.sandbox.music import Music
from tests.sandbox.notion import House as Databases
from tests.sandbox.notion import LoopbackNotion, standard_house
from tests.sandbox.notion.databases import StandInPage

pytestmark = pytest.mark.server

_KINDS = ("m4a", "wav", "aiff")


@pytest.fixture
def eagle(tmp_path: Path) -> Iterator[LoopbackEagle]:
    with LoopbackEagle(tmp_path / "eagle", token="the-right-token") as stand_in:
        yield stand_in


@pytest.fixture
def databases(notion: LoopbackNotion) -> Databases:
    return standard_house(notion)


@pytest.fixture
def person(tmp_path: Path, databases: Databases, eagle: LoopbackEagle, prefect_api: str) -> House:
    in_eagle = {
        "EAGLE_API_BASE": eagle.base,
        "EAGLE_TOKEN": str(eagle.token),
        "EAGLE_LIBRARY_PATH": str(eagle.library.path),
    }
    return House(tmp_path, {"PREFECT_API_URL": prefect_api, **databases.environment, **in_eagle})


def an_old_page(databases: Databases, music: Music, folder: Path, number: int, **more: Any) -> StandInPage:
    folder.mkdir(exist_ok=True)
    files = {kind: shutil.copyfile(music.piece(number, kind), folder / f"Old {number}.{kind}") for kind in _KINDS}
    named = {f"{kind.upper()} File Path": str(path) for kind, path in files.items()}
    piece = PIECES[number]
    values = {"Title": piece.title, "Artist Name": ", ".join(piece.artists), "Downloaded": True}
    return databases.tracks.add_page({**values, **named, **more})


def test_they_are_brought_into_eagle_and_nothing_else_is_done(
    person: House, databases: Databases, music: Music, eagle: LoopbackEagle
) -> None:
    old = person.root / "old"
    pages = [an_old_page(databases, music, old, number, Tempo=100 + number) for number in range(3)]
    known = eagle.library.add(name="mine", ext="aiff", source=old / "Old 1.aiff", tags=["mine"])
    before = {path: path.read_bytes() for path in old.iterdir()}
    told = person.do("status", "--all")
    assert "3 of what is whole have no item in Eagle yet" in told.err

    dry = person.do("recover", "--dry-run", "--json")
    assert (dry.code, dry.run["counts"], databases.notion.writes, eagle.api.adds) == (0, {"new": 3}, 0, 0)
    eagle.close()
    waits = person.do("sync", pages[1].id, "--json")
    assert (waits.code, waits.run["counts"]) == (1, {"waiting": 1}), waits.err
    eagle.open()
    last = person.do("recover", "--json")
    assert (last.code, last.run["counts"]) == (0, {"synced": 3}), last.err
    assert "3 pages from before have no item in Eagle yet; they come last." in last.err

    assert pages[1].plain("Eagle File ID") == known
    assert {page.plain("Eagle File ID") for page in pages} == set(eagle.library.items)
    assert eagle.library.items[known]["tags"][0] == "mine"
    assert eagle.api.adds == 2
    assert all(page.plain("Audio Processing") == ("Files Imported to Eagle",) for page in pages)
    assert all(page.plain("Downloaded") is True and page.blocks == [] for page in pages)
    assert [page.plain("Tempo") for page in pages] == [100, 101, 102]
    assert {path: path.read_bytes() for path in old.iterdir()} == before
    assert (person.files(), person.leftovers(), len(databases.tracks.pages)) == ({}, [], 3)

    verified = person.do("verify", "--all", "--json")
    assert verified.code == 0, verified.out
    assert len(verified.events) == 3
    databases.notion.clear()
    again = person.do("recover")
    assert "nothing is unfinished" in again.err
    assert (databases.notion.writes, eagle.api.adds, eagle.api.updates) == (0, 2, 1)
    for done in (told, dry, waits, last, verified, again):
        assert "the-right-token" not in done.out + done.err
