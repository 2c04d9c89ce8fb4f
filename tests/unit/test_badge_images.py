"""Images of badges: what is kept of a PNG and an SVG, what is refused and why, and what is drawn where there is none."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wikic.domain.badges_images import contrast, generated_image, initials, ink_on
from wikic.errors import InvalidInput, TooLarge
from wikic.images.checking import LARGEST_SENT, checked_image
from wikic.images.raster import LARGEST, SIDE, rewritten_png

HEAD = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"'


def png(width: int, height: int, mode: str = "RGB", **info: str) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    for name, value in info.items():
        texts.add_text(name, value)
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG", pnginfo=texts)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def svg(inner: str, head: str = HEAD) -> bytes:
    return f"<svg {head}>{inner}</svg>".encode()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_a_png_is_written_anew(mode: str) -> None:
    made = checked_image(png(1200, 900, mode, Comment="where I live"))
    assert made.media == "image/png"
    with Image.open(BytesIO(made.data)) as opened:
        assert opened.size == (SIDE, 450)
        assert opened.info.keys() <= {"transparency"}
    assert b"where I live" not in made.data


def test_a_grey_png_of_sixteen_bits_keeps_its_greys() -> None:
    row = struct.pack("<50H", *[0x1234] * 50) + struct.pack("<50H", *[0x8000] * 50)
    grey = Image.frombytes("I;16", (100, 100), row * 100)
    out = BytesIO()
    grey.save(out, "PNG", transparency=0x1234)
    with Image.open(BytesIO(checked_image(out.getvalue()).data)) as opened:
        pixels = opened.convert("RGBA")
    assert pixels.getpixel((80, 80)) == (0x80, 0x80, 0x80, 255)
    assert pixels.getpixel((20, 20)) == (0x12, 0x12, 0x12, 0)


def test_noise_is_made_small_enough() -> None:
    noise = Image.frombytes("RGB", (900, 900), random.Random(7).randbytes(900 * 900 * 3))
    out = BytesIO()
    noise.save(out, "PNG")
    assert len(out.getvalue()) > LARGEST
    assert len(rewritten_png(out.getvalue())) <= LARGEST


def test_what_is_no_png() -> None:
    whole = png(100, 100)
    bomb = whole[:16] + struct.pack(">II", 60_000, 60_000) + whole[24:]
    twice = png(64, 64)[:33] + png(6_000, 6_000)[8:]
    texts = whole[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 80_000_000)) + whole[33:]
    for data, why in (
        (bomb, "60,000 by 60,000 pixels"),
        (twice, "another size"),
        (png(4, 4), "16 a side"),
        (whole[:60], "broken"),
        (whole[:20], "broken"),
        (whole[:50] + b"\xff\xff" + whole[52:], "broken"),
        (texts, "broken"),
        (b"GIF89a" + whole, "neither"),
        (b"", "neither"),
    ):
        with pytest.raises(InvalidInput, match=why):
            checked_image(data)
    with pytest.raises(TooLarge):
        checked_image(b"\x89PNG\r\n\x1a\n" + bytes(LARGEST_SENT))


def test_an_svg_is_built_anew() -> None:
    inside = base64.b64encode(png(20, 20)).decode()
    made = checked_image(
        b'<?xml version="1.0"?><!DOCTYPE svg><!-- by me --><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        b' xmlns:ink="http://www.inkscape.org/namespaces/inkscape" width="10" height="10" ink:version="1"><metadata>secret</metadata>'
        b'<ink:grid/><defs><linearGradient id="g"><stop offset="0" style="stop-color:#fff;-inkscape-x:1"/></linearGradient>'
        b'<path id="p" d="M0 0h5"/></defs><use xlink:href="#p"/><rect width="5" height="5" fill="url(#g)" data-x="1"/>'
        b"<text x='1'>A &amp; <tspan>b</tspan> c</text><image href='data:image/png;base64," + inside.encode() + b"'/></svg>"
    )
    text = made.data.decode()
    assert made.media == "image/svg+xml"
    for kept in ('stop-color="#fff"', 'fill="url(#g)"', 'href="#p"', "A &amp; <", "c</", "data:image/png;base64,"):
        assert kept in text
    for gone in ("secret", "ink", "data-x", "by me", "style=", "DOCTYPE"):
        assert gone not in text
    assert checked_image(made.data).data == made.data, "what is ours stays as it is"


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        ("<script>alert(1)</script>", "'script'"),
        ("<foreignObject><b/></foreignObject>", "'foreignObject'"),
        ("<style>@import url(x)</style>", "'style'"),
        ("<a href='http://x.example'><path/></a>", "'a'"),
        ("<animate attributeName='x'/>", "'animate'"),
        ("<filter/>", "'filter'"),
        ("<x:script xmlns:x='http://www.w3.org/1999/xhtml'/>", "'script'"),
        ("<g><path onclick='x()'/></g>", "event"),
        ("<path fill='url(http://x.example/#a)'/>", "outside"),
        ("<path style='fill:url(//x.example)'/>", "outside"),
        ("<path style='filter:url(//x.example)'/>", "outside"),
        ("<path fill='url( # a )'/>", "outside"),
        ("<path d='M0 0' mask='url(#a) url(//x)'/>", "outside"),
        ("<image href='https://x.example/a.png'/>", "only to parts"),
        ("<image href='data:image/svg+xml;base64,AAAA'/>", "only to parts"),
        ("<image href='data:image/png;base64,AAAA'/>", "no PNG"),
        ("<path href='data:image/png;base64,AAAA'/>", "only to parts"),
        ("<use href='x.svg#a'/>", "only to parts"),
        ("<use href='javascript:x'/>", "only to parts"),
        ("<path fill='javascript:x'/>", "outside"),
        ("<rect mask=\"image-set('http://127.0.0.1/x.png' 1x)\"/>", "outside"),
        ("<rect style=\"mask:-webkit-image-set('x.png' 1x)\"/>", "outside"),
        ("<rect clip-path=\"src('https://x.example/a')\"/>", "outside"),
        ("<rect clip-path='SRC(x)'/>", "outside"),
        ("<rect fill='cross-fade(x)'/>", "outside"),
        ("<rect fill='element(#x)'/>", "outside"),
        ("<rect fill='u/**/rl(x)'/>", "outside"),
        ("<rect fill='ur\\6c(x)'/>", "outside"),
        ("<rect fill='//x.example'/>", "outside"),
        ("<g>" * 60 + "</g>" * 60, "deeper"),
        ("<g/>" * 5_001, "elements"),
        ("<g>", "cannot be read"),
    ],
)
def test_what_acts_or_reaches_elsewhere_is_refused(inner: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        checked_image(svg(inner))


def levels(part: str, reference: str, count: int = 10) -> str:
    """Parts that each draw twenty times the next one."""
    made = "".join(f"<{part.format(n)}>{f'<rect {reference.format(n + 1)}/>' * 20}</{part.split()[0]}>" for n in range(count))
    return f"<defs>{made}</defs><rect {reference.format(0)}/>"


@pytest.mark.parametrize(
    "inner",
    [
        levels("g id='p{}'", "fill='red'/><use href='#p{}'"),
        levels("symbol id='p{}'", "fill='red'/><use href='#p{}'"),
        levels("mask id='p{}'", "mask='url(#p{})'"),
        levels("clipPath id='p{}'", "clip-path=\"url( '#p{}' )\""),
        levels("pattern id='p{}'", "style='fill:URL(#p{}) red'"),
        levels("pattern id='p{}'", "stroke='url(#p{})'"),
        # The pattern is inherited from around the next one, or from what uses it.
        "".join(f"<g fill='url(#p{n + 1})'><pattern id='p{n}'>{'<rect/>' * 20}</pattern></g>" for n in range(10)) + "<rect fill='url(#p0)'/>",
        f"<pattern id='p'>{'<rect/>' * 200}</pattern><defs><g id='g'>{'<rect/>' * 200}</g></defs><use href='#g' fill='url(#p)'/>",
        levels("mask id='p{}'", "mask='url(#p{})'", count=2) + "<rect mask='url(#p0)'/>" * 100,
        "<mask id='a'><rect mask='url(#b)'/></mask><mask id='b'><rect mask='url(#a)'/></mask><rect mask='url(#a)'/>",
        "".join(f"<mask id='p{n}'><rect mask='url(#p{n + 1})'/></mask>" for n in range(30)) + "<rect mask='url(#p0)'/>",
        "<defs><g id='a'><use href='#a'/></g></defs><use href='#a'/>",
    ],
)
def test_what_refers_to_itself_many_times_is_refused(inner: str) -> None:
    with pytest.raises(InvalidInput, match="draws more than"):
        checked_image(svg(inner))


def test_parts_that_drawing_programs_make_are_kept() -> None:
    gradient = "<linearGradient id='g'><stop offset='0'/></linearGradient><linearGradient id='h' href='#g'/>"
    layer = "<g id='layer' clip-path='url(#c)' aria-label='Fournil (2026) // pain'><path fill='url(#h)' transform='translate(1 2) rotate(3)'/></g>"
    text = f"<defs>{gradient}<clipPath id='c'><use href='#r'/></clipPath><rect id='r'/></defs>{layer * 500}<use href='#layer'/>"
    made = checked_image(svg(text + "<path style='fill:rgb(0, 0, 0) icc-color(x);stroke:hsl(1 2% 3%)'/>"))
    assert b'clip-path="url(#c)"' in made.data


def test_what_is_no_svg() -> None:
    for data, why in (
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + svg("&a;"), "entities"),
        (b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + svg("&a;"), "entities"),
        (b"<html><body/></html>", "begins with"),
        (svg("", 'viewBox="0 0 1 1"'), "begins with"),
        (svg("", 'xmlns="http://www.w3.org/2000/svg"'), "viewBox"),
        (svg("<path d='" + "M0 0" * 100_000 + "'/>"), "bytes"),
        ("<svg/>".encode("utf-16"), "neither"),
        (b'<?xml version="1.0" encoding="no-such"?>' + svg(""), "cannot be read"),
    ):
        with pytest.raises(InvalidInput, match=why):
            checked_image(data)


@given(st.binary(max_size=300))
def test_whatever_is_sent(data: bytes) -> None:
    for begin in (b"", b"\x89PNG\r\n\x1a\n", b"<svg "):
        with pytest.raises(InvalidInput):
            checked_image(begin + data)


@given(st.text(max_size=60), st.integers(-1, 9), st.lists(st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True), max_size=3), st.text(max_size=5))
def test_what_is_drawn(name: str, level: int, colours: list[str], seed: str) -> None:
    made = generated_image(name, level, tuple(colours), seed)
    assert made == generated_image(name, level, tuple(colours), seed)
    if all(char >= " " and not 0xD800 <= ord(char) < 0xE000 and char not in "\ufffe\uffff" for char in name):
        assert checked_image(made.encode()).media == "image/svg+xml"
    for colour in colours:
        assert contrast(colour.lower(), ink_on(colour.lower())) >= 4.5


def test_initials() -> None:
    assert [initials(name) for name in ("Pétrir la pâte à pain", "pétrir", "la", "", "  é!")] == ["PPP", "P", "L", "?", "É"]
