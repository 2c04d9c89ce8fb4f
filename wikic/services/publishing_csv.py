"""Whole releases as CSV in ESCO's own files and columns, one zip: the same bytes each time, and `importers.esco_csv` reads it back.

ESCO, ISCO and ISCED-F stand in files of ESCO's names; every other scheme in files that begin with its word (`rome-skills_fr.csv`), whose addresses are
permanent ones of this site. Flow: one pass over the store into a temporary file -> a second over that, a temporary file for each CSV -> the zip.
A relation stands in the file of the scheme that it starts in, wherever it leads. What these columns cannot say (label roles, matches, mobility, what is needed
for one branch only, notes of relations) is in the linked data only.
"""

from __future__ import annotations

import csv
import io
import marshal
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from typing import IO, Any, Final, NamedTuple

from wikic.domain.changes import Relation
from wikic.domain.concepts import ConceptContent, Properties, from_properties, to_properties
from wikic.domain.ids import ESCO
from wikic.domain.vocabulary import ALTERNATIVE, DEPRECATED, HIDDEN
from wikic.services.publishing_zip import zipped
from wikic.services.reading_moments import Moment
from wikic.store.dump_reading import read_whole
from wikic.store.engine import Engine

_FAMILY: Final = frozenset({"esco", "isco", "isced_f"})
_LANGUAGE: Final = re.compile(r"[a-z]{2}(-[a-z]{2,4})?\Z", re.IGNORECASE)
"""Languages that can stand in the name of a file of the set."""

_FILE: Final = {
    "skill": "skills",
    "knowledge": "skills",
    "occupation": "occupations",
    "occupation_group": "ISCOGroups",
    "skill_group": "skillGroups",
    "field_of_study": "skillGroups",
    "collection": "conceptSchemes",
}
_TYPE: Final = {
    "skills": "KnowledgeSkillCompetence",
    "occupations": "Occupation",
    "ISCOGroups": "ISCOGroup",
    "skillGroups": "SkillGroup",
    "conceptSchemes": "ConceptScheme",
}
_COLUMNS: Final = {
    "skills": "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,"
    "definition,inScheme,description",
    "occupations": "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,"
    "regulatedProfessionNote,scopeNote,definition,inScheme,description,code",
    "ISCOGroups": "conceptType,conceptUri,code,preferredLabel,status,altLabels,inScheme,description",
    "skillGroups": "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,inScheme,description,code",
    "conceptSchemes": "conceptType,conceptSchemeUri,preferredLabel,title,status,description,hasTopConcept",
    "occupationSkillRelations": "occupationUri,relationType,skillType,skillUri",
    "skillSkillRelations": "originalSkillUri,originalSkillType,relationType,relatedSkillType,relatedSkillUri",
    "broaderRelationsOccPillar": "conceptType,conceptUri,broaderType,broaderUri",
    "broaderRelationsSkillPillar": "conceptType,conceptUri,broaderType,broaderUri",
}
_SKILL_TYPE: Final = {"knowledge": "knowledge", "skill": "skill/competence"}
_TOGETHER: Final = 500
_PIECE: Final = 1 << 20


_IMPORTANCE: Final = {"essential": "essential", "key": "essential", "optional": "optional"}
"""ESCO's word for an importance; it has none for what is emerging, or where nobody said how important it is."""


class _Known(NamedTuple):
    """What other concepts need to know of one."""

    address: str
    kind: str
    scheme: str
    code: str


class _Row(NamedTuple):
    uuid: str
    content: ConceptContent
    relations: list[Relation]


def csv_parts(engine: Engine, moment: Moment, base: str) -> Iterator[bytes]:
    """The zip, in pieces. `base` is the public address of the site. Memory: an address for each concept."""
    with ExitStack() as stack:
        spool = stack.enter_context(_Spool.filled(engine, moment, base))
        sheets = stack.enter_context(_Sheets(spool.languages))
        for row in spool:
            _write(sheets, spool, row)
        yield from sheets.zipped()


class _Spool:
    """The concepts of a moment on disk, in the order of their uuids, with what is known of each and the languages by file."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="wikic-csv-")  # noqa: SIM115 -- closed by __exit__
        self._sizes: list[int] = []
        self.known: dict[str, _Known] = {}
        self.languages: dict[str, set[str]] = {}
        self._broader: dict[str, list[str]] = {}

    @classmethod
    def filled(cls, engine: Engine, moment: Moment, base: str) -> _Spool:
        """Everything that has a place in one of the files."""
        spool = cls()
        waiting: list[tuple[str, Properties, list[tuple[Any, ...]]]] = []
        with closing(read_whole(engine, moment.at)) as concepts:
            for each in concepts:
                uuid, kind, scheme = each.identity
                if kind not in _FILE:
                    continue
                content = each.content
                address = content.iri if scheme in _FAMILY and content.iri else f"{base}/c/{uuid}"
                spool.known[uuid] = _Known(address, kind, scheme, content.code)
                tags = {tag for tag in content.languages() if _LANGUAGE.match(tag)}
                spool.languages.setdefault(_prefix(scheme), set()).update(tags)
                if kind == "occupation":
                    spool._broader[uuid] = [one.target for one in each.relations if one.type == "broader"]
                waiting.append((uuid, to_properties(content), [tuple(one) for one in each.relations]))
                if len(waiting) == _TOGETHER:
                    spool._flush(waiting)
        spool._flush(waiting)
        return spool

    def unit_group(self, uuid: str) -> str:
        """The code of the nearest ISCO group above an occupation, which often stands below others; "" where there is none."""
        level, seen = [uuid], {uuid}
        while level:
            above = {target for each in level for target in self._broader.get(each, ())} & self.known.keys()
            groups = [self.known[each].code for each in above if self.known[each].scheme == "isco"]
            if groups:
                return min(groups)
            level = sorted(above - seen)
            seen |= above
        return ""

    def _flush(self, waiting: list[tuple[str, Properties, list[tuple[Any, ...]]]]) -> None:
        self._sizes.append(self._file.write(marshal.dumps(waiting)))
        waiting.clear()

    def __iter__(self) -> Iterator[_Row]:
        self._file.seek(0)
        for size in self._sizes:
            for uuid, flat, relations in marshal.loads(self._file.read(size)):  # noqa: S302 -- our own file, written a moment ago
                yield _Row(uuid, from_properties(flat), [Relation(*one) for one in relations])

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Sheets:
    """The CSV files on their way, each in a temporary file."""

    def __init__(self, languages: dict[str, set[str]]) -> None:
        self.languages = {prefix: sorted(tags) or ["en"] for prefix, tags in languages.items()}
        self._stack = ExitStack()
        self._files: dict[str, tuple[IO[bytes], io.TextIOWrapper, Any]] = {}

    def add(self, prefix: str, stem: str, lang: str, cells: Iterable[str]) -> None:
        """One more row of a file; `lang` "" for one without a language."""
        name = f"{prefix}{stem}_{lang}.csv" if lang else f"{prefix}{stem}.csv"
        if name not in self._files:
            raw = self._stack.enter_context(tempfile.TemporaryFile(prefix="wikic-csv-"))  # noqa: SIM115
            text = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="")
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(_COLUMNS[stem].split(","))
            self._files[name] = (raw, text, writer)
        self._files[name][2].writerow(cells)

    def zipped(self) -> Iterator[bytes]:
        """The zip of all of them by name, in pieces."""
        return zipped((name, self._content(name)) for name in sorted(self._files))

    def _content(self, name: str) -> Iterator[bytes]:
        raw, text, _ = self._files[name]
        text.flush()
        raw.seek(0)
        while piece := raw.read(_PIECE):
            yield piece

    def __enter__(self) -> _Sheets:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._files.values():
            each[1].detach()
        self._stack.close()


def _prefix(scheme: str) -> str:
    return "" if scheme in _FAMILY else f"{scheme}-"


def _write(sheets: _Sheets, spool: _Spool, row: _Row) -> None:
    known, me = spool.known, spool.known[row.uuid]
    stem, prefix = _FILE[me.kind], _prefix(me.scheme)
    # What is needed for one branch is not needed by everyone.
    told_of = [(one, known[one.target]) for one in row.relations if one.target in known and not one.branch]
    facts = _facts(me, row.content, told_of) | {"iscoGroup": spool.unit_group(row.uuid)}
    for lang in sheets.languages[prefix]:
        told = facts | _texts(row.content, lang)
        sheets.add(prefix, stem, lang, [told.get(column, "") for column in _COLUMNS[stem].split(",")])
    for one, other in sorted(told_of, key=lambda each: (each[0].type, each[1].address)):
        _write_relation(sheets, prefix, me, one, other)


def _write_relation(sheets: _Sheets, prefix: str, me: _Known, one: Relation, other: _Known) -> None:
    importance = _IMPORTANCE.get(one.importance, "")
    kind, wanted = _SKILL_TYPE.get(me.kind, ""), _SKILL_TYPE.get(other.kind, "")
    if one.type == "requires" and me.kind == "occupation" and wanted:
        sheets.add(prefix, "occupationSkillRelations", "", [me.address, importance, wanted, other.address])
    elif one.type == "skill_requires" and kind and wanted:
        sheets.add(prefix, "skillSkillRelations", "", [me.address, kind, importance, wanted, other.address])
    elif one.type == "broader":
        pillar = "Occ" if me.kind in ("occupation", "occupation_group") else "Skill"
        ends = [_TYPE[_FILE[me.kind]], me.address, _TYPE[_FILE[other.kind]], other.address]
        sheets.add(prefix, f"broaderRelations{pillar}Pillar", "", ends)


def _facts(me: _Known, content: ConceptContent, relations: list[tuple[Relation, _Known]]) -> dict[str, str]:
    """The cells that have no language."""
    said = content.attributes
    collections = sorted(other.address for one, other in relations if one.type == "member_of")
    schemes = said.get("in_schemes")
    structural = [f"{ESCO}concept-scheme/{name}" for name in schemes] if isinstance(schemes, list) else []
    regulated = str(said.get("regulated_profession", ""))
    return {
        "conceptType": _TYPE[_FILE[me.kind]],
        "conceptUri": me.address,
        "conceptSchemeUri": me.address,
        "skillType": _skill_type(me, str(said.get("skill_type", ""))),
        "reuseLevel": str(said.get("reuse_level", "")),
        "status": "obsolete" if content.status == DEPRECATED else content.source_status or "released",
        "modifiedDate": str(said.get("modified", "")),
        "inScheme": "\n".join([*structural, *collections]),
        "code": content.code,
        "regulatedProfessionNote": f"{ESCO}regulated-professions/{regulated}" if regulated else "",
    }


def _skill_type(me: _Known, said: str) -> str:
    """By the kind; ESCO also has skills of no type."""
    return "" if me.kind == "skill" and me.scheme in _FAMILY and not said else _SKILL_TYPE.get(me.kind, "")


def _texts(content: ConceptContent, lang: str) -> dict[str, str]:
    """The cells of one language."""
    texts = {name: values[lang] for name, values in content.texts.items() if lang in values}

    def labels(kind: str) -> str:
        return "\n".join(" ".join(one.value.split()) for one in content.labels if (one.type, one.lang) == (kind, lang))

    told = {
        "preferredLabel": content.preferred().get(lang, ""),
        "altLabels": labels(ALTERNATIVE),
        "hiddenLabels": labels(HIDDEN),
        "description": texts.get("definition", ""),
        "definition": texts.get("source_definition", ""),
        "scopeNote": texts.get("scope_note", ""),
    }
    note = texts.get("regulated_profession_note")
    return told | ({"regulatedProfessionNote": note} if note else {})
