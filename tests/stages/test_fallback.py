"""A track whose own audio can't be had, or that has none: the next candidate, the next source, and then a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from examples.pieces import PIECES
from tests.sandbox.music import LENGTH_S
from tests.sandbox.soundcloud import Kind
from tests.sandbox.town import Town
from tests.sandbox.web import Silence, Status
from tests.sandbox.youtube import Play
from tests.stages.story import Story
from tracksync.errors import Misconfigured, NoSureMatch, NotFound, RateLimited
from tracksync.journal import Entry
from tracksync.matching import FoundBy, MatchReceipt
from tracksync.model import FileFact, PublishReceipt, Stage, State
from tracksync.stages.candidates import settle_with
from tracksync.stages.match import ensure_matched
from tracksync.stages.outcome import merge_into
from tracksync.stages.refresh import forget_for_refresh

PIECE = PIECES[0]
NAME = f"{', '.join(PIECE.artists)} - {PIECE.title}"
MEDIA = r"(cf-media|cf-hls-media)\.sndcdn\.com"


@pytest.mark.parametrize("kind", [Kind.PREVIEW, Kind.DRM, Kind.DRM_ONLY, Kind.BLOCKED])
def test_a_like_that_can_not_be_had_comes_from_youtube_music(story: Story, town: Town, kind: Kind) -> None:
    town.like(town.on_soundcloud(0, kind=kind))
    video = town.on_youtube(0)
    (track,) = story.choose("soundcloud-likes").tracks
    source, rendered = story.audio(track)
    matched = story.matched(track)
    assert (matched.found_by, matched.choice and matched.choice.link) == (FoundBy.SEARCH, video.link)
    assert matched.fell_back
    assert [attempt.link for attempt in matched.tried] == [track.origin]
    assert rendered.duration_s == pytest.approx(LENGTH_S, abs=0.2)
    assert source.facts.display == NAME
    assert town.net.count(MEDIA) == 0, "nothing of a protected stream is fetched, nor of a preview"


@pytest.mark.parametrize("kind", [Kind.PREVIEW, Kind.DRM, Kind.BLOCKED])
def test_what_can_be_had_nowhere_waits_for_a_person(story: Story, town: Town, kind: Kind) -> None:
    town.like(town.on_soundcloud(0, kind=kind))
    (track,) = story.choose("soundcloud-likes").tracks
    event = story.end(track)
    assert (event["state"], event["error"]["kind"]) == ("needs-review", "no-sure-match")
    assert "No audio was found that is surely" in event["error"]["message"]
    assert event["error"]["message"].endswith("nothing found on SoundCloud, YouTube Music and YouTube.")
    told = f"Name the right one: `tracksync sync {track.key} --use LINK`."
    assert event["error"]["action"] == told, "there is no page to put a link onto"
    assert not story.choose("soundcloud-likes").tracks, "it is set aside"
    assert town.net.count(MEDIA) == 0


def test_a_title_without_an_artist_waits_for_a_person_too(story: Story, town: Town) -> None:
    town.cloud.people["x"] = nobody = town.cloud.add_person("x", " ")
    song = town.cloud.add_song("A Title Alone", nobody, b"", 30, kind=Kind.PREVIEW)
    town.like(song)
    (track,) = story.choose("soundcloud-likes").tracks
    assert track.facts.artists == ()
    event = story.end(track)
    assert (event["state"], event["error"]["kind"]) == ("needs-review", "no-sure-match")
    assert "preview" in event["error"]["message"]
    assert "its artist is not known" in event["error"]["message"]


def test_a_link_to_nothing_is_gone_and_nothing_is_looked_for(story: Story, town: Town) -> None:
    batch = story.detect("https://soundcloud.com/some-label/never-was")
    assert [event["error"]["kind"] for event in batch.events] == ["not-found"]
    track = story.track("https://www.youtube.com/watch?v=ABCDEFGHIJK")
    assert story.end(track)["error"]["kind"] == "not-found"
    assert town.net.count("music.youtube.com") == 0


@pytest.mark.parametrize("play", [Play.REMOVED, Play.PRIVATE, Play.DRM])
def test_a_candidate_that_is_gone_gives_way_to_the_next_source(story: Story, town: Town, play: Play) -> None:
    gone = town.on_youtube(0, play=play)
    video = town.on_youtube(0, title=NAME)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    story.audio(track)
    matched = story.matched(track)
    assert [attempt.link for attempt in matched.tried] == [gone.link]
    assert matched.choice is not None
    assert matched.choice.link == video.link
    assert any(note.endswith("Another source is looked for.") for note in story.heard.notes)


def test_what_is_of_another_length_when_decoded_is_passed_over(story: Story, town: Town) -> None:
    """Its page says a length, and so does Spotify: only the audio itself tells."""
    town.cloud.add_song(NAME, town.label, town.long_sound(), LENGTH_S)
    video = town.on_youtube(0)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    _, rendered = story.audio(track)
    matched = story.matched(track)
    assert matched.choice is not None
    assert matched.choice.link == video.link
    assert [attempt.kind for attempt in matched.tried] == ["damaged"]
    assert rendered.duration_s == pytest.approx(LENGTH_S, abs=0.2)


def test_after_six_that_gave_nothing_a_person_is_asked(
    open_story: Callable[..., Story], town: Town, tmp_path: Path
) -> None:
    town.log_in(tmp_path / "home")
    story = open_story(TRACKSYNC_SEARCH_IN="youtube-music")
    for number in range(9):
        town.on_youtube(0, play=Play.REMOVED, views=number)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    event = story.end(track)
    assert (event["state"], event["error"]["kind"]) == ("needs-review", "no-sure-match")
    assert "6 sources" in event["error"]["message"]
    assert len(story.matched(track).tried) == 6
    asked = [request.json["query"] for request in town.net.requests("music.youtube.com/youtubei/v1/search")]
    assert len(asked) == 2 * len(set(asked)), "songs and videos, each once, however many give nothing"


def test_a_bot_check_leaves_youtube_alone_for_an_hour_and_the_others_go_on(
    open_story: Callable[..., Story], town: Town, tmp_path: Path
) -> None:
    town.log_in(tmp_path / "home")
    order = {"TRACKSYNC_SEARCH_IN": "youtube-music youtube soundcloud"}
    story = open_story(**order)
    town.on_youtube(0, play=Play.BOT)
    song = town.on_soundcloud(0)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    story.audio(track)
    matched = story.matched(track)
    assert matched.choice is not None
    assert (matched.choice.link, matched.tried) == (song.link, ()), "it may be had another time: it is not a miss"

    town.on_youtube(1)
    town.spotify.world.saved.clear()
    town.save(town.on_spotify(1))
    asked = town.net.count("(www|music).youtube.com")
    later = open_story(**order)
    cooled = later.journal.cooled("youtube")
    assert cooled is not None
    assert 3500 < cooled.left_s <= 3600
    (other,) = later.choose("spotify-liked").tracks
    event = later.end(other)
    assert event["state"] == "waiting"
    assert f"left alone until {cooled.until.astimezone():%H:%M}" in event["error"]["message"]
    entry = later.journal.find(other.key)
    assert entry is not None
    assert entry.waiting_until is not None
    assert abs((entry.waiting_until - cooled.until).total_seconds()) < 60
    assert town.net.count("(www|music).youtube.com") == asked, "it was asked for nothing"
    assert not later.choose("spotify-liked").tracks, "it waits for its moment, and holds nothing up"


def test_a_track_of_youtubes_own_waits_for_it(story: Story, town: Town) -> None:
    video = town.on_youtube(0, play=Play.BOT)
    town.on_soundcloud(0)
    track = story.track(video.link)
    event = story.end(track)
    assert (event["state"], event["error"]["kind"]) == ("waiting", "rate-limited")
    asked = town.net.count("www.youtube.com")
    event = story.end(track)
    assert "is left alone until" in event["error"]["message"]
    assert town.net.count("www.youtube.com") == asked


@pytest.mark.parametrize(
    ("where", "header", "pause"),
    [
        ("api-v2.soundcloud.com/search", {"Retry-After": "7200"}, 7200),
        ("cf-media.sndcdn.com", {}, 600),
    ],
)
def test_a_429_of_soundclouds_leaves_it_alone_for_ten_minutes(
    story: Story, town: Town, where: str, header: dict[str, str], pause: int
) -> None:
    town.on_soundcloud(0, protocols=("progressive",))
    video = town.on_youtube(0)
    town.net.add_fault(where, Status(code=429, headers=header))
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    story.audio(track)
    matched = story.matched(track)
    assert matched.choice is not None
    assert matched.choice.link == video.link
    cooled = story.journal.cooled("soundcloud")
    assert cooled is not None
    assert pause - 30 < cooled.left_s <= pause
    before = town.net.count("api-v2.soundcloud.com")
    with pytest.raises(RateLimited, match="left alone until"):
        story.choose("soundcloud-likes")
    assert town.net.count("api-v2.soundcloud.com") == before


def test_a_track_that_waits_for_a_search_says_until_when(story: Story, town: Town) -> None:
    town.net.add_fault("api-v2.soundcloud.com/search", Status(code=429, headers={"Retry-After": "7200"}))
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    event = story.end(track)
    entry = story.journal.find(track.key)
    assert event["state"] == "waiting"
    assert entry is not None
    assert entry.waiting_until is not None
    until = entry.waiting_until.astimezone()
    minutes = [f"{until + timedelta(minutes=off):%H:%M}" for off in (-1, 0, 1)]
    assert event["error"]["action"] in [f"It is looked for again by the first run after {each}." for each in minutes]


@pytest.mark.parametrize("fault", [Status(code=500), Status(code=403)], ids=["500", "403"])
def test_what_could_not_be_searched_may_have_it_the_track_waits(story: Story, town: Town, fault: Status) -> None:
    town.on_soundcloud(0)
    town.net.add_fault("api-v2.soundcloud.com/search", fault)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    event = story.end(track)
    assert event["state"] == "waiting", event
    assert "not everything could be searched" in event["error"]["message"]
    town.net.mend()
    story.journal.warm("soundcloud")
    story.audio(track)


def test_a_candidates_server_that_is_down_is_passed_by(story: Story, town: Town) -> None:
    town.on_soundcloud(0, protocols=("progressive",))
    video = town.on_youtube(0)
    town.net.add_fault("cf-media.sndcdn.com", Status(code=503))
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    story.audio(track)
    matched = story.matched(track)
    assert matched.choice is not None
    assert matched.choice.link == video.link
    cooled = story.journal.cooled("soundcloud")
    assert cooled is not None
    assert (cooled.asked, cooled.left_s <= 60) == (False, True)


def test_a_silent_search_is_given_up_and_the_next_is_asked(
    open_story: Callable[..., Story], town: Town, tmp_path: Path
) -> None:
    town.log_in(tmp_path / "home")
    story = open_story(TRACKSYNC_STALL_SECONDS="1")
    video = town.on_youtube(0)
    town.net.add_fault("api-v2.soundcloud.com/search", Silence())
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    story.audio(track)
    assert story.matched(track).choice.link == video.link  # type: ignore[union-attr]


def test_a_mix_is_neither_looked_for_nor_downloaded(story: Story, town: Town) -> None:
    town.save(town.on_spotify(0, duration_ms=3_600_000))
    long = town.cloud.add_song("Some DJ - Live at the Lake", town.label, b"", 5400.0)
    town.like(long)
    tracks = [*story.choose("spotify-liked").tracks, *story.choose("soundcloud-likes").tracks]
    town.net.clear()
    for track, minutes in zip(tracks, ("60", "90"), strict=True):
        event = story.end(track)
        assert (event["state"], event["error"]["kind"]) == ("needs-review", "mix-detected")
        assert f"{minutes} minutes long" in event["error"]["message"]
    assert town.net.count() == 0


def test_a_spotify_link_never_reaches_anybody_but_spotify(story: Story, town: Town) -> None:
    row = town.on_spotify(0)
    town.save(row)
    link = f"https://open.spotify.com/track/{row['id']}"
    for track in (story.track(link), *story.choose("spotify-liked").tracks):
        story.end(track)
    requests = town.net.requests()
    assert requests
    for request in requests:
        told = f"{request.url} {dict(request.query)} {request.body.decode('utf-8', 'replace')}".lower()
        assert "spotify" not in told, request
        assert row["id"].lower() not in told
    assert not [host for host in town.net.proxy.asked if host.startswith("open.spotify")]


def test_names_that_cannot_be_searched_for_are_a_doubt(story: Story, town: Town) -> None:
    strange = [("🔥🔥🔥", "🎵"), ("?", "!!!"), ("spotify:track:x", "https://open.spotify.com/x"), ("ا" * 3000, "שלום")]
    for title, artist in strange:
        row = town.spotify.world.track(title, artist, duration_ms=30_000, external_ids={})
        town.save(row)
    for track in story.choose("spotify-liked").tracks:
        event = story.end(track)
        assert (event["state"], event["error"]["kind"]) == ("needs-review", "no-sure-match"), event


def test_a_person_settles_it_with_a_link(story: Story, town: Town) -> None:
    song = town.on_soundcloud(0, title="Something else entirely")
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    assert story.end(track)["state"] == "needs-review"
    assert settle_with(story.shop, [track], f"{song.link}?utm_source=clipboard")
    story.audio(track)
    assert story.matched(track).found_by is FoundBy.PERSON
    story.journal.set_state(track.key, State.NEW)
    assert not settle_with(story.shop, [track], song.link), "it is that already"


def test_a_link_that_is_another_tracks_is_linked_unless_files_would_be_orphaned(
    story: Story, town: Town, tmp_path: Path
) -> None:
    song = town.on_soundcloud(0)
    holder = story.track(song.link)
    story.keep(holder, tmp_path)
    town.save(town.on_spotify(1), town.on_spotify(2))
    first, second = story.choose("spotify-liked").tracks
    settle_with(story.shop, [first], song.link)
    got = story.fetch(first)
    assert isinstance(got, Entry)
    assert got.key == holder.key

    fact = FileFact(path=tmp_path / "x", size=1, sha256="0" * 64)
    story.journal.put_receipt(second.key, Stage.PUBLISH, PublishReceipt(m4a=fact, wav=fact, aiff=fact))
    with pytest.raises(Misconfigured, match="is in the library already, as"):
        settle_with(story.shop, [second], song.link)
    with pytest.raises(Misconfigured, match="for 2 tracks"):
        settle_with(story.shop, [first, second], song.link)


def test_a_track_that_was_linked_to_a_wrong_one_is_its_own_again(story: Story, town: Town, tmp_path: Path) -> None:
    wrong, right = town.on_soundcloud(1), town.on_soundcloud(0, title="No Name")
    holder = story.track(wrong.link)
    story.keep(holder, tmp_path)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    settle_with(story.shop, [track], wrong.link)
    got = story.fetch(track)
    assert isinstance(got, Entry)
    merge_into(story.shop, track, got)
    settle_with(story.shop, [track], right.link)
    entry = story.journal.find(track.key)
    assert entry is not None
    assert (entry.merged_into, entry.state) == (None, State.NEW)
    story.audio(track)
    assert story.matched(track).choice.link == right.link  # type: ignore[union-attr]
    assert story.shop.catalogue.find(track.key) is None, "the other's page is not its own"


def test_made_again_a_persons_link_stays_and_a_found_one_does_not(story: Story, town: Town) -> None:
    song, video = town.on_soundcloud(0, title="No Name"), town.on_youtube(1)
    town.save(town.on_spotify(0), town.on_spotify(1))
    first, second = story.choose("spotify-liked").tracks
    settle_with(story.shop, [first], song.link)
    assert ensure_matched(story.shop, second).choice.link == video.link  # type: ignore[union-attr]
    for track in (first, second):
        forget_for_refresh(story.shop, track)
    assert story.matched(first).found_by is FoundBy.PERSON
    assert story.journal.receipt(second.key, Stage.MATCH, MatchReceipt) is None


def test_a_persons_link_that_is_dead_is_said_and_not_replaced_by_a_guess(story: Story, town: Town) -> None:
    town.on_youtube(0)
    dead = town.on_youtube(0, title="x", play=Play.REMOVED)
    town.save(town.on_spotify(0))
    (track,) = story.choose("spotify-liked").tracks
    assert settle_with(story.shop, [track], dead.link)
    for _ in range(2):
        with pytest.raises(NotFound):
            story.fetch(track)
    assert [attempt.link for attempt in story.matched(track).tried] == [dead.link]


def test_a_persons_link_may_be_as_long_as_it_is(open_story: Callable[..., Story], town: Town, tmp_path: Path) -> None:
    town.log_in(tmp_path / "home")
    story = open_story(TRACKSYNC_MAX_TRACK_MINUTES=str(0.8 * LENGTH_S / 60))
    song = town.on_soundcloud(0)
    town.save(town.on_spotify(0, duration_ms=int(700 * LENGTH_S)))
    (track,) = story.choose("spotify-liked").tracks
    with pytest.raises(NoSureMatch):
        story.fetch(track)
    settle_with(story.shop, [track], song.link)
    assert story.audio(track)[1].duration_s > 0.8 * LENGTH_S
