"""The chain with real services behind it: what is playing, likes, saved tracks; and what is known of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examples.pieces import PIECES
from tests.sandbox.music import LENGTH_S, Music
from tests.sandbox.spotify.faults import Status as SpotifyStatus
from tests.sandbox.town import Town
from tests.sandbox.web import Silence, Status
from tests.stages.story import Story
from tracksync.errors import LoginNeeded, Misconfigured, RateLimited
from tracksync.journal import Entry
from tracksync.matching import FoundBy
from tracksync.sources.likes import LIKED, PLAYING, SOUNDCLOUD
from tracksync.sources.names import name_key
from tracksync.sources.secrets import redact
from tracksync.stages import detect
from tracksync.stages.detect import ensure_enrolled
from tracksync.stages.match import ensure_matched

Play = Callable[..., None]
ME = "api.spotify.com/v1/me"


def test_three_sources_in_turn_until_nothing_is_new(story: Story, town: Town, playing: Play, tmp_path: Path) -> None:
    row = town.on_spotify(0)
    playing("spotify", PIECES[0].title, PIECES[0].artists[0], f"https://open.spotify.com/track/{row['id']}")
    town.like(*(town.on_soundcloud(number, title=f"Somebody - Song {number}") for number in (1, 2)))
    town.save(row, town.on_spotify(2))
    taken = []
    for _ in range(3):
        batch = story.choose(limit=5)
        taken.append((batch.source, len(batch.tracks)))
        for track in batch.tracks:
            story.keep(track, tmp_path)
    assert taken == [(PLAYING, 1), (SOUNDCLOUD, 2), (LIKED, 1)], "what was playing was saved, too"
    batch = story.choose()
    assert (batch.tracks, batch.chosen and batch.chosen.unread) == ([], [])
    assert batch.chosen is not None
    told = {report.source: report.gave_way for report in batch.chosen.reports}
    assert told[PLAYING] == "it is there already."
    assert told[SOUNDCLOUD] == told[LIKED] == "all 2 are there already."
    run = batch.chosen.told({"event": "run"})
    assert [(one["source"], one["already"], one["failed"]) for one in run["sources"]][:3] == [
        (PLAYING, 1, False),
        (SOUNDCLOUD, 2, False),
        (LIKED, 2, False),
    ]


def test_what_a_player_says_is_completed_by_the_web(story: Story, town: Town, playing: Play) -> None:
    row = town.on_spotify(0)
    playing("spotify", PIECES[0].title, PIECES[0].artists[0], f"https://open.spotify.com/track/{row['id']}")
    town.on_youtube(0)
    (track,) = story.choose().tracks
    assert (track.facts.artists, track.facts.isrc) == (PIECES[0].artists[:1], None)
    source, _ = story.audio(track)
    assert (source.facts.artists, source.facts.isrc) == (PIECES[0].artists, row["external_ids"]["isrc"])
    assert ("isrc", row["external_ids"]["isrc"]) in story.journal.identities(track.key)


def test_a_track_that_is_known_by_its_name_alone(story: Story, town: Town, playing: Play) -> None:
    piece = PIECES[0]
    playing("radio", piece.title, ", ".join(piece.artists), "")
    video = town.on_youtube(0)
    (track,) = story.choose().tracks
    assert track.key == name_key(piece.title, piece.artists)
    story.audio(track)
    matched = story.matched(track)
    assert matched.choice is not None
    assert (matched.found_by, matched.choice.link) == (FoundBy.SEARCH, video.link)


def test_a_player_that_names_no_artist_plays_nothing_that_could_be_found(
    story: Story, town: Town, playing: Play
) -> None:
    playing("radio", "Morning Show", "", "")
    town.like(town.on_soundcloud(1))
    batch = story.choose()
    assert batch.source == SOUNDCLOUD


def test_a_file_that_another_player_plays(
    story: Story, town: Town, playing: Play, music: Music, tmp_path: Path
) -> None:
    file = tmp_path / "Ü & x.flac"
    file.write_bytes(music.piece(0, "flac").read_bytes())
    playing("vlc", "", "", file.as_uri())
    town.like(town.on_soundcloud(1))
    (track,) = story.choose().tracks
    assert track.key.startswith("file:")
    story.keep(track, tmp_path)
    batch = story.choose()
    assert batch.source == SOUNDCLOUD, "what plays is there: the next source is asked"


def test_spotify_asked_for_two_hours_and_nobody_asks_it_meanwhile(
    open_story: Callable[..., Story], town: Town, tmp_path: Path
) -> None:
    town.log_in(tmp_path / "home")
    story = open_story()
    town.spotify.add_fault(SpotifyStatus(code=429, retry_after="7200"))
    town.net.add_fault("api-v2.soundcloud.com/", Status(code=403))
    began = time.monotonic()
    batch = story.choose()
    assert time.monotonic() - began < 20
    assert batch.chosen is not None
    assert [report.source for report in batch.chosen.unread] == [PLAYING, SOUNDCLOUD, LIKED]
    assert not batch.tracks
    told = {report.source: report.gave_way for report in batch.chosen.reports}
    assert all("could not be read" in told[name] for name in (PLAYING, SOUNDCLOUD, LIKED))
    assert "left alone until" in told[LIKED], "what the player's source was told counts for the likes"
    asked = len(town.spotify.requests)
    later = open_story()
    later.choose()
    for source in (PLAYING, LIKED):
        with pytest.raises(RateLimited, match="left alone until"):
            later.choose(source)
    assert len(town.spotify.requests) == asked


def test_a_pause_of_spotifys_does_not_keep_the_player_from_being_asked(story: Story, town: Town, playing: Play) -> None:
    story.journal.cool("spotify", 7200, "Too much was asked.")
    row = town.on_spotify(0)
    playing("spotify", PIECES[0].title, PIECES[0].artists[0], f"https://open.spotify.com/track/{row['id']}")
    town.on_youtube(0)
    (track,) = story.choose().tracks
    story.fetch(track)
    assert town.spotify.requests == []


def test_a_source_that_hangs_is_passed_over(open_story: Callable[..., Story], town: Town, tmp_path: Path) -> None:
    town.log_in(tmp_path / "home")
    story = open_story(TRACKSYNC_STALL_SECONDS="1")
    town.net.add_fault("api-v2.soundcloud.com/users/", Silence())
    town.save(town.on_spotify(0))
    batch = story.choose()
    assert batch.source == LIKED
    assert batch.chosen is not None
    assert [report.source for report in batch.chosen.unread] == [SOUNDCLOUD]


def test_one_that_breaks_off_has_given_what_it_gave(story: Story, town: Town) -> None:
    town.cloud.page_size = 2
    town.like(*(town.on_soundcloud(0, title=f"Somebody - Song {number}", slug=f"s{number}") for number in range(4)))
    town.net.add_fault("api-v2.soundcloud.com/users/", Status(code=403, skip=1))
    batch = story.choose()
    assert (batch.source, len(batch.tracks)) == (SOUNDCLOUD, 2)
    assert any("was not read to its end" in note for note in story.heard.notes)


def test_no_login_is_said_and_never_asked_for(open_story: Callable[..., Story], town: Town) -> None:
    story = open_story()
    with pytest.raises(LoginNeeded) as caught:
        story.choose(LIKED)
    assert "tracksync login spotify" in caught.value.action


def test_the_same_recording_by_another_link_is_linked_and_not_fetched(story: Story, town: Town, tmp_path: Path) -> None:
    song = town.on_soundcloud(0)
    known = story.track(song.link)
    story.keep(known, tmp_path)
    town.save(town.on_spotify(0))
    (track,) = story.choose(LIKED).tracks
    assert track.key != known.key
    got = story.fetch(track)
    assert isinstance(got, Entry)
    assert got.key == known.key
    assert town.net.count(r"cf-media\.sndcdn\.com") == 0


def test_the_same_isrc_is_the_same_recording_where_the_length_agrees(story: Story, town: Town, tmp_path: Path) -> None:
    row = town.on_spotify(0)
    other = town.on_spotify(1, external_ids=row["external_ids"], duration_ms=90_000)
    town.like(town.on_soundcloud(0, isrc=row["external_ids"]["isrc"], artist=PIECES[0].artists[0]))
    (liked,) = story.choose(SOUNDCLOUD).tracks
    story.keep(liked, tmp_path)
    town.save(row, other)
    batch = story.choose(LIKED)
    assert [track.facts.title for track in batch.tracks] == [PIECES[1].title]


def test_a_list_of_links_and_names(story: Story, town: Town, tmp_path: Path) -> None:
    row = town.on_spotify(2)
    song = town.on_soundcloud(0)
    piece = PIECES[1]
    video = town.tube.add(piece.title, "Somebody", b"", 215, artists=piece.artists, album="An Album")
    text = tmp_path / "friday.txt"
    named = f"{' & '.join(piece.artists)} - {piece.title}"
    text.write_text(f"{song.link}\n{named}\nspotify:track:{row['id']}\nnonsense\n", encoding="utf-8")
    batch = story.detect(str(text), playlist="Friday")
    assert [track.key for track in batch.tracks] == [
        f"soundcloud:track:{song.id}",
        name_key(piece.title, (" & ".join(piece.artists),)),
        f"spotify:track:{row['id']}",
    ]
    assert {track.playlist for track in batch.tracks} == {"Friday"}
    assert [event["error"]["kind"] for event in batch.events] == ["unsupported"]
    assert "friday.txt, line 4: 'nonsense' is neither a link" in batch.events[0]["error"]["message"]
    matched = ensure_matched(story.shop, batch.tracks[1])
    assert matched.choice is not None
    assert matched.choice.link == video.link


def test_exportifys_table_is_brought_in_without_a_login(
    open_story: Callable[..., Story], town: Town, tmp_path: Path
) -> None:
    story = open_story(SPOTIFY_CLIENT_ID=None)
    piece, row = PIECES[0], town.on_spotify(0)
    video = town.on_youtube(0)
    table = tmp_path / "Warm-up.csv"
    cells = (f"spotify:track:{row['id']}", piece.title, "An Album", ";".join(piece.artists), "2021-03-05")
    written = ",".join(f'"{cell}"' for cell in (*cells, int(LENGTH_S * 1000)))
    table.write_text(
        f'"Track URI","Track Name","Album Name","Artist Name(s)","Release Date","Duration (ms)"\n{written}\n',
        encoding="utf-8",
    )
    (track,) = story.detect(str(table)).tracks
    assert (track.key, track.playlist) == (f"spotify:track:{row['id']}", "Warm-up")
    story.audio(track)
    assert story.matched(track).choice.link == video.link  # type: ignore[union-attr]
    assert town.spotify.requests == []


def test_a_spotify_playlist_gives_its_name_to_its_tracks(story: Story, town: Town) -> None:
    number = town.spotify.world.playlist("Sunrise", town.on_spotify(0), None, town.on_spotify(1))
    batch = story.detect(f"https://open.spotify.com/playlist/{number}?si=abc")
    assert [track.playlist for track in batch.tracks] == ["Sunrise", "Sunrise"]
    assert {track.playlist_spotify_id for track in batch.tracks} == {number}, "the journal keeps it"
    assert all(list(track.facts.artist_ids) == list(track.facts.artists) for track in batch.tracks)
    assert any("1 entry is no track" in note for note in story.heard.notes)
    again = story.detect(f"https://open.spotify.com/playlist/{number}", playlist="Mine")
    assert [track.key for track in again.tracks] == [track.key for track in batch.tracks]


def test_a_list_of_a_hundred_spotify_links_asks_once_where_spotify_is_held_back(
    story: Story, town: Town, tmp_path: Path
) -> None:
    links = tmp_path / "hundred.txt"
    links.write_text("\n".join(f"spotify:track:{number:022}" for number in range(100)), encoding="utf-8")
    town.spotify.add_fault(SpotifyStatus(path="api", code=429, retry_after="7200"))
    batch = story.detect(str(links))
    assert len(batch.events) == 100
    assert {event["state"] for event in batch.events} == {"waiting"}
    asked = town.spotify.count("api")
    assert asked <= 8, "those that were on their way"
    assert {event["state"] for event in story.detect(str(links)).events} == {"waiting"}
    assert town.spotify.count("api") == asked


def test_secrets_are_said_nowhere(open_story: Callable[..., Story], town: Town, tmp_path: Path) -> None:
    town.log_in(tmp_path / "home")
    story = open_story(SC_AUTH_HEADER=f"OAuth {town.cloud.token}", SPOTIFY_CLIENT_SECRET=town.spotify.world.secret)
    from tests.sandbox.soundcloud import Kind

    secret = town.on_soundcloud(0, kind=Kind.PRIVATE)
    town.like(secret, town.on_soundcloud(1, kind=Kind.DRM))
    town.net.add_fault("cf-media", Status(code=403))
    events = [story.end(track) for track in story.choose(SOUNDCLOUD).tracks]
    town.spotify.add_fault(SpotifyStatus(path="api", code=500, message=town.spotify.world.given[0]))
    batch = story.choose()
    said = story.everything_said([*events, *batch.events, [redact(track.origin) for track in batch.tracks]])
    for word in (town.cloud.token, secret.secret, *town.spotify.world.given, town.spotify.world.secret, "Signature="):
        assert word not in said
    for request in town.net.requests():
        assert (request.headers.get("authorization") is None) or request.host.endswith("soundcloud.com")


def test_three_thousand_likes_that_are_nearly_all_there_cost_a_request_a_page(
    story: Story, town: Town, tmp_path: Path
) -> None:
    """Of a tenth of that, so that the test is quick: what a track costs is the same."""
    songs = [town.cloud.add_song(f"Somebody - Song {n}", town.label, b"", 200.0, slug=f"s{n}") for n in range(300)]
    town.like(*songs)
    for track in story.choose(SOUNDCLOUD, limit=295).tracks:
        story.keep(track, tmp_path)
    town.net.clear()
    began = time.thread_time()
    batch = story.choose(SOUNDCLOUD)
    assert [track.facts.title for track in batch.tracks] == [f"Song {n}" for n in range(295, 300)]
    assert town.net.count("api-v2.soundcloud.com/users/") == 2
    assert town.net.count() <= 4, "the profile is asked for once, and no track by itself"
    assert time.thread_time() - began < 1.5


def test_a_limit_counts_of_what_is_named_only_what_has_to_be_brought_in(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("\n".join(f"Somebody - Number {number}" for number in range(6)), encoding="utf-8")
    every = ensure_enrolled(story.shop, [str(names)], None).tracks
    for track in every[:2]:
        story.keep(track, tmp_path)

    def titles(**more: Any) -> list[str]:
        return [track.facts.title for track in ensure_enrolled(story.shop, [str(names)], None, **more).tracks]

    assert titles(limit=2) == ["Number 0", "Number 1", "Number 2", "Number 3"], "the synced ones are only told"
    assert titles(limit=2, again=True) == ["Number 0", "Number 1"]
    monkeypatch.setattr(detect, "MOST_AT_ONCE", 5)
    with pytest.raises(Misconfigured, match="6 tracks were named, more than one run can take"):
        titles()
    assert len(titles(limit=4)) == 6
