"""What one reading of ROME 4.0 knows while it goes: codes, coverage, and how cells become values.

Flow: `rome.RomeSource.records` makes one `Reading`; `rome_concepts` and `rome_groups` fill it;
`rome_links` resolves codes with it.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from importers.rome_tables import TABLES, Tables, fold
from wikic.domain.ids import rome_key
from wikic.domain.records import Attribute, ConceptRecord, Coverage, KindCoverage, Label, ReadReport, RelationRecord
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED

FR: Final = "fr"
SCHEME: Final = "rome"


class Column(NamedTuple):
    """A column that becomes an attribute; `flag`: its O and N are kept as true and false."""

    column: str
    attribute: str
    flag: bool = False


METIER: Final = (
    Column("code_ogr", "ogr"),
    Column("code_fiche_metier", "fiche"),
    Column("transition_eco", "transition_eco_type"),
    Column("transition_num", "transition_num", True),
    Column("transition_demo", "transition_demo", True),
    Column("emploi_reglemente", "emploi_reglemente", True),
    Column("emploi_cadre", "emploi_cadre", True),
)
APPELLATION: Final = (
    *METIER[2:],
    Column("classification", "classification"),
    Column("origine", "origine"),
    Column("peu_usite", "peu_usite", True),
)
COMPETENCE: Final = (
    Column("code_macro_comp", "macro_code"),
    Column("sous_cat_comp", "sous_cat_comp"),
    Column("transition_eco", "transition_eco", True),
    Column("transition_num", "transition_num", True),
    Column("libelle_heterogeneite", "heterogeneite"),
    Column("libelle_origine", "origine"),
)
SAVOIR: Final = (Column("transition_eco", "transition_eco", True), Column("transition_num", "transition_num", True))


@dataclass(slots=True)
class Reading:
    """State of one reading.

    `metiers` maps code_rome to its label, `appellations` an OGR code to (code_rome, label), `items` the OGR code of a
    compétence, savoir or contexte to (key, label, rubrique); `groups` holds the keys of groups and collections.
    """

    tables: Tables
    report: ReadReport
    coverage: Coverage = field(default_factory=Coverage)
    metiers: dict[str, str] = field(default_factory=dict)
    metier_of_ogr: dict[str, str] = field(default_factory=dict)
    appellations: dict[str, tuple[str, str]] = field(default_factory=dict)
    items: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    folded: int = 0
    repeated: int = 0

    def place(self, stem: str, line: int) -> str:
        return f"{self.tables.name(stem)}:{line}"

    def label(self, value: str) -> str:
        """A label without stray white space; changed ones are counted."""
        plain = fold(value)
        if plain != value:
            self.folded += 1
        return plain

    def labels(self, preferred: str, *alternatives: str) -> list[Label]:
        """The French labels of a concept, preferred first; a repeated one is dropped and counted."""
        first = self.label(preferred)
        found = [Label(first, FR, PREFERRED)] if first else []
        rest = {self.label(a) for a in alternatives}
        if first in rest:
            self.repeated += 1
        return found + [Label(a, FR, ALTERNATIVE) for a in sorted(rest - {first, ""})]

    def attributes(self, columns: Sequence[Column], cells: dict[str, str], place: str) -> dict[str, Attribute]:
        """The attributes that the cells of a row (by column) give; a blank cell gives none."""
        found: dict[str, Attribute] = {}
        for column, name, flag in columns:
            value = cells[column].strip()
            if not value:
                continue
            if not flag:
                found[name] = value
            elif value in ("O", "N"):
                found[name] = value == "O"
            else:
                self.report.skip(
                    "unknown-flag",
                    "a cell that holds O or N elsewhere holds something else",
                    f"{place} ({column}: {value})",
                )
        return found

    def first(self, known: Container[str], code: str, place: str) -> bool:
        """Whether a row is the first of its code; a blank or repeated one is skipped and counted."""
        if not code:
            self.report.skip("blank-code", "the row has no code", place)
        elif code in known:
            self.report.skip(
                "duplicate-code", "the code stands in an earlier row of the table, which was kept", f"{place} ({code})"
            )
        else:
            return True
        return False

    def dangling(self, what: str, place: str) -> None:
        """Count a link to something that no table describes."""
        self.report.skip("dangling-relation", "the link names a code that no table describes", f"{place} ({what})")

    def group(
        self, kind: str, type_: str, code: str, label: str, text: str = "", *, place: str, made: bool = False
    ) -> ConceptRecord:
        """The record of a group or collection; `made`: ROME gives it no label or no code of its own, ours says so."""
        key = rome_key(type_, code)
        self.groups.add(key)
        record = ConceptRecord(key, kind, SCHEME, code, labels=self.labels(label), place=place)
        record.attributes["rome_type"] = type_
        if made:
            record.attributes["made_label"] = True
        if text := clean_text(text):
            record.texts["definition"] = {FR: text}
        return record

    def covered(
        self, kind: str, stem: str, fields: set[str], columns: Sequence[Column] = (), *, complete: bool | None = True
    ) -> KindCoverage:
        """Say that a table speaks for a kind: these fields, and the attributes whose columns it has."""
        cover = self.coverage.kind(SCHEME, kind)
        cover.complete = complete
        cover.languages.add(FR)
        cover.fields |= fields | {c.attribute for c in columns if self.tables.has_column(stem, c.column)}
        return cover

    def covers_relations(self, type_: str, kind: str) -> None:
        self.coverage.relations.add((type_, SCHEME, kind))


def cells(stem: str, row: tuple[str, ...]) -> dict[str, str]:
    """A row by column."""
    return dict(zip(TABLES[stem].columns, row, strict=False))


def clean_text(text: str) -> str:
    """A text without outer white space, its lines ended by a line feed."""
    return text.replace("\r\n", "\n").strip()


def broader(source: str, target: str, place: str) -> RelationRecord:
    return RelationRecord(source, "broader", target, place=place)


def riasec(reading: Reading, stem: str) -> dict[str, dict[str, Attribute]]:
    """{code: RIASEC attributes} of métiers or macro-compétences."""
    found: dict[str, dict[str, Attribute]] = {}
    for _, (code, major, minor) in reading.tables.rows(stem):
        pairs = (("riasec_majeur", major), ("riasec_mineur", minor))
        found[code] = {name: value.strip() for name, value in pairs if value.strip()}
    return found
