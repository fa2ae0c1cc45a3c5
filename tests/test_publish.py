"""Files come into the library whole, or not at all, and never over somebody else's."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests._staging import Staged, failing, names, song, staged
from tracksync.errors import Busy, Damaged, DiskFull, Misconfigured, NotFound, TracksyncError, Unexpected, VolumeAway
from tracksync.library import publish
from tracksync.library.names import file_stem
from tracksync.library.publish import (
    NameTaken,
    part_path,
    publish_file,
    remove_leftovers,
    replace_file,
)
from tracksync.model import Facts, FileFact

__all__ = ["song"]


@pytest.mark.parametrize(("umask", "mode"), [(0o000, 0o644), (0o027, 0o640)])
def test_a_file_is_published(tmp_path: Path, song: Staged, umask: int, mode: int) -> None:
    source, sha = song
    source.chmod(0o777)
    target = tmp_path / "library" / "Deep House" / "A - B.wav"
    old_umask = os.umask(umask)
    try:
        fact = publish_file(source, target, sha)
    finally:
        os.umask(old_umask)
    assert fact == FileFact(path=target, size=source.stat().st_size, sha256=sha)
    assert target.read_bytes() == source.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert names(target.parent) == ["A - B.wav"]
    assert target.stat().st_nlink == 1


def test_the_staging_file_can_be_written_again(tmp_path: Path, song: Staged) -> None:
    source, sha = song
    target = tmp_path / "lib" / "a.wav"
    publish_file(source, target, sha)
    source.write_bytes(b"another render")
    assert hashlib.sha256(target.read_bytes()).hexdigest() == sha


def test_the_same_bytes_are_left_alone(tmp_path: Path, song: Staged) -> None:
    source, sha = song
    target = tmp_path / "a.wav"
    first = publish_file(source, target, sha)
    os.utime(target, (1, 1))
    inode = target.stat().st_ino
    assert publish_file(source, target, sha) == first
    assert (target.stat().st_ino, target.stat().st_mtime) == (inode, 1)


@pytest.mark.parametrize("content", [b"another song", b"", None])
def test_a_foreign_file_is_never_replaced(tmp_path: Path, content: bytes | None) -> None:
    source, sha = staged(tmp_path, b"my own songs")
    target = tmp_path / "lib" / "a.wav"
    target.parent.mkdir()
    if content is None:
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.write_bytes(content)
    with pytest.raises(NameTaken) as taken:
        publish_file(source, target, sha)
    assert taken.value.target == target
    assert names(target.parent) == ["a.wav"]
    assert target.is_symlink() if content is None else target.read_bytes() == content


def test_a_folder_in_the_place_is_a_name_taken(tmp_path: Path, song: Staged) -> None:
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(NameTaken):
        publish_file(song[0], tmp_path / "a.wav", song[1])


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_in_the_last_moment(
    tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    target = tmp_path / "lib" / "a.wav"
    fsync = os.fsync
    if not links:
        monkeypatch.setattr(os, "link", failing(errno.EPERM))

    def appear(handle: int) -> None:
        target.write_bytes(b"foreign")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", appear)
    monkeypatch.setattr(publish, "ensure_folder", lambda folder: folder.mkdir())
    with pytest.raises(NameTaken):
        publish_file(*song[:1], target, song[1])
    assert target.read_bytes() == b"foreign"
    assert names(target.parent) == ["a.wav"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_file_systems_without_hard_links(
    tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "link", failing(code))
    target = tmp_path / "lib" / "a.wav"
    assert publish_file(song[0], target, song[1]).sha256 == song[1]
    assert target.read_bytes() == song[0].read_bytes()
    assert names(target.parent) == ["a.wav"]


def test_nothing_is_visible_before_it_is_whole(tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "lib" / "a.wav"
    seen: list[list[str]] = []
    link = os.link

    def look(*args: Path) -> None:
        seen.append([name for name in names(target.parent) if not name.startswith(".")])
        assert part_path(target).read_bytes() == song[0].read_bytes()
        link(*args)

    monkeypatch.setattr(os, "link", look)
    publish_file(song[0], target, song[1])
    assert seen == [[]]


@pytest.mark.parametrize("attempt_number", range(20))
def test_many_at_once_and_one_wins(tmp_path: Path, attempt_number: int, request: pytest.FixtureRequest) -> None:
    # Threads that change places all the time meet where they otherwise meet once in a thousand runs.
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-5)
    target = tmp_path / "lib" / "a.wav"
    songs = [staged(tmp_path, bytes([n]) * 300_000, f"{n}.wav") for n in range(8)]

    def attempt(song: Staged) -> str:
        try:
            return publish_file(song[0], target, song[1]).sha256
        except (NameTaken, Busy):
            return ""

    with ThreadPoolExecutor(8) as threads:
        winners = [sha for sha in threads.map(attempt, songs) if sha]
    assert winners == [hashlib.sha256(target.read_bytes()).hexdigest()]
    assert names(target.parent) == ["a.wav"]


def test_a_source_that_changed_is_not_published(tmp_path: Path, song: Staged) -> None:
    target = tmp_path / "lib" / "a.wav"
    with pytest.raises(Damaged, match=r"a\.wav did not reach"):
        publish_file(song[0], target, "0" * 64)
    assert names(target.parent) == []


@pytest.mark.parametrize("standing", [False, True])
def test_a_source_that_is_gone(tmp_path: Path, standing: bool) -> None:
    target = tmp_path / "lib" / "a.wav"
    target.parent.mkdir()
    if standing:
        target.write_bytes(b"x")
    with pytest.raises(NotFound, match="gone"):
        publish_file(tmp_path / "none.wav", target, "0" * 64)
    assert names(target.parent) == ["a.wav"] * standing


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "lib" / "a.wav"
    real = os.open

    def full(path: Path | str, flags: int, *args: int) -> int:
        return real("/dev/full", os.O_RDWR) if str(path).endswith(".part") else real(path, flags, *args)

    monkeypatch.setattr(os, "open", full)
    monkeypatch.setattr(publish, "_same_file", lambda *_: True)  # this disk's file bears no name in the folder
    with pytest.raises(DiskFull, match=r"no space left for a\.wav"):
        publish_file(song[0], target, song[1])
    assert names(target.parent) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, Misconfigured),
        (errno.EROFS, Misconfigured),
        (errno.ENAMETOOLONG, Misconfigured),
        (errno.EIO, VolumeAway),
        (errno.ENODEV, VolumeAway),
        (errno.EBADMSG, Unexpected),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "open"])
def test_what_the_system_refuses(
    tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[TracksyncError], call: str
) -> None:
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.setattr(os, call, failing(code))
    with pytest.raises(kind, match="lib") as raised:
        publish_file(song[0], folder / "a.wav", song[1])
    assert type(raised.value) is kind
    monkeypatch.undo()
    assert names(folder) == []


def test_the_read_only_sentence_names_the_folder(tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EROFS))
    with pytest.raises(Misconfigured, match=f"The folder {tmp_path} is on a read-only disk"):
        publish_file(song[0], tmp_path / "a.wav", song[1])


def test_replacing_our_own_file(tmp_path: Path, song: Staged) -> None:
    target = tmp_path / "lib" / "a.wav"
    assert replace_file(song[0], target, song[1]).sha256 == song[1]
    new, sha = staged(tmp_path, b"a better render", "new.wav")
    assert replace_file(new, target, sha) == FileFact(path=target, size=15, sha256=sha)
    assert target.read_bytes() == b"a better render"
    inode = target.stat().st_ino
    replace_file(new, target, sha)
    assert target.stat().st_ino == inode
    assert names(target.parent) == ["a.wav"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_the_old_file_stays_when_the_new_one_fails(
    tmp_path: Path, song: Staged, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    target = tmp_path / "lib" / "a.wav"
    publish_file(song[0], target, song[1])
    new, sha = staged(tmp_path, b"a better render", "new.wav")
    with pytest.raises(Damaged):
        replace_file(new, target, "f" * 64)
    monkeypatch.setattr(os, "fsync", failing(code))
    with pytest.raises(TracksyncError):
        replace_file(new, target, sha)
    assert target.read_bytes() == song[0].read_bytes()
    assert names(target.parent) == ["a.wav"]


def test_the_longest_name(tmp_path: Path, song: Staged) -> None:
    stem = file_stem(Facts(title="漢" * 300))
    target = tmp_path / f"{stem} (99).aiff"
    assert publish_file(song[0], target, song[1]).path.exists()


def test_part_files_are_hidden_and_short(tmp_path: Path) -> None:
    part = part_path(tmp_path / "a.wav")
    assert part.parent == tmp_path and part.name.startswith(".") and part.suffix == ".part" and len(part.name) < 40
    assert part != part_path(tmp_path / "b.wav")


def test_leftovers_of_a_killed_run(tmp_path: Path, song: Staged) -> None:
    target = tmp_path / "a.wav"
    keep = [".other.part", ".tracksync-0000.part", "a.wav.part", ".a.wav.part"]
    for name in keep:
        (tmp_path / name).write_bytes(b"not ours")
    part_path(target).write_bytes(b"half")
    assert remove_leftovers(tmp_path, ["a.wav", "b.wav"]) == [part_path(target)]
    assert names(tmp_path) == sorted([*keep, "staging"])
    assert remove_leftovers(tmp_path / "nowhere", ["a.wav"]) == []
    # And where nobody cleared up, publishing does.
    part_path(target).write_bytes(b"half")
    publish_file(song[0], target, song[1])
    assert names(tmp_path) == sorted([*keep, "a.wav", "staging"])


def test_a_part_that_a_live_run_writes_is_left_alone(tmp_path: Path, song: Staged) -> None:
    target = tmp_path / "a.wav"
    script = (
        "import sys, time; from pathlib import Path; from tracksync.library.publish import _part_of\n"
        "with _part_of(Path(sys.argv[1])) as (part, stream):\n"
        "    stream.write(b'half'); stream.flush(); sys.stdout.write('x'); sys.stdout.flush(); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(target)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.read(1) == b"x"
        assert remove_leftovers(tmp_path, ["a.wav"]) == []
        with pytest.raises(Busy, match="Another run"):
            publish_file(song[0], target, song[1])
        assert part_path(target).read_bytes() == b"half"
        other.kill()
    assert publish_file(song[0], target, song[1]).sha256 == song[1]
    assert names(tmp_path) == ["a.wav", "staging"]
