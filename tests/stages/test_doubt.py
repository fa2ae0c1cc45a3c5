"""A track for which nothing was surely found has a page in Notion, with what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.sandbox.notion.houses import House
from tests.sandbox.spotify import an_id
from tests.sandbox.town import Town
from tests.stages.story import Story


def test_its_artists_and_playlist_are_there_by_their_ids(
    open_story: Callable[..., Story], town: Town, notion: House, tmp_path: Path
) -> None:
    row = town.on_spotify(0)
    number = town.spotify.world.playlist("Sunrise", row)
    renamed = notion.playlists.add_page({"Name": "Mornings", "Spotify ID": number})
    town.log_in(tmp_path / "home")
    named = {name: value for name, value in notion.environment.items() if name.endswith(("_TOKEN", "_ID"))}
    story = open_story(**named)
    (track,) = story.detect(f"https://open.spotify.com/playlist/{number}").tracks
    event = story.end(track)
    assert event["error"]["kind"] == "no-sure-match"
    (page,) = notion.tracks.pages
    assert page.plain("Audio Processing") == ("Spotify - No Audio Source Found",)
    assert page.plain("Playlists") == (renamed.id,)
    assert [(p.plain("Name"), p.plain("Spotify ID")) for p in notion.artists.pages] == [
        (artist["name"], an_id(artist["name"])) for artist in row["artists"]
    ]
    assert not any(page.plain(f"{kind} File Path") for kind in ("M4A", "WAV", "AIFF"))
    assert not page.plain("Downloaded")
