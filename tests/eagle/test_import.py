"""A track becomes an item of Eagle's library: once, and as it should be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.eagle.fixtures import a_published_track, said
from tracksync.errors import Damaged, EagleAway
from tracksync.journal import Journal
from tracksync.model import EagleReceipt, PublishReceipt, Stage, Track
from tracksync.stages.eagle import eagle_checks, ensure_imported, is_in_eagle, not_in_eagle
from tracksync.stages.workshop import Workshop

Shops = Callable[..., Workshop]


def imported(shop: Workshop, track: Track, **more: str) -> EagleReceipt:
    receipt = ensure_imported(shop, track, known_id=more.get("known_id"))
    assert receipt is not None
    return receipt


def entry_checks(shop: Workshop, track: Track) -> dict[str, bool]:
    entry = shop.journal.find(track.key)
    assert entry is not None
    return {check.name: check.ok for check in eagle_checks(shop, entry)}


def test_a_track_is_imported_with_all_that_is_known_of_it(eagle: LoopbackEagle, shop: Workshop, track: Track) -> None:
    receipt = imported(shop, track)
    (item,) = eagle.library.live
    assert item["id"] == receipt.item_id
    assert item["name"] == f"Someone, Else - {track.facts.title}"
    assert item["url"] == track.facts.link
    assert item["tags"] == [
        "Someone", "Else", "House", "Warm-up", "BPM128", "A Minor", "8A", "WAV", "soundcloud", track.key
    ]  # fmt: skip
    assert eagle.library.path_of(item["folders"][0]) == "Playlists/Warm-up"
    for part in (
        track.facts.title,
        "127.6 BPM",
        "A Minor (8A)",
        "-8.2 LUFS",
        "3:20",
        "MP3 320 kbit/s, lossy",
        track.key,
    ):
        assert part in item["annotation"]
    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    assert published is not None
    assert eagle.library.file_of(item["id"]).read_bytes() == published.wav.path.read_bytes()
    assert receipt == EagleReceipt(item_id=item["id"], library="Music", file=published.wav, folder="Playlists/Warm-up")
    assert shop.journal.receipt(track.key, Stage.EAGLE, EagleReceipt) == receipt
    assert entry_checks(shop, track) == dict.fromkeys(
        ["eagle item", "eagle name", "eagle tags", "eagle website", "eagle file"], True
    )
    assert is_in_eagle(shop, track.key) is True
    assert not list((shop.settings.home / "eagle").iterdir())


def test_a_second_run_changes_nothing(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    first = imported(shops(), track)
    eagle.clear()
    assert imported(shops(), track) == first
    assert eagle.api.adds == 1
    assert eagle.api.updates == 0
    assert len(eagle.requests) <= 4


def test_a_lost_journal_finds_its_items_again(
    eagle: LoopbackEagle, shops: Shops, track: Track, journal: Journal
) -> None:
    first = imported(shops(), track)
    journal.drop_receipts(track.key, [Stage.EAGLE])
    assert imported(shops(), track) == first
    assert eagle.api.adds == 1
    assert eagle.api.updates == 0


def test_an_item_whose_tags_were_taken_off_is_known_by_our_id(
    eagle: LoopbackEagle, shops: Shops, track: Track, journal: Journal
) -> None:
    if eagle.api.version == 1:
        pytest.skip("version 1 takes no ids")
    first = imported(shops(), track)
    eagle.library.items[first.item_id] |= {"tags": [], "url": ""}
    journal.drop_receipts(track.key, [Stage.EAGLE])
    assert imported(shops(), track) == first
    assert eagle.api.adds == 1


def test_a_large_library_is_listed_once_a_run(
    eagle: LoopbackEagle, shop: Workshop, journal: Journal, tmp_path: Path
) -> None:
    for number in range(4_500):
        eagle.library.add(on_disk=False, url=f"https://soundcloud.com/other/song-{number}?utm_source=x", tags=["x"])
    wanted = [a_published_track(journal, tmp_path / "music") for _ in range(6)]
    last = eagle.library.add(url=f"{wanted[-1].facts.link}?utm_source=x")
    receipts = [imported(shop, track) for track in wanted]
    assert receipts[-1].item_id == last
    asked = [seen.query if eagle.api.version == 1 else seen.body for seen in eagle.requests]
    pages = [query for query in asked if "offset" in query and "tags" not in query]
    step = 1 if eagle.api.version == 1 else 1000
    assert [int(query["offset"]) for query in pages] == [number * step for number in range(5)]
    assert len(eagle.library.live) == 4_500 + 6


@pytest.mark.parametrize("fmt", ["aiff", "m4a"])
def test_the_format_is_a_setting(eagle: LoopbackEagle, shops: Shops, track: Track, fmt: str) -> None:
    imported(shops(TRACKSYNC_EAGLE_FORMAT=fmt), track)
    (item,) = eagle.library.live
    assert item["ext"] == fmt
    assert fmt.upper() in item["tags"]


def test_without_eagle_nothing_is_done(shops: Shops, track: Track) -> None:
    shop = shops()
    shop.eagle = None
    assert ensure_imported(shop, track) is None
    assert is_in_eagle(shop, track.key) is True
    entry = shop.journal.find(track.key)
    assert entry is not None
    assert eagle_checks(shop, entry) == []


def test_an_import_takes_its_time(eagle: LoopbackEagle, shop: Workshop, track: Track) -> None:
    eagle.api.delay_s = 0.4
    imported(shop, track)
    assert eagle.api.adds == 1


def test_what_does_not_show_waits_and_is_found_by_the_next_run(
    eagle: LoopbackEagle, shops: Shops, track: Track
) -> None:
    eagle.api.delay_s = 1_000.0
    with pytest.raises(EagleAway, match="has not shown it yet"):
        ensure_imported(shops(), track)
    assert is_in_eagle(shops(), track.key) is False
    eagle.api.finish()
    imported(shops(), track)
    assert eagle.api.adds == 1


def test_an_eagle_whose_tag_filter_finds_nothing_still_gets_one_item(
    eagle: LoopbackEagle, shops: Shops, track: Track, journal: Journal
) -> None:
    eagle.api.knows_tag_filter = False
    first = imported(shops(), track)
    journal.drop_receipts(track.key, [Stage.EAGLE])
    assert imported(shops(), track) == first
    assert eagle.api.adds == 1


def test_a_spoilt_copy_is_not_taken_for_the_track(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    eagle.api.spoils = True
    for _ in range(2):
        with pytest.raises(Damaged, match="not what it was given"):
            ensure_imported(shops(), track)
    assert eagle.api.adds == 1
    assert is_in_eagle(shops(), track.key) is False


def test_a_changed_file_in_eagle_is_seen_by_the_check(eagle: LoopbackEagle, shop: Workshop, track: Track) -> None:
    receipt = imported(shop, track)
    file = eagle.library.file_of(receipt.item_id)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert entry_checks(shop, track)["eagle file"] is False
    file.unlink()
    assert entry_checks(shop, track)["eagle file"] is False
    eagle.library.items[receipt.item_id]["tags"].remove(track.key)
    assert entry_checks(shop, track)["eagle tags"] is False
    eagle.close()
    assert entry_checks(shop, track) == {"eagle": False}


def test_where_the_library_cannot_be_read_sizes_are_compared(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    shop = shops(EAGLE_LIBRARY_PATH="")
    receipt = imported(shop, track)
    assert entry_checks(shop, track)["eagle file"] is True
    eagle.library.items[receipt.item_id]["size"] += 1
    assert entry_checks(shop, track)["eagle file"] is False


def test_many_at_once_make_one_folder_and_one_item_each(
    eagle: LoopbackEagle, shops: Shops, journal: Journal, tmp_path: Path
) -> None:
    tracks = [a_published_track(journal, tmp_path / "music") for _ in range(12)]
    runs = [shops(), shops()]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda pair: imported(runs[pair[0] % 2], pair[1]), enumerate(tracks)))
    assert eagle.library.paths() == ["Playlists", "Playlists/Warm-up"]
    assert sorted(item["tags"][-1] for item in eagle.library.live) == sorted(track.key for track in tracks)


def test_synced_tracks_that_never_came_into_eagle_are_named(shop: Workshop, track: Track, journal: Journal) -> None:
    from tracksync.model import State

    assert not_in_eagle(journal, shop.settings) == []
    journal.set_state(track.key, State.SYNCED)
    assert not_in_eagle(journal, shop.settings) == [track.key]
    imported(shop, track)
    journal.set_state(track.key, State.SYNCED)
    assert not_in_eagle(journal, shop.settings) == []


def test_a_track_whose_file_is_gone_is_not_imported(eagle: LoopbackEagle, shop: Workshop, track: Track) -> None:
    published = shop.journal.receipt(track.key, Stage.PUBLISH, PublishReceipt)
    assert published is not None
    published.wav.path.unlink()
    with pytest.raises(Damaged, match="lacks the WAV"):
        ensure_imported(shop, track)
    assert eagle.api.adds == 0


def test_refresh_keeps_the_item_and_says_so(eagle: LoopbackEagle, shop: Workshop, track: Track) -> None:
    first = imported(shop, track)
    again = ensure_imported(shop, track, refresh=True)
    assert again == first
    assert eagle.api.adds == 1
    assert any("keeps the file" in text for text in said(shop))
