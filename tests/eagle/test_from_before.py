"""Pages of the years before: what they name is imported into Eagle, once, and their pages say so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.eagle.before import LIBRARY, Years, end
from tests.sandbox.eagle import Html, LoopbackEagle, LostAnswer, Quits
from tests.sandbox.journals import a_named_track, enrolled
from tests.sandbox.notion import Status
from tracksync.journal import Journal
from tracksync.model import EagleReceipt, PublishReceipt, RecordReceipt, Stage
from tracksync.stages.review import in_doubt
from tracksync.stages.verify import verify_entry, verify_page


def states(events: list[dict[str, Any]]) -> list[str]:
    return [event["state"] for event in events]


FULL = {
    "Tempo": 127.6,
    "Key": "A Minor (8A)",
    "Genre": "House",
    "Album": "An Album",
    "Release Date": "2019-05-01",
    "SoundCloud URL": "https://soundcloud.com/someone/song-1",
    "Spotify ID": "6rqhFgbbKwnb9MLmUQDhG6",
    "Audio Processing": ("Checked by me", "Eagle_Import_Failed"),
}


def test_a_page_from_before_is_imported_with_what_stands_on_it(years: Years, eagle: LoopbackEagle) -> None:
    lists = [years.house.playlists.add_page({"Name": name}).id for name in ("Warm-up", "Closing")]
    page = years.page(1, {"Playlists": tuple(lists), **FULL})
    before, sound = dict(page.values), Path(page.plain("WAV File Path")).read_bytes()
    (event,) = years.recover()
    assert (event["state"], event["error"]) == ("synced", None)
    (item,) = eagle.library.live
    assert event["eagle_item_id"] == item["id"]
    assert item["name"] == "Someone, Else - Song 1"
    assert item["url"] == FULL["SoundCloud URL"]
    assert item["tags"] == [
        "Someone", "Else", "House", "Warm-up", "Closing", "BPM128", "A Minor", "8A", "WAV", "soundcloud", event["key"]
    ]  # fmt: skip
    assert eagle.library.path_of(item["folders"][0]) == "Playlists/Warm-up"
    assert "On its page: 127.6 BPM, A Minor (8A)" in item["annotation"]
    assert "Measured" not in item["annotation"]
    assert eagle.library.file_of(item["id"]).read_bytes() == sound
    assert page.values == before | {"Eagle File ID": item["id"], "Audio Processing": ("Checked by me", LIBRARY)}
    assert Path(page.plain("WAV File Path")).read_bytes() == sound
    assert years.journal.receipt(event["key"], Stage.PUBLISH, PublishReceipt) is None
    recorded = years.journal.receipt(event["key"], Stage.RECORD, RecordReceipt)
    assert recorded is not None
    assert recorded.adopted is not None
    assert recorded.adopted.eagle_id == item["id"]
    assert len(years.house.tracks.pages) == 1


def test_it_is_done_once(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    years.recover()
    years.house.notion.clear()
    assert years.recover() == []
    assert states(years.end(years.run(), page)) == ["synced"]
    assert (eagle.api.adds, eagle.api.updates, years.house.notion.writes) == (1, 0, 0)


def test_they_come_last_and_are_told(years: Years, journal: Journal, tmp_path: Path) -> None:
    whole = years.page(1)
    broken = years.page(2, path=tmp_path / "gone.wav")
    years.page(3, {"Eagle File ID": "LOLD"})
    years.page(4, {"Downloaded": False})
    years.page(5, path=Path("/Volumes/Away/Old 5.wav"))
    years.page(6, {"Audio Processing": ("Merged Duplicate",)})
    shop = years.run()
    assert years.unfinished(shop) == [f"notion:page:{broken.id}", f"notion:page:{whole.id}"]
    assert years.notes[1:] == ["1 page from before has no item in Eagle yet; it comes last."]
    shop.settings = shop.settings.model_copy(
        update={"eagle_api_base": None, "eagle_library": None, "eagle_token": None}
    )
    assert years.unfinished(shop) == [f"notion:page:{broken.id}"], "where Eagle is not configured it is whole"


def test_what_was_adopted_before_eagle_was_configured_is_taken_up(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    alone = years.run()
    imports, alone.eagle = alone.eagle, None
    settings = alone.settings
    alone.settings = settings.model_copy(update={"eagle_api_base": None, "eagle_library": None, "eagle_token": None})
    (event,) = years.end(alone, page)
    assert (event["state"], event["eagle_item_id"], eagle.library.live) == ("synced", None, [])
    shop = years.run()
    assert years.unfinished(shop) == [event["key"]]
    assert states(years.recover(shop)) == ["synced"]
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]
    assert imports is not None


@pytest.mark.parametrize("when", ["before", "in the middle", "no Eagle at all"])
def test_while_eagle_is_closed_the_track_waits(years: Years, eagle: LoopbackEagle, when: str) -> None:
    page = years.page(1)
    before = dict(page.values)
    if when == "before":
        eagle.close()
    elif when == "in the middle":
        eagle.add_fault(Quits(path="v2/item/add|item/addFromPath"))
    else:
        eagle.add_fault(Html(times=None))
    (event,) = years.recover()
    assert (event["state"], event["error"]["kind"]) == ("waiting", "eagle-away")
    assert page.values == before, "Downloaded stays true, and nothing is claimed"
    eagle.mend()
    eagle.open()
    shop = years.run()
    assert years.unfinished(shop)[0] == event["key"]
    assert states(years.deliver(shop)) == ["synced"], "the next run does it, whatever it is about"
    assert [item["id"] for item in eagle.library.live] == [page.plain("Eagle File ID")]
    assert page.plain("Downloaded") is True


def test_a_lost_answer_makes_no_second_item(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    eagle.add_fault(LostAnswer(path="v2/item/add|item/addFromPath"))
    assert states(years.recover()) == ["synced"]
    assert [item["id"] for item in eagle.library.live] == [page.plain("Eagle File ID")]


def test_another_library_gets_nothing(years: Years, eagle: LoopbackEagle) -> None:
    years.page(1)
    eagle.switch()
    (event,) = years.recover()
    assert event["state"] == "waiting"
    assert "Pictures" in event["error"]["message"]
    assert eagle.other.live == eagle.library.live == []


def test_a_wrong_token_ends_the_run(years: Years, eagle: LoopbackEagle) -> None:
    years.page(1)
    years.page(2)
    eagle.token = "the right one"
    events = years.recover(years.run(EAGLE_TOKEN="another one entirely"))
    assert [event["error"]["kind"] for event in events] == ["misconfigured", "misconfigured"]
    assert "another one" not in str(events)


def test_where_notion_fails_after_the_import_the_item_is_named_later(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    years.house.notion.add_fault(Status(method="PATCH", path="pages/", code=503, times=None))
    (event,) = years.recover()
    assert event["state"] == "waiting"
    years.house.notion.mend()
    assert page.plain("Eagle File ID") is None
    shop = years.run()
    assert states(years.recover(shop)) == ["synced"]
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]
    assert eagle.api.adds == 1


def test_a_page_that_is_trashed_meanwhile(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    shop = years.run()
    tracks = years.tracks(shop, page)
    page.trash()
    event = end(shop, tracks[0])
    assert (event["state"], event["error"]["kind"]) == ("failed", "not-found")
    assert "trash" in event["error"]["message"]
    assert eagle.api.adds == 0


def test_a_database_without_a_place_for_the_item(years: Years, eagle: LoopbackEagle) -> None:
    years.house.tracks.source.remove_property("Eagle File ID")
    page = years.page(1)
    assert states(years.recover()) == ["synced"]
    assert page.plain("Audio Processing") == (LIBRARY,)
    assert years.recover() == []
    assert states(years.end(years.run(), page)) == ["synced"]
    assert eagle.api.adds == 1


def test_an_item_in_the_trash_is_left_there(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    (event,) = years.recover()
    years.journal.drop_receipts(event["key"], [Stage.RECORD])
    eagle.library.items[page.plain("Eagle File ID")]["isDeleted"] = True
    page.put({"Eagle File ID": ""})
    (again,) = years.end(years.run(), page)
    assert (again["state"], again["eagle_item_id"]) == ("synced", None)
    receipt = years.journal.receipt(event["key"], Stage.EAGLE, EagleReceipt)
    assert receipt is not None
    assert receipt.trashed
    assert page.plain("Eagle File ID") == "", "one in the trash is not named"
    assert years.recover() == []
    assert states(years.end(years.run(), page)) == ["synced"]
    assert eagle.api.adds == 1


@pytest.mark.parametrize("wrong", ["no sound", "another length"])
def test_a_file_that_is_not_what_its_page_says_is_not_imported(years: Years, eagle: LoopbackEagle, wrong: str) -> None:
    path = years.file(1)
    if wrong == "no sound":
        other = years.file(9)
        shop = years.run()
        page = years.page(1, {"Audio Duration (seconds)": 1}, path=path)
        (track,) = years.tracks(shop, page)
        path.write_bytes(b"<html>not found</html>" * 100)
        assert other.is_file()
    else:
        page = years.page(1, {"Audio Duration (seconds)": 300}, path=path)
    before = dict(page.values)
    shop = years.run()
    (event,) = years.end(shop, page if wrong == "another length" else track.key)
    assert event["state"] == "needs-review", event
    assert str(path) in event["error"]["action"]
    assert eagle.api.adds == 0
    assert page.values == before
    assert years.recover() == [], "a person has to look"
    assert in_doubt(years.journal) == [], "at the page; nobody asks for another audio"


def test_two_pages_of_one_file(years: Years, eagle: LoopbackEagle) -> None:
    path = years.file(1)
    pages = [years.page(1, path=path), years.page(2, path=path)]
    assert states(years.recover()) == ["synced"], "they are one track"
    assert eagle.api.adds == 1
    assert years.recover() == []
    assert states(years.end(years.run(), *pages)) == ["synced"]
    assert eagle.api.adds == 1


def test_two_tracks_whose_pages_name_one_file(years: Years, eagle: LoopbackEagle, journal: Journal) -> None:
    path = years.file(1)
    pages = [years.page(1, path=path), years.page(2, path=path)]
    keys = [f"soundcloud:track:{number}" for number in (1, 2)]
    shop = years.run()
    made = [
        enrolled(journal, a_named_track(key, title=f"Song {n}", artists=("Someone", "Else")), ("page", page.id))
        for n, (key, page) in enumerate(zip(keys, pages, strict=True), 1)
    ]
    first, second = (end(shop, track) for track in made)
    assert first["state"] == "synced"
    assert (second["state"], second["error"]["kind"]) == ("needs-review", "needs-person")
    assert keys[0] in second["error"]["message"]
    assert eagle.api.adds == 1


def test_two_of_them_at_the_same_moment(years: Years, eagle: LoopbackEagle, journal: Journal) -> None:
    path = years.file(1)
    pages = [years.page(number, path=path) for number in (1, 2)]
    shop = years.run()
    made = [
        enrolled(
            journal,
            a_named_track(f"soundcloud:track:{n}", title=f"Song {n}", artists=("Someone", "Else")),
            ("page", page.id),
        )
        for n, page in enumerate(pages, 1)
    ]
    with ThreadPoolExecutor(2) as threads:
        events = list(threads.map(lambda track: end(shop, track), made))
    assert sorted(states(events)) == ["needs-review", "synced"]
    assert len(eagle.library.live) == 1


def test_while_notion_is_down_nothing_is_made_beside_what_is_there(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    shop = years.run()
    (track,) = years.tracks(shop, page)
    years.house.notion.add_fault(Status(code=503, times=None))
    event = end(shop, track)
    assert (event["state"], event["error"]["kind"]) == ("waiting", "catalogue-away")
    years.house.notion.mend()
    assert states(years.recover()) == ["synced"]
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]


def test_a_like_of_a_page_that_was_adopted_is_the_same_track(years: Years, eagle: LoopbackEagle) -> None:
    years.page(1, {"SoundCloud URL": "https://soundcloud.com/someone/song-1"})
    (event,) = years.recover()
    facts = {"link": "https://soundcloud.com/someone/song-1"}
    liked = enrolled(years.journal, a_named_track("soundcloud:track:7", title="Song 1", facts=facts))
    assert end(years.run(), liked)["state"] == "synced"
    entry = years.journal.find(liked.key)
    assert entry is not None
    assert entry.merged_into == event["key"]
    assert eagle.api.adds == 1


def test_what_verify_says(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    shop = years.run()
    checks = {check.name: check for check in verify_page(shop, shop.catalogue.page_of(page.id)).checks}
    assert not checks["eagle item"].ok
    assert "names none" in checks["eagle item"].detail
    (event,) = years.recover(shop)
    entry = years.journal.find(event["key"])
    assert entry is not None
    receipt = verify_entry(shop, entry, at_rest=True)
    assert receipt.ok, receipt.failures()
    assert {"page downloaded", "wav exists", "wav decodes", "wav tags", "eagle item", "eagle file", "eagle tags"} <= {
        check.name for check in receipt.checks
    }
    assert verify_page(shop, shop.catalogue.page_of(page.id)).ok
    eagle.library.purge(page.plain("Eagle File ID"))
    for failures in (
        verify_entry(shop, entry, at_rest=True).failures(),
        verify_page(shop, shop.catalogue.page_of(page.id)).failures(),
    ):
        assert [check.name for check in failures] == ["eagle item"]
        assert "is not in Eagle's library “Music”" in failures[0].detail
    page.put({"Downloaded": False})
    assert [check.name for check in verify_entry(shop, entry).failures()] == ["page downloaded"]


def test_an_id_that_names_nothing_is_said_and_stays_until_it_is_emptied(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1, {"Eagle File ID": "LDEAD0000000A"})
    shop = years.run()
    (event,) = years.end(shop, page)
    assert event["state"] == "synced", "it says so of itself"
    entry = years.journal.find(event["key"])
    assert entry is not None
    for receipt in (verify_entry(shop, entry, at_rest=True), verify_page(shop, shop.catalogue.page_of(page.id))):
        (failure,) = receipt.failures()
        assert "LDEAD0000000A, which its page names, is not in Eagle's library" in failure.detail
        assert "empty Eagle File ID on its page" in failure.detail
    assert years.recover() == []
    page.put({"Eagle File ID": ""})
    assert states(years.recover()) == ["synced"]
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]
