"""The Eagle stage under Prefect: what is tried again in the same run, and what is left to the next one."""

from __future__ import annotations

from typing import Any, cast

import pytest
from prefect.states import Failed

from tasks.eagle import import_into_eagle
from tests.sandbox.eagle import LoopbackEagle
from tracksync.errors import Damaged, EagleAway, Misconfigured, TracksyncError, Unreachable
from tracksync.model import Track
from tracksync.stages import workshop as workshop_module
from tracksync.stages.workshop import Workshop


@pytest.mark.parametrize(
    ("error", "again"),
    [(EagleAway("x"), False), (Misconfigured("x"), False), (Damaged("x"), False), (Unreachable("x"), True)],
)
def test_what_is_tried_again(error: TracksyncError, again: bool) -> None:
    condition = cast(Any, import_into_eagle.retry_condition_fn)
    assert condition(import_into_eagle, None, Failed(data=error)) is again


def test_the_stage_is_run_in_the_open_workshop(
    eagle: LoopbackEagle, shop: Workshop, track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop_module, "_open", [shop])
    receipt = import_into_eagle.fn(track)
    assert receipt is not None
    assert [item["id"] for item in eagle.library.live] == [receipt.item_id]
