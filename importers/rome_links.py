"""The link tables of ROME 4.0 (requirements, contexts, mobilities) and the tables that only repeat others.

`coherence_item` is the source of links because it alone has the importance; `liens_rome_referentiels`, `item` and
`cr_gd_dp_appellations` are compared with what is known, and every difference is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from importers.rome_reading import Reading
from importers.rome_tables import fold, slug
from wikic.domain.ids import rome_key
from wikic.domain.records import Record, RelationRecord

IMPORTANCE: Final = {"": "", "principale": "key", "emergente": "emerging"}
_CONTEXT: Final = "rome:contexte:"
_LAYOUT: Final = {
    "composition_bloc": "blocks of a fiche",
    "descriptif_rubrique": "rubriques of a fiche",
    "type_referentiel": "types of tables",
}


def _link(reading: Reading, metier: str, ogr: str, importance: str, place: str) -> Iterator[Record]:
    item = reading.items.get(ogr)
    if item is None or metier not in reading.metiers:
        reading.dangling(f"{metier} - {ogr}", place)
    elif item[0].startswith(_CONTEXT):
        yield RelationRecord(item[0], "context_of", rome_key("metier", metier), importance, place=place)
    else:
        yield RelationRecord(rome_key("metier", metier), "requires", item[0], importance, place=place)


def coherences(reading: Reading) -> Iterator[Record]:
    """requires (key, emerging or no importance) from métiers, context_of from contextes; `liens` may add some."""
    stem = "coherence_item"
    seen: set[tuple[str, str]] = set()
    for line, (metier, ogr, core) in reading.tables.rows(stem):
        place = reading.place(stem, line)
        if (metier, ogr) in seen:
            reading.report.skip(
                "duplicate-relation", "the link stands in an earlier row, which was kept", f"{place} ({metier} - {ogr})"
            )
            continue
        seen.add((metier, ogr))
        importance = IMPORTANCE.get(core, None if core else "")
        if importance is None and (importance := IMPORTANCE.get(slug(core))) is None:
            reading.report.skip(
                "unknown-importance", "a coeur_metier that is not known; the link is kept without", f"{place} ({core})"
            )
            importance = ""
        yield from _link(reading, metier, ogr, importance, place)
    yield from _liens(reading, seen)
    reading.covers_relations("requires", "occupation")
    if reading.tables.has("referentiel_contexte_travail"):
        reading.covers_relations("context_of", "work_context")


def _liens(reading: Reading, coherent: set[tuple[str, str]]) -> Iterator[Record]:
    """Links that only `liens_rome_referentiels` has: kept, without importance. In v4.60 both tables say the same."""
    stem = "liens_rome_referentiels"
    only: list[tuple[str, str, str]] = []
    both = 0
    for line, (metier, ogr, *_) in reading.tables.rows(stem):
        if (metier, ogr) in coherent:
            both += 1
        elif reading.metier_of_ogr.get(ogr) == metier:
            continue
        elif (title := reading.appellations.get(ogr)) is not None:
            if title[0] != metier:
                place = reading.place(stem, line)
                reading.report.skip(
                    "contradiction", "a table that repeats another one says something else", f"{place} ({ogr})"
                )
        else:
            only.append((metier, ogr, reading.place(stem, line)))
    for metier, ogr, place in only:
        yield from _link(reading, metier, ogr, "", place)
    if not reading.tables.has(stem):
        return
    if only:
        reading.report.notes.append(
            f"{reading.tables.name(stem)}: {len(only)} links that coherence_item has not were kept, without importance"
        )
    if both < len(coherent):
        missing = len(coherent) - both
        reading.report.notes.append(
            f"{reading.tables.name(stem)}: {missing} links of coherence_item are not there; they were kept"
        )


def mobilities(reading: Reading) -> Iterator[Record]:
    """mobility between métiers; rank 1 is the nearest."""
    stem = "rubrique_mobilite"
    seen: set[tuple[str, str]] = set()
    for line, (source, target, order) in reading.tables.rows(stem):
        place = reading.place(stem, line)
        if source not in reading.metiers or target not in reading.metiers or source == target:
            reading.dangling(f"{source} - {target}", place)
        elif (source, target) in seen:
            reading.report.skip(
                "duplicate-relation",
                "the link stands in an earlier row, which was kept",
                f"{place} ({source} - {target})",
            )
        elif not order.isdecimal():
            reading.report.skip("bad-number", "a position or order is not a number", f"{place} ({order})")
        else:
            seen.add((source, target))
            yield RelationRecord(
                rome_key("metier", source), "mobility", rome_key("metier", target), rank=int(order), place=place
            )
    if reading.tables.has(stem):
        reading.covers_relations("mobility", "occupation")


def compare(reading: Reading) -> None:
    """Read the tables that repeat others; a difference is a skip "contradiction", what they hold beyond is a note."""
    _compare_items(reading)
    _compare_appellations(reading)
    notes = reading.report.notes
    for stem, what in _LAYOUT.items():
        if rows := sum(1 for _ in reading.tables.rows(stem)):
            notes.append(f"{reading.tables.name(stem)}: {rows} {what}, layout that is not kept")
    if reading.tables.has("secteur_naf"):
        notes.append(
            f"{reading.tables.name('secteur_naf')}: labels of NAF sectors are not kept, métiers keep the codes"
        )
    if reading.folded:
        notes.append(f"{reading.folded} labels had stray white space")
    if reading.repeated:
        notes.append(f"{reading.repeated} short labels repeat the long one and were dropped")


def _contradiction(reading: Reading, place: str, what: str) -> None:
    reading.report.skip("contradiction", "a table that repeats another one says something else", f"{place} ({what})")


def _compare_items(reading: Reading) -> None:
    stem = "item"
    for line, (ogr, label, rubrique) in reading.tables.rows(stem):
        known = reading.items.get(ogr)
        if known is None:
            reading.dangling(f"item {ogr}", reading.place(stem, line))
        elif known[1:] != (label, rubrique) and known[1:] != (fold(label), rubrique):
            _contradiction(reading, reading.place(stem, line), ogr)


def _compare_appellations(reading: Reading) -> None:
    stem = "cr_gd_dp_appellations"
    for line, (_, ogr_metier, ogr, label, *_) in reading.tables.rows(stem):
        if not ogr:
            continue
        known = reading.appellations.get(ogr)
        if known is None:
            reading.dangling(f"appellation {ogr}", reading.place(stem, line))
        elif known != (reading.metier_of_ogr.get(ogr_metier), fold(label)):
            _contradiction(reading, reading.place(stem, line), ogr)
