"""Compétences, macro-compétences and savoirs of ROME 4.0, and the tree above them.

The tree of competences is rebuilt: a macro-compétence's code `4A101` names domaine 4, enjeu 4A and objectif 4A1, and
every compétence names its macro-compétence. Flow: `rome_tables` rows -> records here -> `rome.RomeSource`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from importers.rome_reading import COMPETENCE, FR, SAVOIR, SCHEME, Reading, broader, cells, clean_text, riasec
from importers.rome_tables import fold, slug
from wikic.domain.ids import rome_key
from wikic.domain.records import ConceptRecord, Record

DOMAINES: Final = {
    "1": "Management, Social, Soin",
    "2": "Communication, Création, Innovation, Nouvelles technologies",
    "3": "Production, Construction, Qualité, Logistique",
    "4": "Pilotage, Gestion, Cadre réglementaire",
    "5": "Développement économique",
    "6": "Coopération, Organisation et Développement de ses compétences",
}
"""The domaines of competences, which most folders give no label; see docs/vocabulary.md."""

SAVOIR_ETRE_RUBRIQUE: Final = "2"
_MACRO_CODE = re.compile(r"[0-9][A-Z][0-9][0-9]{2}\Z")
_MACRO = "macro-competence"
_LEVELS: Final = ((1, "domaine"), (2, "enjeu"), (3, "objectif"))


def _tree_labels(reading: Reading) -> dict[str, str]:
    """Labels of domaines, enjeux and objectifs by code, from the one table that has them (absent from most folders)."""
    labels: dict[str, str] = {}
    stem = "arborescence_competences"
    for _, row in reading.tables.rows(stem):
        cell = cells(stem, row)
        for code, label in (
            ("code_domaine_competence", "domaine_competence"),
            ("code_enjeu", "enjeu"),
            ("code_objectif", "objectif"),
        ):
            if cell[code] and cell[label]:
                labels.setdefault(cell[code], cell[label])
    return labels


def _tree(reading: Reading, codes: dict[str, str]) -> Iterator[Record]:
    """The groups above the macro-compétences, whose codes and places are given, and their broader links."""
    labels = _tree_labels(reading)
    for length, type_ in _LEVELS:
        seen: set[str] = set()
        for macro, place in sorted(codes.items()):
            code = macro[:length]
            if code in seen:
                continue
            seen.add(code)
            label = labels.get(code, DOMAINES.get(code, ""))
            record = reading.group(
                "skill_group", type_, code, label or f"{type_.capitalize()} {code}", place=place, made=not label
            )
            yield record
            if length > 1:
                yield broader(record.key, rome_key(_LEVELS[length - 2][1], code[:-1]), place)


def _competence(reading: Reading, cell: dict[str, str], place: str) -> ConceptRecord:
    key = rome_key("competence", cell["code_ogr"].strip())
    behaviour = slug(cell["cat_comp"]).startswith("savoir-etre")
    if not behaviour and slug(cell["cat_comp"]) != "savoir-faire":
        reading.report.skip(
            "unknown-category",
            "a cat_comp that is neither savoir-faire nor savoir-être",
            f"{place} ({cell['cat_comp']})",
        )
    nature = "savoir_etre" if behaviour else "savoir_faire"
    record = ConceptRecord(key, "skill", SCHEME, cell["code_ogr"].strip(), nature, place=place)
    record.labels = reading.labels(cell["libelle_competence"])
    record.attributes = reading.attributes(COMPETENCE, cell, place)
    if text := clean_text(cell["definition"]):
        record.texts["definition"] = {FR: text}
    return record


def competences(reading: Reading) -> Iterator[Record]:
    """skill/rome: compétences under their macro-compétence, these (level "macro") under their objectif; the tree."""
    stem = "referentiel_competence"
    above: list[tuple[str, str, str]] = []
    macros: set[str] = set()
    codes: dict[str, str] = {}
    types = riasec(reading, "referentiel_macro_competence_riasec")
    for line, row in reading.tables.rows(stem):
        place = reading.place(stem, line)
        cell = cells(stem, row)
        if not reading.first(reading.items, cell["code_ogr"].strip(), place):
            continue
        record = _competence(reading, cell, place)
        rubrique = SAVOIR_ETRE_RUBRIQUE if record.nature == "savoir_etre" else "1"
        reading.items[record.code] = (record.key, fold(cell["libelle_competence"]), rubrique)
        if slug(cell["nature"]) == _MACRO:
            macros.add(record.code)
            record.attributes["level"] = "macro"
            record.attributes |= types.pop(record.code, {})
            macro_code = cell["code_macro_comp"].strip()
            if _MACRO_CODE.match(macro_code):
                codes.setdefault(macro_code, place)
                yield broader(record.key, rome_key("objectif", macro_code[:3]), place)
            else:
                reading.report.skip(
                    "bad-macro-code", "a macro-compétence's code has not the form 4A101", f"{place} ({macro_code})"
                )
        else:
            above.append((record.key, cell["code_ogr_macro_comp"].strip(), place))
        yield record
    for key, macro, place in above:
        if macro in macros:
            yield broader(key, rome_key("competence", macro), place)
        else:
            reading.dangling(f"macro-compétence {macro}", place)
    for code in types:
        reading.dangling(f"macro-compétence {code}", reading.tables.name("referentiel_macro_competence_riasec"))
    yield from _tree(reading, codes)
    fields = {"preferred", "definition", "level"}
    fields |= {"riasec_majeur", "riasec_mineur"} if reading.tables.has("referentiel_macro_competence_riasec") else set()
    reading.covered("skill", stem, fields, COMPETENCE)
    reading.covers_relations("broader", "skill")


def savoirs(reading: Reading) -> Iterator[Record]:
    """knowledge/rome under its sous-catégorie and catégorie, which have labels only: their codes are made of them."""
    stem = "referentiel_savoir"
    seen: set[str] = set()
    for line, row in reading.tables.rows(stem):
        place = reading.place(stem, line)
        cell = cells(stem, row)
        code = cell["code_ogr_savoir"].strip()
        if not reading.first(reading.items, code, place):
            continue
        key = rome_key("savoir", code)
        reading.items[code] = (key, fold(cell["libelle_savoir"]), "3")
        labels = reading.labels(cell["libelle_savoir"])
        attributes = reading.attributes(SAVOIR, cell, place)
        yield ConceptRecord(key, "knowledge", SCHEME, code, "savoir", labels, attributes=attributes, place=place)
        category, sub = fold(cell["categorie_savoir"]), fold(cell["sous_categorie_savoir"])
        upper, lower = slug(category), f"{slug(category)}.{slug(sub)}"
        if upper and upper not in seen:
            seen.add(upper)
            yield reading.group("skill_group", "categorie_savoir", upper, category, place=place)
        if upper and sub and lower not in seen:
            seen.add(lower)
            yield reading.group("skill_group", "sous_categorie_savoir", lower, sub, place=place)
            yield broader(rome_key("sous_categorie_savoir", lower), rome_key("categorie_savoir", upper), place)
        if upper:
            target = rome_key("sous_categorie_savoir", lower) if sub else rome_key("categorie_savoir", upper)
            yield broader(key, target, place)
    reading.covered("knowledge", stem, {"preferred"}, SAVOIR)
    reading.covers_relations("broader", "knowledge")
    # Labels made of a code are ours: the folder does not speak for the field.
    fields = {"rome_type", "made_label"} | ({"preferred"} if reading.tables.has("arborescence_competences") else set())
    reading.covered("skill_group", stem, fields)
    reading.covers_relations("broader", "skill_group")
