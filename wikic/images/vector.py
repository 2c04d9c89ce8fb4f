"""SVG: read with entities off, and built anew from elements and attributes that only draw.

What an editor leaves beside the drawing (its own names, comments, metadata) is left out. What acts or reaches elsewhere (scripts, events, other
documents) is no drawing: the file is refused, with the reason, rather than quietly changed.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wikic.errors import InvalidInput
from wikic.images.raster import LARGEST, SIGNATURE, rewritten_png
from wikic.images.references import Weighing

SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_MOST_ELEMENTS: Final = 5_000
_DEEPEST: Final = 40
_MOST_IMAGES: Final = 4

_DRAWING: Final = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "textPath",
        "defs",
        "linearGradient",
        "radialGradient",
        "stop",
        "clipPath",
        "mask",
        "title",
        "desc",
        "use",
        "symbol",
        "image",
        "pattern",
    ]
)
_ACTING: Final = frozenset(
    [
        "script",
        "foreignObject",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "animate",
        "animateMotion",
        "animateTransform",
        "animateColor",
        "set",
        "handler",
        "listener",
        "style",
        "link",
        "a",
        "feImage",
    ]
)
_WORDS: Final = frozenset(("title", "desc", "text", "tspan", "textPath"))
_ATTRIBUTES: Final = frozenset(
    [
        "id",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "fx",
        "fy",
        "fr",
        "width",
        "height",
        "viewBox",
        "preserveAspectRatio",
        "d",
        "points",
        "transform",
        "gradientTransform",
        "gradientUnits",
        "spreadMethod",
        "patternUnits",
        "patternContentUnits",
        "patternTransform",
        "clipPathUnits",
        "maskUnits",
        "maskContentUnits",
        "offset",
        "dx",
        "dy",
        "rotate",
        "textLength",
        "lengthAdjust",
        "startOffset",
        "pathLength",
        "version",
        "role",
        "aria-label",
        "lang",
        "fill",
        "fill-opacity",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-opacity",
        "opacity",
        "color",
        "display",
        "visibility",
        "clip-path",
        "clip-rule",
        "mask",
        "stop-color",
        "stop-opacity",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "font-variant",
        "font-stretch",
        "text-anchor",
        "dominant-baseline",
        "alignment-baseline",
        "baseline-shift",
        "letter-spacing",
        "word-spacing",
        "text-decoration",
        "writing-mode",
        "direction",
        "paint-order",
        "vector-effect",
        "shape-rendering",
        "text-rendering",
        "color-interpolation",
        "overflow",
    ]
)
_URL: Final = re.compile(r"url\s*\(", re.IGNORECASE)
_LOCAL_URL: Final = re.compile(r"url\(\s*['\"]?#[\w.:-]+['\"]?\s*\)", re.IGNORECASE)
_LOCAL: Final = re.compile(r"#[\w.:-]+\Z")
_DATA: Final = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)\Z")
_UNSAFE: Final = re.compile(r"javascript:|vbscript:|data:|@import|//|/\*|\\", re.IGNORECASE)
_CALLED: Final = re.compile(r"([\w-]+)\(")
_CALLS: Final = frozenset(
    [
        "url",
        "rgb",
        "rgba",
        "hsl",
        "hsla",
        "hwb",
        "lab",
        "lch",
        "oklab",
        "oklch",
        "color",
        "icc-color",
        "matrix",
        "translate",
        "translatex",
        "translatey",
        "scale",
        "scalex",
        "scaley",
        "rotate",
        "skewx",
        "skewy",
    ]
)
"""Functions that values may use: colours, transformations, parts of the image itself. Of all others, some fetch."""
_SPOKEN: Final = "aria-label"

register_namespace("", SVG)
register_namespace("xlink", XLINK)


def rewritten_svg(data: bytes) -> bytes:
    """An SVG that only draws, of at most 300,000 bytes. Raises InvalidInput with the reason."""
    if len(data) > 4 * LARGEST:
        raise InvalidInput(f"the SVG has {len(data):,} bytes: {LARGEST:,} at most", reason="too-large", most=LARGEST)
    try:
        root = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise InvalidInput("the SVG defines entities, or refers to other documents: save it as a plain SVG", reason="image-entities") from None
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidInput(f"the SVG cannot be read: {error}"[:200], reason="image-broken") from None
    space, name = _split(root.tag)
    if (space, name) != (SVG, "svg"):
        raise InvalidInput(f"an SVG begins with the element svg of {SVG}, not with {name[:40]!r}", reason="image-root", name=name[:40])
    built = _Builder().built(root)
    Weighing(built).check()
    if not built.get("viewBox") and not (built.get("width") and built.get("height")):
        raise InvalidInput("the SVG says neither its viewBox nor its width and height", reason="image-size")
    written = bytes(tostring(built, encoding="utf-8"))
    if len(written) > LARGEST:
        raise InvalidInput(f"the SVG has {len(written):,} bytes: {LARGEST:,} at most", reason="too-large", most=LARGEST)
    return written


class _Builder:
    """Builds one document anew."""

    def __init__(self) -> None:
        self._elements = self._images = 0

    def built(self, root: Element) -> Element:
        """The copy. Raises InvalidInput."""
        made = Element(f"{{{SVG}}}svg")
        self._fill(made, root, "svg", depth=0)
        return made

    def _fill(self, made: Element, source: Element, name: str, *, depth: int) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or depth > _DEEPEST:
            raise InvalidInput(
                f"the SVG has more than {_MOST_ELEMENTS:,} elements, or they stand deeper than {_DEEPEST}: simplify it",
                reason="image-complex", most=_MOST_ELEMENTS, deepest=_DEEPEST,
            )
        for key, value in source.attrib.items():
            self._attribute(made, name, key, value)
        if name in _WORDS:
            made.text = source.text
        for child in source:
            space, kind = _split(child.tag)
            if kind in _ACTING:
                raise InvalidInput(
                    f"the SVG holds {kind!r}: an image only draws. Save it as a plain SVG, with styles as attributes",
                    reason="image-svg", what=kind,
                )
            if space != SVG or kind == "metadata":
                continue
            if kind not in _DRAWING:
                raise InvalidInput(
                    f"the SVG holds {kind[:40]!r}, which is not taken here: save it as a plain SVG of shapes and text",
                    reason="image-svg", what=kind[:40],
                )
            copy = SubElement(made, f"{{{SVG}}}{kind}")
            self._fill(copy, child, kind, depth=depth + 1)
            if name in _WORDS:
                copy.tail = child.tail

    def _attribute(self, made: Element, element: str, key: str, value: str) -> None:
        space, name = _split(key)
        if name.lower().startswith("on"):
            raise InvalidInput(f"the SVG holds the event {name[:40]!r}: an image only draws", reason="image-svg", what=name[:40])
        if name == "href" and space in ("", XLINK):
            self._reference(made, element, value)
        elif name == "style" and not space:
            self._style(made, element, value)
        elif (not space and name in _ATTRIBUTES) or (space == _XML and name in ("space", "lang")):
            made.set(key, _value(name, value))

    def _style(self, made: Element, element: str, text: str) -> None:
        """A style becomes the attributes that it stands for."""
        for part in text.split(";"):
            name, _, value = part.partition(":")
            name = name.strip().lower()
            if name in _ATTRIBUTES and name != "id":
                made.set(name, _value(name, value.strip()))
            elif _URL.search(value):
                raise InvalidInput(
                    f"the SVG's {element} refers to {value.strip()[:60]!r}: nothing outside of the image is taken",
                    reason="image-outside", what=value.strip()[:60],
                )

    def _reference(self, made: Element, element: str, value: str) -> None:
        value = value.strip()
        if _LOCAL.match(value):
            made.set("href", value)
            return
        found = _DATA.match(value) if element == "image" else None
        if found is None:
            raise InvalidInput(
                f"the SVG's {element} refers to {value[:60]!r}: only to parts of itself, or to a PNG that is within it",
                reason="image-outside", what=value[:60],
            )
        self._images += 1
        if self._images > _MOST_IMAGES:
            raise InvalidInput(f"the SVG holds more than {_MOST_IMAGES} PNG images: make one of them", reason="image-many", most=_MOST_IMAGES)
        try:
            data = base64.b64decode(found[1], validate=False)
        except (binascii.Error, ValueError):
            raise InvalidInput("an image within the SVG is no base64", reason="image-within") from None
        if not data.startswith(SIGNATURE):
            raise InvalidInput("an image within the SVG is no PNG", reason="image-within")
        made.set("href", "data:image/png;base64," + base64.b64encode(rewritten_png(data)).decode())


def _value(name: str, value: str) -> str:
    if name == _SPOKEN:
        return value
    reaches = _UNSAFE.search(value) or len(_URL.findall(value)) != len(_LOCAL_URL.findall(value))
    if reaches or any(call.lower() not in _CALLS for call in _CALLED.findall(value)):
        raise InvalidInput(
            f"the SVG's {name} holds {value[:60]!r}: only plain values are taken, and parts of the image itself; nothing outside of it",
            reason="image-outside", what=value[:60],
        )
    return value


def _split(tag: str) -> tuple[str, str]:
    space, brace, name = tag.rpartition("}")
    return (space[1:], name) if brace else ("", tag)
