"""One way in for images: which sort it is, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wikic.errors import InvalidInput, TooLarge
from wikic.images.raster import SIGNATURE, rewritten_png
from wikic.images.vector import rewritten_svg

PNG: Final = "image/png"
SVG: Final = "image/svg+xml"
LARGEST_SENT: Final = 3_000_000
"""Bytes of what is sent, at most."""


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """An image that may be kept and shown: its media type and its bytes, which are ours."""

    media: str
    data: bytes


def checked_image(data: bytes) -> CheckedImage:
    """What was sent, written anew. Raises TooLarge, or InvalidInput with the reason: neither PNG nor SVG, broken, too many pixels, scripts, references to
    elsewhere."""
    if len(data) > LARGEST_SENT:
        raise TooLarge(f"the image has {len(data):,} bytes: {LARGEST_SENT:,} at most", reason="too-large", most=LARGEST_SENT)
    if data.startswith(SIGNATURE):
        return CheckedImage(PNG, rewritten_png(data))
    if b"<svg" in data[:4_000].lower() or data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return CheckedImage(SVG, rewritten_svg(data))
    raise InvalidInput("an image is a PNG or an SVG; this is neither", reason="image-kind")
