"""The chain: one source after the other, until one has something to bring in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tracksync.catalogue import EmbeddedCatalogue
from tracksync.errors import LoginNeeded, Misconfigured, NoSureMatch, NotFound, RateLimited, TracksyncError, Unreachable
from tracksync.journal import Journal
from tracksync.model import Adopted, AudioFormat, Facts, RecordReceipt, Stage, State, Track
from tracksync.settings import Settings
from tracksync.sources import likes
from tracksync.sources.detected import Detected
from tracksync.sources.pages import NEXT
from tracksync.stages import sources
from tracksync.stages.detect import enrol
from tracksync.stages.sources import Ground, choose


@dataclass
class Sources:
    """What each source gives in a test, and how far it was read."""

    settings: Settings
    journal: Journal
    gives: dict[str, list[Detected] | TracksyncError] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def reader(self, name: str, _settings: Settings, *_: object) -> Iterator[Detected]:
        given = self.gives.get(name, [])
        if isinstance(given, TracksyncError):
            raise given
        self.read[name] = 0
        for item in given:
            self.read[name] += 1
            yield item

    def choose(self, source: str = "auto", limit: int | None = None) -> sources.Chosen:
        ground = Ground(self.settings, self.journal, EmbeddedCatalogue(self.journal), self.notes.append)
        return choose(source, ground, limit)


def liked(number: int, source: str = likes.SOUNDCLOUD) -> Detected:
    service = "spotify" if "spotify" in source else "soundcloud"
    name = f"{number:022d}" if service == "spotify" else str(number)
    key = f"{service}:track:{name}"
    track = Track(
        key=key,
        source=source,
        origin=f"https://{service}.example/{number}",
        facts=Facts(title=f"Title {number}", artists=("Somebody",)),
    )
    return Detected(track.facts.display, key, track=track, source=source, identities=(("link", track.origin),))


@pytest.fixture
def chain(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    named = {"SOUNDCLOUD_PROFILE": "somebody", "SPOTIFY_CLIENT_ID": "app", "TRACKSYNC_HOME": str(tmp_path)}
    made = Sources(Settings(_env_file=None, **named), journal)  # type: ignore[call-arg,arg-type]
    monkeypatch.setattr(sources, "read_source", made.reader)
    return made


def is_synced(journal: Journal, item: Detected, folder: Path) -> None:
    """As an earlier run left it."""
    assert item.track is not None
    enrol(journal, _Silent(), [item])
    files = {fmt: folder / f"{item.key.replace(':', '-')}.{fmt}" for fmt in AudioFormat}
    for path in files.values():
        path.write_bytes(b"audio")
    receipt = RecordReceipt(catalogue="embedded", adopted=Adopted(files=files))
    journal.put_receipt(item.key, Stage.RECORD, receipt)
    journal.set_state(item.key, State.SYNCED)


class _Silent:
    def progress(self, *_: object) -> None: ...
    def finished(self, *_: object) -> None: ...
    def note(self, *_: object) -> None: ...


def test_a_source_whose_tracks_are_all_there_gives_way(chain: Sources, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        is_synced(chain.journal, liked(number), tmp_path)
    chain.gives = {
        likes.SOUNDCLOUD: [liked(1), liked(2), liked(3)],
        likes.LIKED: [liked(n, likes.LIKED) for n in range(9)],
    }
    chosen = chain.choose()
    assert chosen.source == likes.LIKED
    assert [item.key for item in chosen.found] == [liked(n, likes.LIKED).key for n in range(5)]
    playing, soundcloud, spotify = chosen.reports
    assert (playing.found, playing.failed) == (0, False)
    assert "nothing is playing" in playing.gave_way
    assert (soundcloud.found, soundcloud.already, soundcloud.taken) == (3, 3, 0)
    assert "all 3 are there already" in soundcloud.gave_way
    assert (spotify.taken, spotify.gave_way) == (5, "")
    assert len(chain.notes) == 3, "each source is said"


def test_only_as_much_is_read_as_is_wanted(chain: Sources, tmp_path: Path) -> None:
    chain.gives = {likes.SOUNDCLOUD: [liked(n) for n in range(3000)]}
    assert len(chain.choose().found) == 5
    assert chain.read[likes.SOUNDCLOUD] == 5

    is_synced(chain.journal, liked(0), tmp_path)
    chosen = chain.choose(limit=2)
    assert [item.key for item in chosen.found] == [liked(1).key, liked(2).key], "what is there does not count"
    assert chain.read[likes.SOUNDCLOUD] <= 52


def test_entries_that_are_no_tracks_do_not_count(chain: Sources) -> None:
    hole = Detected("a set", "url:x", error=NotFound("A set."))
    chain.gives = {likes.SOUNDCLOUD: [hole, liked(1), hole, liked(2), liked(3), hole]}
    chosen = chain.choose(limit=3)
    assert [item.key for item in chosen.found] == [liked(n).key for n in (1, 2, 3)]
    assert chosen.reports[-1].found == 3


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("Spotify is held back.", retry_after=7200),
        Unreachable("No answer."),
        LoginNeeded("There is no login.", action="Run `tracksync login spotify`."),
    ],
)
def test_one_that_fails_is_named_and_passed_over(chain: Sources, error: TracksyncError) -> None:
    chain.gives = {likes.SOUNDCLOUD: error, likes.LIKED: [liked(1, likes.LIKED)]}
    chosen = chain.choose()
    assert chosen.source == likes.LIKED
    assert [report.source for report in chosen.unread] == [likes.SOUNDCLOUD]
    assert error.message in chosen.reports[1].gave_way


def test_a_pause_of_two_hours_is_kept_by_the_next_run(chain: Sources) -> None:
    chain.gives = {likes.SOUNDCLOUD: RateLimited("Too much was asked.", retry_after=7200)}
    chain.choose()
    chain.gives = {likes.SOUNDCLOUD: [liked(1)]}
    chosen = chain.choose()
    assert not chosen.found
    assert likes.SOUNDCLOUD not in chain.read, "it was not asked"
    assert "left alone until" in chosen.reports[1].gave_way
    with pytest.raises(RateLimited) as caught:
        chain.choose(likes.SOUNDCLOUD)
    assert 7000 < (caught.value.retry_after or 0) <= 7200


def test_what_could_merely_not_be_read_may_be_asked_for_by_name(chain: Sources) -> None:
    chain.gives = {likes.SOUNDCLOUD: Unreachable("No answer.")}
    chain.choose()
    chain.gives = {likes.SOUNDCLOUD: [liked(1)]}
    assert chain.choose().source != likes.SOUNDCLOUD
    assert len(chain.choose(likes.SOUNDCLOUD).found) == 1


def test_what_failed_or_needs_a_person_holds_no_source_up(chain: Sources) -> None:
    first, second = liked(1), liked(2)
    enrol(chain.journal, _Silent(), [first, second])
    chain.journal.set_state(first.key, State.FAILED, error=NotFound("Gone."))
    chain.journal.set_state(second.key, State.NEEDS_REVIEW, error=NoSureMatch("Not sure."))
    chain.gives = {likes.SOUNDCLOUD: [first, second], likes.LIKED: [liked(3, likes.LIKED)]}
    chosen = chain.choose()
    assert chosen.source == likes.LIKED
    assert (chosen.reports[1].set_aside, chosen.reports[1].already) == (2, 0)
    assert chosen.reports[1].gave_way == "2 are set aside (`tracksync status` says why)."
    chain.journal.set_state(first.key, State.NEW)
    chain.gives[likes.SOUNDCLOUD] = [second]
    assert chain.choose().reports[1].gave_way == "1 is set aside (`tracksync status` says why)."


def test_a_track_that_is_known_by_another_name_is_there(chain: Sources, tmp_path: Path) -> None:
    known = liked(1)
    is_synced(chain.journal, known, tmp_path)
    chain.journal.identify(known.key, "isrc", "GBUM71029604")
    chain.journal.update_facts(known.key, Facts(title="Title 1", artists=("Somebody",)), duration_s=200.0)
    same = liked(2, likes.LIKED)
    assert same.track is not None
    for length, there in ((200.9, True), (320.0, False)):
        item = Detected(
            same.label,
            same.key,
            track=same.track.model_copy(update={"duration_s": length}),
            identities=(("isrc", "GBUM71029604"),),
        )
        chain.gives = {likes.LIKED: [item]}
        assert bool(chain.choose(likes.LIKED).found) is not there


def test_nothing_set_up_and_no_such_source(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Sources(Settings(_env_file=None), journal)  # type: ignore[call-arg]
    monkeypatch.setattr(sources, "read_source", bare.reader)
    bare.gives = {likes.PLAYING: LoginNeeded("No player runs here.")}
    with pytest.raises(Misconfigured, match="no source is configured"):
        bare.choose()
    with pytest.raises(Misconfigured, match="SOUNDCLOUD_PROFILE"):
        bare.choose(likes.SOUNDCLOUD)
    nothing = bare.choose(NEXT)
    assert [report.gave_way for report in nothing.reports] == ["nothing is next."], "it was named: that is its answer"
    with pytest.raises(Misconfigured, match="Did you mean soundcloud-likes"):
        bare.choose("soundcloud-like")


def test_a_service_that_is_named_twice_is_searched_once() -> None:
    given = Settings(_env_file=None, TRACKSYNC_SEARCH_IN="youtube, SoundCloud youtube")  # type: ignore[call-arg]
    assert given.search_in == ("youtube", "soundcloud")
