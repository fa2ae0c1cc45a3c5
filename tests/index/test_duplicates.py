"""What is the same, which one is kept and why; and nothing is called the same that is not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from examples.pieces import PIECES
from tests.index.shelf import Shelf, a_wav
from tests.sandbox.journals import a_track
from tests.sandbox.music import Music
from tracksync.audio.ffmpeg import find_ffmpeg
from tracksync.audio.fingerprint import similarity
from tracksync.library.duplicates import Group, Kind, find_duplicates, html_page
from tracksync.library.duplicates.compare import _sampled
from tracksync.model import FileFact, PublishReceipt, Stage


def found(shelf: Shelf, named: Mapping[str, str] = {}, copies: Mapping[str, Path] = {}) -> list[Group]:
    everything = {**shelf.journal.named_files(), **named}
    return find_duplicates(
        shelf.journal, ffmpeg=shelf.ffmpeg, named=everything, copies=copies, volumes=shelf.volumes
    ).groups


def names(group: Group) -> list[str]:
    return [
        str(member.path.relative_to(Path(os.path.commonpath([m.path for m in group.members]))))
        for member in group.members
    ]


def aged(path: Path, years: int) -> Path:
    os.utime(path, ns=(0, 10**18 - years * 10**16))
    return path


def test_the_same_audio_under_other_tags_and_names(shelf: Shelf) -> None:
    aged(a_wav(shelf.root / "b.wav", 1, title="One"), 1)
    aged(a_wav(shelf.root / "deep" / "a.wav", 1), 9)
    a_wav(shelf.root / "c.wav", 2)
    shelf.index()
    (group,) = found(shelf)
    assert group.kind is Kind.EXACT
    assert names(group) == ["b.wav", "deep/a.wav"]
    assert group.why == "the most complete tags (1 of 7)"
    assert group.spare_bytes == (shelf.root / "deep" / "a.wav").stat().st_size


def test_the_oldest_counts_before_the_path(shelf: Shelf) -> None:
    aged(a_wav(shelf.root / "a.wav"), 1)
    aged(a_wav(shelf.root / "b.wav"), 2)
    shelf.index()
    (group,) = found(shelf)
    assert (names(group), group.why) == (["b.wav", "a.wav"], "the oldest")


def test_the_catalogues_file_is_kept_and_protected(shelf: Shelf) -> None:
    aged(a_wav(shelf.root / "old.wav", title="One", artist="A"), 9)
    ours = a_wav(shelf.root / "ours.wav")
    shelf.index()
    (group,) = found(shelf, {str(ours): "url:1"})
    assert (names(group), group.why) == (["ours.wav", "old.wav"], "in the catalogue")
    assert group.keep.protected == "the catalogue names it (url:1)"
    assert group.members[1].protected is None


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_the_catalogues_file_is_known_by_any_of_its_names(shelf: Shelf) -> None:
    ours = a_wav(shelf.root / "real" / "ours.wav")
    a_wav(shelf.root / "other.wav")
    (shelf.root.parent / "way").symlink_to(shelf.root / "real")
    shelf.index()
    (group,) = found(shelf, {str(shelf.root.parent / "way" / ours.name): "url:1"})
    assert group.keep.path == ours
    assert group.keep.protected


def test_the_files_of_one_track_are_no_duplicates(shelf: Shelf) -> None:
    track = a_track()
    shelf.journal.ensure(track)
    places = [shelf.root / name for name in ("a.wav", "copy/a.wav")]
    facts = [FileFact(path=a_wav(path, 1), size=1, sha256="") for path in places]
    receipt = PublishReceipt(m4a=facts[0], wav=facts[0], aiff=facts[0], copies=(facts[1],))
    shelf.journal.put_receipt(track.key, Stage.PUBLISH, receipt)
    shelf.index()
    assert found(shelf) == []
    a_wav(shelf.root / "stray.wav", 1, key=track.key)
    shelf.index()
    (group,) = found(shelf)
    assert [member.path.name for member in group.members if not member.protected] == ["stray.wav"]


def an_eagle_item(shelf: Shelf, item: str, *, key: str = "", **metadata: object) -> Path:
    folder = shelf.root / "Music.library" / "images" / f"{item}.info"
    path = a_wav(folder / "x.wav", 1, key=key)
    (folder / "metadata.json").write_text(json.dumps({"id": item, **metadata}))
    return path


def test_eagles_file_is_kept_before_others_and_never_moved(shelf: Shelf) -> None:
    an_eagle_item(shelf, "ABC")
    a_wav(shelf.root / "x.wav", 1)
    shelf.index()
    (group,) = found(shelf)
    assert (group.keep.eagle_item, group.keep.protected, group.why) == ("ABC", "it is Eagle's own file", "in Eagle")
    assert group.members[1].protected is None


def test_what_is_in_eagles_trash_keeps_nothing_from_being_kept(shelf: Shelf) -> None:
    an_eagle_item(shelf, "ABC", isDeleted=True)
    a_wav(shelf.root / "x.wav", 1)
    shelf.index()
    assert found(shelf) == []


def test_eagles_copy_of_a_track_of_ours_belongs_to_it(shelf: Shelf) -> None:
    track = a_track()
    shelf.journal.ensure(track)
    ours = a_wav(shelf.root / "ours.wav", 1, key=track.key)
    an_eagle_item(shelf, "ABC", key=track.key)
    shelf.index()
    assert found(shelf, {str(ours): track.key}) == []


def test_copies_on_purpose_are_protected(shelf: Shelf) -> None:
    a_wav(shelf.root / "x.wav", 1)
    aged(a_wav(shelf.root / "auto" / "x.wav", 1), 9)
    shelf.index()
    (group,) = found(shelf, copies={"BACKUP_DIR": shelf.root / "auto"})
    assert (names(group), group.why) == (["x.wav", "auto/x.wav"], "not a copy for another program")
    assert group.members[1].protected == "it is in BACKUP_DIR, where copies belong"


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_two_names_of_one_file_are_one(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a.wav", 1)
    os.link(path, shelf.root / "b.wav")
    (shelf.root / "c.wav").symlink_to(path)
    shelf.index()
    assert len(shelf.rows()) == 3
    assert found(shelf) == []


def test_files_that_are_gone_or_changed_do_not_count(shelf: Shelf) -> None:
    a_wav(shelf.root / "a.wav", 1)
    other = a_wav(shelf.root / "b.wav", 1)
    shelf.index()
    os.utime(other, ns=(1, 1))
    assert found(shelf) == []
    other.unlink()
    assert found(shelf) == []


def test_one_name_and_length_is_a_doubt(shelf: Shelf) -> None:
    a_wav(shelf.root / "a.wav", 1, seconds=10, title="One", artist="A")
    a_wav(shelf.root / "b.wav", 2, seconds=11, title="ONE", artist="a")
    a_wav(shelf.root / "c.wav", 3, seconds=20, title="One", artist="A")
    a_wav(shelf.root / "d.wav", 4, seconds=10, title="One (Live)", artist="A")
    shelf.index()
    (group,) = found(shelf)
    assert group.kind is Kind.DOUBT
    assert sorted(names(group)) == ["a.wav", "b.wav"]
    assert group.evidence == "the same artists, title and length"


@pytest.fixture(scope="module")
def record_box(music: Music, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One piece as WAV, FLAC and MP3, the same with a layer missing, and another piece."""
    folder = tmp_path_factory.mktemp("box")
    for suffix in ("wav", "flac", "mp3"):
        shutil.copyfile(music.piece(1, suffix), folder / f"piece.{suffix}")
    shutil.copyfile(music.piece(1, "mp3"), folder / "again.mp3")
    shutil.copyfile(music.write(PIECES[1], "mp3", without=["melody"]), folder / "instrumental.mp3")
    shutil.copyfile(music.piece(2, "mp3"), folder / "other.mp3")
    return folder


def test_other_qualities_are_proved_and_look_alikes_are_not(shelf: Shelf, record_box: Path) -> None:
    shelf.ffmpeg = find_ffmpeg(None)
    box = shelf.root / "box"
    shutil.copytree(record_box, box)
    shelf.index(fingerprint=True)
    groups = {group.kind: group for group in found(shelf)}
    assert set(groups) == {Kind.EXACT, Kind.SAME, Kind.DOUBT}
    assert {member.path.name for member in groups[Kind.EXACT].members} == {"piece.mp3", "again.mp3"}
    same = groups[Kind.SAME]
    assert {member.path.name for member in same.members} == {"piece.wav", "piece.flac", "piece.mp3", "again.mp3"}
    assert same.keep.file.lossless
    assert "correlation" in same.evidence
    doubt = {member.path.name for member in groups[Kind.DOUBT].members}
    assert "instrumental.mp3" in doubt
    assert "other.mp3" not in {member.path.name for group in groups.values() for member in group.members}
    # The second time nothing is decoded: the verdicts are in the journal.
    shelf.ffmpeg = replace(shelf.ffmpeg, path=Path("/nothing/ffmpeg"))
    assert {group.kind: group for group in found(shelf)} == groups


def test_without_fingerprints_it_says_what_it_could_not_find(shelf: Shelf) -> None:
    a_wav(shelf.root / "a.wav", 1)
    a_wav(shelf.root / "b.wav", 2)
    shelf.index()
    result = find_duplicates(shelf.journal, ffmpeg=shelf.ffmpeg, named={}, volumes=shelf.volumes)
    assert (result.groups, result.without_fingerprint) == ([], 2)


def test_the_sample_rules_out_strangers_and_never_a_likeness() -> None:
    noise = np.random.default_rng(4)
    one = noise.integers(0, 2**32, 1_500, dtype=np.uint32)
    stranger = noise.integers(0, 2**32, 1_500, dtype=np.uint32)
    for offset in (-24, -3, 0, 7, 24):
        alike = np.roll(one, offset).copy()
        for bit in noise.choice(32, 32 // 8, replace=False):  # an eighth of the bits differ: 0.875
            alike ^= np.uint32(1 << int(bit))
        assert similarity(one, alike)[0] > 0.8
        assert _sampled(one, ["alike", "stranger"], {"alike": alike, "stranger": stranger}) == ["alike"]


def test_the_page_holds_names_as_text_and_links_that_work(shelf: Shelf) -> None:
    evil = "<img src=x onerror=alert(1)> \"q\" 's' & #1?%20"
    a_wav(shelf.root / "a" / f"{evil}.wav", 1, title="<script>alert(2)</script>", artist="A & B")
    a_wav(shelf.root / "b.wav", 1)
    if os.name != "nt":
        a_wav(shelf.root / os.fsdecode(b"o\xffd.wav"), 1)
    shelf.index()
    page = html_page(found(shelf))
    assert page.encode("utf-8")
    assert "<img" not in page
    assert "<script" not in page
    assert "http" not in page, "it needs nothing else"
    assert page.count("<audio ") == page.count('src="file:///') == (3 if os.name != "nt" else 2)
    assert "%3Cimg%20src%3Dx" in page
    assert "%22q%22%20%27s%27%20%26%20%231%3F%2520.wav" in page
    assert "o%FFd.wav" in page
    assert "&lt;script&gt;" in page
