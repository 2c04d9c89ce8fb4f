"""PNG: looked at before it is unpacked, then written anew, no larger than it is shown."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Final

from PIL import Image

from wikic.errors import InvalidInput

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
LARGEST: Final = 300_000
"""Bytes that are kept, at most."""
SIDE: Final = 600
"""Pixels of the longer side that are kept."""
_MOST_PIXELS: Final = 16_000_000
_LONGEST_SIDE: Final = 8_000
_SMALLEST: Final = 16
_SIDES: Final = (SIDE, 480, 360, 240)


def rewritten_png(data: bytes) -> bytes:
    """A PNG of at most 600 by 600 pixels and 300,000 bytes, with nothing in it but pixels. Raises InvalidInput."""
    width, height = _size(data)
    if max(width, height) > _LONGEST_SIDE or width * height > _MOST_PIXELS:
        raise InvalidInput(
            f"the image has {width:,} by {height:,} pixels: {_LONGEST_SIDE:,} a side and {_MOST_PIXELS:,} in all, at most",
            reason="image-pixels", width=width, height=height, side=_LONGEST_SIDE, most=_MOST_PIXELS,
        )
    if min(width, height) < _SMALLEST:
        raise InvalidInput(
            f"the image has {width:,} by {height:,} pixels: {_SMALLEST} a side, at least",
            reason="image-small", width=width, height=height, side=_SMALLEST,
        )
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as opened:
            # A second head would say it, after the first one was looked at.
            if opened.size != (width, height):
                raise InvalidInput("the PNG is broken: it says another size further on", reason="image-broken")
            # An animation is kept by its first picture.
            opened.seek(0)
            shallow = _eight_bits(opened)
            picture = shallow.convert("RGBA" if _has_alpha(shallow) else "RGB")
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise InvalidInput(f"the PNG is broken: {error}"[:200], reason="image-broken") from None
    for side in _SIDES:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        for smaller in (picture, picture.quantize(256)):
            written = _written(smaller)
            if len(written) <= LARGEST:
                return written
    raise InvalidInput(f"the image cannot be made smaller than {LARGEST:,} bytes: send a simpler one", reason="image-heavy", most=LARGEST)


def _size(data: bytes) -> tuple[int, int]:
    """Width and height by the file's head, before anything is unpacked."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise InvalidInput("the PNG is broken: it does not begin with its size", reason="image-broken")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _eight_bits(image: Image.Image) -> Image.Image:
    """Greys of sixteen bits as greys of eight, which Pillow would cut off at white."""
    if not image.mode.startswith("I"):
        return image
    transparency = image.info.get("transparency")
    made = image.point(lambda value: value * (1 / 256)).convert("L")
    made.info = {} if transparency is None else {"transparency": transparency >> 8}
    return made


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _written(image: Image.Image) -> bytes:
    # A copy without the information that came along: place, camera, texts.
    clean = image.copy()
    transparency = clean.info.get("transparency")
    clean.info = {} if transparency is None else {"transparency": transparency}
    out = BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()
