"""Métiers, appellations and contextes of ROME 4.0 as concept records, with the links their own rows hold.

Flow: `rome_tables` rows -> records here -> `rome.RomeSource`. The links of the link tables are `rome_links`' task.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from importers.rome_reading import APPELLATION, FR, METIER, SCHEME, Reading, cells, clean_text, riasec
from importers.rome_tables import fold
from wikic.domain.ids import rome_key
from wikic.domain.records import Attribute, ConceptRecord, Record, RelationRecord

_TEXT_FIELDS: Final = {"definition": "definition", "acces_metier": "access"}


def _texts(reading: Reading) -> dict[str, dict[str, dict[str, str]]]:
    """{code_rome: {field: {fr: text}}}: the sentences of a field in order, one a line (many have no full stop)."""
    sentences: dict[tuple[str, str], list[tuple[int, str]]] = {}
    doubled = 0
    for line, (code, type_, position, text, _) in reading.tables.rows("texte"):
        place = reading.place("texte", line)
        if code not in reading.metiers:
            reading.dangling(f"métier {code}", place)
        elif type_ not in _TEXT_FIELDS:
            reading.report.skip(
                "unknown-text-type",
                "a text of a type that is neither definition nor acces_metier",
                f"{place} ({type_})",
            )
        elif not position.isdecimal():
            reading.report.skip("bad-number", "a position or order is not a number", f"{place} ({position})")
        else:
            # Every apostrophe of this table is doubled, and of this table only.
            doubled += "''" in text
            sentences.setdefault((code, _TEXT_FIELDS[type_]), []).append(
                (int(position), clean_text(text.replace("''", "'")))
            )
    if doubled:
        reading.report.notes.append(
            f"{reading.tables.name('texte')}: {doubled} texts have doubled apostrophes, read as single ones"
        )
    found: dict[str, dict[str, dict[str, str]]] = {}
    for (code, name), parts in sentences.items():
        text = "\n".join(t for _, t in sorted(parts, key=lambda p: p[0]) if t)
        if text:
            found.setdefault(code, {})[name] = {FR: text}
    return found


def _sectors(reading: Reading) -> tuple[dict[str, set[str]], set[str]]:
    """NAF divisions (two digits) by métier, and the métiers that ROME puts in "0": all sectors (no division of NAF)."""
    known = {code for _, (code, _, _) in reading.tables.rows("secteur_naf")}
    found: dict[str, set[str]] = {}
    across: set[str] = set()
    for line, (naf, code, *_) in reading.tables.rows("arborescence_secteur_naf"):
        place = reading.place("arborescence_secteur_naf", line)
        if code not in reading.metiers:
            reading.dangling(f"métier {code}", place)
        elif (known and naf not in known) or not naf.isdecimal():
            reading.dangling(f"NAF sector {naf}", place)
        elif int(naf) == 0:
            across.add(code)
        else:
            found.setdefault(code, set()).add(naf.zfill(2))
    return found, across


def _leftover(reading: Reading, stem: str, rest: dict[str, dict[str, Attribute]]) -> None:
    for code in rest:
        reading.dangling(code, reading.tables.name(stem))


def metiers(reading: Reading) -> Iterator[Record]:
    """occupation/rome. The ROME 3 code a métier was cut from stays an attribute: both are whole métiers today."""
    tables = reading.tables
    records: list[ConceptRecord] = []
    stem = "referentiel_code_rome"
    for line, row in tables.rows(stem):
        place = reading.place(stem, line)
        cell = cells(stem, row)
        code = cell["code_rome"].strip()
        if not reading.first(reading.metiers, code, place):
            continue
        reading.metiers[code] = fold(cell["libelle_rome"])
        reading.metier_of_ogr[cell["code_ogr"]] = code
        record = ConceptRecord(rome_key("metier", code), "occupation", SCHEME, code, place=place)
        record.labels = reading.labels(cell["libelle_rome"])
        record.attributes = reading.attributes(METIER, cell, place)
        if (parent := cell["code_rome_parent"].strip()) and parent != code:
            record.attributes["parent_code"] = parent
        records.append(record)
    texts = _texts(reading)
    types = riasec(reading, "referentiel_code_rome_riasec")
    sectors, across = _sectors(reading)
    for record in records:
        record.texts = texts.get(record.code, {})
        record.attributes |= types.pop(record.code, {})
        record.sectors = sorted(sectors.get(record.code, ()))
        if record.code in across:
            record.attributes["cross_sector"] = True
        yield record
    _leftover(reading, "referentiel_code_rome_riasec", types)
    fields = {"preferred"} | ({"parent_code"} if tables.has_column(stem, "code_rome_parent") else set())
    fields |= {"definition", "access"} if tables.has("texte") else set()
    fields |= {"riasec_majeur", "riasec_mineur"} if tables.has("referentiel_code_rome_riasec") else set()
    fields |= {"sectors", "cross_sector"} if tables.has("arborescence_secteur_naf") else set()
    reading.covered("occupation", stem, fields, METIER)


def appellations(reading: Reading) -> Iterator[Record]:
    """occupation_title/rome and title_of its métier; the short label, where it differs, is an alternative one."""
    stem = "referentiel_appellation"
    for line, row in reading.tables.rows(stem):
        place = reading.place(stem, line)
        cell = cells(stem, row)
        code, metier = cell["code_ogr"].strip(), cell["code_rome"].strip()
        if not reading.first(reading.appellations, code, place):
            continue
        reading.appellations[code] = (metier, fold(cell["libelle_appellation_long"]))
        record = ConceptRecord(rome_key("appellation", code), "occupation_title", SCHEME, code, place=place)
        record.labels = reading.labels(cell["libelle_appellation_long"], cell["libelle_appellation_court"])
        record.attributes = reading.attributes(APPELLATION, cell, place)
        parent = cell["code_rome_parent"].strip()
        if parent and parent != metier:
            record.attributes["parent_code"] = parent
        yield record
        if metier in reading.metiers:
            yield RelationRecord(record.key, "title_of", rome_key("metier", metier), place=place)
        else:
            reading.dangling(f"métier {metier}", place)
    fields = {"preferred", "alternative"} | (
        {"parent_code"} if reading.tables.has_column(stem, "code_rome_parent") else set()
    )
    reading.covered("occupation_title", stem, fields, APPELLATION)
    reading.covers_relations("title_of", "occupation_title")


def contextes(reading: Reading) -> Iterator[Record]:
    """work_context/rome, member_of the collection of its type."""
    stem = "referentiel_contexte_travail"
    types: dict[str, str] = {}
    for line, (code, label, type_, type_label) in reading.tables.rows(stem):
        place = reading.place(stem, line)
        if not reading.first(reading.items, code, place):
            continue
        key = rome_key("contexte", code)
        reading.items[code] = (key, fold(label), "")
        yield ConceptRecord(key, "work_context", SCHEME, code, labels=reading.labels(label), place=place)
        if not type_:
            continue
        if type_ not in types:
            types[type_] = type_label
            yield reading.group("collection", "type_contexte", type_, type_label, place=place)
        yield RelationRecord(key, "member_of", rome_key("type_contexte", type_), place=place)
    if reading.tables.has(stem):
        reading.covered("work_context", stem, {"preferred"})
        reading.covers_relations("member_of", "work_context")
