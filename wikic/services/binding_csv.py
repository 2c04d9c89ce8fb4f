"""Bindings from a table: `badge_class;concept;level`, a line each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from wikic.domain.access import Actor
from wikic.domain.sent_tables import SentTable, sent_table
from wikic.errors import InvalidInput
from wikic.services.badging_catalogue import Catalogue
from wikic.services.badging_rights import require_credential
from wikic.services.binding import MOST_AT_ONCE, Bindings, Outcome, Wish

COLUMNS: Final = ("badge_class", "concept", "level")
_NAMES: Final = {
    "badge_class": ("badge_class", "badge", "badge class", "badgeclass"),
    "concept": ("concept", "competency", "competence", "compétence", "skill", "targeturl", "uuid"),
    "level": ("level", "niveau"),
}
_ADDRESS: Final = re.compile(r"https?://[^/]+/b(?:adges)?/([0-9a-f-]{36})/?\Z")
_PERMANENT: Final = re.compile(r"/c/([0-9a-f-]{36})/?\Z")


def bind_table(
    bindings: Bindings, catalogue: Catalogue, text: str, actor: Actor, *, issuer: str = "", public_url: str = "", dry_run: bool = True,
    partly: bool = False, historic: bool = False,
) -> Outcome:  # fmt: skip
    """Bind what a CSV asks for (see `wishes_of`); the codes of `issuer` may stand for ids. Raises as `Bindings.bind`."""
    require_credential(actor)
    wishes = wishes_of(text, public_url=public_url, codes=catalogue.codes(issuer, actor) if issuer else ())
    return bindings.bind(wishes, actor, source="csv", dry_run=dry_run, partly=partly, historic=historic)


def wishes_of(text: str, *, public_url: str = "", codes: Iterable[tuple[str, str]] = ()) -> list[Wish]:
    """The bindings that a CSV asks for. Its first line names the columns `badge_class` (an id, its address, or one of `codes`: (code, id)), `concept` (a uuid,
    an address, a code) and, if wanted, `level`; commas, semicolons or tabs stand between them. Raises InvalidInput with the line."""
    table = sent_table(text)
    places = _places(table)
    known = dict(codes)
    wishes = []
    for number, row in table.lines:
        if len(row) <= max(places.values()):
            raise InvalidInput(f"line {number} of the table has {len(row)} columns, its head {len(table.head)}", reason="bind-line", line=number)
        cells = {name: row[place] for name, place in places.items()}
        if not cells["badge_class"] or not cells["concept"]:
            raise InvalidInput(f"line {number} of the table names no badge class, or no concept", reason="bind-line", line=number)
        wishes.append(Wish(_badge(cells["badge_class"], known), _concept(cells["concept"], public_url), cells.get("level", ""), number))
        if len(wishes) > MOST_AT_ONCE:
            raise InvalidInput(f"the table has more than {MOST_AT_ONCE:,} lines: send it in parts", reason="lines-many", most=MOST_AT_ONCE)
    if not wishes:
        raise InvalidInput("the table has no line besides its head", reason="table-empty")
    return wishes


def decoded(data: bytes) -> str:
    """A table's bytes as text: UTF-8, else as spreadsheets of Windows write it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _places(table: SentTable) -> dict[str, int]:
    places = table.places(_NAMES)
    for name in COLUMNS[:2]:
        if name not in places:
            raise InvalidInput(
                f"the table has no column {name}: its first line names badge_class, concept and, if wanted, level", reason="bind-columns", column=name
            )
    return places


def _badge(cell: str, codes: dict[str, str]) -> str:
    found = _ADDRESS.match(cell)
    return found[1] if found else codes.get(cell, cell)


def _concept(cell: str, public_url: str) -> str:
    """Our own addresses name their uuid; all else is a reference as it is."""
    found = _PERMANENT.search(cell) if public_url and cell.startswith(public_url) else None
    return found[1] if found else cell
