"""What `status` says of tracks that were synced before Eagle was there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.eagle.fixtures import a_published_track
from tests.sandbox.house import House
from tracksync.journal import Journal
from tracksync.model import State
from tracksync.stages.eagle import ensure_imported
from tracksync.stages.workshop import Workshop


def test_what_was_synced_before_eagle_was_there_is_counted(
    eagle: LoopbackEagle, journal: Journal, shops: Callable[..., Workshop], tmp_path: Path
) -> None:
    tracks = [a_published_track(journal, tmp_path / "music", f"soundcloud:track:{number}") for number in (1, 2)]
    for track in tracks:
        journal.set_state(track.key, State.SYNCED)
    alone = House(tmp_path, {"TRACKSYNC_DATABASE_URL": f"sqlite:///{tmp_path / 'journal.db'}"})
    assert "not_in_eagle" not in alone.do("status", "--json").events[-1]
    person = House(tmp_path, {**alone.more, "EAGLE_API_BASE": eagle.base})
    told = person.do("status")
    assert "2 of the synced are not in Eagle yet: `tracksync recover` imports them." in told.err
    ensure_imported(shops(), tracks[0])
    journal.set_state(tracks[0].key, State.SYNCED)
    some = person.do("status", "--json")
    assert some.events[-1]["not_in_eagle"] == 1
    assert [(event["state"], event["standing"]) for event in some.tracks] == [("synced", "whole")] * 2
    Path(tmp_path / "music").rename(tmp_path / "elsewhere")
    lost = person.do("status", "--json")
    assert [(event["state"], event["standing"]) for event in lost.tracks] == [("waiting", "broken")] * 2
    assert lost.events[-1]["counts"] == {"waiting": 2}
