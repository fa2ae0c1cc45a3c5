"""A track that is on a disk is found, exactly or not at all; and so is a file that was moved."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.index.shelf import Shelf, a_wav
from tests.sandbox.journals import a_track
from tracksync.library.index import IndexedFile, find_many, find_on_disk, where_moved, where_moved_many
from tracksync.model import Facts, FileFact, PublishReceipt, Stage, Track

ISRC = "DEABC1234567"


def names(files: list[IndexedFile]) -> list[str]:
    return [file.path.name for file in files]


def ask(shelf: Shelf, **wanted: object) -> list[str]:
    return names(find_on_disk(shelf.journal, volumes=shelf.volumes, **wanted))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"isrc": "de-abc-12-34567"}, True),
        ({"isrc": ISRC, "duration_s": 10.0}, True),
        ({"isrc": ISRC, "duration_s": 12.0}, True),
        ({"isrc": ISRC, "duration_s": 12.1}, False),
        ({"isrc": "DEABC1234568"}, False),
        ({"isrc": "nonsense"}, False),
        ({"key": "url:1"}, True),
        ({"key": "url:1", "duration_s": 500.0}, True),
        ({"key": "url:2"}, False),
        ({"title": "deja vu (club mix)", "artists": ["AERZTE", "B"], "duration_s": 9.0}, False),
        ({"title": "DEJA VU  (Club Mix)", "artists": ["b", "Ärzte"], "duration_s": 9.0}, True),
        ({"title": "Déjà Vu (Club Mix)", "artists": ["Ärzte, B"], "duration_s": 11.9}, True),
        ({"title": "Déjà Vu (Club Mix)", "artists": ["Ärzte", "B"], "duration_s": 12.1}, False),
        ({"title": "Déjà Vu (Club Mix)", "artists": ["Ärzte", "B"]}, False),
        ({"title": "Déjà Vu (Club Mix)", "artists": ["Ärzte"], "duration_s": 10.0}, False),
        ({"title": "Déjà Vu (Club Mix)", "artists": [], "duration_s": 10.0}, False),
        ({"title": "Déjà Vu", "artists": ["Ärzte", "B"], "duration_s": 10.0}, False),
        ({"title": "Déjà Vu (Club Remix)", "artists": ["Ärzte", "B"], "duration_s": 10.0}, False),
        ({"audio_sha256": "0" * 64}, False),
        ({}, False),
    ],
)
def test_exactly_or_not_at_all(shelf: Shelf, wanted: dict[str, object], found: bool) -> None:
    a_wav(shelf.root / "x.wav", 1, seconds=10, title="Déjà Vu (Club Mix)", artist="Ärzte; B", isrc=ISRC, key="url:1")
    a_wav(shelf.root / "other.wav", 2, seconds=10, title="Other", artist="Ärzte")
    shelf.index()
    assert ask(shelf, **wanted) == (["x.wav"] if found else [])


def test_by_the_audio_itself(shelf: Shelf) -> None:
    a_wav(shelf.root / "a.wav", 1)
    a_wav(shelf.root / "b.wav", 1, title="Otherwise tagged")
    shelf.index()
    sha = shelf.rows()["a.wav"].audio_sha256
    assert sha is not None
    assert ask(shelf, audio_sha256=sha) == ["a.wav", "b.wav"]
    track = Track(key=f"file:{sha}", source="file", origin="", facts=Facts(title="x"))
    assert names(find_many(shelf.journal, [track], volumes=shelf.volumes)[track.key]) == ["a.wav", "b.wav"]


def test_the_best_comes_first_and_a_broken_one_never(shelf: Shelf) -> None:
    for rate in (8_000, 16_000, 11_025):
        a_wav(shelf.root / f"{rate}.wav", rate, rate=rate, isrc=ISRC)
    broken = a_wav(shelf.root / "broken.wav", 9, rate=32_000, isrc=ISRC)
    shelf.index()
    rows = [
        replace(row, problem="It is broken.")
        for row in shelf.rows().values() if row.path == str(broken)
    ]  # fmt: skip
    shelf.journal.put_indexed(files=rows)
    assert ask(shelf, isrc=ISRC) == ["16000.wav", "11025.wav", "8000.wav"]


def test_what_says_that_it_was_lossy_comes_after_what_is_lossless(shelf: Shelf) -> None:
    a_wav(shelf.root / "a.wav", 1, rate=16_000, isrc=ISRC, key="url:1")
    a_wav(shelf.root / "b.wav", 2, isrc=ISRC)
    from mutagen.id3 import COMM
    from mutagen.wave import WAVE

    tagged = WAVE(shelf.root / "a.wav")
    tagged.tags.add(COMM(encoding=1, lang="eng", desc="", text="Source: MP3 320 kbit/s (lossy)"))
    tagged.save(v2_version=3)
    shelf.index()
    assert ask(shelf, isrc=ISRC) == ["b.wav", "a.wav"]


def test_a_file_that_has_changed_since_is_unknown(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "x.wav", 1, isrc=ISRC)
    shelf.index()
    os.utime(path, ns=(5, 5))
    assert ask(shelf, isrc=ISRC) == []
    path.unlink()
    assert ask(shelf, isrc=ISRC) == []


def test_a_file_that_moved_is_found_where_it_is_now(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a" / "x.wav", 1, isrc=ISRC)
    shelf.index()
    moved = shelf.root / "b" / "renamed.wav"
    moved.parent.mkdir()
    path.rename(moved)
    a_wav(moved, 1, title="Without its ISRC now")
    shelf.index()
    assert ask(shelf, isrc=ISRC) == ["renamed.wav"], "by its audio, which the ISRC led to"


def test_two_thousand_tracks_take_few_questions(shelf: Shelf) -> None:
    a_wav(shelf.root / "x.wav", 1, isrc="GBAYE0000003")
    shelf.index()
    tracks = [a_track(facts=Facts(title=f"Song {n}", artists=("A",), isrc=f"GBAYE{n:07}")) for n in range(2_000)]
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(Engine, "after_cursor_execute", count)
    try:
        found = find_many(
            shelf.journal, [track.model_copy(update={"duration_s": 1.0}) for track in tracks], volumes=shelf.volumes
        )
    finally:
        event.remove(Engine, "after_cursor_execute", count)
    assert {key: names(files) for key, files in found.items()} == {tracks[3].key: ["x.wav"]}
    assert len(asked) < 25


# Where has it gone?


def test_a_moved_file_is_found_by_its_path(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a" / "x.wav", 1)
    a_wav(shelf.root / "a" / "other.wav", 2)
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) is None, "it is there"
    path.rename(shelf.root / "a" / "y.wav")
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) == shelf.root / "a" / "y.wav"
    assert where_moved(shelf.journal, shelf.root / "never.wav", volumes=shelf.volumes) is None


def test_the_same_name_counts_before_another(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a" / "x.wav", 1)
    shelf.index()
    path.unlink()
    a_wav(shelf.root / "b" / "x.wav", 1)
    a_wav(shelf.root / "z.wav", 1)
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) == shelf.root / "b" / "x.wav"


def test_another_file_of_a_track_is_no_moved_one(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a" / "x.wav", 1)
    copy = a_wav(shelf.root / "backup" / "x.wav", 1)
    shelf.index()
    track = a_track()
    shelf.journal.ensure(track)
    facts = [FileFact(path=file, size=1, sha256="") for file in (path, copy)]
    receipt = PublishReceipt(m4a=facts[0], wav=facts[0], aiff=facts[0], copies=(facts[1],))
    shelf.journal.put_receipt(track.key, Stage.PUBLISH, receipt)
    path.unlink()
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) is None


def test_what_was_made_here_is_found_by_its_key_though_its_old_place_was_never_indexed(shelf: Shelf) -> None:
    lost = [shelf.root / "library" / name for name in ("x.wav", "x (2).wav", "x.aiff")]
    there = [a_wav(shelf.root / "sorted" / name, sound, key="key:1") for sound, name in enumerate(("x.wav", "y.wav"))]
    a_wav(shelf.root / "sorted" / "other.wav", 3, key="key:2")
    shelf.index()
    assert where_moved_many(shelf.journal, lost, volumes=shelf.volumes) == {}
    found = where_moved_many(shelf.journal, lost, key="key:1", volumes=shelf.volumes)
    assert found == dict(zip(lost[:2], there, strict=True)), "each file once, and no other ending"


def test_a_copy_in_eagles_library_is_no_moved_file(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "a" / "x.wav", 1, key="key:1")
    a_wav(shelf.root / "Music.library" / "images" / "M1.info" / "x.wav", 1, key="key:1")
    shelf.index()
    path.unlink()
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) is None
    assert where_moved_many(shelf.journal, [shelf.root / "y.wav"], key="key:1", volumes=shelf.volumes) == {}
    assert names(find_on_disk(shelf.journal, key="key:1", volumes=shelf.volumes)) == ["x.wav"], "it can be read"


def test_a_path_on_a_disk_that_is_mounted_elsewhere(shelf: Shelf) -> None:
    disk = shelf.mount("uuid:disk", shelf.root / "disk")
    path = a_wav(disk / "a" / "x.wav", 1)
    shelf.index()
    shelf.unmount(disk, shelf.root.parent / "parked")
    again = shelf.mount("uuid:disk", shelf.root / "disk 1")
    again.rmdir()
    (shelf.root.parent / "parked").rename(again)
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) == again / "a" / "x.wav"


def test_a_rendering_in_another_format_is_no_moved_file(shelf: Shelf) -> None:
    path = a_wav(shelf.root / "x.wav", 1)
    shelf.index()
    path.rename(path.with_suffix(".wave"))
    shelf.index()
    assert where_moved(shelf.journal, path, volumes=shelf.volumes) is None
    assert Path(shelf.rows()["x.wave"].path).is_file()
