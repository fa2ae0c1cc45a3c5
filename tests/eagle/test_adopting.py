"""What a person has in Eagle: found exactly, added to, never replaced, moved, renamed or brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.eagle.fixtures import a_published_track, said
from tracksync.journal import Journal
from tracksync.library.eagle.wanted import MARKER
from tracksync.model import EagleReceipt, Stage, Track
from tracksync.stages.eagle import eagle_checks, ensure_imported, is_in_eagle
from tracksync.stages.workshop import Workshop

Shops = Callable[..., Workshop]


def imported(shop: Workshop, track: Track, **more: Any) -> EagleReceipt:
    receipt = ensure_imported(shop, track, **more)
    assert receipt is not None
    return receipt


@pytest.mark.parametrize("spelling", ["{}", "{}?utm_source=clipboard&utm_medium=text", "{}/"])
def test_an_item_with_the_link_is_adopted(eagle: LoopbackEagle, shop: Workshop, track: Track, spelling: str) -> None:
    folder = eagle.library.add_folder("My own")
    link = spelling.format(track.facts.link)
    known = eagle.library.add(
        name="as I call it", ext="mp3", url=link, tags=["mine", "house"], annotation="peak time\n", star=4,
        folders=[folder],
    )  # fmt: skip
    receipt = imported(shop, track)
    assert (receipt.item_id, receipt.adopted, eagle.api.adds) == (known, True, 0)
    item = eagle.library.items[known]
    assert item["tags"][:2] == ["mine", "house"]
    assert not {"House", "WAV"} & set(item["tags"])
    assert {"Someone", "Else", "BPM128", "A Minor", "8A", "MP3", track.key} <= set(item["tags"])
    assert item["annotation"].startswith(f"peak time\n\n{MARKER}\n")
    assert (item["name"], item["folders"], item["star"], item["url"]) == ("as I call it", [folder], 4, link)
    entry = shop.journal.find(track.key)
    assert entry is not None
    assert all(check.ok for check in eagle_checks(shop, entry))
    eagle.clear()
    assert imported(shop, track) == receipt
    assert eagle.api.updates == 1


@pytest.mark.parametrize(
    "other",
    [
        {"name": "{name}", "url": ""},
        {"name": "{name}", "url": "https://soundcloud.com/someone"},
        {"name": "{name}", "url": "{link}-2"},
        {"ext": "jpg", "url": "{link}"},
        {"url": "{link}", "tags": ["soundcloud:track:999"]},
        {"tags": ["{key}0"]},
        {"url": "{link}", "isDeleted": True},
    ],
    ids=lambda other: " ".join(other),
)
def test_what_only_looks_like_it_is_left_alone(
    eagle: LoopbackEagle, shop: Workshop, track: Track, other: dict[str, Any]
) -> None:
    names = {"name": f"Someone, Else - {track.facts.title}", "link": track.facts.link, "key": track.key}

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            return value.format(**names)
        return [filled(part) for part in value] if isinstance(value, list) else value

    known = eagle.library.add(**{field: filled(value) for field, value in other.items()})
    before = dict(eagle.library.items[known])
    receipt = imported(shop, track)
    assert receipt.item_id != known
    assert eagle.library.items[known] == before
    assert eagle.api.adds == 1


def test_a_page_with_many_tracks_needs_the_name_too(
    eagle: LoopbackEagle, shop: Workshop, journal: Journal, tmp_path: Path
) -> None:
    link = "https://label.example/releases"
    track = a_published_track(journal, tmp_path / "music", link=link)
    eagle.library.add(name="Another - Song", url=link)
    known = eagle.library.add(name=f"Someone, Else - {track.facts.title}", url=link)
    assert imported(shop, track).item_id == known


def test_of_several_the_one_of_our_format_is_taken_and_always_the_same(
    eagle: LoopbackEagle, shops: Shops, track: Track, journal: Journal
) -> None:
    for ext in ("mp3", "wav", "wav", "aiff"):
        eagle.library.add(ext=ext, url=track.facts.link)
    first = list(eagle.library.items)[1]
    for _ in range(2):
        assert imported(shops(), track).item_id == first
        journal.drop_receipts(track.key, [Stage.EAGLE])
        eagle.library.items[first]["tags"].clear()


def test_the_item_that_the_catalogue_names_is_adopted(eagle: LoopbackEagle, shop: Workshop, track: Track) -> None:
    known = eagle.library.add(name="old import", ext="m4a")
    picture = eagle.library.add(name="a cover", ext="png")
    assert imported(shop, track, known_id=known).item_id == known
    other = a_published_track(shop.journal, shop.settings.home / "music")
    assert imported(shop, other, known_id=picture).item_id not in (known, picture)
    third = a_published_track(shop.journal, shop.settings.home / "music")
    assert imported(shop, third, known_id=known).item_id != known  # it is the first one's


def test_two_tracks_of_one_link_have_an_item_each(
    eagle: LoopbackEagle, shop: Workshop, track: Track, journal: Journal, tmp_path: Path
) -> None:
    known = eagle.library.add(url=track.facts.link)
    twin = a_published_track(journal, tmp_path / "music", link=track.facts.link)
    receipts = [imported(shop, track), imported(shop, twin)]
    assert receipts[0].item_id == known
    assert receipts[1].item_id != known
    assert len(eagle.library.live) == 2


def test_what_a_person_renamed_and_moved_stays(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    receipt = imported(shops(), track)
    item = eagle.library.items[receipt.item_id]
    mine = eagle.library.add_folder("Set of Saturday")
    item |= {"name": "my name", "folders": [mine], "url": "https://mine.example", "star": 5}
    item["tags"] = [*item["tags"], "closing"]
    item["annotation"] = f"above\n\n{item['annotation']}\n\nbelow"
    before = dict(item)
    assert imported(shops(), track) == receipt
    assert eagle.library.items[receipt.item_id] == before
    assert eagle.api.updates == 0


def test_tags_that_were_taken_away_come_back_and_others_stay(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    receipt = imported(shops(), track)
    item = eagle.library.items[receipt.item_id]
    item["tags"] = ["closing", *item["tags"][3:]]
    item["annotation"] = "mine"
    item["star"] = 3
    imported(shops(), track)
    item = eagle.library.items[receipt.item_id]
    assert item["tags"][0] == "closing"
    assert {"Someone", "Else", "House", track.key} <= set(item["tags"])
    assert item["annotation"].startswith(f"mine\n\n{MARKER}")
    assert (item["star"], item["url"]) == (3, track.facts.link)


def test_an_item_in_the_trash_stays_there(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    receipt = imported(shops(), track)
    eagle.library.items[receipt.item_id]["isDeleted"] = True
    shop = shops()
    assert is_in_eagle(shop, track.key) is False
    left = imported(shop, track)
    assert left == receipt.model_copy(update={"trashed": True})
    assert any("is left there" in text for text in said(shop))
    entry = shop.journal.find(track.key)
    assert entry is not None
    assert [(check.name, check.ok) for check in eagle_checks(shop, entry)] == [("eagle item", True)]
    later = shops()
    assert is_in_eagle(later, track.key) is True
    assert imported(later, track) == left
    assert said(later) == []
    eagle.library.purge(receipt.item_id)
    assert imported(shops(), track) == left
    assert eagle.api.adds == 1
    assert eagle.library.live == []


def test_a_person_can_have_it_back(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    receipt = imported(shops(), track)
    eagle.library.items[receipt.item_id]["isDeleted"] = True
    imported(shops(), track)
    eagle.library.items[receipt.item_id]["isDeleted"] = False
    assert imported(shops(), track) == receipt
    eagle.library.items[receipt.item_id]["isDeleted"] = True
    imported(shops(), track)
    fresh = imported(shops(), track, refresh=True)
    assert not fresh.trashed
    assert fresh.item_id != receipt.item_id
    assert [item["id"] for item in eagle.library.live] == [fresh.item_id]
    assert imported(shops(), track) == fresh


def test_an_item_that_is_gone_for_good_is_imported_again(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    receipt = imported(shops(), track)
    eagle.library.purge(receipt.item_id)
    imported(shops(), track)
    assert len(eagle.library.live) == 1


def test_a_trashed_item_with_the_key_is_a_persons_wish_also_for_a_new_journal(
    eagle: LoopbackEagle, shops: Shops, track: Track, journal: Journal
) -> None:
    if eagle.api.version == 1:
        pytest.skip("version 1 does not show the trash")
    receipt = imported(shops(), track)
    eagle.library.items[receipt.item_id]["isDeleted"] = True
    journal.drop_receipts(track.key, [Stage.EAGLE])
    assert imported(shops(), track).trashed
    assert eagle.api.adds == 1


@pytest.mark.parametrize(
    ("playlist", "folder"),
    [
        (None, "Unassigned"),
        ("", "Unassigned"),
        (" / ", "-"),
        ("Deep / Dark: 1", "Deep - Dark- 1"),
        ("🔥 Été 🇫🇷", "🔥 Été 🇫🇷"),
        ("夜" * 300, None),
    ],
)
def test_folders_of_any_name(
    eagle: LoopbackEagle, shops: Shops, journal: Journal, tmp_path: Path, playlist: str | None, folder: str | None
) -> None:
    for _ in range(2):
        imported(shops(), a_published_track(journal, tmp_path / "music", playlist=playlist))
    top, below = eagle.library.paths()
    assert top == "Playlists"
    assert below.count("/") == 1
    if folder is None:
        assert below.startswith("Playlists/夜夜")
        assert len(below.encode()) < 270
    else:
        assert below == f"Playlists/{folder}"


def test_of_folders_of_one_name_the_first_under_the_right_parent_is_taken(
    eagle: LoopbackEagle, shop: Workshop, journal: Journal, tmp_path: Path
) -> None:
    library = eagle.library
    library.add_folder("Warm-up")
    library.add_folder("Playlists")
    second = library.add_folder("Playlists")
    wanted = library.add_folder("Warm-up", second)
    library.add_folder("Warm-up", second)
    for _ in range(2):
        receipt = imported(shop, a_published_track(journal, tmp_path / "music"))
        assert library.items[receipt.item_id]["folders"] == [wanted]
    assert len(library.paths()) == 5


@pytest.mark.parametrize("title", ["AC/DC: Live", "🔥🇫🇷", "x" * 400, "..", "CON", 'He said "no" <b>|?*'])
def test_titles_of_any_kind(eagle: LoopbackEagle, shop: Workshop, journal: Journal, tmp_path: Path, title: str) -> None:
    track = a_published_track(journal, tmp_path / "music", title=title)
    receipt = imported(shop, track)
    name = eagle.library.items[receipt.item_id]["name"]
    assert name.startswith("Someone, Else - ")
    assert len(name.encode()) < 256
    assert not set(name) & set('/:\\<>|?*"')
    assert eagle.library.file_of(receipt.item_id).stem == name
