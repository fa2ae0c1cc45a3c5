"""Is the sound whole? Truncation and damage, told from the oddities that real files have and nobody hears.

The rules were found by cutting, overwriting and padding files of every kind (tests/test_damage.py does it again):

- a header that promises more than could be decoded: cut off;
- a checksum that does not hold (FLAC, Ogg): broken inside, however little;
- sound lost and the decoder complained: broken inside;
- an MP3 whose chain of frames breaks off and goes on: broken inside; what follows its last frame is a tag or padding;
- an Ogg file whose last page is not whole: cut off.

Complaints without any loss are junk before or after the sound, or an MP3 that was cut out of another: nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tracksync.errors import Damaged
from tracksync.model import SourceAudio

__all__ = ["complaints", "judge", "length_matches", "mp3_gaps", "ogg_is_cut"]

# A decoder's own complaint is followed by ffmpeg's about the decoder: one event, counted once.
_ECHO = re.compile(
    r"submitting packet to decoder|while decoding stream|decode_frame\(\) failed|[Dd]ecoding error|invalid frame header"
)
_CONTEXT = re.compile(r"\[[^\]]*? @ 0x[0-9a-f]+\] ?")
_LOST_S = 0.01
_CUT_S = 0.1
_CUT_SHARE = 0.001
_MANY = 8


def complaints(lines: Iterable[str]) -> tuple[str, ...]:
    """What ffmpeg (run with `-loglevel repeat+level+…`) complained of, one entry an event, without its addresses."""
    found: list[str] = []
    for line in lines:
        plain = _CONTEXT.sub("", line).strip()
        if plain.startswith(("[error]", "[fatal]", "[panic]")) and not _ECHO.search(plain):
            found.append(plain.split("]", 1)[1].strip())
        elif plain.startswith("[warning]") and ("corrupt input packet" in plain or "not implemented" in plain):
            found.append(plain.split("]", 1)[-1].strip())
    return tuple(found)


def length_matches(got_s: float, announced_s: float) -> bool:
    """Whether a length is the one that a page announced, which rounds, and may count a lead-in: within 2 s or 2 %."""
    return abs(got_s - announced_s) <= max(2.0, 0.02 * announced_s)


def judge(
    name: str, path: Path, audio: SourceAudio, lines: Iterable[str], decoded_s: float, announced_s: float | None
) -> None:
    """Say whether a file is whole, from what its decoding gave.

    Args:
        name: the track, as messages name it.
        lines: what ffmpeg said.
        announced_s: what the file's header promises (`announced_length`), None where it promises nothing.

    Raises:
        Damaged: it is not; the sentence says how much is missing, or how often it broke.
    """
    said = complaints(lines)
    lost = announced_s - decoded_s if announced_s is not None else 0.0
    if any("CRC" in line for line in said):
        raise _broken(name, len(said))
    if announced_s is not None and lost > max(_CUT_S, _CUT_SHARE * announced_s):
        raise _cut(name, f"its header says {_clock(announced_s)}, only {_clock(decoded_s)} could be decoded")
    if audio.container == "ogg" and ogg_is_cut(path):
        raise _cut(name, f"it ends in mid-page, after {_clock(decoded_s)}")
    if audio.container == "mp3" and (gaps := mp3_gaps(path)):
        raise _broken(name, gaps)
    if said and (lost > _LOST_S or len(said) >= _MANY) and not _only_resync(audio, said, lost):
        raise _broken(name, len(said))


def _only_resync(audio: SourceAudio, said: tuple[str, ...], lost: float) -> bool:
    """An MP3 cut at its end or its beginning lacks what its first or last frame refers to: a frame, not a fault."""
    return audio.codec.startswith("mp3") and len(said) <= 2 and lost < 2 * _LOST_S + 1152 / max(audio.sample_rate, 8000)


def _cut(name: str, how: str) -> Damaged:
    return Damaged(f"{name} is truncated: {how}.", action="Fetch the file again.")


def _broken(name: str, times: int) -> Damaged:
    where = "in one place" if times == 1 else f"in {times} places"
    return Damaged(f"{name} is damaged: its sound is broken {where}.", action="Fetch the file again.")


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"


# -- MP3 --------------------------------------------------------------------------------------------------------------

# Bit rates in kbit/s by MPEG version 1 or 2 and layer 1 to 3 (ISO 11172-3, 13818-3); index 0 is free format.
_RATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ = (44_100, 48_000, 32_000)


def mp3_gaps(path: Path) -> int:
    """How often the chain of frames breaks off and goes on again, between its first and its last frame."""
    data = path.read_bytes()
    place = _after_id3(data)
    place = _next_frame(data, place)
    gaps = 0
    while place >= 0:
        after = place + _frame_length(data, place)
        if after + 4 > len(data):
            break
        if _frame_length(data, after):
            place = after
            continue
        found = _next_frame(data, after)
        if found < 0:
            break  # a tag, padding or junk behind the last frame
        gaps += 1
        place = found
    return gaps


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))


def _next_frame(data: bytes, start: int) -> int:
    """The next place at which three frames follow each other (one alone is chance); -1 where there is none."""
    place = data.find(b"\xff", start)
    while 0 <= place < len(data) - 4:
        second = place + _frame_length(data, place)
        if second > place and (third := second + _frame_length(data, second)) > second and _frame_length(data, third):
            return place
        place = data.find(b"\xff", place + 1)
    return -1


def _frame_length(data: bytes, place: int) -> int:
    """Bytes of the frame whose header stands at `place`; 0 where there is none."""
    if place + 4 > len(data) or data[place] != 0xFF or data[place + 1] & 0xE0 != 0xE0:
        return 0
    version_bits, layer_bits = data[place + 1] >> 3 & 3, data[place + 1] >> 1 & 3
    rate_index, hertz_index, padding = data[place + 2] >> 4, data[place + 2] >> 2 & 3, data[place + 2] >> 1 & 1
    if version_bits == 1 or layer_bits == 0 or rate_index in (0, 15) or hertz_index == 3:
        return 0
    version, layer = (1 if version_bits == 3 else 2), 4 - layer_bits
    rate = _RATES[version, layer][rate_index] * 1000
    hertz = _HERTZ[hertz_index] // {3: 1, 2: 2, 0: 4}[version_bits]
    if layer == 1:
        return (12 * rate // hertz + padding) * 4
    samples = 576 if layer == 3 and version == 2 else 1152
    return samples // 8 * rate // hertz + padding


# -- Ogg --------------------------------------------------------------------------------------------------------------

_LARGEST_PAGE = 65_307


def ogg_is_cut(path: Path) -> bool:
    """Whether the last page reaches beyond the end of the file. (RFC 3533: 27 bytes, then the lacing table.)"""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        begin = max(0, size - 2 * _LARGEST_PAGE)
        stream.seek(begin)
        tail = stream.read()
    last = tail.rfind(b"OggS")
    if last < 0:
        return False  # nothing but padding for two pages: not a cut
    if last + 27 > len(tail):
        return True
    segments = tail[last + 26]
    lacing = tail[last + 27 : last + 27 + segments]
    return len(lacing) < segments or last + 27 + segments + sum(lacing) > len(tail)
