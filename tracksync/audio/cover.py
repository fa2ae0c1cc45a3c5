"""Cover pictures, as every player takes them: a baseline JPEG of at most 1,000 pixels."""

from __future__ import annotations

import threading
import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["LONGEST_SIDE", "normalise_cover"]

LONGEST_SIDE: Final = 1000
"""Pixels."""

_MOST_BYTES = 64 * 2**20
# A photograph of 8,000 by 6,000 is read; what is larger than that is no cover, and may be made to exhaust the memory.
_MOST_PIXELS = 50_000_000
# Named one by one: some of Pillow's other readers start programs (EPS starts Ghostscript).
_FORMATS = (
    "JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "ICO", "TGA", "PPM",
)  # fmt: skip
_QUALITY = 90

# The filters of `warnings` belong to the whole process: one picture at a time changes them.
_warnings_lock = threading.Lock()


def normalise_cover(data: bytes) -> bytes | None:
    """Any usual picture as a baseline JPEG.

    At most 1,000 pixels on the longer side and never enlarged, upright, in sRGB, transparency on white, the first frame
    of an animation, without EXIF, profiles or comments. The same bytes give the same bytes.

    Returns:
        The JPEG; None where the picture can't be read, or is larger than 50 million pixels or 64 MiB. Never raises.
    """
    if not data or len(data) > _MOST_BYTES:
        return None
    with _warnings_lock, warnings.catch_warnings():
        # About broken EXIF, odd palettes, big pictures: nothing that a person could do something about.
        warnings.filterwarnings("ignore", module=r"PIL(\.|$)")
        try:
            return _jpeg(data)
        except Exception:  # whatever a broken file makes a reader raise
            return None


def _jpeg(data: bytes) -> bytes | None:
    from PIL import Image, ImageOps

    Image.init()
    formats = [name for name in _FORMATS if name in Image.OPEN]  # not every build has every reader
    with Image.open(BytesIO(data), formats=formats) as picture:
        width, height = picture.size
        if width < 1 or height < 1 or width * height > _MOST_PIXELS:
            return None
        # A JPEG can be decoded at a half, a quarter or an eighth of its size: large ones then cost little.
        picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    plain = _srgb(_flat(upright))
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    plain.info.clear()
    out = BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=False)
    return out.getvalue()


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency, and with 8 bits a channel."""
    from PIL import Image

    if picture.mode.startswith("I"):
        # Pillow clips 16 bits to 8 instead of scaling them.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not picture.has_transparency_data:
        return picture
    layers = picture.convert("RGBA")
    page = Image.new("RGBA", layers.size, (255, 255, 255, 255))
    page.alpha_composite(layers)
    flat = page.convert("RGB")
    if picture.mode in ("RGBA", "RGB", "P"):
        flat.info["icc_profile"] = picture.info.get("icc_profile")
    return flat


def _srgb(picture: Image.Image) -> Image.Image:
    """In sRGB, by the picture's own profile where it has one that fits."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(
                picture, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB")
