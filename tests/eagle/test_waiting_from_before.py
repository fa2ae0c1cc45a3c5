"""Pages from before that wait for Eagle, and liked tracks that have such a page: nothing is held up, or done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.eagle.before import Years, end
from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.journals import a_named_track, enrolled
from tracksync.cli import verify as verify_command
from tracksync.errors import EagleAway, NotFound
from tracksync.library import storage
from tracksync.model import State
from tracksync.sources.detected import Detected
from tracksync.stages import adopted, detect
from tracksync.stages.detect import enrol, undelivered
from tracksync.stages.standing import Standing, standing
from tracksync.stages.workshop import Workshop


def states(events: list[dict[str, Any]]) -> list[str]:
    return [event["state"] for event in events]


# Liked tracks that have such a page.


LINK = "https://soundcloud.com/someone/song-1"


def liked(shop: Workshop, number: int = 7) -> tuple[Detected, Standing]:
    """Song 1 as SoundCloud's likes have it, and where it stands for them."""
    track = a_named_track(
        f"soundcloud:track:{number}", title="Song 1", artists=("Someone", "Else"), facts={"link": LINK}
    )
    found = Detected("Song 1", track.key, track=track, identities=(("link", LINK),), source="soundcloud-likes")
    where = standing(shop.journal, shop.catalogue, [found], in_eagle=shop.settings.uses_eagle)
    return found, where[found.key]


def test_a_liked_track_with_such_a_page_is_work_once(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1, {"SoundCloud URL": LINK})
    shop = years.run()
    found, where = liked(shop)
    assert where is Standing.OPEN
    (track,) = enrol(shop.journal, shop.reporter, [found])[0]
    assert end(shop, track)["state"] == "synced"
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]
    assert liked(years.run())[1] is Standing.SYNCED
    assert years.recover() == []


def test_a_closed_eagle_does_not_hold_the_likes_up(years: Years, eagle: LoopbackEagle) -> None:
    years.page(1, {"SoundCloud URL": LINK})
    eagle.close()
    shop = years.run()
    (track,) = enrol(shop.journal, shop.reporter, [liked(shop)[0]])[0]
    assert end(shop, track)["state"] == "waiting"
    assert liked(years.run())[1] is Standing.SET_ASIDE, "every run tries it by itself"
    eagle.open()
    assert states(years.deliver(years.run())) == ["synced"]
    assert liked(years.run())[1] is Standing.SYNCED


def test_a_volume_that_is_away_holds_nothing_up(
    years: Years, eagle: LoopbackEagle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = years.page(1, {"SoundCloud URL": LINK}, path=tmp_path / "Volumes" / "Away" / "Old 1.wav")
    monkeypatch.setattr(storage, "_MOUNT_ROOTS", ((tmp_path / "Volumes", 1),))
    shop = years.run()
    (track,) = enrol(shop.journal, shop.reporter, [liked(shop)[0]])[0]
    event = end(shop, track)
    assert (event["state"], event["error"]["kind"]) == ("waiting", "volume-away")
    assert shop.stopped_by is None, "the next track is not the worse for it"
    assert liked(years.run())[1] is Standing.SET_ASIDE
    path = Path(page.plain("WAV File Path"))
    path.parent.mkdir(parents=True)
    years.file(1).rename(path)
    assert states(years.recover()) == ["synced"]
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]


def test_a_like_whose_page_waits_for_eagle_under_another_name_is_that_track(years: Years, eagle: LoopbackEagle) -> None:
    years.page(1, {"SoundCloud URL": LINK})
    eagle.close()
    (event,) = years.recover()
    assert event["key"].startswith("file:")
    shop = years.run()
    (track,) = enrol(shop.journal, shop.reporter, [liked(shop)[0]])[0]
    assert end(shop, track)["state"] == "synced"
    entry = years.journal.find(track.key)
    assert entry is not None
    assert entry.merged_into == event["key"]
    assert liked(years.run())[1] is Standing.SYNCED
    eagle.open()
    assert states(years.deliver(years.run())) == ["synced"]
    assert len(eagle.library.live) == 1
    assert years.recover() == []


# Many of them.


def test_what_failed_before_its_page_had_files_is_taken_up(years: Years, eagle: LoopbackEagle) -> None:
    page = years.page(1)
    track = enrolled(years.journal, a_named_track("soundcloud:track:9", title="Song 1"), ("page", page.id))
    years.journal.set_state(track.key, State.FAILED, error=NotFound("gone"))
    (event,) = years.recover()
    assert (event["key"], event["state"]) == (track.key, "synced")
    assert page.plain("Eagle File ID") == eagle.library.live[0]["id"]


def test_what_waits_comes_last_too(years: Years, eagle: LoopbackEagle, tmp_path: Path) -> None:
    waiting = years.page(1)
    eagle.close()
    (event,) = years.end(years.run(), waiting)
    broken, other = years.page(2, path=tmp_path / "gone.wav"), years.page(3)
    assert years.unfinished(years.run()) == [f"notion:page:{broken.id}", event["key"], f"notion:page:{other.id}"]
    assert years.notes[-1] == "2 pages from before have no item in Eagle yet; they come last."


def test_a_run_for_something_else_finishes_only_some(
    years: Years, eagle: LoopbackEagle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detect, "_FROM_BEFORE_AT_ONCE", 2)
    pages = [years.page(number) for number in range(4)]
    eagle.close()
    years.end(years.run(), *pages)
    assert len(undelivered(years.journal, EagleAway)) == 2
    eagle.open()
    assert states(years.deliver(years.run())) == ["synced"] * 2
    assert states(years.recover()) == ["synced"] * 2, "recover takes up all of them"
    assert len(eagle.library.live) == 4


def test_for_a_closed_eagle_nothing_is_decoded(
    years: Years, eagle: LoopbackEagle, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = years.page(1)
    shop = years.run()
    (track,) = years.tracks(shop, page)
    eagle.close()
    monkeypatch.setattr(adopted, "sound_checks", lambda *_: pytest.fail("it was decoded"))
    assert end(shop, track)["state"] == "waiting"


def test_a_full_disk_is_not_filled_by_copies(
    years: Years, eagle: LoopbackEagle, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = years.page(1)
    before = dict(page.values)
    monkeypatch.setattr(adopted, "free_bytes", lambda _: 2**30)
    (event,) = years.recover()
    assert (event["state"], event["error"]["kind"]) == ("waiting", "eagle-away")
    assert event["error"]["message"].startswith("Only 1024 MB are free where Eagle's library is")
    assert (page.values, eagle.api.adds) == (before, 0)
    monkeypatch.setattr(adopted, "free_bytes", lambda _: 2**40)
    assert states(years.deliver(years.run())) == ["synced"]


def test_side_by_side(years: Years, eagle: LoopbackEagle) -> None:
    pages = [years.page(number) for number in range(12)]
    known = [eagle.library.add(source=years.file(number)) for number in (3, 4)]
    shop = years.run()
    tracks = years.tracks(shop, *pages)
    with ThreadPoolExecutor(4) as threads:
        events = list(threads.map(lambda track: end(shop, track), tracks))
    assert states(events) == ["synced"] * 12, [event["error"] for event in events]
    named = [page.plain("Eagle File ID") for page in pages]
    assert named[3:5] == known
    assert sorted(named) == sorted(eagle.library.items)
    assert eagle.library.paths() == ["Playlists", "Playlists/Unassigned"]


def test_what_a_check_says_to_do_is_not_said_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    dead = {"name": "eagle item", "ok": False, "detail": "L1 is not there; empty it and run `tracksync recover`"}
    verify_command._show("A - B", {"ok": False, "key": "file:0", "checks": [dead]})
    assert "Open Eagle" not in capsys.readouterr().out
    verify_command._show("A - B", {"ok": False, "key": "file:0", "checks": [dead | {"detail": "L1 is in the trash"}]})
    assert "Open Eagle" in capsys.readouterr().out
