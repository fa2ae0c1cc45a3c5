"""What every catalogue must do. Another one than the embedded is put through the same by another `Bench`."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.sandbox.bench import Bench
from tests.sandbox.journals import a_record, a_track
from tracksync.catalogue import EmbeddedCatalogue, Properties, TrackRecord
from tracksync.catalogue.protocol import ProcessingOption, Service
from tracksync.errors import NotFound, Transient
from tracksync.journal import Journal
from tracksync.model import AudioFormat, Facts, FileFact, MusicalKey, PublishReceipt, Stage

Option = ProcessingOption


def another(number: int) -> dict[str, Any]:
    """What makes a record that of another track."""
    files = {fmt: Path(f"/music/{number}.{fmt}") for fmt in AudioFormat}
    return {"facts": Facts(title=f"Number {number}", artists=("A",)), "files": files}


# One page a track.


def test_what_is_recorded_stands_on_the_page(bench: Bench) -> None:
    record = bench.a_record(size_bytes=98_760_000)
    assert bench.catalogue.find(record.key) is None
    page = bench.catalogue.upsert(record)
    assert page.key == record.key
    assert page.record == record
    assert not page.downloaded
    assert page.properties == bench.held(
        Properties(
            title="One (Extended Mix)",
            artists=("A", "B"),
            album="Al",
            playlists=("Warm-up",),
            links={Service.SOUNDCLOUD: "https://soundcloud.com/a/one"},
            bpm=127.5,
            bpm_confidence=0.93,
            musical_key="A Minor (8A)",
            files=record.files,
            copies=record.copies,
            duration_s=372.481,
            lufs=-8.2,
            true_peak_db=0.0,
            sample_rate=44_100,
            size_bytes=98_760_000,
            fingerprint=record.fingerprint,
            source_audio="MP3 320 kbit/s",
            download_source="soundcloud",
            states=frozenset({"Audio Analysis Complete", "Format Conversion Complete"}),
        )
    )
    assert bench.catalogue.read_back(page.page_id) == page == bench.catalogue.find(record.key)


def test_recording_again_makes_no_second_page_and_leaves_no_trace(bench: Bench) -> None:
    record = bench.a_record()
    first = bench.catalogue.upsert(record)
    again = bench.catalogue.upsert(record)
    assert again == first, "not even a time is stamped"
    changed = bench.catalogue.upsert(record.model_copy(update={"lufs": -9.0}))
    assert changed.page_id == first.page_id
    assert changed.created == first.created
    assert changed.edited > first.edited or not bench.fine_moments
    assert len(bench.catalogue.unfinished()) == 1


def test_many_that_record_one_track_at_once_make_one_page(bench: Bench) -> None:
    record = bench.a_record()
    with ThreadPoolExecutor(6) as threads:
        pages = list(threads.map(lambda _: bench.catalogue.upsert(record), range(6)))
    assert len({page.page_id for page in pages}) == 1
    assert len(bench.catalogue.unfinished()) == 1


def test_a_page_is_found_by_the_track_s_other_names(bench: Bench) -> None:
    record = bench.a_record()
    bench.journal.identify(record.key, "isrc", "GBAYE0601498")
    page = bench.catalogue.upsert(record)
    assert bench.catalogue.find("spotify:track:0", [("spotify", "0"), ("isrc", "GBAYE0601498")]) == page
    assert bench.catalogue.find("spotify:track:0", [("spotify", "0")]) is None


def test_a_merged_track_has_the_page_of_the_one_that_holds_the_recording(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    other = bench.journal.ensure(a_track()).key
    bench.journal.identify(other, "spotify", "7")
    bench.journal.merge(other, record.key)
    assert bench.catalogue.find(other) == page
    assert bench.catalogue.find("spotify:track:7", [("spotify", "7")]) == page
    assert bench.catalogue.upsert(record.model_copy(update={"key": other})).page_id == page.page_id
    assert len(bench.catalogue.unfinished()) == 1


def test_a_track_that_the_journal_does_not_know_gets_no_page(bench: Bench) -> None:
    with pytest.raises(NotFound, match="file:gone"):
        bench.catalogue.upsert(a_record("file:gone"))
    with pytest.raises(NotFound):
        bench.catalogue.read_back("00000000-0000-0000-0000-000000000000")
    with pytest.raises(NotFound):
        bench.catalogue.mark_downloaded("file:gone")


# A person's values.

BY_HAND: dict[str, Any] = {
    "title": "One (my edit)",
    "artists": ("A",),
    "album": "Mine",
    "bpm": 64.0,
    "musical_key": "8A",
    "links": {Service.SOUNDCLOUD: "https://soundcloud.com/a/one-reposted"},
}


def test_what_a_person_wrote_stays(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, BY_HAND)
    new = record.model_copy(update={"bpm": 128.0, "lufs": -7.0, "facts": Facts(title="Two", genre="House")})
    after = bench.catalogue.upsert(new).properties
    assert {name: getattr(after, name) for name in BY_HAND} == BY_HAND
    assert (after.lufs, after.genre) == (-7.0, "House"), "the rest is written"


def test_what_a_person_wrote_before_the_pipeline_came_stays(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    if not bench.knows_writers:
        pytest.skip("what stands as it was written is taken for the pipeline's own")
    bench.write_by_hand(page.page_id, {"bpm": 127.5})
    after = bench.catalogue.upsert(record.model_copy(update={"bpm": 130.0})).properties
    assert after.bpm == 127.5, "theirs now, though it was the same"


def test_a_refresh_writes_over_it(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, BY_HAND)
    assert bench.catalogue.upsert(record, refresh=True).properties == page.properties


def test_what_the_pipeline_wrote_it_may_correct(bench: Bench) -> None:
    record = bench.a_record()
    bench.catalogue.upsert(record)
    key = MusicalKey(tonic=0, mode="major")
    after = bench.catalogue.upsert(record.model_copy(update={"bpm": 128.0, "musical_key": key})).properties
    assert (after.bpm, after.musical_key) == (128.0, "C Major (8B)")


def test_a_person_s_link_of_one_service_does_not_keep_out_another(bench: Bench) -> None:
    record = bench.a_record(facts=Facts(title="One"))
    page = bench.catalogue.upsert(record)
    mine, ours = "https://soundcloud.com/a/mine", "https://www.youtube.com/watch?v=abc"
    bench.write_by_hand(page.page_id, {"links": {Service.SOUNDCLOUD: mine}})
    links = {Service.SOUNDCLOUD: "https://soundcloud.com/a/other", Service.YOUTUBE: ours}
    for _ in range(2):
        after = bench.catalogue.upsert(record.model_copy(update={"links": links})).properties
        assert after.links == {Service.SOUNDCLOUD: mine, Service.YOUTUBE: ours}
    links[Service.YOUTUBE] = "https://youtu.be/def"
    after = bench.catalogue.upsert(record.model_copy(update={"links": links})).properties
    assert after.links == {Service.SOUNDCLOUD: mine, Service.YOUTUBE: "https://youtu.be/def"}


def test_djay_pro_is_the_authority_on_tempo_and_key(bench: Bench) -> None:
    record = bench.a_record(bpm=None, musical_key=None)
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, {"djay_id": "d1", "bpm": 64.0})
    full = bench.a_record(record.key)
    after = bench.catalogue.upsert(full, refresh=True)
    assert (after.properties.bpm, after.properties.musical_key, after.properties.djay_id) == (64.0, None, "d1")
    assert after.record == full, "and that is as it should be"
    assert bench.catalogue.mark_downloaded(record.key).downloaded


def test_a_tempo_of_zero_is_none(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, {"bpm": 0.0})
    assert bench.catalogue.upsert(record).properties.bpm == 127.5


def test_nothing_measured_is_nothing_written(bench: Bench) -> None:
    record = bench.a_record()
    bench.catalogue.upsert(record)
    less = bench.a_record(record.key, bpm=None, bpm_confidence=None, musical_key=None, lufs=None, fingerprint=None)
    after = bench.catalogue.upsert(less)
    assert (after.properties.bpm, after.properties.lufs) == (127.5, -8.2)
    assert after.record == less


# Lists and states.


def test_lists_are_added_to(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, {"playlists": ("Closing", "Warm-up"), "states": frozenset({"Checked by me"})})
    after = bench.catalogue.upsert(record.model_copy(update={"playlists": ("Peak", "Warm-up")})).properties
    assert after.playlists == ("Closing", "Warm-up", "Peak")
    assert after.states == {"Checked by me", Option.ANALYSED, Option.CONVERTED}


def test_a_success_takes_away_its_own_failures(bench: Bench) -> None:
    record = bench.a_record(
        states=frozenset({Option.DOWNLOAD_FAILED, Option.EAGLE_IMPORT_FAILED, Option.UNKNOWN_ERROR})
    )
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, {"states": page.properties.states | {"Checked by me"}})
    after = bench.catalogue.upsert(bench.a_record(record.key, states=frozenset({Option.CONVERTED})))
    assert after.properties.states == {
        Option.CONVERTED,
        Option.EAGLE_IMPORT_FAILED,
        Option.UNKNOWN_ERROR,
        "Checked by me",
    }
    after = bench.catalogue.mark_downloaded(record.key)
    assert after.properties.states == {Option.CONVERTED, Option.EAGLE_IMPORT_FAILED, "Checked by me"}
    after = bench.catalogue.upsert(bench.a_record(record.key, states=frozenset({Option.IN_EAGLE})))
    assert after.properties.states == {Option.CONVERTED, Option.IN_EAGLE, "Checked by me"}


# Downloaded.


def test_downloaded_is_said_last_and_until_the_record_changes(bench: Bench) -> None:
    record = bench.a_record()
    bench.catalogue.upsert(record)
    done = bench.catalogue.mark_downloaded(record.key)
    assert done.downloaded
    assert bench.catalogue.mark_downloaded(record.key) == done
    assert bench.catalogue.upsert(record) == done
    assert bench.catalogue.unfinished() == []
    elsewhere = {fmt: Path(f"/new/One.{fmt}") for fmt in AudioFormat}
    assert not bench.catalogue.upsert(record.model_copy(update={"files": elsewhere})).downloaded
    assert [page.key for page in bench.catalogue.unfinished()] == [record.key]


def test_a_page_that_does_not_hold_its_record_is_not_called_downloaded(bench: Bench) -> None:
    record = bench.a_record()
    page = bench.catalogue.upsert(record)
    bench.write_by_hand(page.page_id, {"files": {}, "album": None})
    seen = bench.catalogue.find(record.key)
    assert seen is not None
    assert seen.record is None
    with pytest.raises(Transient, match=r"files, album|Album, M4A File Path, WAV File Path, AIFF File Path"):
        bench.catalogue.mark_downloaded(record.key)
    assert not bench.catalogue.read_back(page.page_id).downloaded
    assert bench.catalogue.upsert(record).record == record, "and is mended by recording it again"
    assert bench.catalogue.mark_downloaded(record.key).downloaded


def test_unfinished_are_those_that_matter_most_first(bench: Bench) -> None:
    pages = [bench.catalogue.upsert(bench.a_record(**another(number))) for number in range(4)]
    bench.write_by_hand(pages[1].page_id, {"priority": "5 - Critical"})
    bench.write_by_hand(pages[0].page_id, {"priority": "High"})
    bench.catalogue.mark_downloaded(pages[2].key)
    assert [page.key for page in bench.catalogue.unfinished()] == [pages[1].key, pages[0].key, pages[3].key]


# Check.


def a_publish_receipt(record: TrackRecord) -> PublishReceipt:
    facts = {fmt.value: FileFact(path=path, size=1, sha256="00") for fmt, path in record.files.items()}
    return PublishReceipt.model_validate(facts)


def test_check_says_what_is_not_so(bench: Bench, tmp_path: Path) -> None:
    files = {fmt: tmp_path / f"One.{fmt}" for fmt in AudioFormat}
    for path in files.values():
        path.write_bytes(b"x")
    record = bench.a_record(files=files, copies=())
    (missing,) = bench.catalogue.check(record.key)
    assert (missing.ok, missing.detail) == (False, "the track has no page")
    page = bench.catalogue.upsert(record)
    bench.journal.put_receipt(record.key, Stage.PUBLISH, a_publish_receipt(record))
    assert [check.ok for check in bench.catalogue.check(record.key)] == [True]
    files[AudioFormat.WAV].unlink()
    (gone,) = bench.catalogue.check(record.key)
    assert not gone.ok
    assert f"names {files[AudioFormat.WAV]}, which is not there" in gone.detail
    files[AudioFormat.WAV].write_bytes(b"x")
    (tmp_path / "Two.wav").write_bytes(b"x")
    bench.write_by_hand(page.page_id, {"files": {**files, AudioFormat.WAV: tmp_path / "Two.wav"}})
    (moved,) = bench.catalogue.check(record.key)
    assert not moved.ok
    assert re.search("(files|WAV File Path) is not as it was recorded", moved.detail)
    assert f"does not name {files[AudioFormat.WAV]}" in moved.detail


# The embedded one alone: editing.


def test_an_edit_of_what_is_no_property_is_refused(journal: Journal) -> None:
    catalogue = EmbeddedCatalogue(journal)
    page = catalogue.upsert(a_record(journal.ensure(a_track()).key))
    with pytest.raises(ValueError, match="no such property: tempo"):
        catalogue.edit(page.page_id, {"tempo": 1})
    with pytest.raises(ValidationError):
        catalogue.edit(page.page_id, {"bpm": "fast"})
    with pytest.raises(NotFound):
        catalogue.edit("none", {"bpm": 1.0})
    assert catalogue.read_back(page.page_id) == page
