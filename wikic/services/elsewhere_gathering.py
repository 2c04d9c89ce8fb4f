"""What is to come of badge classes that are hosted elsewhere: from one address, a list of addresses, documents, an issuer's document, or a table.

A table's first line names its columns; `address` is needed, all others add to what the document there says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.badges_elsewhere import parts_of
from wikic.domain.open_badges_files import open_text, parse_json, unwrapped, written
from wikic.domain.sent_tables import sent_table
from wikic.errors import InvalidInput, TooLarge

MOST_LINES: Final = 500
"""Badge classes that come at once."""
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("address", "adresse", "url", "id", "badge", "lien"),
    "human_code": ("human_code", "code"),
    "level": ("level", "niveau"),
    "validity": ("validity", "validité", "validite", "mois", "months"),
    "lang": ("lang", "language", "langue"),
    "tags": ("tags", "mots-clés", "mots-cles", "keywords"),
    "concepts": ("concepts", "competencies", "compétences", "competences", "concept", "competency", "compétence"),
}

_ADDRESS: Final = re.compile(r"https?://\S+\Z", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\Z")
_LONGEST_ADDRESS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A badge class that is to come: `document` where it was given whole, else its `address`. `source`: where the document was read, "" where it was pasted;
    `more`: what a table adds, by column; `etag` and `modified` of the answer."""

    address: str = ""
    document: Any = None
    source: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    modified: str = ""


def wanted_of(text: str) -> list[Wanted]:
    """What a text asks for: JSON (a badge class, a list, an issuer's document), addresses, a signed token, or a table. Raises InvalidInput, TooLarge."""
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise InvalidInput("there is nothing: give an address, badge documents as JSON, or a table", reason="catalogue-empty")
    if text[0] in "{[":
        return of_document(parse_json(text))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if all(_ADDRESS.match(line) for line in lines):
        return limited([Wanted(address=line) for line in lines])
    if _TOKEN.match(text):
        return of_document(unwrapped(open_text(text).document)[0])
    return limited(_from_table(text))


def of_document(document: Any, source: str = "") -> list[Wanted]:
    """The badge classes that a document holds or names; itself, where it is one. Raises InvalidInput for an issuer's document or a list that names none."""
    parts = parts_of(document, source)
    if parts is None:
        return [Wanted(document=document, source=source)]
    if not parts:
        raise InvalidInput(
            "this names no badge class: an issuer's document holds them, or their addresses, under a name such as `badges`", reason="catalogue-none"
        )
    return limited([Wanted(address=each) if isinstance(each, str) else Wanted(document=each) for each in parts])


def of_documents(documents: Iterable[Any]) -> list[Wanted]:
    """The same of several; one that is too large is refused in its line, when it is read. Raises InvalidInput, TooLarge."""
    found: list[Wanted] = []
    for each in documents:
        written(each)
        found += of_document(each)
    return limited(found)


def of_addresses(addresses: Sequence[str]) -> list[Wanted]:
    """One for each address."""
    return limited([Wanted(address=each.strip()) for each in addresses if each.strip()])


def limited(wanted: list[Wanted]) -> list[Wanted]:
    """The same, if there are not too many. Raises TooLarge."""
    if len(wanted) > MOST_LINES:
        raise TooLarge(f"there are {len(wanted):,} badge classes: {MOST_LINES:,} at most at a time", reason="catalogue-many", most=MOST_LINES)
    return wanted


def _from_table(text: str) -> list[Wanted]:
    table = sent_table(text)
    places = table.places(COLUMNS)
    if "address" not in places:
        raise InvalidInput("this is neither JSON nor addresses nor a table whose first line names a column `address`", reason="catalogue-table")
    found = []
    for _, row in table.lines:
        cells = {name: row[place] for name, place in places.items() if place < len(row) and row[place]}
        found.append(Wanted(address=cells.pop("address", "")[:_LONGEST_ADDRESS], more=cells))
    if not found:
        raise InvalidInput("the table has no line besides its head", reason="catalogue-empty")
    return found
