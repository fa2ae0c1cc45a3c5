"""Exactly one page a track, whatever goes wrong; and nothing of a person's is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.journals import another_record
from tests.sandbox.notion import (
    Drops,
    Fault,
    House,
    Html,
    Lag,
    LostAnswer,
    Reset,
    Status,
)  # fmt: skip
from tracksync.catalogue import TrackRecord
from tracksync.catalogue.notion import NotionCatalogue
from tracksync.errors import Transient
from tracksync.journal import Journal
from tracksync.model import Facts

LOST: dict[str, Fault] = {
    "lost after it was done": LostAnswer(method="POST"),
    "reset before": Reset(method="POST"),
    "500": Status(code=500, method="POST"),
    "502": Html(method="POST"),
    "503": Status(code=503, method="POST"),
    "200 of HTML": Html(code=200, method="POST"),
    "429": Status(code=429, method="POST", retry_after="1"),
    "409": Status(code=409, method="POST"),
}


# One page, once.


@pytest.mark.parametrize("name", LOST)
@pytest.mark.parametrize("times", [1, 2])
def test_a_create_whose_answer_is_lost_makes_no_second_page(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, name: str, times: int
) -> None:
    fault = LOST[name]
    house.notion.add_fault(type(fault)(**{**fault.__dict__, "path": "pages", "times": times, "skip": 0}))
    page = catalogue.upsert(record)
    assert [found.id for found in house.tracks.pages] == [page.page_id]
    assert sorted(found.plain("Name") for found in house.artists.pages) == ["A", "B"]
    assert [found.plain("Name") for found in house.playlists.pages] == ["Warm-up"]
    assert catalogue.mark_downloaded(record.key).downloaded


@pytest.mark.parametrize("which", ["artists", "playlists", "tracks"])
def test_an_answer_that_is_lost_while_the_index_lags(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, which: str
) -> None:
    skip = {"artists": 0, "playlists": 2, "tracks": 3}[which]
    house.notion.add_fault(LostAnswer(method="POST", path="pages", skip=skip))
    house.notion.add_fault(Lag(method="POST", path="data_sources/.*/query", seconds=0.03, times=None))
    catalogue.upsert(record)
    assert (len(house.tracks.pages), len(house.artists.pages), len(house.playlists.pages)) == (1, 2, 1)


def test_a_page_that_was_just_made_is_known_though_no_query_shows_it(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    house.notion.add_fault(Lag(method="POST", path="data_sources/.*/query", seconds=3600, times=None))
    first = opened().upsert(record)
    again = opened().upsert(record.model_copy(update={"lufs": -9.0}))
    assert again.page_id == first.page_id
    assert len(house.tracks.pages) == 1
    assert len(house.artists.pages) == 2


def test_a_run_that_died_between_making_the_page_and_noting_it(
    house: House,
    opened: Callable[..., NotionCatalogue],
    journal: Journal,
    record: TrackRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as killed:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        killed.setattr(journal, "bind", die)
        with pytest.raises(KeyboardInterrupt):
            opened().upsert(record)
    assert len(house.tracks.pages) == 1
    assert opened().upsert(record).page_id == house.tracks.pages[0].id
    assert len(house.tracks.pages) == 1


def test_two_that_need_the_same_new_artist_at_once_make_one(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal
) -> None:
    records = [another_record(journal, f"T{number}", "New", "Newer") for number in range(4)]
    threads = [threading.Thread(target=opened().upsert, args=(record,)) for record in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(page.plain("Name") for page in house.artists.pages) == ["New", "Newer"]
    assert len(house.tracks.pages) == 4


def test_an_artist_is_found_by_the_exact_name_first(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    house.artists.add_page({"Name": "a"})
    exact = house.artists.add_page({"Name": "A"})
    other = house.artists.add_page({"Name": "B"})
    catalogue.upsert(record)
    assert house.tracks.pages[0].plain("Artist") == (exact.id, other.id)


def test_a_remix_is_by_the_remixer_and_the_original_artist(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    catalogue.upsert(record.model_copy(update={"facts": Facts(title="One (Zed Remix)", artists=("A, B",))}))
    assert [page.plain("Name") for page in house.artists.pages] == ["A", "B", "Zed"]
    (track,) = house.tracks.pages
    assert all(track.id in page.plain("Tracks") for page in house.artists.pages)


def test_an_artist_s_page_that_was_trashed_meanwhile_is_made_anew(
    house: House, opened: Callable[..., NotionCatalogue], journal: Journal, record: TrackRecord
) -> None:
    opened().upsert(record)
    house.artists.pages[0].trash()
    opened().upsert(another_record(journal, "Two", "A"))
    assert sorted(page.plain("Name") for page in house.artists.pages) == ["A", "B"]


# Read back.


@pytest.mark.parametrize("code", [400, 404])
def test_related_pages_that_notion_does_not_know_any_more_are_asked_for_again(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, code: int
) -> None:
    catalogue.upsert(record)
    house.notion.add_fault(Status(code=code, method="PATCH", path="pages/"))
    assert catalogue.upsert(record.model_copy(update={"lufs": -1.0})).properties.lufs == -1.0
    assert len(house.artists.pages) == 2


def test_a_write_that_was_accepted_but_not_kept_is_noticed(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    house.notion.add_fault(Drops(name="Album", path="pages", times=None))
    with pytest.raises(Transient, match=r"does not hold what was written: Album\."):
        catalogue.upsert(record)
    with pytest.raises(Transient, match="Album"):
        catalogue.mark_downloaded(record.key)
    assert not house.tracks.pages[0].plain("Downloaded")
    house.notion.mend()
    catalogue.upsert(record)
    assert catalogue.mark_downloaded(record.key).downloaded


def test_downloaded_that_was_not_kept_is_noticed(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    catalogue.upsert(record)
    house.notion.add_fault(Drops(name="Downloaded", times=None))
    with pytest.raises(Transient, match="Downloaded"):
        catalogue.mark_downloaded(record.key)


def test_downloaded_is_the_last_thing_that_is_written(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    catalogue.upsert(record)
    assert not house.tracks.pages[0].plain("Downloaded")
    catalogue.mark_downloaded(record.key)
    writes = [seen for seen in house.notion.requests if seen.method == "PATCH" or seen.path == "pages"]
    assert list(writes[-1].body["properties"]) == ["Downloaded"]
    house.notion.clear()
    catalogue.upsert(record)
    catalogue.mark_downloaded(record.key)
    assert house.notion.writes == 0, "nothing is stamped by a run that changes nothing"


# What stands there already.


def test_a_long_list_is_added_to_and_loses_nothing(
    house: House, catalogue: NotionCatalogue, journal: Journal, record: TrackRecord
) -> None:
    there = tuple(house.artists.add_page({"Name": f"N{number}"}).id for number in range(40))
    page = house.tracks.add_page({"Title": "One (Extended Mix)", "SoundCloud URL": record.facts.link, "Artist": there})
    catalogue.upsert(record)
    assert page.plain("Artist")[:40] == there
    assert len(page.plain("Artist")) == 42


def test_a_person_s_own_page_gets_what_it_lacks(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    page = house.tracks.add_page(
        {"Title": "one (my way)", "SoundCloud URL": f"{record.facts.link}?utm_source=x", "Tempo": 64, "Genre": "Mine",
         "Audio Processing": ("Download_Failed", "Checked by me")}
    )  # fmt: skip
    page.blocks.append({"object": "block", "id": "mine", "type": "paragraph", "paragraph": {"rich_text": []}})
    catalogue.upsert(record)
    catalogue.mark_downloaded(record.key)
    assert len(house.tracks.pages) == 1
    kept = {name: page.plain(name) for name in ("Title", "Tempo", "Genre", "SoundCloud URL")}
    assert kept == {
        "Title": "one (my way)", "Tempo": 64, "Genre": "Mine", "SoundCloud URL": f"{record.facts.link}?utm_source=x"
    }  # fmt: skip
    assert page.plain("Key") == "A Minor (8A)"
    assert page.plain("Downloaded") is True
    assert set(page.plain("Audio Processing")) == {
        "Checked by me", "Audio Analysis Complete", "Format Conversion Complete",
    }  # fmt: skip
    assert [block["type"] for block in page.blocks] == ["paragraph", "callout"]


def test_the_summary_is_replaced_in_place_and_no_other_block_is_touched(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    opened().upsert(record)
    (page,) = house.tracks.pages
    theirs = [
        {"object": "block", "id": f"b{number}", "type": kind, kind: {"rich_text": [{"plain_text": "Tracksync rocks"}]}}
        for number, kind in enumerate(("paragraph", "callout"))
    ]
    page.blocks = [theirs[0], *page.blocks, theirs[1]]
    before = [block["id"] for block in page.blocks]
    opened().upsert(record.model_copy(update={"lufs": -9.4}))
    assert [block["id"] for block in page.blocks] == before
    assert "-9.4 LUFS" in page.blocks[1]["callout"]["rich_text"][0]["text"]["content"]
    assert theirs[1]["callout"] == {"rich_text": [{"plain_text": "Tracksync rocks"}]}
    del page.blocks[1]
    opened().upsert(record.model_copy(update={"lufs": -9.5}))
    assert [block["id"] for block in page.blocks[:2]] == ["b0", "b1"]
    assert "-9.5 LUFS" in page.blocks[2]["callout"]["rich_text"][0]["text"]["content"]


def test_the_summary_names_files_where_they_were_moved_to(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord
) -> None:
    page = opened().upsert(record)
    (stand_in,) = house.tracks.pages
    moved = {fmt: Path(f"/volume/moved/One.{fmt}") for fmt in record.files}
    opened().move_files(page.page_id, moved)
    (block,) = stand_in.blocks
    told = "".join(part["text"]["content"] for part in block["callout"]["rich_text"])
    assert all(str(path) in told for path in moved.values()), told
    assert not any(str(path) in told for path in record.files.values()), told
    writes = house.notion.writes
    opened().upsert(record.model_copy(update={"files": moved}))
    assert house.notion.writes == writes, "it says so already"


def test_files_are_moved_where_the_block_can_t_be_written(
    house: House, opened: Callable[..., NotionCatalogue], record: TrackRecord, notes: list[str]
) -> None:
    page = opened().upsert(record)
    moved = {fmt: Path(f"/volume/moved/One.{fmt}") for fmt in record.files}
    house.notion.add_fault(Status(code=403, path="blocks", times=None))
    assert opened().move_files(page.page_id, moved).properties.files == moved
    assert ["still names" in note for note in notes] == [True]
    house.notion.mend()
    opened().upsert(record.model_copy(update={"files": moved}))
    (block,) = house.tracks.pages[0].blocks
    assert "/volume/moved" in block["callout"]["rich_text"][0]["text"]["content"]


def test_a_summary_whose_answer_is_lost_is_there_once(
    house: House, catalogue: NotionCatalogue, record: TrackRecord
) -> None:
    page = house.tracks.add_page({"Title": "One (Extended Mix)", "SoundCloud URL": record.facts.link})
    house.notion.add_fault(LostAnswer(method="PATCH", path="blocks/.*/children"))
    catalogue.upsert(record)
    assert [block["type"] for block in page.blocks] == ["callout"]


# Limits.


def test_names_of_any_length_and_letters(house: House, catalogue: NotionCatalogue, record: TrackRecord) -> None:
    long = "Ünïcode 🎧 👩‍👩‍👧 " * 400
    facts = Facts(
        title=long, artists=(long[:3000], "B\0C"), album="\ud83d half", genre="Drum, Bass & " + "x" * 200, date="2024",
        link="https://soundcloud.com/a/" + "b" * 2000,
    )  # fmt: skip
    catalogue.upsert(record.model_copy(update={"facts": facts, "playlists": (long,)}))
    catalogue.mark_downloaded(record.key)
    (page,) = house.tracks.pages
    assert page.plain("Title") == long
    assert page.plain("Genre").startswith("Drum / Bass & x")
    assert page.plain("Genre").endswith("…")
    assert page.plain("Album") == "half"
    assert page.plain("SoundCloud URL") is None
    assert page.plain("Release Date") is None, "half a date is none"
    again = len(house.artists.pages), len(house.playlists.pages)
    catalogue.upsert(record.model_copy(update={"facts": facts, "playlists": (long,), "lufs": -1.0}))
    assert (len(house.artists.pages), len(house.playlists.pages)) == again


@pytest.mark.parametrize(
    "types",
    [
        {"Key": "select", "M4A File Path": "url", "Tempo": "rich_text", "Genre": "multi_select"},
        {"Playlists": "multi_select", "Artist Name": "multi_select", "Download Source": "rich_text"},
        {"Playlists": "rich_text", "Release Date": "rich_text", "Processing Timestamp": "rich_text"},
        {"Playlists": "select", "Album": "select", "Priority": {"status": ["High"]}, "ISRC": "rich_text"},
    ],
)
def test_properties_of_other_types_are_written_in_theirs(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, types: dict[str, Any]
) -> None:
    for name, kind in types.items():
        house.tracks.source.change_type(name, kind)
    facts = Facts(title="One", artists=("A", "B"), album="Al", genre="House", date="2024-05-17", isrc="GBAYE0601498")
    catalogue.upsert(record.model_copy(update={"facts": facts}))
    assert catalogue.mark_downloaded(record.key).downloaded
    (page,) = house.tracks.pages
    empty = [name for name in types if name != "Priority" and not page.plain(name)]
    assert empty in ([], ["Processing Timestamp"]), "not processed by a run, so without a moment"
    house.notion.clear()
    catalogue.upsert(record.model_copy(update={"facts": facts}))
    assert house.notion.writes == 0


@pytest.mark.parametrize("typed", ["fast", "ca. 128"])
def test_a_person_s_value_of_the_wrong_kind_stays(
    house: House, catalogue: NotionCatalogue, record: TrackRecord, typed: str
) -> None:
    house.tracks.source.change_type("Tempo", "rich_text")
    page = house.tracks.add_page({"Title": "One", "SoundCloud URL": record.facts.link, "Tempo": typed})
    catalogue.upsert(record)
    assert page.plain("Tempo") == typed
    assert catalogue.mark_downloaded(record.key).downloaded
