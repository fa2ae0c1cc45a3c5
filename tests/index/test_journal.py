"""The index in the journal, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.index.shelf import Shelf, a_wav
from tests.sandbox.journals import a_publish_receipt, a_track
from tracksync.journal import FolderRow, IndexedRow, Journal, place_of
from tracksync.library.index import find_on_disk
from tracksync.model import Adopted, AudioFormat, RecordReceipt, Stage


def a_row(name: str = "x.wav", folder: str = "f", **values: object) -> IndexedRow:
    fields: dict[str, Any] = {
        "place": place_of("v", folder, name), "folder": place_of("v", folder), "name": name, "size": 1 << 40,
        "mtime_ns": 1_700_000_000_123_456_789, "inode": 7, "found": 10.0, **values,
    }  # fmt: skip
    return IndexedRow(**fields)


def a_folder(name: str = "f", **values: object) -> FolderRow:
    fields: dict[str, Any] = {
        "place": place_of("v", name),
        "volume": "v",
        "relative": name,
        "path": f"/m/{name}",
        **values,
    }
    return FolderRow(**fields)


def the_one(journal: Journal) -> IndexedRow:
    (row,) = journal.every_file()
    return row


def test_what_is_written_is_read(journal: Journal) -> None:
    odd = os.fsdecode(b"o\xffd \\x.wav") + "\u2028"
    journal.put_volume("v", "/m")
    row = a_row(odd, inode=(1 << 64) - 5, isrc="I", audio_sha256="ab", fingerprint="F", content={"a": [1]})
    journal.put_indexed([a_folder(digest="d", files=1)], [row])
    (read,) = journal.every_file(fingerprints=True)
    assert (read.name, read.size, read.mtime_ns, read.content) == (odd, row.size, row.mtime_ns, {"a": [1]})
    assert (read.inode, read.fingerprint) == (-5, "F")
    assert (read.volume, read.relative, read.folder_path) == ("v", "f", "/m/f")
    assert the_one(journal).fingerprint is None, "not asked for"
    assert [file.name for file in journal.files_at("/m/f", odd)] == [odd]
    assert [file.name for file in journal.files_by("isrc", ["I", "J"])] == [odd]
    assert journal.fingerprints_at([read.place, "nothing"]) == {read.place: "F"}
    assert journal.indexed_folders() == {place_of("v", "f"): a_folder(digest="d", files=1)}


def test_gone_keeps_its_time_and_back_is_found_anew(journal: Journal) -> None:
    journal.put_volume("v", "/m")
    journal.put_indexed([a_folder(digest="d", files=1)], [a_row(found=10.0)])
    journal.put_indexed(files=[a_row(found=20.0)])
    assert the_one(journal).found == 10.0
    journal.put_indexed(gone=[a_row().place])
    (gone,) = journal.files_in([a_row().folder])
    assert gone.gone is not None
    assert list(journal.every_file()) == []
    assert next(iter(journal.indexed_folders().values())).digest is None
    journal.put_indexed(gone=[a_row().place])
    assert journal.files_in([a_row().folder])[0].gone == gone.gone, "told once"
    journal.put_indexed(files=[a_row(found=30.0)])
    assert the_one(journal).found == 30.0


def test_lost_folders_lose_their_files(journal: Journal) -> None:
    journal.put_volume("v", "/m")
    names = [f"{number}.wav" for number in range(900)]
    journal.put_indexed([a_folder(), a_folder("g")], [*(a_row(name) for name in names), a_row("y.wav", "g")])
    assert journal.lose_folders([place_of("v", "f")]) == 900
    assert [row.name for row in journal.every_file()] == ["y.wav"]
    assert journal.lose_folders([place_of("v", "f")]) == 0


def test_a_volume_remembers_where_it_was(journal: Journal) -> None:
    for mount in ("/a", "/b", "/a"):
        journal.put_volume("v", mount)
    assert journal.volumes() == {"v": ["/a", "/b"]}


def test_verdicts_are_kept_either_way_round(journal: Journal) -> None:
    journal.put_verdict("b", "a", same=True, evidence="x")
    journal.put_verdict("a", "b", same=False, evidence="y")
    assert journal.verdicts() == {("a", "b"): (False, "y")}


def test_the_files_that_receipts_name(journal: Journal) -> None:
    one, two = a_track(), a_track()
    for track in (one, two):
        journal.ensure(track)
    journal.put_receipt(one.key, Stage.PUBLISH, a_publish_receipt())
    adopted = Adopted(files={AudioFormat.WAV: Path("/old/x.wav")})
    journal.put_receipt(two.key, Stage.RECORD, RecordReceipt(catalogue="notion", adopted=adopted))
    assert journal.named_files() == {
        "/music/a.m4a": one.key,
        "/music/a.wav": one.key,
        "/music/a.aiff": one.key,
        "/music/copy.m4a": one.key,
        "/old/x.wav": two.key,
    }


def test_the_whole_way(journal: Journal, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, journal)
    path = a_wav(shelf.root / "a" / "x.wav", 1, isrc="DEABC1234567", title="T" * 5_000, artist="A")
    assert shelf.index(shelf.root / "a").new == 1
    assert shelf.index(shelf.root / "a").unchanged == 1
    assert [file.path for file in find_on_disk(journal, isrc="DEABC1234567", volumes=shelf.volumes)] == [path]
    by_name = find_on_disk(journal, title="t" * 5_000, artists=["a"], duration_s=1.0, volumes=shelf.volumes)
    assert [file.path for file in by_name] == [path]
    path.unlink()
    assert shelf.index(shelf.root / "a").gone == 1
