"""What Eagle has already of a page's file is found exactly, taken over, and not imported a second time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.eagle.before import Years, end
from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.notion import House
from tracksync.journal import Journal
from tracksync.library.eagle.disk import place_in_library
from tracksync.library.eagle.wanted import MARKER
from tracksync.model import EagleReceipt, Stage
from tracksync.stages.eagle import eagle_checks
from tracksync.stages.workshop import Workshop


def test_an_item_of_the_same_bytes_is_taken_over(years: Years, eagle: LoopbackEagle) -> None:
    mine = eagle.library.add_folder("My own")
    known = eagle.library.add(
        name="as I call it", source=years.file(1), tags=["mine"], annotation="peak time", star=4, folders=[mine]
    )
    page = years.page(1, {"Tempo": 128, "Genre": "House"})
    (event,) = years.recover()
    assert (event["state"], event["eagle_item_id"], eagle.api.adds) == ("synced", known, 0)
    assert page.plain("Eagle File ID") == known
    item = eagle.library.items[known]
    assert item["tags"] == ["mine", "Someone", "Else", "House", "BPM128", "WAV", event["key"]]
    assert item["annotation"].startswith(f"peak time\n\n{MARKER}\n")
    assert (item["name"], item["star"], item["folders"]) == ("as I call it", 4, [mine])
    entry = years.journal.find(event["key"])
    assert entry is not None
    assert all(check.ok for check in eagle_checks(years.run(), entry))


@pytest.mark.parametrize("unlike", ["bytes", "size", "extension", "trashed", "picture"])
def test_what_is_not_the_same_is_left_alone(years: Years, eagle: LoopbackEagle, unlike: str) -> None:
    path = years.file(1)
    content = path.read_bytes()
    more: dict[str, Any] = {"name": path.stem, "content": content}
    if unlike == "bytes":
        more["content"] = content[:-1] + b"!"
    elif unlike == "size":
        more["content"] = content + b"!"
    elif unlike == "trashed":
        more["isDeleted"] = True
    else:
        more["ext"] = {"extension": "aiff", "picture": "png"}[unlike]
    known = eagle.library.add(**more)
    before = dict(eagle.library.items[known])
    page = years.page(1, path=path)
    (event,) = years.recover()
    assert event["state"] == "synced"
    assert page.plain("Eagle File ID") not in (known, None)
    assert eagle.library.items[known] == before
    assert eagle.api.adds == 1


@pytest.mark.parametrize(("name", "found"), [("Old 1", True), ("Someone, Else - Song 1", True), ("Old 10", False)])
def test_where_the_library_cannot_be_read_size_and_name_have_to_do(
    years: Years, eagle: LoopbackEagle, name: str, found: bool
) -> None:
    path = years.file(1)
    known = eagle.library.add(name=name, source=path)
    nameless = eagle.library.add(name="Old 1", on_disk=False, size=0)
    page = years.page(1, path=path)
    years.recover(years.run(EAGLE_LIBRARY_PATH=""))
    assert (page.plain("Eagle File ID") == known) is found
    assert page.plain("Eagle File ID") != nameless
    assert eagle.api.adds == (0 if found else 1)


def test_a_page_that_names_an_item_s_own_file(years: Years, eagle: LoopbackEagle) -> None:
    known = eagle.library.add(name="An Old Name", source=years.file(1))
    page = years.page(1, path=eagle.library.file_of(known))
    (event,) = years.recover()
    assert (page.plain("Eagle File ID"), eagle.api.adds) == (known, 0)
    assert event["files"]["wav"] == str(eagle.library.file_of(known))


def test_a_page_that_names_the_file_of_an_item_in_the_trash(years: Years, eagle: LoopbackEagle) -> None:
    known = eagle.library.add(source=years.file(1), isDeleted=True)
    page = years.page(1, path=eagle.library.file_of(known))
    (event,) = years.recover()
    receipt = years.journal.receipt(event["key"], Stage.EAGLE, EagleReceipt)
    assert receipt is not None
    assert (event["state"], receipt.trashed, page.plain("Eagle File ID")) == ("synced", True, None)
    assert (eagle.api.adds, years.recover()) == (0, [])


def test_a_file_of_another_library_is_imported_into_this_one(years: Years, eagle: LoopbackEagle) -> None:
    there = eagle.other.add(source=years.file(1))
    decoy = eagle.library.add(id=there, content=b"of this library")
    page = years.page(1, path=eagle.other.file_of(there))
    years.recover()
    assert page.plain("Eagle File ID") not in (decoy, None)
    assert eagle.api.adds == 1


def test_of_several_the_wanted_format_and_the_oldest_is_taken(
    eagle: LoopbackEagle, house: House, journal: Journal, shops: Callable[..., Workshop], tmp_path: Path, music: Any
) -> None:
    with closing(Years(eagle, house, journal, tmp_path / "old", shops)) as years:
        house.tracks.source.add_property("M4A File Path", "rich_text")
        m4a, wav = (Path(shutil.copyfile(music.piece(0, ext), tmp_path / f"a.{ext}")) for ext in ("m4a", "wav"))
        for name, source in (("m4a", m4a), ("first", wav), ("second", wav)):
            eagle.library.add(name=name, ext=source.suffix[1:], source=source)
        page = years.page(1, {"M4A File Path": str(m4a)}, path=wav)
        years.recover()
        named = page.plain("Eagle File ID")
        assert eagle.library.items[named]["name"] == "first"
        for item in eagle.library.live:
            if item["ext"] == "wav":
                item["isDeleted"] = True
        journal.drop_receipts(journal.entries()[0].key, [Stage.EAGLE, Stage.RECORD])
        eagle.library.items[named]["tags"].clear()
        page.put({"Eagle File ID": ""})
        years.recover()
        assert eagle.library.items[page.plain("Eagle File ID")]["name"] == "m4a", "each of the page's files may match"
        assert "M4A" in eagle.library.items[page.plain("Eagle File ID")]["tags"]
        assert eagle.api.adds == 0


def test_many_pages_in_one_go(years: Years, eagle: LoopbackEagle) -> None:
    """Files of one size all of them, and a library of thousands of others: nothing is read once a track."""
    count = 14
    for number in range(3_000):
        eagle.library.add(on_disk=False, name=f"Other {number}", size=44)
    known = [eagle.library.add(source=years.file(number), name=f"Old {number}") for number in range(0, count, 2)]
    pages = [years.page(number) for number in range(count)]
    shop = years.run()
    keys = years.unfinished(shop)
    assert len(keys) == count
    assert years.notes[-1] == f"{count} pages from before have no item in Eagle yet; they come last."
    tracks = years.tracks(shop, *keys)
    years.house.notion.clear()
    eagle.clear()
    assert {end(shop, track)["state"] for track in tracks} == {"synced"}
    assert [page.plain("Eagle File ID") for page in pages[::2]] == known
    assert (eagle.api.adds, len(eagle.library.live)) == (count // 2, 3_000 + count)
    listed = [seen for seen in eagle.requests if "offset" in {**seen.query, **seen.body} and not _asks(seen)]
    assert len(listed) == 4, "the library is listed once, a thousand at a time"
    assert len(eagle.requests) <= count * 16, "nine of a track's own, and the looks until it shows"
    assert years.house.notion.count() <= count * 6
    assert shop.eagle is not None
    read = shop.eagle._looking._read
    assert len(read) <= 2.5 * count, "each file is hashed once, though all are of one size"


def _asks(seen: Any) -> bool:
    return bool({"tags", "url", "id"} & {**seen.query, **seen.body}.keys())


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/a/Music.library/images/LQ1.info/x.wav", ("/a/Music.library", "LQ1")),
        ("D:\\a\\Music.library\\images\\LQ1.info\\x.wav", ("D:\\a\\Music.library", "LQ1")),
        ("/a/Music.library/images/LQ1.info", None),
        ("/a/Music.library/images/LQ1/x.wav", None),
        ("/a/Music/images/LQ1.info/x.wav", None),
    ],
)
def test_where_a_library_keeps_a_file(path: str, place: tuple[str, str] | None) -> None:
    assert place_in_library(Path(path)) == (place and (Path(place[0]), place[1]))
