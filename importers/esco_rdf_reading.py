"""One reading of ESCO's RDF: triples in any order -> joined rows -> records, in bounded memory.

Flow: `esco_rdf` parses and calls `Reading.take` with runs of quads; `Reading.records` then joins labels, node literals
and associations to the concepts that name them and builds the records with `esco_model`. Rows are flat triples
(action, language, value) in `SpillMap`s, because an object per statement would cost more than parsing it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, Quad

from importers.esco_model import ESSENTIAL, ConceptBuilder, SkillLinks, tail
from importers.esco_rdf_concept import read_concept
from importers.esco_rdf_terms import (
    ACTIONS,
    DCT,
    ESSENTIAL_FOR,
    FORM,
    HAS_ASSOCIATION,
    INVERSES,
    LANGUAGE,
    LAST_ASSOCIATION_ROW,
    LAST_LANGUAGE_ROW,
    LAST_SKILL_LINK,
    LEFT_OUT,
    LINK_TYPE,
    LINKS,
    NARROWER,
    NEEDS_ESSENTIAL,
    NODE_CLASSES,
    NODE_TEXT,
    OPTIONAL_FOR,
    OWNER,
    REGULATED,
    REGULATED_PROFESSION,
    ROLE,
    TARGET,
    TYPE,
)
from importers.spill import Row, SpillFolder, SpillMap
from wikic.domain.records import ReadReport, Record, RelationRecord

_UNKNOWN = 99
_ROW_BYTES = 100
_EXAMPLES = 3
_LINK_TYPES = {
    "http://data.europa.eu/esco/relationship-type/essential-skill": "essential",
    "http://data.europa.eu/esco/relationship-type/optional-skill": "optional",
}


class Reading:
    """Rows of everything read so far: `take` quads, then exhaust `records` once.

    `langs`: only labels and texts of these languages are kept (None: all). `budget`: about so many bytes of rows are
    held before they move to files below `folder`.
    """

    def __init__(self, langs: Collection[str] | None, folder: Path | None, budget: int, report: ReadReport) -> None:
        self.report = report
        self.builder = ConceptBuilder(report)
        self.told = 0
        self._langs = None if langs is None else frozenset(langs)
        self._budget = budget
        self._held = 0
        self._folder = SpillFolder(folder)
        self._concepts: SpillMap[int, list[Row]] = SpillMap(self._folder)
        self._nodes: SpillMap[str, tuple[Row, ...]] = SpillMap(self._folder)
        self._links = SkillLinks()
        self._inverses: dict[int, dict[int, None]] = {action: {} for action in INVERSES.values()}
        self._direct: dict[int, set[int]] = {action: set() for action in INVERSES.values()}
        self._node_classes = dict.fromkeys(NODE_CLASSES, 0)
        self._derived: dict[str, int] = {}
        self._unknown: dict[str, tuple[int, list[str]]] = {}
        self._absent: list[str] = []
        self._absent_count = 0

    def close(self) -> None:
        """Remove temporary files."""
        self._folder.close()

    def take(self, quads: list[Quad]) -> None:
        """Add a run of statements. This is the hot loop: a statement costs about half a microsecond here."""
        actions, wanted = ACTIONS.get, self._langs
        concepts, nodes, node_classes = self._concepts.live, self._nodes.live, self._node_classes
        number, link = self._links.number, self._links.add_numbers
        subject, owner = "", -1
        rows: list[Row] | None = None
        held = self._held + _ROW_BYTES * len(quads)
        for quad in quads:
            action = actions(quad.predicate.value, _UNKNOWN)
            if not action:
                continue
            thing: Any = quad.object
            value: str = thing.value
            if action == TYPE and value in node_classes:
                node_classes[value] += 1
                continue
            about: Any = quad.subject
            if (now := about.value) != subject:
                subject, owner, rows = now, -1, None
            lang: Row = ""
            if FORM <= action <= LAST_ASSOCIATION_ROW:
                key, body = now, value
                if action <= NODE_TEXT:
                    lang = thing.language or ""
                    held += len(value)
                    if action == FORM and wanted is not None and lang not in wanted:
                        action, body = LEFT_OUT, ""
                elif action >= OWNER:
                    body = ""
                    if action <= TARGET:
                        lang = number(value)
                    elif action == LINK_TYPE:
                        lang = _LINK_TYPES.get(value, "")
                    else:
                        key = value
                nodes[key] = (*nodes.get(key, ()), action, lang, body)
                continue
            if action >= NARROWER:
                self._seldom(action, quad)
                continue
            if owner < 0:
                owner = number(subject)
            if ESSENTIAL_FOR <= action <= LAST_SKILL_LINK:
                if action <= OPTIONAL_FOR:
                    link(number(value), owner, action == ESSENTIAL_FOR)
                else:
                    link(owner, number(value), action == NEEDS_ESSENTIAL)
                continue
            if rows is None:
                rows = concepts.get(owner)
                if rows is None:
                    rows = concepts[owner] = []
            if action <= LAST_LANGUAGE_ROW and action != TYPE:
                if type(thing) is not Literal:
                    nodes[value] = (*nodes.get(value, ()), action, owner, "")
                    continue
                lang = thing.language or ""
                if wanted is not None and lang not in wanted:
                    continue
                held += len(value)
            rows += (action, lang, value)
        self._held = held
        if held > self._budget:
            self._spill()

    def records(self) -> Iterator[Record]:
        """All records: each concept and what starts from it, then the links between occupations and skills."""
        if self._concepts.spilled:
            self._spill()
        self._join()
        for number, rows in self._concepts.drain():
            yield from self._concept(number, rows)
        yield from self._kept_inverses()
        yield from self._links.records(self.builder)
        self._finish()

    def _spill(self) -> None:
        self._concepts.spill()
        self._nodes.spill()
        self._held = 0

    def _seldom(self, action: int, quad: Quad) -> None:
        predicate = quad.predicate.value
        about: Any = quad.subject
        subject: str = about.value
        if action == _UNKNOWN:
            self._unknown_property(predicate, subject)
            return
        self._derived[predicate] = self._derived.get(predicate, 0) + 1
        if action in INVERSES:
            number = self._links.number
            thing: Any = quad.object
            self._inverses[INVERSES[action]][number(thing.value) << 32 | number(subject)] = None

    def _unknown_property(self, predicate: str, subject: str) -> None:
        count, subjects = self._unknown.get(predicate, (0, []))
        if len(subjects) < _EXAMPLES and subject not in subjects:
            subjects.append(subject)
        self._unknown[predicate] = (count + 1, subjects)

    def _join(self) -> None:
        """Give every label and text to the concepts that name it, and every association to the links."""
        bounded = self._nodes.spilled
        for key, rows in self._nodes.drain():
            self._join_node(key, rows)
            if bounded and self._held > self._budget:
                self._concepts.spill()
                self._held = 0

    def _join_node(self, key: str, rows: tuple[Row, ...]) -> None:
        if len(rows) == 6 and (two := _usual(rows)) is not None:
            self._join_literal(key, *two, (), False)
            return
        refs: list[tuple[int, int]] = []
        forms: list[tuple[str, str]] = []
        roles: set[str] = set()
        parts: dict[int, list[Row]] = {}
        languages: set[str] = set()
        left_out = named = False
        it = iter(rows)
        for action, lang, value in zip(it, it, it, strict=True):
            if action <= LAST_LANGUAGE_ROW:  # type: ignore[operator]
                refs.append((action, lang))  # type: ignore[arg-type]
            elif action in (FORM, NODE_TEXT):
                forms.append((lang, value))  # type: ignore[arg-type]
            elif action == ROLE:
                roles.add(tail(value))  # type: ignore[arg-type]
            elif action == LANGUAGE:
                languages.add(value)  # type: ignore[arg-type]
            elif action == LEFT_OUT:
                left_out = True
            elif action == HAS_ASSOCIATION:
                named = True
            else:
                parts.setdefault(action, []).append(lang)  # type: ignore[arg-type]
        if parts or named:
            self._join_association(key, parts)
        if refs or forms or ((roles or languages) and not left_out):
            if languages:
                forms = [(lang, value) for _, value in forms for lang in sorted(languages)]
            self._join_literal(key, refs, forms, tuple(sorted(roles)), left_out)

    def _join_literal(
        self,
        key: str,
        refs: list[tuple[int, int]],
        forms: list[tuple[str, str]],
        roles: tuple[str, ...],
        left_out: bool,
    ) -> None:
        concepts, iri = self._concepts.live, self._links.iri
        if not refs:
            self.report.skip("unused-label", "a label or text that no concept of the files names", key)
            return
        for action, owner in refs:
            if not forms:
                if action == REGULATED:
                    concepts.setdefault(owner, []).extend((REGULATED_PROFESSION, "", tail(key)))
                elif not left_out:
                    self.report.skip(
                        "label-not-in-file",
                        "a label or text that is named, but is not in the files",
                        f"{key} of {iri(owner)}",
                    )
                continue
            rows = concepts.setdefault(owner, [])
            for lang, value in forms:
                if self._langs is not None and lang not in self._langs:
                    continue
                self._held += _ROW_BYTES + len(value)
                rows += (action, (lang, *roles) if roles else lang, value)

    def _join_association(self, key: str, parts: dict[int, list[Row]]) -> None:
        owners, targets, kinds = (parts.get(action, []) for action in (OWNER, TARGET, LINK_TYPE))
        if not parts:
            self._absent_count += 1
            if len(self._absent) < _EXAMPLES:
                self._absent.append(key)
        elif kinds and not owners and not targets and self._links.knows(key):
            self._unknown_property(DCT + "type", key)
        elif owners and targets and kinds and all(kinds):
            for owner in owners:
                for target in targets:
                    for kind in kinds:
                        self._links.add_numbers(owner, target, kind == ESSENTIAL)  # type: ignore[arg-type]
        else:
            missing = [name for name, found in (("source", owners), ("target", targets)) if not found]
            missing += [] if kinds and all(kinds) else ["type (essential or optional)"]
            self.report.skip(
                "incomplete-association",
                "an association needs a source, a target and a type",
                f"{key}: no {', '.join(missing)}",
            )

    def _concept(self, number: int, rows: list[Row]) -> Iterator[Record]:
        iri = self._links.iri(number)
        if not rows:
            return
        if ":" not in iri:
            self.report.skip("no-address", "a concept without an absolute address", iri)
            return
        raw = read_concept(iri, rows, self.report)
        for name in raw.classes:
            self.report.count(name)
        record, relations = self.builder.build(raw)
        if raw.classes and not record.kind:
            classes = ", ".join(sorted(raw.classes))
            self.report.skip("unknown-class", "a concept of no class that Wiki-C knows", f"{iri} ({classes})")
            return
        if not (raw.classes or record.labels or record.texts or record.attributes or record.code or relations):
            return
        self.told += record.kind != "collection"
        yield record
        for action, direct in self._direct.items():
            if self._inverses[action]:
                targets = (relation.target for relation in relations if relation.type == LINKS[action])
                direct.update(number << 32 | self._links.number(target) for target in targets)
        yield from relations

    def _kept_inverses(self) -> Iterator[RelationRecord]:
        iri = self._links.iri
        for action, pairs in self._inverses.items():
            kind, kept = LINKS[action], 0
            for pair in pairs:
                if pair in self._direct[action]:
                    continue
                source = iri(pair >> 32)
                if source in self.builder.kinds:
                    self.builder.coverage.relations.add((kind, *self.builder.kinds[source]))
                kept += 1
                yield RelationRecord(source, kind, iri(pair & 0xFFFFFFFF))
            if kept:
                self.report.notes.append(f"{kept} relations {kind} are said only from the other end: kept")

    def _finish(self) -> None:
        report = self.report
        self.builder.finish()
        for name, n in self._node_classes.items():
            if n:
                report.count(tail(name), n)
        for predicate, n in sorted(self._derived.items()):
            report.notes.append(f"{n} statements {tail(predicate)} follow from others: not kept")
        for predicate, (n, subjects) in sorted(self._unknown.items()):
            place = f"{predicate}: {n} times, first of {', '.join(subjects)}"
            report.skip("unknown-property", "statements with a property that Wiki-C does not know", place, n)
        if self._absent_count:
            report.notes.append(
                f"{self._absent_count} associations are named but not in the files, such as {', '.join(self._absent)}"
            )
        if self._langs is not None:
            for covered in self.builder.coverage.kinds.values():
                covered.languages.update(self._langs)


def _usual(rows: tuple[Row, ...]) -> tuple[list[tuple[int, int]], list[tuple[str, str]]] | None:
    """The ref and the form of a node that is named once and has one form and no role, as most labels are."""
    first: Any
    second: Any
    for first, second in ((rows[:3], rows[3:]), (rows[3:], rows[:3])):
        if first[0] <= LAST_LANGUAGE_ROW and second[0] == FORM:
            return [(first[0], first[1])], [(second[1], second[2])]
    return None
