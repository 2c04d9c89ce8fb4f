"""From bytes to badge documents: JSON, lists, CSV, tokens (JWS, VC-JWT), and images with a badge baked in (PNG, SVG).

Nothing is fetched: what is an address only comes back as one."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

from wikic.domain.alignment_targets import recognise
from wikic.domain.open_badges import too_deep
from wikic.domain.sent_tables import sent_table
from wikic.errors import InvalidInput, TooLarge

LARGEST_DOCUMENT: Final = 1_000_000
"""Bytes of one document, at most."""
LARGEST_FILE: Final = 2_000_000
"""Bytes of a file or of what an address answers, at most."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_KEYWORDS: Final = (b"openbadges", b"openbadgecredential")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\Z")
_ADDRESS: Final = re.compile(r"https?://\S+\Z", re.IGNORECASE)
_PAGE: Final = re.compile(r"(<\?xml[^>]*>\s*)?<(!doctype\s+)?html\b", re.IGNORECASE)
_NAMESPACE: Final = "http://openbadges.org"
_THIRD: Final = "https://purl.imsglobal.org/ob/v3p0"
_COLUMNS: Final = {
    "targetUrl": ("targeturl", "url", "address", "adresse", "uri", "iri", "lien"),
    "targetName": ("targetname", "name", "nom", "label", "libelle", "libellé"),
    "targetCode": ("targetcode", "code"),
    "targetFramework": ("targetframework", "framework", "referentiel", "référentiel"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was in a file: a document, or an address where one is. `token`: it came out of a signed token; `baked`: out of an image."""

    document: Any = None
    address: str = ""
    token: bool = False
    baked: bool = False


def parse_json(text: str | bytes) -> Any:
    """JSON, strictly. Raises InvalidInput, which says where it ends to be JSON, never what stands there."""
    try:
        value = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"this is no JSON: {error.msg}, line {error.lineno}, column {error.colno}", reason="json-broken", line=error.lineno, column=error.colno
        ) from None
    except UnicodeDecodeError:
        raise InvalidInput("this is no JSON: it is not in UTF-8", reason="json-utf") from None
    except RecursionError:
        raise InvalidInput("this is no JSON for us: objects are too deep within each other", reason="json-deep") from None
    except ValueError:
        raise InvalidInput("this is no JSON: a number is none that JSON knows", reason="json-values") from None
    return checked(value)


def written(value: Any) -> bytes:
    """A parsed document as JSON again. Raises InvalidInput for half characters and endless numbers, and what is too deep."""
    if too_deep(value):
        raise InvalidInput("objects and lists are too deep within each other", reason="json-deep")
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, UnicodeError):
        raise InvalidInput("the document holds a number or a character that JSON cannot write", reason="json-values") from None


def checked(value: Any) -> Any:
    """A parsed document that can be written again, and is not too large. Raises InvalidInput, TooLarge."""
    if len(written(value)) > LARGEST_DOCUMENT:
        raise TooLarge(f"the document is larger than {LARGEST_DOCUMENT:,} bytes", reason="too-large", most=LARGEST_DOCUMENT)
    return value


def open_file(data: bytes) -> Found:
    """What a file or an answer holds. Raises InvalidInput, TooLarge."""
    if len(data) > LARGEST_FILE:
        raise TooLarge(f"the file is larger than {LARGEST_FILE:,} bytes", reason="too-large", most=LARGEST_FILE)
    if data.startswith(_PNG):
        return _baked(_from_png(data))
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InvalidInput(
            "the file is neither a PNG nor a text in UTF-8: give JSON, CSV, a PNG or SVG with a badge within", reason="badge-file"
        ) from None
    if _PAGE.match(text):
        raise InvalidInput("this is a web page and no badge: give the badge itself, as JSON or as an image, or the address of its JSON", reason="badge-page")
    if text.startswith("<"):
        return _baked(_from_svg(text))
    return open_text(text)


def open_text(text: str) -> Found:
    """What a text is: JSON, a token, an address, or a CSV of alignments. Raises InvalidInput."""
    text = text.strip()
    if not text:
        raise InvalidInput("there is nothing: give a badge document, a list of alignments, or an address", reason="badge-nothing")
    if text[0] in "{[":
        return Found(parse_json(text))
    if _TOKEN.match(text):
        return Found(checked(parse_json(_payload(text))), token=True)
    if _ADDRESS.match(text):
        return Found(address=text)
    if text[0] == '"':
        inner = parse_json(text)
        return open_text(inner) if isinstance(inner, str) and not inner.startswith('"') else Found(inner)
    return Found(checked(_from_csv(text)))


def unwrapped(document: Any) -> tuple[Any, str]:
    """A token's payload may hold the badge under `vc`; the badge, and the pointer to it."""
    if isinstance(document, dict) and isinstance(document.get("vc"), dict):
        return document["vc"], "/vc"
    return document, ""


def _payload(token: str) -> bytes:
    part = token.split(".")[1]
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise InvalidInput("the token's payload is not in base64", reason="signed-broken") from None


def _baked(text: str) -> Found:
    found = open_text(text)
    return Found(found.document, found.address, found.token, baked=True)


def _from_png(data: bytes) -> str:
    place = len(_PNG)
    while place + 8 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        content = data[place + 8 : place + 8 + size]
        if len(content) < size:
            break
        if kind in (b"iTXt", b"tEXt", b"zTXt") and content.partition(b"\0")[0] in _KEYWORDS:
            return _text_of(kind, content.partition(b"\0")[2])
        if kind == b"IEND":
            break
        place += 12 + size
    raise InvalidInput("there is no badge within this PNG", reason="baked-none")


def _text_of(kind: bytes, content: bytes) -> str:
    packed = kind == b"zTXt"
    if packed:
        content = content[1:]
    elif kind == b"iTXt":
        packed, rest = content[:1] == b"\1", content[2:]
        content = rest.partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        unpack = zlib.decompressobj()
        try:
            content = unpack.decompress(content, LARGEST_FILE)
        except zlib.error:
            raise InvalidInput("the badge within this PNG cannot be unpacked", reason="baked-broken") from None
        if unpack.unconsumed_tail:
            raise TooLarge(f"the badge within this PNG is larger than {LARGEST_FILE:,} bytes", reason="too-large", most=LARGEST_FILE)
    try:
        return content.decode("latin-1" if kind == b"tEXt" else "utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("the badge within this PNG is not in UTF-8", reason="baked-broken") from None


class _Refused(Exception):
    """A document type: entities could make a text endless."""


def _from_svg(text: str) -> str:
    parser = expat.ParserCreate(namespace_separator=" ")
    inside: list[str] = []
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if tag in ("assertion", "credential") and space.rstrip("#/") in (_NAMESPACE, _THIRD):
            inside.append("")
            found.append(attributes.get("verify", ""))

    def end(name: str) -> None:
        if inside and name.rpartition(" ")[2] in ("assertion", "credential"):
            inner = inside.pop().strip()
            if inner:
                found.append(inner)

    def characters(data: str) -> None:
        if inside:
            inside[-1] += data

    def refuse(*_: Any) -> None:
        raise _Refused

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(text, True)
    except _Refused:
        raise InvalidInput("the SVG declares entities: refused", reason="image-entities") from None
    except expat.ExpatError as error:
        raise InvalidInput(
            f"this is neither JSON nor an SVG: {expat.ErrorString(error.code)}, line {error.lineno}", reason="markup-broken", line=error.lineno
        ) from None
    best = next((each for each in reversed(found) if each), "")
    if not best:
        raise InvalidInput("there is no badge within this SVG", reason="baked-none")
    return best


def _from_csv(text: str) -> list[dict[str, str]]:
    """Alignments from a table with a header (targetUrl, targetName, targetCode, targetFramework, or the like), or from one column of addresses and codes."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if all(_ADDRESS.match(line) for line in lines):
        return [{"targetUrl": line} for line in lines]
    table = sent_table(text, ";,\t|")
    places = table.places(_COLUMNS)
    if not places:
        rows = [table.head, *(row for _, row in table.lines)]
        if all(len(row) == 1 and (_ADDRESS.match(row[0]) or recognise(row[0], "").shape not in ("none", "other")) for row in rows):
            return [{"targetUrl": row[0]} for row in rows]
        raise InvalidInput(
            "this is no JSON, and no CSV that begins with a line of names such as targetUrl, targetName, targetCode", reason="alignments-table"
        )
    return [{name: row[place] for name, place in places.items() if place < len(row) and row[place]} for _, row in table.lines]


def _no_number(_: str) -> Any:
    raise ValueError
