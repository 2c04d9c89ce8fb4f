"""How ESCO's words become records, whatever the file format: the one mapping that the RDF and the CSV importers share.

Flow: an importer fills a `RawConcept` per ESCO address and a `SkillLinks` with the links between occupations and
skills; `ConceptBuilder.build` and `SkillLinks.records` turn them into records, count what was changed or not kept, and
note in a `Coverage` what was seen. Equal content gives equal records, in whatever order and format it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from wikic.domain.ids import ESCO
from wikic.domain.records import ConceptRecord, Coverage, Label, ReadReport, RelationRecord
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, PREFERRED

SCHEME_BASE: Final = ESCO + "concept-scheme/"
STRUCTURAL_SCHEMES: Final = frozenset(
    {"skills", "member-skills", "occupations", "member-occupations", "isco", "isced-f", "skills-hierarchy"}
)
"""Schemes that say what a concept is, not which collection it belongs to."""

NATURE: Final = {"skill": "savoir_faire", "knowledge": "savoir"}
ESSENTIAL: Final = "essential"
OPTIONAL: Final = "optional"

RawLabel = tuple[str, str, str, tuple[str, ...]]
"""(type, language, value, roles)."""


def tail(iri: str) -> str:
    """The last segment of an address: `skill-type/knowledge` -> `knowledge`, `model#Skill` -> `Skill`."""
    return iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]


def fold_space(text: str) -> str:
    """Runs of white space (no-break spaces too) become one space, none at the ends."""
    return " ".join(text.split())


def tidy_text(text: str) -> str:
    """Line ends become newlines, no white space at the ends."""
    return text.replace("\r\n", "\n").strip()


@dataclass(slots=True)
class RawConcept:
    """What a source says of one ESCO address, in the source's own words.

    `classes` are class names without prefix ("Skill", "Concept", "ConceptScheme"); none: the type is not said here.
    `labels` and `texts` (field, language, text) may repeat; `links` are (relation type, target address) of the types
    broader, related, replaced_by and the matches. `in_schemes` are addresses. An empty value is one that is not said.
    """

    iri: str
    classes: set[str] = field(default_factory=set)
    skill_type: str = ""
    reuse_level: str = ""
    status: str = ""
    modified: str = ""
    reference_language: str = ""
    code: str = ""
    labels: list[RawLabel] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    in_schemes: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    sectors: list[str] = field(default_factory=list)
    regulated_profession: str = ""
    place: str = ""


def classify(iri: str, classes: Collection[str], skill_type: str = "") -> tuple[str, str]:
    """(kind, scheme) of a concept; ("", "") where neither its classes nor its address tell.

    A class is needed: an address alone, in a file that adds a label to a known concept, does not declare it.
    """
    if not classes:
        return "", ""
    if "Occupation" in classes:
        return "occupation", "esco"
    if "Skill" in classes:
        return ("knowledge" if skill_type == "knowledge" else "skill"), "esco"
    if "ConceptScheme" in classes:
        return "collection", "esco"
    path = iri.removeprefix(ESCO)
    if path.startswith("isco/"):
        return "occupation_group", "isco"
    if path.startswith("isced-f/"):
        return "field_of_study", "isced_f"
    if "SkillGroup" in classes or ("Concept" in classes and "/skill/" in iri):
        return "skill_group", "esco"
    return "", ""


def code_of(iri: str, kind: str, notation: str) -> str:
    """The code of a concept: ISCO and ISCED-F codes from the address, word-like scheme names, else the notation."""
    last = tail(iri)
    if kind == "occupation_group":
        return last.removeprefix("C")
    if kind == "field_of_study":
        return last
    if kind == "collection":
        return last if last and not _has_uuid_form(last) else ""
    return notation


def aliases_of(iri: str, kind: str, code: str) -> list[str]:
    """Other addresses of a concept: a skill group was once addressed by its code."""
    if kind == "skill_group" and code:
        coded = f"{ESCO}skill/{code}"
        if coded != iri:
            return [coded]
    return []


def _has_uuid_form(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


class ConceptBuilder:
    """Turns RawConcepts into records, and keeps count: `report` of what was changed, `coverage` of what was seen.

    `kinds` maps the addresses built so far to (scheme, kind); `SkillLinks.records` and coverage need it.
    """

    def __init__(self, report: ReadReport) -> None:
        self.report = report
        self.coverage = Coverage()
        self.kinds: dict[str, tuple[str, str]] = {}
        self._folded = 0
        self._repeated = 0
        self._hidden = 0

    def build(self, raw: RawConcept) -> tuple[ConceptRecord, list[RelationRecord]]:
        """The record of one concept and the relations that start from it (skill links apart)."""
        iri = raw.iri
        kind, scheme = classify(iri, raw.classes, raw.skill_type)
        code = code_of(iri, kind, raw.code)
        record = ConceptRecord(
            key=iri,
            kind=kind,
            scheme=scheme,
            code=code,
            nature=NATURE.get(kind, ""),
            labels=self._labels(iri, raw.labels),
            texts=self._texts(raw.texts),
            sectors=sorted(set(raw.sectors)),
            source_status=raw.status,
            deprecated=raw.status.lower() == "obsolete",
            aliases=aliases_of(iri, kind, code),
            place=raw.place,
        )
        relations = self._attributes(raw, record)
        if kind:
            self.kinds[iri] = (scheme, kind)
            self._cover(record, relations)
        return record, relations

    def finish(self) -> None:
        """Write the counts of small changes as notes of the report; call once, after the last concept."""
        notes = self.report.notes
        if self._folded:
            notes.append(f"{self._folded} labels had stray white space: folded to single spaces")
        if self._repeated:
            notes.append(
                f"{self._repeated} alternative or hidden labels repeat the preferred one of their language: dropped"
            )
        if self._hidden:
            notes.append(f"{self._hidden} hidden labels repeat an alternative one: dropped")

    def _labels(self, iri: str, raw: list[RawLabel]) -> list[Label]:
        roles: dict[tuple[str, str, str], tuple[str, ...]] = {}
        strays: set[tuple[str, str, str]] = set()
        for kind, lang, value, extra in raw:
            if "  " in value or value != value.strip() or not value.isprintable():
                if (folded := fold_space(value)) != value:
                    strays.add((kind, lang, value))
                value = folded
            if not value:
                continue
            key = (lang, value, kind)
            known = roles.get(key)
            if known is None:
                roles[key] = extra
            elif extra and known != extra:
                roles[key] = tuple(sorted({*known, *extra}))
        self._folded += len(strays)
        preferred: dict[str, str] = {}
        labels: list[Label] = []
        others: list[tuple[str, str, str]] = []
        for key in sorted(roles):
            lang, value, kind = key
            if kind != PREFERRED:
                others.append(key)
            elif lang not in preferred:
                preferred[lang] = value
                labels.append(Label(value, lang, PREFERRED, roles[key]))
            else:
                self.report.skip(
                    "second-preferred-label",
                    "a language has one preferred label: further ones are kept as alternatives",
                    f"{iri} ({lang}: {value})",
                )
                others.append(key)
        if others:
            labels += self._other_labels(others, preferred, roles)
        return labels

    def _other_labels(
        self,
        others: list[tuple[str, str, str]],
        preferred: dict[str, str],
        roles: dict[tuple[str, str, str], tuple[str, ...]],
    ) -> list[Label]:
        alternative: dict[tuple[str, str], Label] = {}
        hidden: list[Label] = []
        for key in others:
            lang, value, kind = key
            if preferred.get(lang) == value:
                self._repeated += 1
            elif kind == HIDDEN:
                hidden.append(Label(value, lang, HIDDEN, roles[key]))
            elif (lang, value) in alternative:
                both = {*alternative[lang, value].roles, *roles[key]}
                alternative[lang, value] = Label(value, lang, ALTERNATIVE, tuple(sorted(both)))
            else:
                alternative[lang, value] = Label(value, lang, ALTERNATIVE, roles[key])
        kept = [label for label in hidden if (label.lang, label.value) not in alternative]
        self._hidden += len(hidden) - len(kept)
        return [alternative[key] for key in sorted(alternative)] + kept

    def _texts(self, raw: list[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for name, lang, text in raw:
            text = tidy_text(text)
            if text:
                found.setdefault((name, lang), []).append(text)
        texts: dict[str, dict[str, str]] = {}
        for name, lang in sorted(found):
            texts.setdefault(name, {})[lang] = "\n".join(sorted(set(found[name, lang])))
        return texts

    def _attributes(self, raw: RawConcept, record: ConceptRecord) -> list[RelationRecord]:
        iri = raw.iri
        attributes = record.attributes
        for name, value in (
            ("skill_type", raw.skill_type),
            ("reuse_level", raw.reuse_level),
            ("reference_language", raw.reference_language),
            ("modified", raw.modified),
            ("regulated_profession", raw.regulated_profession),
        ):
            if value:
                attributes[name] = value
        relations: set[tuple[str, str]] = set()
        structural: set[str] = set()
        for target in raw.in_schemes:
            last = target.removeprefix(SCHEME_BASE)
            if last in STRUCTURAL_SCHEMES:
                structural.add(last)
            elif target != iri:
                relations.add(("member_of", target))
        if structural:
            attributes["in_schemes"] = sorted(structural)
        elsewhere: dict[str, set[str]] = {}
        for kind, target in raw.links:
            if kind.endswith("_match") and not target.startswith(ESCO):
                elsewhere.setdefault(kind + "_iris", set()).add(target)
            elif target == iri:
                self.report.skip("self-relation", "a concept cannot be related to itself", f"{iri} {kind}")
            else:
                relations.add((kind, target))
        for name in sorted(elsewhere):
            attributes[name] = sorted(elsewhere[name])
        return [RelationRecord(iri, kind, target, place=raw.place) for kind, target in sorted(relations)]

    def _cover(self, record: ConceptRecord, relations: list[RelationRecord]) -> None:
        covered = self.coverage.kind(record.scheme, record.kind)
        fields, languages = covered.fields, covered.languages
        for label in record.labels:
            fields.add(label.type)
            languages.add(label.lang)
        if record.labels:
            fields.add("labels")
        for name, texts in record.texts.items():
            fields.add(name)
            languages.update(texts)
        fields.update(record.attributes)
        if record.sectors:
            fields.add("sectors")
        if record.code:
            fields.add("code")
        if record.source_status:
            fields.add("source_status")
        for relation in relations:
            self.coverage.relations.add((relation.type, record.scheme, record.kind))


_ESSENTIAL_BIT = 1
_OPTIONAL_BIT = 2


class SkillLinks:
    """Which occupation or skill needs which skill: ESCO says it up to three times over, one record each comes out.

    Compact: 250,000 links take about 40 MB. Addresses are numbered once; a link is one number.
    """

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._iris: list[str] = []
        self._links: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._links)

    def number(self, iri: str) -> int:
        """The number of an address, for `add_numbers`."""
        known = self._number.get(iri)
        if known is None:
            known = self._number[iri] = len(self._iris)
            self._iris.append(iri)
        return known

    def iri(self, number: int) -> str:
        """The address of a number."""
        return self._iris[number]

    def knows(self, iri: str) -> bool:
        """Whether an address was numbered."""
        return iri in self._number

    def add(self, source: str, target: str, importance: str) -> None:
        """The concept `source` needs the skill `target`: importance essential or optional."""
        self.add_numbers(self.number(source), self.number(target), importance == ESSENTIAL)

    def add_numbers(self, source: int, target: int, essential: bool) -> None:
        """`add` for numbered addresses."""
        key = source << 32 | target
        bit = _ESSENTIAL_BIT if essential else _OPTIONAL_BIT
        self._links[key] = self._links.get(key, 0) | bit

    def records(self, builder: ConceptBuilder) -> Iterator[RelationRecord]:
        """One record per link, in the order they were first said; call after all concepts were built. Empties itself.

        `requires` starts from an occupation, `skill_requires` from a skill; a source that is not in the files is told
        by its address.
        """
        report, kinds, covered = builder.report, builder.kinds, builder.coverage.relations
        iris = self._iris
        links, self._links = self._links, {}
        types = [_link_type(iri, kinds) for iri in iris]
        for key, bits in links.items():
            number = key >> 32
            source = iris[number]
            target = iris[key & 0xFFFFFFFF]
            if number == key & 0xFFFFFFFF:
                report.skip("self-relation", "a concept cannot be related to itself", f"{source} requires")
                continue
            if bits == _ESSENTIAL_BIT | _OPTIONAL_BIT:
                report.skip(
                    "importance-conflict",
                    "said to be essential and optional: essential is kept",
                    f"{source} -> {target}",
                )
            kind, owner = types[number]
            if owner is not None:
                covered.add((kind, *owner))
            yield RelationRecord(source, kind, target, ESSENTIAL if bits & _ESSENTIAL_BIT else OPTIONAL)


def _link_type(iri: str, kinds: dict[str, tuple[str, str]]) -> tuple[str, tuple[str, str] | None]:
    owner = kinds.get(iri)
    if owner is None:
        return ("requires" if "/occupation/" in iri else "skill_requires"), None
    return ("requires" if owner[1] == "occupation" else "skill_requires"), owner
