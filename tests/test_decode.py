"""A hash of the sound that tags do not change, and files that are read back from end to end."""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile as sf
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, TIT2
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.wave import WAVE

from examples.pieces import write_with_ffmpeg
from tracksync.audio.decode import audio_sha256, decode_all
from tracksync.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tracksync.errors import Damaged, NotAudio, NotFound, TracksyncError

KINDS: dict[str, tuple[str, ...]] = {
    "a.mp3": ("-b:a", "128k"),
    "a.flac": (),
    "aac.m4a": ("-b:a", "128k", "-movflags", "+faststart"),
    "alac.m4a": ("-c:a", "alac"),
    "a.wav": (),
    "a.aiff": (),
    "a.opus": ("-c:a", "libopus"),
    "v.ogg": ("-c:a", "libvorbis"),
    "f.ogg": ("-c:a", "flac"),
}
PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 300


@pytest.fixture(scope="session")
def ff() -> Ffmpeg:
    return find_ffmpeg(None)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("decode")


def noise(seed: int, seconds: float = 2.0, channels: int = 2) -> Any:
    return np.random.default_rng(seed).standard_normal((int(seconds * 44_100), channels)) * 0.1


def made(ff: Ffmpeg, folder: Path, name: str, seed: int = 1) -> Path:
    options = KINDS[name]
    encoder = options[options.index("-c:a") + 1] if "-c:a" in options else None
    if encoder is not None and encoder not in ff.encoders:
        pytest.skip(f"this ffmpeg has no {encoder}")
    path = folder / f"{seed}-{name}"
    if not path.exists():
        write_with_ffmpeg(path, noise(seed), ffmpeg=ff.path, options=options)
    return path


def tag(path: Path, title: str) -> None:
    """As a player or a tagger would, with a cover that moves everything behind it."""
    file = mutagen.File(path)
    if isinstance(file, MP3 | WAVE | AIFF):
        if file.tags is None:
            file.add_tags()
        file.tags.add(TIT2(encoding=3, text=title))
        file.tags.add(COMM(encoding=3, lang="eng", desc="", text="x" * 5000))
        file.tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=PICTURE))
    elif isinstance(file, MP4):
        file["\xa9nam"] = [title]
        file["covr"] = [MP4Cover(PICTURE, MP4Cover.FORMAT_JPEG)]
    else:
        picture = Picture()
        picture.type, picture.mime, picture.data = 3, "image/jpeg", PICTURE
        file["title"] = title
        if isinstance(file, FLAC):
            file.add_picture(picture)
        else:
            file["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file.save()


@pytest.mark.parametrize("name", KINDS)
def test_tags_and_name_do_not_change_the_hash(ff: Ffmpeg, folder: Path, tmp_path: Path, name: str) -> None:
    source = made(ff, folder, name)
    before = audio_sha256(ff, source)
    assert len(before) == 64
    assert before == before.lower()
    copy = tmp_path / f"-other %03d name{source.suffix}"
    shutil.copy(source, copy)
    for title in ("One", "Another, and longer " * 40):
        tag(copy, title)
        assert copy.read_bytes() != source.read_bytes()
        assert audio_sha256(ff, copy) == before


@pytest.mark.parametrize("name", KINDS)
def test_other_sound_has_another_hash(ff: Ffmpeg, folder: Path, name: str) -> None:
    assert audio_sha256(ff, made(ff, folder, name)) != audio_sha256(ff, made(ff, folder, name, seed=2))


def test_one_sample_makes_another_hash(ff: Ffmpeg, tmp_path: Path) -> None:
    samples = (noise(3) * 32767).astype(np.int16)
    sf.write(tmp_path / "a.wav", samples, 44_100)
    samples[50_000, 1] ^= 1
    sf.write(tmp_path / "b.wav", samples, 44_100)
    assert audio_sha256(ff, tmp_path / "a.wav") != audio_sha256(ff, tmp_path / "b.wav")


@pytest.mark.parametrize(
    "content", [b"", b"text " * 400, b"#EXTM3U\n#EXTINF:5,\na.wav\n", b"ffconcat version 1.0\nfile a.wav\n"]
)
def test_what_is_not_audio_has_none(ff: Ffmpeg, tmp_path: Path, content: bytes) -> None:
    sf.write(tmp_path / "a.wav", noise(1), 44_100)
    path = tmp_path / "new\nline.mp3"
    path.write_bytes(content)
    with pytest.raises(NotAudio) as caught:
        audio_sha256(ff, path)
    assert caught.value.message.isprintable()


# -- reading back -----------------------------------------------------------------------------------------------------


def test_lossless_files_are_read_to_the_last_sample(ff: Ffmpeg, tmp_path: Path) -> None:
    samples = (noise(4) * 32767).astype("<i2")
    sf.write(tmp_path / "a.wav", samples, 44_100)
    sf.write(tmp_path / "a.aiff", samples, 44_100, "PCM_16")
    sf.write(tmp_path / "a.flac", samples, 44_100, "PCM_16")
    found = decode_all(ff, {suffix: tmp_path / f"a.{suffix}" for suffix in ("wav", "aiff", "flac")})
    for decoded in found.values():
        assert decoded.samples_sha256 == hashlib.sha256(samples.tobytes()).hexdigest()
        assert (decoded.duration_s, decoded.sample_rate, decoded.channels, decoded.errors) == (2.0, 44_100, 2, ())


def test_24_bits_are_read_at_24(ff: Ffmpeg, tmp_path: Path) -> None:
    samples = (noise(5, channels=1) * (1 << 31)).astype("<i4") & ~0xFF
    sf.write(tmp_path / "a.wav", samples, 44_100, "PCM_24")
    as_bytes = np.ascontiguousarray(samples).view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    decoded = decode_all(ff, {"wav": tmp_path / "a.wav"}, bits=24)["wav"]
    assert decoded.samples_sha256 == hashlib.sha256(as_bytes).hexdigest()
    assert (decoded.duration_s, decoded.channels) == (2.0, 1)


def test_a_broken_file_has_errors(ff: Ffmpeg, folder: Path, tmp_path: Path) -> None:
    whole = bytearray(made(ff, folder, "a.flac").read_bytes())
    whole[len(whole) // 2] ^= 0x10
    path = tmp_path / "a.flac"
    path.write_bytes(whole)
    decoded = decode_all(ff, {"flac": path})["flac"]
    assert any("CRC" in error for error in decoded.errors)


def test_a_file_without_any_sound_left_is_told(ff: Ffmpeg, folder: Path, tmp_path: Path) -> None:
    source = made(ff, folder, "alac.m4a").read_bytes()
    begin = source.index(b"mdat") + 4
    end = source.index(b"moov", begin) - 4
    path = tmp_path / "new\nline.m4a"
    path.write_bytes(source[:begin] + b"\xff" * (end - begin) + source[end:])
    try:
        decoded = decode_all(ff, {"m4a": path})["m4a"]
    except Damaged as error:
        assert error.message.isprintable()
    else:
        assert decoded.errors


def test_what_can_not_be_opened_is_told(ff: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        decode_all(ff, {"wav": tmp_path / "absent.wav"})
    (tmp_path / "text.wav").write_text("text " * 400)
    with pytest.raises(TracksyncError):
        decode_all(ff, {"wav": tmp_path / "text.wav"})
