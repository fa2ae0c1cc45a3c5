"""What goes wrong between us and Eagle: lost answers, restarts, other libraries. Never two items, never none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.sandbox.eagle import Fault, Html, LoopbackEagle, LostAnswer, Quits, Reset, Slow, Status, Switches
from tests.sandbox.eagle.fixtures import said
from tracksync.errors import EagleAway, Interrupted, TracksyncError
from tracksync.journal import Journal
from tracksync.model import EagleReceipt, Stage, Track
from tracksync.stages.eagle import eagle_ready, ensure_imported, is_in_eagle
from tracksync.stages.workshop import Workshop

Shops = Callable[..., Workshop]

ADD = r"(v2/item/add|item/addFromPath)"


def ends_well(eagle: LoopbackEagle, shops: Shops, track: Track) -> EagleReceipt:
    """The next run brings it in, whatever was before: once."""
    receipt = ensure_imported(shops(), track)
    assert receipt is not None
    assert [item["id"] for item in eagle.library.live] == [receipt.item_id]
    assert eagle.other.items == {}
    time.sleep(eagle.api.delay_s)
    eagle.api.do_due()
    assert len(eagle.library.live) == 1
    return receipt


@pytest.mark.parametrize(
    "fault",
    [
        LostAnswer(path=ADD),
        LostAnswer(path=ADD, times=2),
        Status(path=ADD, code=502),
        Html(path=ADD),
        Reset(path=ADD),
        Reset(path="library/info|v2/library/info"),
        Reset(path="folder/list"),
        LostAnswer(path="folder/create"),
        LostAnswer(path="folder/create", times=3),
        Status(path="folder/create", code=500),
        Reset(path="item/(list|info)|v2/item/get", times=2),
        Status(path="item/(list|info)|v2/item/get", times=2),
        Html(path="item/(list|info)|v2/item/get", times=2, code=502),
        Slow(path=ADD, seconds=1.5),
        LostAnswer(path="item/update|v2/item/update"),
    ],
    ids=lambda fault: f"{type(fault).__name__} {fault.path} {fault.times}",
)
def test_one_item_comes_of_it(eagle: LoopbackEagle, shops: Shops, track: Track, fault: Fault) -> None:
    eagle.add_fault(fault)
    try:
        ensure_imported(shops(timeout_s=1.0), track)
    except EagleAway as error:
        assert error.action
    eagle.mend()
    ends_well(eagle, shops, track)
    assert eagle.library.paths() == ["Playlists", "Playlists/Warm-up"]


def test_a_lost_answer_to_an_import_that_was_taken_on_is_one_import(
    eagle: LoopbackEagle, shops: Shops, track: Track
) -> None:
    eagle.add_fault(LostAnswer(path=ADD))
    ends_well(eagle, shops, track)
    assert eagle.api.adds == 1


def test_a_request_that_never_arrived_is_sent_again(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    eagle.add_fault(Reset(path=ADD))
    ends_well(eagle, shops, track)
    assert eagle.api.adds == 1


def test_eagle_quits_in_mid_import_and_loses_it(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    eagle.api.delay_s = 1_000.0
    eagle.add_fault(Quits(path=ADD))
    with pytest.raises(EagleAway, match="went away before it showed"):
        ensure_imported(shops(), track)
    eagle.open()
    eagle.api.delay_s = 0.1
    ends_well(eagle, shops, track)
    assert eagle.api.adds == 2


@pytest.mark.parametrize("skip", range(6))
def test_eagle_quits_at_any_other_moment(eagle: LoopbackEagle, shops: Shops, track: Track, skip: int) -> None:
    eagle.api.delay_s = 0.0
    eagle.add_fault(Quits(path="(?!application|v2/app|item/add|v2/item/add)", skip=skip))
    with suppress(EagleAway):
        ensure_imported(shops(), track)
    time.sleep(0.05)
    eagle.open()
    ends_well(eagle, shops, track)


def test_a_run_that_dies_after_asking_is_taken_up(
    eagle: LoopbackEagle, shops: Shops, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shops()
    assert shop.eagle is not None
    eagle.api.delay_s = 0.6

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shop.eagle._looking, "asked_for", die)
        with pytest.raises(KeyboardInterrupt):
            ensure_imported(shop, track)
    ends_well(eagle, shops, track)
    assert eagle.api.adds == 1


def test_what_was_asked_for_long_ago_and_never_came_is_asked_for_again(
    eagle: LoopbackEagle, shops: Shops, track: Track
) -> None:
    eagle.api.delay_s = 1_000.0
    with pytest.raises(EagleAway, match="not shown"):
        ensure_imported(shops(), track)
    eagle.api.quit()
    eagle.api.delay_s = 0.0
    with pytest.raises(EagleAway, match="not shown"):  # it may still come
        ensure_imported(shops(), track)
    time.sleep(2.2)
    ends_well(eagle, shops, track)
    assert eagle.api.adds == 2


def test_waiting_ends_with_the_run(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    shop = shops()
    eagle.api.delay_s = 1_000.0
    threading.Timer(0.2, shop.cancel.set).start()
    with pytest.raises(Interrupted):
        ensure_imported(shop, track)
    eagle.api.finish()
    eagle.api.delay_s = 0.0
    ends_well(eagle, shops, track)
    assert eagle.api.adds == 1


def test_a_closed_eagle_is_said_and_waited_for(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    eagle.close()
    shop = shops()
    begun = time.monotonic()
    eagle_ready(shop)
    assert any("Eagle is closed" in text and "Open Eagle" in text for text in said(shop))
    with pytest.raises(EagleAway, match="Eagle is closed") as caught:
        ensure_imported(shop, track)
    assert caught.value.retry_after
    assert time.monotonic() - begun < 1.0
    assert is_in_eagle(shop, track.key) is False
    eagle.open()
    receipt = ends_well(eagle, shops, track)
    eagle.close()
    assert is_in_eagle(shops(), track.key) is None
    assert shops().journal.receipt(track.key, Stage.EAGLE, EagleReceipt) == receipt


def test_another_library_gets_nothing(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    eagle.switch()
    shop = shops()
    eagle_ready(shop)
    assert any("Pictures" in text for text in said(shop))
    with pytest.raises(EagleAway, match="“Pictures” open, and EAGLE_LIBRARY_PATH names") as caught:
        ensure_imported(shop, track)
    assert "Open Music.library in Eagle" in caught.value.action
    assert eagle.other.items == {}
    assert eagle.other.folders == []
    eagle.switch()
    ends_well(eagle, shops, track)


@pytest.mark.parametrize("path", ["folder/list", r"item/list|v2/item/get"])
@pytest.mark.parametrize("configured", [True, False])
def test_a_library_that_is_switched_right_before_the_import_gets_nothing(
    eagle: LoopbackEagle, shops: Shops, track: Track, path: str, configured: bool
) -> None:
    eagle.library.add_folder("Warm-up", eagle.library.add_folder("Playlists"))
    eagle.add_fault(Switches(path=path))
    with pytest.raises(EagleAway):
        ensure_imported(shops() if configured else shops(EAGLE_LIBRARY_PATH=""), track)
    assert eagle.other.items == {}
    eagle.switch()
    ends_well(eagle, shops, track)


def test_without_a_path_the_library_that_holds_the_track_has_to_be_open(
    eagle: LoopbackEagle, shops: Shops, track: Track
) -> None:
    first = ensure_imported(shops(EAGLE_LIBRARY_PATH=""), track)
    eagle.switch()
    shop = shops(EAGLE_LIBRARY_PATH="")
    with pytest.raises(EagleAway, match="is in Eagle's library “Music”, and “Pictures” is open"):
        ensure_imported(shop, track)
    assert is_in_eagle(shop, track.key) is None
    eagle.switch()
    assert ensure_imported(shops(EAGLE_LIBRARY_PATH=""), track) == first


def test_a_library_that_is_named_anew_gets_the_track(eagle: LoopbackEagle, shops: Shops, track: Track) -> None:
    ensure_imported(shops(), track)
    eagle.switch()
    receipt = ensure_imported(shops(EAGLE_LIBRARY_PATH=str(eagle.other.path)), track)
    assert receipt is not None
    assert receipt.library == "Pictures"
    assert len(eagle.other.live) == 1


@pytest.mark.parametrize("fault", [Html(times=None), Html(times=None, code=404), Reset(times=None), Status(times=None)])
def test_what_does_not_answer_as_eagle_does_is_said(
    eagle: LoopbackEagle, shops: Shops, track: Track, fault: Fault, journal: Journal
) -> None:
    eagle.add_fault(fault)
    with pytest.raises(TracksyncError) as caught:
        ensure_imported(shops(), track)
    assert isinstance(caught.value, EagleAway)
    assert caught.value.action
