"""What the journal knows of files: their names, how they looked, how they sound."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.sandbox.journals import a_publish_receipt, a_track
from tracksync.errors import Unexpected
from tracksync.journal import Journal
from tracksync.model import Stage

# Names of files.


def stems(name: str = "A - B") -> list[str]:
    return [name, *(f"{name} ({number})" for number in range(2, 40))]


def test_two_tracks_of_one_name_get_two_names(journal: Journal) -> None:
    a, b, c = (journal.ensure(a_track()).key for _ in range(3))
    assert journal.claim_stem(a, stems(), lambda _: False, str.casefold) == "A - B"
    assert journal.claim_stem(b, stems("a - b"), lambda _: False, str.casefold) == "a - b (2)"
    assert journal.claim_stem(c, stems(), lambda stem: stem.endswith("(3)"), str.casefold) == "A - B (4)"
    assert journal.claim_stem(a, stems("Other"), lambda _: True, str.casefold) == "A - B", "it keeps what it has"


def test_a_released_name_is_free_again(journal: Journal) -> None:
    a, b = (journal.ensure(a_track()).key for _ in range(2))
    journal.claim_stem(a, stems(), lambda _: False, str.casefold)
    journal.release_stem(a)
    journal.release_stem(a)
    assert journal.claim_stem(b, stems(), lambda _: False, str.casefold) == "A - B"
    with pytest.raises(Unexpected):
        journal.claim_stem(a, ["A - B"], lambda _: False, str.casefold)


def test_many_tracks_that_want_one_name_at_once_all_get_their_own(journal: Journal) -> None:
    keys = [journal.ensure(a_track()).key for _ in range(6)] * 2
    gate = threading.Barrier(len(keys))

    def claim(key: str) -> tuple[str, str]:
        gate.wait()
        return key, journal.claim_stem(key, stems(), lambda _: False, str.casefold)

    with ThreadPoolExecutor(len(keys)) as threads:
        claims = set(threads.map(claim, keys))
    assert len(claims) == 6, "a track that asks twice gets one name"
    assert {stem for _, stem in claims} == set(stems()[:6])


# Files that were read.


def test_an_unchanged_file_is_known_without_reading_it(journal: Journal, tmp_path: Path) -> None:
    key = journal.ensure(a_track()).key
    path = tmp_path / "a.wav"
    path.write_bytes(b"one")
    journal.remember_seen(path, path.stat(), key)
    assert journal.find_seen(str(path), path.stat()) == key
    assert journal.find_seen(tmp_path / "b.wav", path.stat()) is None
    before = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert journal.find_seen(path, path.stat()) is None, "same size and mtime, but written since"
    other = journal.ensure(a_track()).key
    journal.remember_seen(path, path.stat(), other)
    assert journal.find_seen(path, path.stat()) == other


def test_numbers_of_64_bits_and_names_of_any_bytes(journal: Journal) -> None:
    key = journal.ensure(a_track()).key
    stat = cast(
        os.stat_result, SimpleNamespace(st_size=10, st_mtime_ns=1, st_ctime_ns=2, st_ino=2**64 - 1, st_dev=2**63)
    )
    path = os.fsdecode(b"/music/\xff\xe9.mp3")
    journal.remember_seen(path, stat, key)
    assert journal.find_seen(path, stat) == key
    journal.relocate(key, path)
    entry = journal.find(key)
    assert entry is not None
    assert os.fsencode(entry.origin) == b"/music/\xff\xe9.mp3"


# Fingerprints.


def test_only_what_is_in_the_library_is_compared(journal: Journal) -> None:
    here, near, far, unpublished, merged = (journal.ensure(a_track()).key for _ in range(5))
    for key, length in ((here, 200.0), (near, 201.9), (far, 202.1), (unpublished, 200.0), (merged, 200.0)):
        journal.put_fingerprint(key, length, f"print of {key}")
        if key != unpublished:
            journal.put_receipt(key, Stage.PUBLISH, a_publish_receipt())
    journal.merge(merged, here)
    assert journal.fingerprints_near(200.0, 2.0) == [(here, f"print of {here}"), (near, f"print of {near}")]
    journal.put_fingerprint(here, 300.0, "new")
    assert journal.fingerprints_near(300.0, 0.5) == [(here, "new")]
