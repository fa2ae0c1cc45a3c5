"""Covers: any picture in, a plain JPEG out."""

from __future__ import annotations

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from tracksync.audio.cover import LONGEST_SIDE, normalise_cover

RED, GREEN = (200, 30, 40), (20, 180, 60)


def picture(mode: str = "RGB", size: tuple[int, int] = (64, 48), colour: object = RED) -> Image.Image:
    return Image.new(mode, size, colour)  # type: ignore[arg-type]


def encoded(image: Image.Image, fmt: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    image = Image.open(BytesIO(data))
    image.load()
    assert image.format == "JPEG" and image.mode == "RGB"
    assert not image.info.get("progressive") and "exif" not in image.info and "icc_profile" not in image.info
    assert "comment" not in image.info and max(image.size) <= LONGEST_SIDE
    return image


def close(found: object, wanted: tuple[int, int, int], off: int = 6) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) <= off for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_formats(fmt: str) -> None:
    data = encoded(picture(), fmt)
    image = opened(normalise_cover(data))
    assert image.size[0] == 64 or fmt == "ICO"
    assert close(image.getpixel((5, 5)), RED) or fmt == "ICO"
    assert normalise_cover(data) == normalise_cover(data)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((3000, 1500), (1000, 500)), ((1001, 4004), (250, 1000)), ((1000, 1000), (1000, 1000)), ((1, 1), (1, 1))],
)
def test_large_ones_are_made_smaller_and_small_ones_stay(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    for fmt in ("JPEG", "PNG"):
        assert opened(normalise_cover(encoded(picture(size=size), fmt))).size == wanted


def test_transparency_lies_on_white() -> None:
    for image in (picture("RGBA", colour=(*RED, 0)), picture("LA", colour=(0, 0))):
        assert close(opened(normalise_cover(encoded(image, "PNG"))).getpixel((5, 5)), (255, 255, 255))
    palette = picture("P", colour=0)
    palette.putpalette([*RED, *GREEN])
    data = encoded(palette, "PNG", transparency=bytes([128, 255]))
    half = tuple((255 + value) // 2 for value in RED)
    assert close(opened(normalise_cover(data)).getpixel((5, 5)), (half[0], half[1], half[2]))


def test_odd_modes() -> None:
    grey16 = Image.new("I;16", (8, 8), 0x8000)
    assert close(opened(normalise_cover(encoded(grey16, "PNG"))).getpixel((1, 1)), (128, 128, 128))
    assert close(opened(normalise_cover(encoded(picture("L", colour=99), "PNG"))).getpixel((1, 1)), (99, 99, 99))
    assert opened(normalise_cover(encoded(picture("1", colour=1), "PNG"))).getpixel((1, 1)) == (255, 255, 255)
    cmyk = picture("CMYK", colour=(0, 0, 0, 0))
    assert close(opened(normalise_cover(encoded(cmyk, "JPEG"))).getpixel((1, 1)), (255, 255, 255))


def test_the_first_frame_of_an_animation() -> None:
    data = encoded(picture(), "GIF", save_all=True, append_images=[picture(colour=GREEN)], duration=100)
    assert close(opened(normalise_cover(data)).getpixel((5, 5)), RED)


def test_exif_turns_the_picture_and_goes() -> None:
    image = picture(size=(60, 20))
    image.paste(GREEN, (0, 0, 30, 20))  # left half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    turned = opened(normalise_cover(encoded(image, "JPEG", exif=exif, quality=95)))
    assert turned.size == (20, 60)
    assert close(turned.getpixel((10, 5)), GREEN, 12) and close(turned.getpixel((10, 55)), RED, 12)


def test_comments_resolution_and_progression_go() -> None:
    plain = normalise_cover(encoded(picture(), "JPEG", quality=95))
    decorated = encoded(picture(), "JPEG", quality=95, progressive=True, comment="hello", dpi=(300, 300))
    opened(normalise_cover(decorated))
    assert plain == normalise_cover(decorated)


def test_the_profile_is_applied() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(picture(), "PNG", icc_profile=lab)
    assert close(opened(normalise_cover(data)).getpixel((5, 5)), RED)
    broken = encoded(picture(), "PNG", icc_profile=b"no profile at all")
    assert close(opened(normalise_cover(broken)).getpixel((5, 5)), RED)


def png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>not found</html>",
        b"\xff\xd8\xff",
        encoded(picture(size=(300, 300)), "JPEG")[:400],
        encoded(picture(), "PNG")[:60],
        png(0, 5),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    ],
)
def test_what_is_no_picture(data: bytes) -> None:
    assert normalise_cover(data) is None


@pytest.mark.parametrize("size", [(8000, 8000), (12_000, 12_000), (65_000, 65_000)])
def test_bombs_are_refused_without_a_warning(size: tuple[int, int]) -> None:
    assert normalise_cover(png(*size, b"\0" * 1000)) is None


def test_what_is_too_large_for_a_cover() -> None:
    assert normalise_cover(encoded(picture("1", size=(8000, 6300), colour=1), "PNG", compress_level=1)) is None
    opened(normalise_cover(encoded(picture("1", size=(8000, 6200), colour=1), "PNG", compress_level=1)))


def test_a_bomb_in_the_text_of_a_png() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("x", "a" * (70 * 2**20), zip=True)
    assert normalise_cover(encoded(picture(), "PNG", pnginfo=info)) is None


def test_warnings_do_not_leak_and_filters_stay() -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 40
    before = list(warnings.filters)
    opened(normalise_cover(encoded(picture(), "JPEG", exif=exif)))
    assert list(warnings.filters) == before


def test_from_many_threads() -> None:
    data = encoded(picture(size=(1200, 1200)), "JPEG")
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(normalise_cover, [data] * 8))) == 1


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP"]), st.integers(0, 200))
def test_broken_pictures_never_raise(noise: bytes, fmt: str, at: int) -> None:
    whole = BROKEN[fmt]
    result = normalise_cover(whole[:at] + noise + whole[at + len(noise) :])
    assert result is None or result.startswith(b"\xff\xd8")


BROKEN = {fmt: encoded(picture(size=(9, 7)), fmt) for fmt in ("JPEG", "PNG", "GIF", "TIFF", "WEBP")}
