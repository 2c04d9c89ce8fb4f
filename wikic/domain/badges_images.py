"""The image of a badge class that has none: drawn from its name, its level and the issuer's colours, always the same. Pure."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final
from xml.sax.saxutils import escape

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}\Z")
_PALETTE: Final = ("#1b4f72", "#145a32", "#6c3483", "#7b241c", "#784212", "#0e6251", "#283747", "#512e5f")
_SMALL: Final = frozenset(
    [
        "a",
        "à",
        "au",
        "aux",
        "avec",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "ou",
        "par",
        "pour",
        "sur",
        "un",
        "une",
        "the",
        "of",
        "and",
        "to",
        "in",
        "for",
        "with",
        "an",
        "on",
        "at",
        "by",
        "or",
    ]
)
_WHITE, _INK = "#ffffff", "#000000"


def contrast(one: str, other: str) -> float:
    """How far apart two colours (#rrggbb) are in brightness, as WCAG counts it: 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """White or black, whichever is read better on a colour; the contrast is never under 4.5."""
    return max((_WHITE, _INK), key=lambda ink: contrast(ink, colour))


def initials(name: str) -> str:
    """The first letters of the first three words that say something; "?" for none."""
    words: list[str] = re.findall(r"[^\W_]+", name)
    telling = [word for word in words if word.lower() not in _SMALL] or words
    return "".join(word[0].upper() for word in telling[:3]) or "?"


def generated_image(name: str, level: int = 0, colours: tuple[str, ...] = (), seed: str = "") -> str:
    """An SVG of 400 by 400: a disc with the initials, and a dot for each step of the level (at most five). `colours`: of the issuer, the disc's and the
    ring's; where none is given they follow from `seed`."""
    known = [colour.lower() for colour in colours if _COLOUR.match(colour.lower())]
    place = int.from_bytes(blake2b(seed.encode(), digest_size=4).digest(), "big")
    disc = known[0] if known else _PALETTE[place % len(_PALETTE)]
    ring = known[1] if len(known) > 1 else ink_on(disc)
    ink, text = ink_on(disc), initials(name)
    size = {1: 150, 2: 130}.get(len(text), 105)
    dots = min(max(level, 0), 5)
    marks = "".join(
        f'<circle cx="{200 - (dots - 1) * 20 + place_ * 40}" cy="290" r="11" fill="{ink}"/>' for place_ in range(dots)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img">'
        f"<title>{escape(name or text)}</title>"
        f'<circle cx="200" cy="200" r="190" fill="{disc}"/>'
        f'<circle cx="200" cy="200" r="170" fill="none" stroke="{ring}" stroke-width="8"/>'
        f'<text x="200" y="{205 if dots else 215}" font-family="sans-serif" font-weight="700" font-size="{size}" fill="{ink}"'
        f' text-anchor="middle" dominant-baseline="middle">{escape(text)}</text>{marks}</svg>'
    )


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
