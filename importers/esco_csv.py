"""The official ESCO CSV set -> records: a folder or zip of files, in one or several languages.

Flow: `files` (opening) -> `esco_csv_files` (which file is what) -> `esco_csv_concepts` and `esco_csv_relations` (rows)
-> `esco_model` (records, the same as from RDF) -> `services.importing`. An absent file removes nothing: `coverage`
says what the files that are there speak for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from importers.esco_csv_concepts import TEXT_COLUMNS, ConceptRows
from importers.esco_csv_files import KINDS, CsvFile, Rank, sort_out
from importers.esco_csv_relations import RelationReader, dangling
from importers.esco_model import ConceptBuilder
from importers.files import FileSet, Meter, open_files
from wikic.domain.records import Coverage, Progress, ReadReport, Record, Source, SourceInfo
from wikic.errors import SourceError

_SKILLS: Final = (("esco", "skill"), ("esco", "knowledge"))
_GROUPS: Final = (("esco", "skill_group"), ("isced_f", "field_of_study"))
_OCCUPATIONS: Final = (("esco", "occupation"),)
_ISCO: Final = (("isco", "occupation_group"),)
_COLLECTIONS: Final = (("esco", "collection"),)

KINDS_OF_FILE: Final = {
    "skills": _SKILLS,
    "occupations": _OCCUPATIONS,
    "iscogroups": _ISCO,
    "skillgroups": _GROUPS,
    "conceptschemes": _COLLECTIONS,
}
"""(scheme, kind) pairs that the main file of each kind holds whole."""
RELATIONS_OF_FILE: Final = {
    "occupationskillrelations": ("requires", _OCCUPATIONS),
    "skillskillrelations": ("skill_requires", _SKILLS),
    "broaderrelationsoccpillar": ("broader", (*_OCCUPATIONS, *_ISCO)),
    "broaderrelationsskillpillar": ("broader", (*_SKILLS, *_GROUPS)),
}

_LANGUAGE_FIELDS: Final = {
    "preferredlabel": ("labels", "preferred"),
    "altlabels": ("alternative",),
    "hiddenlabels": ("hidden",),
    **{column: (name,) for column, name in TEXT_COLUMNS.items()},
    "regulatedprofessionnote": ("regulated_profession_note",),
}
_FACT_FIELDS: Final = {
    "status": "source_status",
    "modifieddate": "modified",
    "skilltype": "skill_type",
    "reuselevel": "reuse_level",
    "inscheme": "in_schemes",
    "code": "code",
    "regulatedprofessionnote": "regulated_profession",
}
_CODE_FROM_ADDRESS: Final = frozenset({"iscogroups", "skillgroups", "conceptschemes"})


def open_esco_csv(path: Path, *, version: str, langs: Sequence[str] | None = None) -> Source:
    """Open an ESCO CSV set: a folder (files at any depth), a zip, or one file of the set.

    `version` is ESCO's ("1.1.1"): the files do not say it. `langs` keeps the labels and texts of these languages
    only; what has no language is read from all files. Raises SourceError where a file lacks a column, is of another
    kind, where its name says no language, or where no file belongs to a set.
    """
    return EscoCsvSource(open_files(path, {".csv"}), version, None if langs is None else sorted(set(langs)))


class EscoCsvSource:
    """An opened set; see `open_esco_csv`."""

    def __init__(self, files: FileSet, version: str, langs: list[str] | None) -> None:
        self.report = ReadReport()
        self._files = files
        self._langs = langs
        self._csv = sort_out(files, self.report)
        self._coverage = Coverage()
        self._note_absent()
        self.info = SourceInfo(
            origin="esco",
            version=version,
            title=f"ESCO {version} (CSV: {', '.join(self._languages())})",
            files=[file.member.name for file in self._csv],
            digest=files.digest(() if langs is None else (f"langs={','.join(langs)}",)),
            size=files.size,
        )

    def _languages(self) -> list[str]:
        """The languages of the files that are asked for."""
        found = {file.lang for file in self._csv if KINDS[file.kind].concepts}
        return sorted(found if self._langs is None else found & set(self._langs))

    def _note_absent(self) -> None:
        """Say which usual files are not there."""
        notes = self.report.notes
        there = {(file.kind, file.lang) for file in self._csv if file.rank is Rank.MAIN}
        languages = {lang for kind, lang in there if KINDS[kind].concepts}
        for kind, info in KINDS.items():
            if kind == "skillshierarchy":
                continue
            have = {lang for name, lang in there if name == kind}
            if not info.concepts:
                if not any(file.kind == kind for file in self._csv):
                    notes.append(f"{info.stem}.csv is absent: its relations are left as they are")
            elif not have:
                notes.append(f"{info.stem}_*.csv is absent: what it would say is left as it is")
            elif kind != "conceptschemes":
                notes += [f"{info.stem}_{lang}.csv is absent" for lang in sorted(languages - have)]
        for lang in self._langs or ():
            if lang not in {file.lang for file in self._csv}:
                notes.append(f"no file is in the language '{lang}'")

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """All concepts, then the relations."""
        meter = Meter(self._files.size, progress)
        rows = ConceptRows(self._csv, self._langs, self.report)
        reader = RelationReader(self._files, meter, self.report)
        builder = ConceptBuilder(self.report)
        broader = [file for file in self._csv if file.kind.startswith("broader")]
        for file in broader:
            reader.read_broader(file)
        for file in self._csv:
            if KINDS[file.kind].concepts:
                rows.read(file, self._files, meter)
        yield from self._concepts(rows, reader, builder)
        self._add_hierarchy(rows, reader)
        yield from reader.broader_records(rows.resolves)
        reader.broader.clear()
        for file in self._csv:
            if file.kind.endswith("skillrelations"):
                reader.read_links(file, rows.resolves)
        yield from reader.links(builder)
        builder.finish()
        reader.finish()
        self._cover()
        self._refuse_empty(builder)
        meter.finish()

    def _concepts(self, rows: ConceptRows, reader: RelationReader, builder: ConceptBuilder) -> Iterator[Record]:
        with_broader = {source for source, _ in reader.broader}
        whole = any(file.kind == "broaderrelationsoccpillar" for file in self._csv)
        for raw in rows.build(with_broader, whole_pillar=whole):
            record, relations = builder.build(raw)
            yield record
            for relation in relations:
                if rows.resolves(relation.target):
                    yield relation
                else:
                    dangling(self.report, relation.place, relation.target)

    def _add_hierarchy(self, rows: ConceptRows, reader: RelationReader) -> None:
        """The tree of groups from skillsHierarchy, where the file that says it in pairs is absent."""
        if any(file.kind == "broaderrelationsskillpillar" for file in self._csv):
            return
        for source, target, file, line in rows.hierarchy:
            reader.broader.setdefault((source, target), (file, line))

    def coverage(self) -> Coverage:
        """What the files speak for; valid once `records` is exhausted.

        A kind is complete where its main file is there and all its rows could be read. Fields in a language are those
        that the main files of all languages have; collections and files of labels beside a main file only add.
        """
        return self._coverage

    def _cover(self) -> None:
        for kind, pairs in KINDS_OF_FILE.items():
            files = [file for file in self._csv if file.kind == kind and file.rank is Rank.MAIN]
            whole = bool(files) and not any(file.damaged for file in files)
            if not files:
                files = [file for file in self._csv if file.kind == kind and file.rank is Rank.LABELS]
            for scheme, name in pairs if files else ():
                covered = self._coverage.kind(scheme, name)
                covered.complete = whole
                covered.fields |= _fields(files)
                covered.languages |= {f.lang for f in files if self._langs is None or f.lang in self._langs}
            if whole and any("inscheme" in file.columns for file in files):
                self._coverage.relations |= {("member_of", scheme, name) for scheme, name in pairs}
        for kind, (relation, pairs) in RELATIONS_OF_FILE.items():
            files = [file for file in self._csv if file.kind == kind]
            if files and not any(file.damaged for file in files):
                self._coverage.relations |= {(relation, scheme, name) for scheme, name in pairs}

    def _refuse_empty(self, builder: ConceptBuilder) -> None:
        """Refuse a set in which no row was a concept or relation."""
        if not builder.kinds and not any(self.report.read.values()):
            raise SourceError(f"{self._files.path.name} holds no ESCO concept")


def _fields(files: list[CsvFile]) -> set[str]:
    """Fields of these files: facts that any has, and what has a language only where every language has it."""
    fields = {name for file in files for column, name in _FACT_FIELDS.items() if column in file.columns}
    if any(file.kind in _CODE_FROM_ADDRESS for file in files):
        fields.add("code")
    by_lang: dict[str, set[str]] = {}
    for file in files:
        names = {name for column in file.columns for name in _LANGUAGE_FIELDS.get(column, ())}
        by_lang.setdefault(file.lang, set()).update(names)
    return fields | set.intersection(*by_lang.values())
