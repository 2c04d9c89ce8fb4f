"""Rows of ESCO CSV files -> RawConcepts: several files and languages united, the best believed first.

Flow: `esco_csv_files` hands over files by rank -> `ConceptRows.read` keeps their rows by concept -> `ConceptRows.build`
unites the rows of one concept -> `esco_model.ConceptBuilder` makes the record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from importers.esco_csv_files import CsvFile, Rank
from importers.esco_model import RawConcept, tail
from importers.files import FileSet, Meter
from wikic.domain.ids import ESCO
from wikic.domain.records import ReadReport
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, PREFERRED

TEXT_COLUMNS: Final = {"description": "definition", "definition": "source_definition", "scopenote": "scope_note"}
"""Columns of texts in a language, and the fields they become."""

_CLASSES: Final = {
    "occupation": "Occupation",
    "knowledgeskillcompetence": "Skill",
    "skill": "Skill",
    "knowledge": "Skill",
    "skillgroup": "SkillGroup",
    "iscogroup": "ISCOGroup",
    "conceptscheme": "ConceptScheme",
}
_CLASS_OF_FILE: Final = {
    "occupations": "Occupation",
    "skills": "Skill",
    "skillgroups": "SkillGroup",
    "iscogroups": "ISCOGroup",
    "conceptschemes": "ConceptScheme",
    "skillshierarchy": "SkillGroup",
}
_PILLAR: Final = {"skillshierarchy": "skillgroups"}
_SKILL_TYPES: Final = {"skill/competence": "skill", "skill": "skill", "knowledge": "knowledge", "": ""}
_NEEDED: Final = {
    "occupation": {"occupations"},
    "skill": {"skills", "skillgroups"},
    "isco": {"iscogroups"},
    "isced-f": {"skillgroups"},
    "concept-scheme": {"conceptschemes"},
}
"""Which main files together name every concept under an address."""
_LEVELS: Final = 8


def pillar(kind: str) -> str:
    """The kind of main file that a file's concepts belong to."""
    return _PILLAR.get(kind, kind)


@dataclass(frozen=True, slots=True)
class _Row:
    file: CsvFile
    line: int
    cells: list[str]

    def __call__(self, column: str) -> str:
        place = self.file.columns.get(column)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    @property
    def place(self) -> str:
        return f"{self.file.name}:{self.line}"


class ConceptRows:
    """The rows of all concept files, by concept, in the order in which they are believed.

    `declared` are the concepts that the set says to exist (not those that only a file of labels names).
    """

    def __init__(self, all_files: list[CsvFile], langs: Collection[str] | None, report: ReadReport) -> None:
        self._langs = None if langs is None else set(langs)
        self._report = report
        mains = [f for f in all_files if f.rank is Rank.MAIN]
        self._main_langs = {(f.kind, f.lang) for f in mains}
        self._mains = {f.kind: [m for m in mains if m.kind == f.kind] for f in mains}
        self._rows: dict[str, list[_Row]] = {}
        self._cells: dict[str, str] = {}
        self._schemes: dict[str, list[str]] = {}
        self.declared: set[str] = set()
        self.hierarchy: list[tuple[str, str, CsvFile, int]] = []
        self._top_concepts = 0

    def read(self, file: CsvFile, files: FileSet, meter: Meter) -> None:
        """Keep the rows of one file that say something new; files come in the order of `sort_out`."""
        if file.rank is Rank.HIERARCHY:
            self._read_hierarchy(file, files, meter)
            return
        address = file.columns["conceptschemeuri" if file.kind == "conceptschemes" else "concepturi"]
        has_main = file.kind in self._mains
        replaced = file.rank is Rank.COLLECTION and (file.kind, file.lang) in self._main_langs
        seen: set[str] = set()
        for line, cells in file.rows(files, meter, self._report):
            iri = cells[address].strip()
            if not self._usable(iri, seen, file, line):
                continue
            if replaced and iri in self.declared:
                continue
            row = _Row(file, line, [self._cells.setdefault(c, c) if len(c) < 200 else c for c in cells])
            self._rows.setdefault(iri, []).append(row)
            if file.rank is Rank.MAIN or (not has_main and self._class(row)):
                self.declared.add(iri)

    def _usable(self, iri: str, seen: set[str], file: CsvFile, line: int) -> bool:
        place = f"{file.name}:{line}"
        if not iri.startswith(("http://", "https://")):
            reason = "the row does not begin with a concept address (http://data.europa.eu/esco/...)"
            self._report.skip("not-an-address", reason, place)
            file.damaged += 1
            return False
        if iri in seen:
            self._report.skip("repeated-concept", "the file names the concept a second time: the first is kept", place)
            return False
        seen.add(iri)
        return True

    def _read_hierarchy(self, file: CsvFile, files: FileSet, meter: Meter) -> None:
        """The deepest level of each row is a group, the one above is its broader; rows may lack cells at the end."""
        width = len(file.columns)
        main = (pillar(file.kind), file.lang) in self._main_langs
        declares = pillar(file.kind) not in self._mains
        groups = _as_groups(file)
        left: set[str] = set()
        seen: set[str] = set()
        for line, cells in file.rows(files, meter, self._report, ragged=True):
            row = _Row(file, line, cells)
            path = [(n, iri) for n in range(_LEVELS) if (iri := row(f"level {n} uri").strip())]
            if len(cells) > width or not path:
                reason = "the row has more cells than the header or no address"
                self._report.skip("wrong-number-of-cells", reason, row.place)
                continue
            level, iri = path[-1]
            if len(path) > 1:
                self.hierarchy.append((iri, path[-2][1], file, line))
            if iri in seen:
                continue
            seen.add(iri)
            if main or (not declares and iri not in self.declared):
                if iri not in self.declared:
                    left.add(iri)
                continue
            named = [row(f"level {level} preferred term"), row(f"level {level} code")]
            texts = [row("description"), row("scope note")]
            self._rows.setdefault(iri, []).append(_Row(groups, line, [*named, *texts]))
            self.declared.add(iri)
        if left:
            few = ", ".join(sorted(left)[:5])
            self._report.notes.append(f"{file.name}: {len(left)} groups that skillGroups lacks are not kept ({few})")

    def _class(self, row: _Row) -> str:
        return _CLASSES.get(row("concepttype").strip().lower(), "")

    def resolves(self, iri: str) -> bool:
        """Whether a relation may point to the address: it is declared, or these files do not name all of its kind."""
        if iri in self.declared:
            return True
        needed = _NEEDED.get(iri.removeprefix(ESCO).partition("/")[0]) if iri.startswith(ESCO) else None
        return needed is None or any(
            kind not in self._mains or any(file.damaged for file in self._mains[kind]) for kind in needed
        )

    def build(self, with_broader: Collection[str], *, whole_pillar: bool) -> Iterator[RawConcept]:
        """Unite the rows, concept by concept; empties itself. `with_broader` are occupations whose broader is known,
        `whole_pillar` says that the file of those relations was there.
        """
        self._cells.clear()
        for iri in list(self._rows):
            rows = self._rows.pop(iri)
            raw = self._unite(iri, rows)
            group = next((text for row in rows if (text := row("iscogroup").strip())), "")
            # Without the relations, only the code tells: 2654.1 lies under the ISCO group, 2654.1.7 under 2654.1.
            if group and iri not in with_broader and (whole_pillar or raw.code.count(".") == 1):
                raw.links.append(("broader", f"{ESCO}isco/C{group}"))
            yield raw
        if self._top_concepts:
            self._report.notes.append(
                f"{self._top_concepts} top concepts of schemes (hasTopConcept): not kept, they follow from broader"
            )

    def _unite(self, iri: str, rows: list[_Row]) -> RawConcept:
        raw = RawConcept(iri, place=rows[0].place)
        if iri in self.declared:
            told = next((name for row in rows if (name := self._class(row))), "")
            raw.classes.add(told or _CLASS_OF_FILE[rows[0].file.kind])
        for row in rows:
            self._take_facts(raw, row)
        if self._langs is not None:
            rows = [row for row in rows if row.file.lang in self._langs]
        self._take_labels(raw, rows)
        self._take_texts(raw, rows)
        return raw

    def _take_facts(self, raw: RawConcept, row: _Row) -> None:
        raw.status = raw.status or row("status").strip()
        raw.modified = raw.modified or row("modifieddate").strip()
        raw.code = raw.code or row("code").strip()
        raw.reuse_level = raw.reuse_level or row("reuselevel").strip()
        if not raw.skill_type and (word := row("skilltype").strip().lower()):
            raw.skill_type = _SKILL_TYPES.get(word, "")
            if word not in _SKILL_TYPES:
                reason = "the skill type is neither skill/competence nor knowledge: taken for a skill"
                self._report.skip("unknown-skill-type", reason, f"{row.place} {word!r}")
        if not raw.in_schemes and (cell := row("inscheme")):
            known = self._schemes.get(cell)
            if known is None:
                known = self._schemes[cell] = [part for part in re.split(r"[\s,|]+", cell) if part]
            raw.in_schemes = known
        note = row("regulatedprofessionnote").strip()
        if note.startswith("http") and not raw.regulated_profession:
            raw.regulated_profession = tail(note)
        if row.file.kind == "conceptschemes" and (tops := row("hastopconcept")):
            self._top_concepts += tops.count("http")

    def _take_labels(self, raw: RawConcept, rows: list[_Row]) -> None:
        """The first file with a preferred label in a language gives all labels of that language."""
        done: set[str] = set()
        unlabelled: list[_Row] = []
        for row in rows:
            lang = row.file.lang
            if lang in done:
                continue
            preferred = row("preferredlabel").strip() or row("title").strip()
            if preferred:
                done.add(lang)
                raw.labels.append((PREFERRED, lang, preferred, ()))
                _others(raw, row)
            else:
                unlabelled.append(row)
        for row in unlabelled:
            if row.file.lang not in done:
                _others(raw, row)

    def _take_texts(self, raw: RawConcept, rows: list[_Row]) -> None:
        done: set[tuple[str, str]] = set()
        for row in rows:
            lang = row.file.lang
            for column, name in TEXT_COLUMNS.items():
                text = row(column)
                if text and (name, lang) not in done and not text.isspace():
                    done.add((name, lang))
                    raw.texts.append((name, lang, text))
            note = row("regulatedprofessionnote").strip()
            name = "regulated_profession_note"
            if note and not note.startswith("http") and (name, lang) not in done:
                done.add((name, lang))
                raw.texts.append((name, lang, note))


def _others(raw: RawConcept, row: _Row) -> None:
    # Main files put one label on a line; collections and label files join them by a bar.
    pattern = r"\n" if row.file.rank is Rank.MAIN else r"\n|\s*\|\s*"
    for column, kind in (("altlabels", ALTERNATIVE), ("hiddenlabels", HIDDEN)):
        cell = row(column)
        if cell:
            raw.labels += [(kind, row.file.lang, label, ()) for label in re.split(pattern, cell) if label.strip()]


_GROUP_COLUMNS: Final = {"preferredlabel": 0, "code": 1, "description": 2, "scopenote": 3}


def _as_groups(file: CsvFile) -> CsvFile:
    """The hierarchy as a file of groups with the columns that one level of it has."""
    return CsvFile(file.member, file.kind, file.lang, file.rank, _GROUP_COLUMNS, file.delimiter, len(_GROUP_COLUMNS))
