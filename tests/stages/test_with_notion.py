"""Tracks in doubt on their Notion pages: seen there, settled there, and made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from examples.pieces import PIECES
from tests.sandbox.music import LENGTH_S
from tests.sandbox.notion.databases import StandInPage
from tests.sandbox.notion.fixtures import notion_catalogue
from tests.sandbox.notion.houses import House
from tests.sandbox.soundcloud import Kind
from tests.sandbox.town import Town
from tests.sandbox.web import Status
from tests.stages.story import Story
from tracksync.catalogue.protocol import ProcessingOption
from tracksync.matching import FoundBy
from tracksync.model import Track
from tracksync.sources.likes import LIKED, SOUNDCLOUD
from tracksync.sources.pages import NEXT

PIECE = PIECES[0]
_KINDS = ("M4A", "WAV", "AIFF")
Open = Callable[[], Story]


@pytest.fixture
def in_notion(open_story: Callable[..., Story], town: Town, notion: House, tmp_path: Path) -> Open:
    """Opens a run whose catalogue is Notion, without the pace that a real one asks for."""
    town.log_in(tmp_path / "home")

    def begin() -> Story:
        story = open_story(NOTION_TOKEN=notion.notion.token, TRACKS_DB_ID=notion.tracks.id)
        story.shop.catalogue = notion_catalogue(
            notion,
            story.journal,
            note=story.heard.note,
            ARTISTS_DB_ID=notion.artists.id,
            PLAYLISTS_DB_ID=notion.playlists.id,
        )
        story.shop.catalogue.prepare()
        return story

    return begin


def in_doubt(story: Story, town: Town) -> Track:
    """A saved track for which only something else is found."""
    row = town.on_spotify(0)
    town.on_soundcloud(0, title=f"{PIECE.artists[0]} - {PIECE.title} (Sped Up)")
    town.save(row)
    (track,) = story.choose(LIKED).tracks
    assert story.end(track)["state"] == "needs-review"
    return track


def only_page(notion: House) -> StandInPage:
    (page,) = notion.tracks.pages
    return page


def test_a_doubt_gets_a_page_that_says_what_was_found(in_notion: Open, town: Town, notion: House) -> None:
    story = in_notion()
    track = in_doubt(story, town)
    page = only_page(notion)
    assert page.plain("Title") == PIECE.title
    assert page.plain("Artist Name") == ", ".join(PIECE.artists)
    assert page.plain("Spotify URL") == track.origin
    assert page.plain("Spotify ID") == track.key.rpartition(":")[2]
    assert page.plain("SoundCloud URL") is None
    assert not page.plain("Downloaded")
    assert page.plain("Audio Processing") == (ProcessingOption.NO_AUDIO_SOURCE.value,)
    text = str(page.blocks)
    assert "(Sped Up)" in text
    assert "soundcloud.com/some-label" in text
    assert f"tracksync sync {track.key} --use LINK" in text

    assert not story.choose(NEXT).tracks, "it is not chosen as it is"
    later = in_notion()
    assert not later.choose(NEXT).tracks
    assert later.end(later.track(track.key))["state"] == "needs-review"
    assert len(notion.tracks.pages) == 1, "there is one page, however often it is looked for"
    assert not later.choose("auto").tracks


def test_a_link_that_is_put_onto_the_page_settles_it(in_notion: Open, town: Town, notion: House) -> None:
    track = in_doubt(in_notion(), town)
    right = town.on_soundcloud(0, title="An Upload of No Particular Name", slug="right")
    only_page(notion).put({"SoundCloud URL": f"{right.link}?si=abc"})
    story = in_notion()
    batch = story.choose(NEXT)
    assert [item.key for item in batch.tracks] == [track.key], "the same track, not another"
    story.audio(batch.tracks[0])
    matched = story.matched(track)
    assert matched.choice is not None
    assert (matched.found_by, matched.choice.link) == (FoundBy.RECORD, right.link)
    assert len(story.journal.entries()) == 1


def test_a_link_of_another_length_on_the_page_is_not_believed(in_notion: Open, town: Town, notion: House) -> None:
    track = in_doubt(in_notion(), town)
    wrong = town.cloud.add_song("Wrong", town.label, town.long_sound(), 2 * LENGTH_S)
    only_page(notion).put({"SoundCloud URL": wrong.link})
    story = in_notion()
    (again,) = story.choose(NEXT).tracks
    event = story.end(again)
    assert (again.key, event["state"], event["error"]["kind"]) == (track.key, "needs-review", "no-sure-match")
    assert f"should be {LENGTH_S:.1f} s long" in event["error"]["message"]
    assert not story.choose(NEXT).tracks, "our own note on it is no edit"
    assert only_page(notion).plain("SoundCloud URL") == wrong.link, "what a person wrote stays"


def test_a_liked_preview_in_doubt_is_settled_on_its_page(in_notion: Open, town: Town, notion: House) -> None:
    story = in_notion()
    song = town.on_soundcloud(0, kind=Kind.PREVIEW)
    town.like(song)
    (track,) = story.choose(SOUNDCLOUD).tracks
    event = story.end(track)
    assert event["state"] == "needs-review"
    assert event["error"]["action"].endswith(" --use LINK`, or put its link onto the track's page.")
    page = only_page(notion)
    assert page.plain("SoundCloud URL") == song.link
    assert f"Found, but “{song.title}” ({song.link}) is offered only as a preview" in str(page.blocks)
    video = town.on_youtube(0, title="Whatever")
    page.put({"YouTube URL": video.link})
    later = in_notion()
    (again,) = later.choose(NEXT).tracks
    assert again.key == track.key
    later.audio(again)
    assert later.matched(track).choice.link == video.link  # type: ignore[union-attr]


def test_a_persons_dead_link_gives_way_to_one_on_the_page(in_notion: Open, town: Town, notion: House) -> None:
    from tests.sandbox.youtube import Play
    from tracksync.stages.candidates import settle_with

    story = in_notion()
    track = in_doubt(story, town)
    dead = town.on_youtube(0, title="x", play=Play.REMOVED)
    settle_with(story.shop, [track], dead.link)
    assert story.end(track)["state"] == "failed"
    right = town.on_soundcloud(0, title="Right", slug="right")
    only_page(notion).put({"SoundCloud URL": right.link})
    later = in_notion()
    (again,) = later.choose(NEXT).tracks
    later.audio(again)
    assert later.matched(track).choice.link == right.link  # type: ignore[union-attr]


def test_a_page_that_means_a_track_of_the_library_holds_nothing_up(
    in_notion: Open, town: Town, notion: House, tmp_path: Path
) -> None:
    """Its recording is there by another name: it is linked, its page says so, and the next page has its turn."""
    from tracksync.journal import Entry
    from tracksync.stages.outcome import merge_into

    story = in_notion()
    song = town.on_soundcloud(0)
    known = story.track(song.link)
    story.keep(known, tmp_path)
    named = {f"{kind} File Path": str(tmp_path / f"{known.key.replace(':', '-')}.{kind.lower()}") for kind in _KINDS}
    notion.tracks.add_page({"Title": "An Upload", "SoundCloud URL": song.link, "Downloaded": True, **named})
    row, other = town.on_spotify(0), town.on_spotify(1)
    notion.tracks.add_page(
        {"Title": PIECES[1].title, "Artist Name": ", ".join(PIECES[1].artists), "Spotify ID": other["id"]}
    )
    first = notion.tracks.add_page(
        {
            "Title": PIECE.title,
            "Artist Name": ", ".join(PIECE.artists),
            "Spotify ID": row["id"],
            "Priority": "5 - Critical",
            "Audio Duration (seconds)": LENGTH_S,
            "Audio Processing": ["mine", ProcessingOption.NO_AUDIO_SOURCE.value],
        }
    )
    (track,) = story.choose(NEXT).tracks
    assert track.facts.title == PIECE.title
    holder = story.fetch(track)
    assert isinstance(holder, Entry)
    event = merge_into(story.shop, track, holder)
    assert event["state"] == "synced"
    assert first.plain("Audio Processing") == ("mine", ProcessingOption.MERGED.value), "found in the end"
    town.save(row)
    assert in_notion().choose(LIKED).tracks == [], "it is there already, whoever names it"
    for _ in range(2):
        (following,) = in_notion().choose(NEXT).tracks
        assert following.facts.title == PIECES[1].title


def test_a_dry_run_writes_nothing(in_notion: Open, town: Town, notion: House) -> None:
    from tracksync.stages.sources import Ground, choose

    story = in_notion()
    notion.tracks.add_page({"Title": "T", "Artist Name": "A", "Spotify ID": town.on_spotify(0)["id"]})
    town.like(town.on_soundcloud(0))
    town.net.add_fault("api-v2.soundcloud.com/users", Status(code=429))
    notion.notion.clear()
    marks = _marks(story)
    ground = Ground(story.shop.settings, story.journal, story.catalogue, story.heard.note, dry_run=True)
    assert choose("auto", ground).what
    assert story.journal.entries() == []
    assert notion.notion.writes == 0
    assert _marks(story) == marks
    assert story.journal.cooled("soundcloud") is None


def _marks(story: Story) -> list[object]:
    from sqlalchemy import select

    from tracksync.journal._schema import marks

    with story.journal._read() as connection:
        found = connection.execute(select(marks.c.name).order_by(marks.c.name)).scalars().all()
    return [name for name in found if name.startswith(("page ", "cooling"))]


@pytest.mark.parametrize(
    ("title", "artist"),
    [("T" * 5000, "A" * 3000), ("🔥" * 1200, "🎵"), ("\u202eעולם, שלום\u202c", "אמן"), ("a, b; c | d", "A,B")],
    ids=["long", "emoji", "right-to-left", "commas"],
)
def test_names_of_every_kind_get_a_page(in_notion: Open, town: Town, notion: House, title: str, artist: str) -> None:
    story = in_notion()
    town.save(town.spotify.world.track(title, artist, duration_ms=200_000))
    (track,) = story.choose(LIKED).tracks
    event = story.end(track)
    assert (event["state"], event["error"]["kind"]) == ("needs-review", "no-sure-match")
    page = only_page(notion)
    assert str(page.plain("Title"))[:1000] == title[:1000]
    assert not [note for note in story.heard.notes if "does not say so" in note], story.heard.notes
    assert not in_notion().choose(NEXT).tracks
