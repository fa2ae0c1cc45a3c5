"""A cover as every player takes it: a baseline JPEG of at most 1,000 pixels."""

from __future__ import annotations

import io
import warnings

__all__ = ["normalise_cover"]

_LARGEST = 1000
_PIXELS_AT_MOST = 80_000_000
_QUALITY = 90


def normalise_cover(data: bytes) -> bytes | None:
    """Any picture that Pillow reads, as JPEG, its longer side at most 1,000 pixels; None where it can't be read.

    Transparency is laid on white, an animation gives its first frame, and nothing but the picture is kept. The same
    picture gives the same bytes.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as opened:
                if opened.width * opened.height > _PIXELS_AT_MOST:
                    return None
                opened.draft("RGB", (_LARGEST, _LARGEST))
                picture = ImageOps.exif_transpose(opened)
                if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                    layer = picture.convert("RGBA")
                    ground = Image.new("RGBA", layer.size, "white")
                    picture = Image.alpha_composite(ground, layer)
                picture = picture.convert("RGB")
                picture.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
                out = io.BytesIO()
                picture.save(out, "JPEG", quality=_QUALITY, progressive=False)
                return out.getvalue()
    except Exception:  # a picture is never worth a track
        return None
