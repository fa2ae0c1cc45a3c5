"""What every catalogue must do with files that were moved, tracks that are not there yet, and Eagle's items."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.bench import Bench
from tests.sandbox.journals import a_track
from tests.sandbox.notion import House
from tests.sandbox.notion.fixtures import notion_catalogue
from tracksync.catalogue import Properties, TrackRecord
from tracksync.catalogue.protocol import ProcessingOption, Service
from tracksync.errors import NotFound
from tracksync.journal import Journal
from tracksync.model import AudioFormat, Facts

ELSEWHERE = {fmt: Path(f"/volume/moved/One.{fmt}") for fmt in AudioFormat}

# Moved files.


def test_files_that_were_moved_are_named_where_they_are(bench: Bench) -> None:
    record = bench.a_record()
    before = bench.catalogue.upsert(record)
    moved = {AudioFormat.WAV: ELSEWHERE[AudioFormat.WAV]}
    page = bench.catalogue.move_files(before.page_id, moved)
    assert page.properties == before.properties.model_copy(update={"files": {**record.files, **moved}})
    assert page.record == record.model_copy(update={"files": {**record.files, **moved}})
    assert bench.catalogue.read_back(page.page_id) == page
    assert bench.catalogue.move_files(page.page_id, {}) == page


def test_a_page_whose_files_were_moved_says_downloaded_on(bench: Bench) -> None:
    record = bench.a_record()
    bench.catalogue.upsert(record)
    done = bench.catalogue.mark_downloaded(record.key)
    moved = bench.catalogue.move_files(done.page_id, ELSEWHERE)
    assert moved.downloaded
    assert bench.catalogue.mark_downloaded(record.key) == moved, "it holds what was recorded"
    same = record.model_copy(update={"files": ELSEWHERE})
    assert bench.catalogue.upsert(same) == moved, "and recording it where it is changes nothing"
    assert bench.catalogue.unfinished() == []


def test_the_check_of_a_page_whose_files_were_moved(bench: Bench, tmp_path: Path) -> None:
    record = bench.a_record(copies=())
    page = bench.catalogue.upsert(record)
    files = {fmt: tmp_path / f"One.{fmt}" for fmt in AudioFormat}
    for path in files.values():
        path.write_bytes(b"x")
    assert [check.ok for check in bench.catalogue.check(record.key)] == [False]
    bench.catalogue.move_files(page.page_id, files)
    assert [check.ok for check in bench.catalogue.check(record.key)] == [True]


def test_files_of_a_page_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.catalogue.move_files("00000000-0000-0000-0000-000000000000", ELSEWHERE)


def test_a_page_of_years_ago_stays_a_person_s_when_its_files_are_moved(house: House, journal: Journal) -> None:
    files = {f"{fmt.upper()} File Path": f"/old/One.{fmt}" for fmt in AudioFormat}
    page = house.tracks.add_page({"Title": "One", "Downloaded": True, "Tempo": 64, **files})
    catalogue = notion_catalogue(house, journal)
    moved = catalogue.move_files(page.id, ELSEWHERE)
    assert (moved.properties.files, moved.record, moved.downloaded) == (ELSEWHERE, None, True)
    assert (page.plain("Title"), page.plain("Tempo")) == ("One", 64)
    assert house.notion.writes == 1
    catalogue.close()


# A track that is not there yet.


def wanted(bench: Bench, **more: Any) -> TrackRecord:
    """A track for which nothing was found: what `announce_doubt` has to say."""
    values: dict[str, Any] = {
        "key": bench.journal.ensure(a_track()).key,
        "facts": Facts(title="One", artists=("A",)),
        "evidence": ("Nothing was surely found.", "Found: One, by somebody"),
        "links": {Service.SPOTIFY: "https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6"},
        "spotify_id": "6rqhFgbbKwnb9MLmUQDhG6",
        "states": frozenset({ProcessingOption.NO_AUDIO_SOURCE}),
    }
    return TrackRecord.model_validate(values | more)


def test_a_track_without_files_has_a_page_that_says_what_is_wanted(bench: Bench) -> None:
    record = wanted(bench)
    page = bench.catalogue.upsert(record)
    assert page.record == record
    assert not page.downloaded
    assert page.properties == bench.held(
        Properties(
            title="One",
            artists=("A",),
            spotify_id=record.spotify_id,
            links=record.links,
            states=frozenset({ProcessingOption.NO_AUDIO_SOURCE.value}),
        )
    )
    assert [page.key for page in bench.catalogue.unfinished()] == [record.key]


def test_its_files_come_onto_the_same_page(bench: Bench) -> None:
    doubt = bench.catalogue.upsert(wanted(bench))
    record = bench.a_record(doubt.key, facts=Facts(title="One", artists=("A",)))
    page = bench.catalogue.upsert(record)
    assert (page.page_id, page.properties.files, page.record) == (doubt.page_id, record.files, record)
    assert bench.catalogue.mark_downloaded(record.key).downloaded
    assert len(bench.catalogue.every_page()) == 1


def test_a_doubt_that_comes_later_takes_no_files_away(bench: Bench) -> None:
    whole = bench.catalogue.upsert(bench.a_record())
    doubt = wanted(bench, key=whole.key)
    assert bench.catalogue.upsert(doubt).properties.files == whole.properties.files


# Eagle's item, and whether another source had to do.


def test_eagles_item_is_ours_to_write(bench: Bench) -> None:
    record = bench.a_record(eagle_id="LQ1AAA")
    page = bench.catalogue.upsert(record)
    assert page.properties.eagle_id == "LQ1AAA"
    bench.write_by_hand(page.page_id, {"eagle_id": "typed by hand"})
    seen = bench.catalogue.find(record.key)
    assert seen is not None
    assert seen.record is None, "it does not hold what was recorded"
    again = bench.catalogue.upsert(record.model_copy(update={"eagle_id": "LQ2BBB"}))
    assert again.properties.eagle_id == "LQ2BBB", "measured: it is written each time"


def test_what_is_not_known_of_eagle_is_not_written(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    assert page.properties.eagle_id is None
    bench.write_by_hand(page.page_id, {"eagle_id": "mine"})
    after = bench.catalogue.upsert(record.model_copy(update={"lufs": -9.0}))
    assert after.properties.eagle_id == "mine"
    assert after.record is not None


def test_an_item_is_named_on_a_page_that_stands(bench: Bench) -> None:
    record = bench.a_record()
    bench.catalogue.upsert(record)
    before = bench.catalogue.mark_downloaded(record.key)
    states = before.properties.states | {ProcessingOption.EAGLE_IMPORT_FAILED.value, "Checked by me"}
    bench.write_by_hand(before.page_id, {"states": states})
    assert bench.catalogue.has_place_for_item()
    page = bench.catalogue.name_item(before.page_id, "LQ1AAA")
    wanted = before.properties.states | {ProcessingOption.IN_EAGLE.value, "Checked by me"}
    assert page.properties == before.properties.model_copy(update={"eagle_id": "LQ1AAA", "states": wanted})
    assert page.downloaded
    assert page.record == record, "what was recorded stands as it did"
    assert bench.catalogue.name_item(page.page_id, "LQ1AAA") == page, "once more changes nothing"
    assert bench.catalogue.mark_downloaded(record.key) == page
    assert bench.catalogue.upsert(record.model_copy(update={"eagle_id": "LQ1AAA"})).properties.eagle_id == "LQ1AAA"


def test_an_item_that_a_page_names_stays_named(bench: Bench) -> None:
    page = bench.catalogue.upsert(bench.a_record())
    bench.write_by_hand(page.page_id, {"eagle_id": "typed by hand"})
    assert bench.catalogue.name_item(page.page_id, "LQ1AAA").properties.eagle_id == "typed by hand"


def test_an_item_of_a_page_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.catalogue.name_item("00000000-0000-0000-0000-000000000000", "LQ1AAA")


def test_a_page_of_years_ago_gets_two_properties_and_no_more(house: House, journal: Journal) -> None:
    files = {f"{fmt.upper()} File Path": f"/old/One.{fmt}" for fmt in AudioFormat}
    page = house.tracks.add_page({"Title": "One", "Downloaded": True, "Tempo": 64, **files})
    before = dict(page.values)
    catalogue = notion_catalogue(house, journal)
    assert catalogue.name_item(page.id, "LQ1AAA").downloaded
    assert page.values == before | {"Eagle File ID": "LQ1AAA", "Audio Processing": ("Files Imported to Eagle",)}
    (written,) = [seen.body for seen in house.notion.requests if seen.method == "PATCH"]
    assert set(written["properties"]) == {"Eagle File ID", "Audio Processing"}
    house.tracks.source.remove_property("Eagle File ID")
    catalogue.close()
    later = notion_catalogue(house, journal)
    assert not later.has_place_for_item()
    house.notion.clear()
    assert later.name_item(page.id, "LQ1AAA").properties.eagle_id is None
    assert house.notion.writes == 0, "there is no place for it"
    page.trash()
    with pytest.raises(NotFound, match="trash"):
        later.name_item(page.id, "LQ1AAA")
    later.close()


@pytest.mark.parametrize(("fell_back", "stands"), [(True, True), (False, False), (None, None)])
def test_whether_another_source_had_to_do(
    house: House, journal: Journal, fell_back: bool | None, stands: bool | None
) -> None:
    bench = Bench(notion_catalogue(house, journal), journal, lambda *_: None)
    record = bench.a_record(fell_back=fell_back)
    assert bench.catalogue.upsert(record).record == record
    (page,) = house.tracks.pages
    assert page.plain("Fallback Used") is stands
    page.put({"Fallback Used": True})
    bench.catalogue.upsert(record.model_copy(update={"lufs": -9.0}))
    assert page.plain("Fallback Used") is (True if stands is None else stands), "what is not known is left alone"
    bench.catalogue.close()


def test_a_record_keeps_what_it_says_of_its_source(bench: Bench) -> None:
    record = bench.a_record(fell_back=True, eagle_id="LQ1AAA", processed_at=datetime(2025, 1, 2, 3, 4, tzinfo=UTC))
    assert bench.catalogue.upsert(record).record == record
    assert bench.catalogue.mark_downloaded(record.key).record == record
