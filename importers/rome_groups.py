"""What ROME 4.0 groups métiers by: domaines, secteurs d'activité, thématiques, centres d'intérêt.

Flow: `rome_tables` rows -> records here -> `rome.RomeSource`. It runs after
`rome_concepts.metiers`, whose codes it resolves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from importers.rome_reading import Reading, broader
from wikic.domain.ids import rome_key
from wikic.domain.records import Record, RelationRecord

PRINCIPAL: Final = "principal"
COLLECTION_TABLES: Final = (
    "secteur_activite",
    "sous_secteur_activite",
    "themes",
    "centre_interet",
    "referentiel_contexte_travail",
)
MEMBER_TABLES: Final = ("arborescence_secteur_activite", "arborescence_thematique", "arborescence_centre_interet")


def occupation_groups(reading: Reading) -> Iterator[Record]:
    """occupation_group/rome: grand domaine above domaine professionnel above métier."""
    tables = reading.tables
    found: set[str] = set()
    for stem, type_ in (("grand_domaine", "grand_domaine"), ("domaine_professionnel", "domaine_professionnel")):
        for line, (code, label) in tables.rows(stem):
            place = reading.place(stem, line)
            if reading.first(found, code, place):
                found.add(code)
                yield reading.group("occupation_group", type_, code, label, place=place)
        if tables.has(stem):
            reading.covered("occupation_group", stem, {"preferred", "rome_type"})
    if not tables.has("grand_domaine", "domaine_professionnel"):
        reading.coverage.kinds.pop(("rome", "occupation_group"), None)
        return
    yield from _domain_links(reading, found)


def _domain_links(reading: Reading, found: set[str]) -> Iterator[Record]:
    above: dict[str, tuple[str, str]] = {}
    stem = "cr_gd_dp"
    for line, (metier, grand, domaine, *_) in reading.tables.rows(stem):
        place = reading.place(stem, line)
        if metier not in reading.metiers or domaine not in found:
            reading.dangling(f"{metier} in {domaine}", place)
            continue
        above.setdefault(domaine, (grand, place))
        yield broader(rome_key("metier", metier), rome_key("domaine_professionnel", domaine), place)
    for code in sorted(c for c in found if len(c) > 1):
        # A domaine's code begins with its grand domaine's; the table says so only where a métier stands in it.
        grand, place = above.get(code, (code[:1], reading.tables.name("domaine_professionnel")))
        if grand in found:
            yield broader(rome_key("domaine_professionnel", code), rome_key("grand_domaine", grand), place)
        else:
            reading.dangling(f"grand domaine {grand}", place)
    reading.covers_relations("broader", "occupation_group")
    if reading.tables.has(stem):
        reading.covers_relations("broader", "occupation")


def collections(reading: Reading) -> Iterator[Record]:
    """collection/rome and the métiers in them; a métier's main collection of its type has the note "principal"."""
    yield from _named(reading, "secteur_activite", "secteur")
    yield from _sub_sectors(reading)
    yield from _named(reading, "themes", "thematique")
    yield from _named(reading, "centre_interet", "centre_interet")
    yield from _in_sectors(reading)
    yield from _in(reading, "arborescence_thematique", "thematique")
    yield from _in(reading, "arborescence_centre_interet", "centre_interet")
    tables = reading.tables
    there = [stem for stem in COLLECTION_TABLES if tables.has(stem)]
    for stem in there:
        reading.covered(
            "collection", stem, {"preferred", "definition", "rome_type"}, complete=len(there) == len(COLLECTION_TABLES)
        )
    if tables.has(*MEMBER_TABLES, *COLLECTION_TABLES[:4]):
        reading.covers_relations("member_of", "occupation")
    if tables.has("secteur_activite", "sous_secteur_activite"):
        reading.covers_relations("broader", "collection")


def _named(reading: Reading, stem: str, type_: str) -> Iterator[Record]:
    for line, (code, label, text) in reading.tables.rows(stem):
        place = reading.place(stem, line)
        if reading.first(reading.groups, code and rome_key(type_, code), place):
            yield reading.group("collection", type_, code, label, text, place=place)


def _sub_sectors(reading: Reading) -> Iterator[Record]:
    stem = "sous_secteur_activite"
    for line, (code, label, sector, text) in reading.tables.rows(stem):
        place = reading.place(stem, line)
        if not reading.first(reading.groups, code and rome_key("sous_secteur", code), place):
            continue
        yield reading.group("collection", "sous_secteur", code, label, text, place=place)
        if rome_key("secteur", sector) in reading.groups:
            yield broader(rome_key("sous_secteur", code), rome_key("secteur", sector), place)
        else:
            reading.dangling(f"secteur {sector}", place)


def _member(reading: Reading, metier: str, group: str, principal: str, place: str) -> Iterator[Record]:
    if metier not in reading.metiers or group not in reading.groups:
        reading.dangling(f"{metier} in {group}", place)
    else:
        note = PRINCIPAL if principal.strip().lower() == "oui" else ""
        yield RelationRecord(rome_key("metier", metier), "member_of", group, note=note, place=place)


def _in_sectors(reading: Reading) -> Iterator[Record]:
    stem = "arborescence_secteur_activite"
    for line, (sector, sub, metier, principal, *_) in reading.tables.rows(stem):
        group = rome_key("sous_secteur", sub) if sub else rome_key("secteur", sector)
        yield from _member(reading, metier, group, principal, reading.place(stem, line))


def _in(reading: Reading, stem: str, type_: str) -> Iterator[Record]:
    for line, (code, metier, *rest) in reading.tables.rows(stem):
        principal = rest[0] if stem == "arborescence_centre_interet" else ""
        yield from _member(reading, metier, rome_key(type_, code), principal, reading.place(stem, line))
