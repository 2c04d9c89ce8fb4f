"""The 28 tables of a ROME 4.0 folder: their names, columns and version, and how their rows are read.

Flow: `importers.files` opens the folder or zip -> this module finds the tables and refuses what is not
ROME 4.0 -> `rome_concepts`, `rome_skills`, `rome_groups` and `rome_links` turn rows into records.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, NamedTuple

from importers.files import FileSet, Member, Meter, refuse_foreign
from wikic.domain.records import ReadReport
from wikic.errors import SourceError

Row = tuple[int, tuple[str, ...]]
"""The line a row starts on, and its cells in the order of `Table.columns` ('' for an absent optional column)."""


class Table(NamedTuple):
    """One table: its columns, and what is lost without it ('' is nothing, None is all: the table must be there)."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    loss: str | None = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return self.required + self.optional


TABLES: Final[dict[str, Table]] = {
    "referentiel_code_rome": Table(
        ("code_rome", "code_ogr", "libelle_rome"),
        (
            "code_fiche_metier",
            "transition_eco",
            "transition_num",
            "transition_demo",
            "emploi_reglemente",
            "emploi_cadre",
            "code_rome_parent",
        ),
        None,
    ),
    "referentiel_appellation": Table(
        ("code_ogr", "libelle_appellation_long", "libelle_appellation_court", "code_rome"),
        (
            "transition_eco",
            "transition_num",
            "transition_demo",
            "emploi_reglemente",
            "emploi_cadre",
            "classification",
            "origine",
            "code_rome_parent",
            "peu_usite",
        ),
        None,
    ),
    "referentiel_competence": Table(
        (
            "code_ogr",
            "nature",
            "libelle_competence",
            "definition",
            "code_ogr_macro_comp",
            "code_macro_comp",
            "cat_comp",
        ),
        ("sous_cat_comp", "transition_eco", "transition_num", "libelle_heterogeneite", "libelle_origine"),
        None,
    ),
    "referentiel_savoir": Table(
        ("code_ogr_savoir", "libelle_savoir", "categorie_savoir", "sous_categorie_savoir"),
        ("transition_eco", "transition_num"),
        None,
    ),
    "coherence_item": Table(("code_rome", "code_ogr", "coeur_metier"), (), None),
    "referentiel_contexte_travail": Table(
        ("code_ogr", "libelle_cont_travail", "code_type_cont_trav", "libelle_type_cont_trav"), (), "no work context"
    ),
    "texte": Table(
        ("code_rome", "libelle_type_texte", "position_phrase", "libelle_texte"),
        ("code_compo_bloc",),
        "no definition of and no access to a métier",
    ),
    "rubrique_mobilite": Table(("code_rome", "code_rome_cible", "numero_ordre"), (), "no mobility"),
    "grand_domaine": Table(("code_grand_domaine", "libelle_grand_domaine"), (), "no grand domaine"),
    "domaine_professionnel": Table(
        ("code_domaine_professionnel", "libelle_domaine_professionnel"), (), "no domaine professionnel"
    ),
    "cr_gd_dp": Table(
        ("code_rome", "code_grand_domaine", "code_domaine_professionel"),
        ("libelle_rome", "libelle_grand_domaine", "libelle_domaine_professionel"),
        "métiers and domaines professionnels have no broader group",
    ),
    "referentiel_code_rome_riasec": Table(("code_rome", "riasec_majeur", "riasec_mineur"), (), "no RIASEC of métiers"),
    "referentiel_macro_competence_riasec": Table(
        ("code_ogr", "riasec_majeur", "riasec_mineur"), (), "no RIASEC of macro-compétences"
    ),
    "secteur_activite": Table(
        ("code_sect_activite", "libelle_sect_activite"), ("definition_sect_activite",), "no secteur d'activité"
    ),
    "sous_secteur_activite": Table(
        ("code_ss_sect_activite", "libelle_ss_sect_activite", "code_sect_activite"),
        ("definition_ss_sect_activite",),
        "no sous-secteur d'activité",
    ),
    "arborescence_secteur_activite": Table(
        ("code_sect_activite", "code_ss_sect_activite", "code_rome", "principal"),
        ("libelle_sect_activite", "libelle_ss_sect_activite", "code_ogr_rome", "libelle_rome"),
        "no métier is in a secteur d'activité",
    ),
    "themes": Table(("code_theme", "libelle_theme"), ("definition_theme",), "no thématique"),
    "arborescence_thematique": Table(
        ("code_theme", "code_rome"), ("libelle_theme", "code_ogr_rome", "libelle_rome"), "no métier is in a thématique"
    ),
    "centre_interet": Table(
        ("code_centre_interet", "libelle_centre_interet"), ("definition_centre_interet",), "no centre d'intérêt"
    ),
    "arborescence_centre_interet": Table(
        ("code_centre_interet", "code_rome", "principal"),
        ("libelle_centre_interet", "code_ogr_rome", "libelle_rome"),
        "no métier is in a centre d'intérêt",
    ),
    "arborescence_secteur_naf": Table(
        ("code_secteur_naf", "code_rome"),
        ("libelle_secteur_naf", "code_ogr_rome", "libelle_rome"),
        "métiers have no NAF sector",
    ),
    "secteur_naf": Table(
        ("code_secteur_naf", "libelle_secteur_naf"), ("code_tech_secteur_naf",), "NAF codes are not cross-checked"
    ),
    "liens_rome_referentiels": Table(
        ("code_rome", "code_ogr"), ("code_compo_bloc", "code_rubrique"), "links are not cross-checked"
    ),
    "item": Table(("code_ogr", "libelle", "code_rubrique"), (), "labels of items are not cross-checked"),
    "cr_gd_dp_appellations": Table(
        ("code_fiche", "ogr_rome", "ogr_appellation", "libelle_appellation_long"),
        (
            "code_grand_domaine",
            "code_domaine_professionnel",
            "numero_fiche_rome",
            "intitule",
            "libelle_appellation_court",
            "type_provenance",
        ),
        "appellations are not cross-checked",
    ),
    "composition_bloc": Table(("code_compo_bloc", "libelle_bloc")),
    "descriptif_rubrique": Table(("code_rubrique", "libelle_rubrique"), ("code_compo_bloc", "position_rubrique")),
    "type_referentiel": Table(("code_type_referentiel", "libelle_type_referentiel")),
    # Published beside the others, but not in every folder: the only table with the labels of enjeux and objectifs.
    "arborescence_competences": Table(
        ("code_enjeu", "enjeu", "code_objectif", "objectif"),
        (
            "code_domaine_competence",
            "domaine_competence",
            "code_macro_competence",
            "code_ogr_macro_competence",
            "libelle_macro_competence",
            "code_ogr_competence",
            "libelle_competence",
        ),
        "enjeux and objectifs of competences are named by their code",
    ),
}

_NAME = re.compile(
    r"unix_(?P<stem>\w+?)(?:_v(?P<version>\d{3,4}))?(?:_utf8|_iso[\w-]*|_ansi|_win\w*)?\.csv\Z", re.IGNORECASE
)
_ROME3_COLUMNS = {"code_fiche_em", "statut"}
VERSION_FILE: Final = "version.txt"
_ROME3_STEMS = {"referentiel_activite", "referentiel_activite_riasec", "referentiel_env_travail"}
_NUMBER = re.compile(r"num.ro de version\s*:\s*(\d+)", re.IGNORECASE)
_TITLE = re.compile(r"titre[^:\n]*:[^\S\n]*(\S[^\n]*)", re.IGNORECASE)


def fold(label: str) -> str:
    """A label without stray white space: runs of it become one space."""
    return " ".join(label.split())


def slug(label: str) -> str:
    """A code made of a label: "Domaines d'expertise" -> "domaines-d-expertise"."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@dataclass(slots=True)
class _Open:
    member: Member
    header: list[str]


@dataclass(slots=True)
class Tables:
    """The tables that are there. `rows` reads one, line by line; each row of a wrong length is skipped and counted."""

    files: FileSet
    report: ReadReport
    opened: dict[str, _Open] = field(default_factory=dict)
    meter: Meter | None = None

    def has(self, *stems: str) -> bool:
        """Whether all these tables are there."""
        return all(stem in self.opened for stem in stems)

    def has_column(self, stem: str, column: str) -> bool:
        return stem in self.opened and column in self.opened[stem].header

    def name(self, stem: str) -> str:
        """The file's name as reports show it."""
        return self.opened[stem].member.base if stem in self.opened else f"unix_{stem}"

    def rows(self, stem: str) -> Iterator[Row]:
        """The rows of one table, none if it is absent. Raises SourceError with file and line where it is not CSV."""
        if stem not in self.opened:
            return
        name = self.name(stem)
        count = 0
        line = 1
        with self.files.open(self.opened[stem].member, self.meter) as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, strict=True)
            try:
                header = next(reader, [])
                width = len(header)
                places = {column: i for i, column in enumerate(header)}
                pick = itemgetter(*(places.get(column, width) for column in TABLES[stem].columns))
                line = reader.line_num + 1
                for row in reader:
                    if len(row) == width:
                        row.append("")
                        count += 1
                        yield line, pick(row)
                    elif row:
                        self.report.skip(
                            "malformed-row", "the row has not as many cells as the header", f"{name}:{line}"
                        )
                    line = reader.line_num + 1
            except csv.Error as error:
                raise SourceError(f"{name}:{line}: not valid CSV ({error}); is the file cut off?") from error
        if lines.foreign:
            self.report.notes.append(f"{name}: {lines.foreign} lines are not UTF-8 and were read as Latin-1")
        self.report.count(name, count)


class _Lines:
    """The lines of a table as text: UTF-8, or Windows-1252 (which holds Latin-1) for each line that is not; `foreign`
    counts these."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = iter(stream)
        self._first = True
        self.foreign = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = next(self._stream)
        if self._first:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.foreign += 1
            return raw.decode("cp1252", "replace")


def find_tables(files: FileSet, report: ReadReport) -> tuple[Tables, str]:
    """The tables among the CSV files of a set and the version their names carry ("460"; '' if none does).

    Raises SourceError for what is not one whole version of ROME 4.0; absent side tables and foreign files become notes.
    """
    where = files.path.name
    tables = Tables(files, report)
    versions: dict[str, str] = {}
    for member in files.members:
        base = member.base
        if base.lower() == VERSION_FILE:
            continue
        match = _NAME.match(base)
        if match is None:
            report.notes.append(f"{base} is not a table of ROME: ignored")
            continue
        stem, version = match["stem"].lower(), match["version"] or ""
        if version:
            versions.setdefault(version, base)
        _refuse_rome3(base, stem, version)
        if len(versions) > 1:
            raise SourceError(
                f"{where} mixes versions ({' and '.join(sorted(versions.values()))}): give a folder of one version"
            )
        if stem not in TABLES:
            report.notes.append(f"{base} is not a known table of ROME 4.0: ignored")
            continue
        if stem in tables.opened:
            raise SourceError(
                f"{where} holds {base} twice or in two encodings ({tables.opened[stem].member.name}): keep one"
            )
        tables.opened[stem] = _Open(member, [])
    if not tables.opened:
        for member in files.members[:1]:
            refuse_foreign(files.head(member), member.name, "a folder or zip of ROME's CSV files")
        raise SourceError(
            f"{where} holds no table of ROME (unix_referentiel_code_rome_vNNN_utf8.csv ...): take the CSV distribution"
        )
    _check_columns(tables, where)
    return tables, next(iter(versions), "")


def _refuse_rome3(base: str, stem: str, version: str) -> None:
    if version.startswith("3") or stem in _ROME3_STEMS:
        raise SourceError(f"{base}: this is ROME 3, Wiki-C reads ROME 4.0 (files named ..._v4NN_utf8.csv)")
    if version and not version.startswith("4"):
        raise SourceError(f"{base}: this is ROME {version[0]}, Wiki-C reads ROME 4.0 (files named ..._v4NN_utf8.csv)")


def _check_columns(tables: Tables, where: str) -> None:
    absent = []
    for stem, table in TABLES.items():
        if stem not in tables.opened:
            absent.append(stem)
            continue
        opened = tables.opened[stem]
        name = opened.member.base
        head = tables.files.head(opened.member, 4096)
        refuse_foreign(head, name, "CSV")
        opened.header = next(csv.reader(_Lines(head.splitlines()[:1])), [])
        found = set(opened.header)
        missing = [c for c in table.required if c not in found]
        if found & _ROME3_COLUMNS and missing + [c for c in table.optional if c not in found]:
            column = sorted(found & _ROME3_COLUMNS)[0]
            raise SourceError(f"{name} has the column {column}: this is ROME 3, Wiki-C reads ROME 4.0")
        if missing:
            raise SourceError(f"{name} has no column {', '.join(missing)}; it must have {', '.join(table.required)}")
        for column in table.optional:
            if column not in found:
                tables.report.notes.append(f"{name} has no column {column}")
        for column in opened.header:
            if column not in table.columns:
                tables.report.notes.append(f"{name}: column {column} is not known and not kept")
    for stem in absent:
        loss = TABLES[stem].loss
        if loss is None:
            raise SourceError(f"{where} has no unix_{stem}_v..._utf8.csv, without which ROME cannot be imported")
        tables.report.notes.append(f"unix_{stem} is absent" + (f": {loss}" if loss else ""))


def read_version(text: str | None, from_names: str, where: str) -> tuple[str, str]:
    """The dotted version ("4.60") and the title. Names say v460, version.txt 60; where both speak they must agree."""
    number = _NUMBER.search(text or "")
    title = _TITLE.search(text or "")
    named = from_names[1:].lstrip("0") or ("0" if from_names else "")
    said = number[1].lstrip("0") or "0" if number else ""
    if named and said and named != said:
        raise SourceError(f"{where} mixes versions: version.txt says {said}, the file names say {named}")
    version = named or said
    if not version:
        raise SourceError(f"{where} does not say its version: neither the file names (_v460_) nor version.txt do")
    return f"4.{version}", fold(title[1]) if title else f"ROME 4.0 version {version}"
