"""A track that is on a disk already is taken from there, whatever named it, and nothing is fetched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from examples.pieces import PIECES
from tests.sandbox.music import Music
from tests.sandbox.town import Town
from tests.stages.story import Story
from tracksync.library.index import index_folders
from tracksync.matching import Candidate, FoundBy, MatchReceipt
from tracksync.model import Stage, Track
from tracksync.stages.match import ensure_matched

Play = Callable[..., None]
MEDIA = r"[^/]*(media\.sndcdn|googlevideo)"


def on_a_disk(story: Story, folder: Path, music: Music, number: int) -> Path:
    """A piece is on a disk, and the index knows it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}.flac"
    shutil.copy(music.piece(number, "flac"), path)
    index_folders(story.journal, [folder], ffmpeg=story.shop.ffmpeg)
    return path


def taken_from(story: Story, track: Track) -> str | None:
    matched = ensure_matched(story.shop, track)
    assert matched.choice is not None
    assert matched.found_by is FoundBy.DISK
    return matched.choice.link


def test_a_soundcloud_link_by_its_isrc(story: Story, town: Town, music: Music, tmp_path: Path) -> None:
    file = on_a_disk(story, tmp_path / "disk", music, 0)
    song = town.on_soundcloud(0, title="Another Name", isrc=PIECES[0].isrc)
    track = story.track(song.link)
    assert track.facts.isrc == PIECES[0].isrc
    assert taken_from(story, track) == str(file)


def test_a_soundcloud_link_by_its_name_and_length(story: Story, town: Town, music: Music, tmp_path: Path) -> None:
    file = on_a_disk(story, tmp_path / "disk", music, 0)
    track = story.track(town.on_soundcloud(0).link)
    assert taken_from(story, track) == str(file)
    source, _ = story.audio(track)
    assert source.facts.link == track.origin, "which Eagle and the tags are to have"
    assert town.net.count(MEDIA) == 0


def test_a_youtube_link_whose_name_only_its_page_tells(story: Story, town: Town, music: Music, tmp_path: Path) -> None:
    file = on_a_disk(story, tmp_path / "disk", music, 1)
    track = story.track(town.on_youtube(1).link)
    assert track.facts.title == track.origin
    source, _ = story.audio(track)
    assert source.file.path == file
    assert source.fetched_by == "file"
    assert (source.facts.title, source.facts.artists) == (PIECES[1].title, PIECES[1].artists)
    assert source.facts.link == track.origin
    assert town.net.count(MEDIA) == 0


def test_a_youtube_link_that_is_on_no_disk_or_that_a_person_named_is_fetched(
    story: Story, town: Town, music: Music, tmp_path: Path
) -> None:
    on_a_disk(story, tmp_path / "disk", music, 1)
    other, _ = story.audio(story.track(town.on_youtube(2).link))
    assert other.fetched_by == "youtube"
    track = story.track(town.on_youtube(1).link)
    named = Candidate(id=track.key, source="youtube", title="x", link=track.origin)
    story.journal.put_receipt(track.key, Stage.MATCH, MatchReceipt(found_by=FoundBy.PERSON, choice=named))
    source, _ = story.audio(track)
    assert source.fetched_by == "youtube"


def test_a_youtube_link_whose_file_on_a_disk_is_broken_is_fetched(
    story: Story, town: Town, music: Music, tmp_path: Path
) -> None:
    file = on_a_disk(story, tmp_path / "disk", music, 1)
    sound = file.read_bytes()
    stat = file.stat()
    file.write_bytes(sound[: len(sound) // 2] + bytes(len(sound) - len(sound) // 2))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the index does not see it
    source, _ = story.audio(story.track(town.on_youtube(1).link))
    assert source.fetched_by == "youtube"


def test_what_a_player_says_by_the_isrc_that_the_web_knows(
    story: Story, town: Town, music: Music, tmp_path: Path, playing: Play
) -> None:
    file = on_a_disk(story, tmp_path / "disk", music, 0)
    row = town.on_spotify(0, external_ids={"isrc": PIECES[0].isrc})
    # A player names the first artist alone: by name it is no exact hit.
    playing("spotify", PIECES[0].title, PIECES[0].artists[0], f"https://open.spotify.com/track/{row['id']}")
    town.on_youtube(0)
    (track,) = story.choose().tracks
    assert track.facts.isrc is None
    assert taken_from(story, track) == str(file)


def test_what_was_found_before_is_asked_of_the_disks_again_but_a_persons_word_counts(
    story: Story, town: Town, music: Music, tmp_path: Path
) -> None:
    link = "https://www.youtube.com/watch?v=AAAAAAAAAAA"
    track = story.track(town.on_soundcloud(0).link)
    choice = Candidate(id="youtube:video:AAAAAAAAAAA", source="youtube", title="x", link=link)
    found = MatchReceipt(found_by=FoundBy.SEARCH, choice=choice)
    story.journal.put_receipt(track.key, Stage.MATCH, found)
    assert ensure_matched(story.shop, track) == found
    file = on_a_disk(story, tmp_path / "disk", music, 0)
    assert taken_from(story, track) == str(file)
    assert story.matched(track) == found, "files move: where it is now is kept nowhere"
    named = found.model_copy(update={"found_by": FoundBy.PERSON})
    story.journal.put_receipt(track.key, Stage.MATCH, named)
    assert ensure_matched(story.shop, track) == named
