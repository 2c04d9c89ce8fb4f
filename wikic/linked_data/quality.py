"""Checks of a whole release in the manner of qSKOS: SPARQL over the statements they need, and a walk where SPARQL would be slow.

Each finding says whether it is in the source, that is, whether no concept it names was edited or made here: what a source says is
reported, what we made of it would be our fault.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from wikic.linked_data.triples import EDITED, IN_SCHEME, ORIGIN, STATUS_OF
from wikic.linked_data.vocabulary import LABEL, RELATION, SKOS, STATUS, TEXT, A, Site, Statement, own

CHECKS: Final = {
    "hierarchy-cycle": "A concept is broader than itself, by several steps.",
    "replacement-cycle": "A concept replaces itself, by several steps.",
    "orphan": "An active concept has no relation with any other.",
    "same-preferred-label": "Two active concepts of one kind and scheme have one preferred label.",
    "no-preferred-label": "A concept has no preferred label.",
    "two-preferred-labels": "A concept has two preferred labels in one language.",
    "label-clash": "A label is both preferred and alternative or hidden.",
    "no-definition": "An active occupation, skill or knowledge has no definition in any language.",
    "related-and-broader": "Two concepts are both related and one broader than the other.",
    "match-clash": "Two concepts match exactly, and also broadly or narrowly.",
    "dangling-relation": "A relation leads to a concept that is not there.",
}
"""What is looked for."""

_PLACES: Final = 100
"""How many findings of one check are kept; all are counted."""
_CONCEPT: Final = f"<{SKOS}Concept>"
_ACTIVE: Final = STATUS["active"]
_RELATIONS: Final = frozenset(RELATION.values())
_QUERIES: Final = {
    "no-preferred-label": f"SELECT ?a WHERE {{ ?a a {_CONCEPT} FILTER NOT EXISTS {{ ?a {LABEL['preferred']} ?l }} }}",
    "two-preferred-labels": f"SELECT ?a (STR(?l) AS ?what) WHERE {{ ?a {LABEL['preferred']} ?l, ?m"
    " FILTER(STR(?l) < STR(?m) && LANG(?l) = LANG(?m)) }",
    "label-clash": f"SELECT ?a (STR(?l) AS ?what) WHERE {{ ?a {LABEL['preferred']} ?l ."
    f" {{ ?a {LABEL['alternative']} ?l }} UNION {{ ?a {LABEL['hidden']} ?l }} }}",
    "no-definition": "SELECT ?a WHERE { VALUES ?kind { wikic:Occupation wikic:Skill wikic:Knowledge } ?a a ?kind ;"
    f" {STATUS_OF} {_ACTIVE} FILTER NOT EXISTS {{ ?a {TEXT['definition']} ?d }} }}",
    "related-and-broader": f"SELECT ?a ?b WHERE {{ ?a {RELATION['related']} ?b . {{ ?a {RELATION['broader']} ?b }}"
    f" UNION {{ ?b {RELATION['broader']} ?a }} }}",
    "match-clash": f"SELECT ?a ?b WHERE {{ ?a {RELATION['exact_match']} ?b . {{ ?a {RELATION['broad_match']} ?b }}"
    f" UNION {{ ?a {RELATION['narrow_match']} ?b }} }}",
}


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One finding: the check, the concepts it names (uuids), and a word on it."""

    check: str
    concepts: tuple[str, ...]
    what: str = ""
    in_source: bool = True


@dataclass(slots=True)
class QualityReport:
    """What was found: numbers by check, of findings that are in the source and of those that are ours, and the first of each."""

    concepts: int = 0
    in_source: dict[str, int] = field(default_factory=dict)
    ours: dict[str, int] = field(default_factory=dict)
    findings: list[QualityFinding] = field(default_factory=list)

    def add(self, finding: QualityFinding) -> None:
        """Count a finding, and keep it if it is among the first."""
        counts = self.in_source if finding.in_source else self.ours
        counts[finding.check] = counts.get(finding.check, 0) + 1
        if counts[finding.check] <= _PLACES:
            self.findings.append(finding)


class Wanted:
    """Which statements the checks need: those about concepts themselves, without the long texts."""

    _PREDICATES = frozenset(
        (A, IN_SCHEME, STATUS_OF, EDITED, ORIGIN, TEXT["definition"], *LABEL.values(), *RELATION.values())
    )

    def __init__(self, site: Site) -> None:
        self._start = f"<{site.base}/c/"

    def __call__(self, statement: Statement) -> bool:
        """Whether a statement is needed."""
        subject, predicate, obj = statement
        if predicate not in self._PREDICATES or "#" in subject or not subject.startswith(self._start):
            return False
        return predicate not in _RELATIONS or obj.startswith(self._start)


def check(site: Site, statements: Iterable[Statement]) -> QualityReport:
    """Run all checks over the statements of one release."""
    walk = _Walk()
    store = ox.Store()
    with tempfile.TemporaryFile(prefix="wikic-check-") as file:
        for subject, predicate, obj in statements:
            walk.take(subject, predicate, obj)
            if predicate not in _RELATIONS or predicate in _NEEDED:
                # Whether there is a definition matters, not what it says.
                kept = '"x"' if predicate == TEXT["definition"] else obj
                file.write(f"{subject} {predicate} {kept} .\n".encode("utf-8", "replace"))
        file.seek(0)
        store.bulk_load(input=file, format=ox.RdfFormat.N_TRIPLES)
    report = QualityReport(len(walk.concepts))
    cut = len(site.base) + len("/c/") + 1
    for name, concepts, what in [*walk.findings(), *_asked(store)]:
        ours = any(each in walk.edited or each not in walk.sourced for each in concepts)
        uuids = tuple(each[cut:-1] for each in concepts)
        report.add(QualityFinding(name, uuids, what, in_source=not ours))
    return report


_NEEDED: Final = frozenset(
    RELATION[kind] for kind in ("related", "broader", "exact_match", "broad_match", "narrow_match")
)
_Found = tuple[str, tuple[str, ...], str]


def _asked(store: ox.Store) -> Iterator[_Found]:
    prefix = f"PREFIX wikic: {own('')}\n"
    for name, query in _QUERIES.items():
        solutions = store.query(prefix + query)
        if not isinstance(solutions, ox.QuerySolutions):
            continue
        names = [variable.value for variable in solutions.variables]
        found = []
        for solution in solutions:
            concepts = tuple(str(solution[each]) for each in ("a", "b") if each in names)
            what = solution["what"] if "what" in names else None
            found.append((name, concepts, what.value if isinstance(what, ox.Literal) else ""))
        yield from sorted(found)


class _Walk:
    """What is seen in passing: ends of relations, and who is whose."""

    def __init__(self) -> None:
        self.concepts: set[str] = set()
        self.edited: set[str] = set()
        self.sourced: set[str] = set()
        self._active: set[str] = set()
        self._ends: set[str] = set()
        self._targets: set[str] = set()
        self._next: dict[str, dict[str, list[str]]] = {
            RELATION["broader"]: defaultdict(list),
            RELATION["replaced_by"]: defaultdict(list),
        }
        self._kind: dict[str, str] = {}
        self._scheme: dict[str, str] = {}
        self._labels: dict[str, list[str]] = defaultdict(list)

    def take(self, subject: str, predicate: str, obj: str) -> None:
        """Note one statement."""
        if predicate in _RELATIONS:
            self._ends.update((subject, obj))
            self._targets.add(obj)
            if predicate in self._next:
                self._next[predicate][subject].append(obj)
        elif predicate == A:
            self.concepts.add(subject) if obj == _CONCEPT else self._kind.__setitem__(subject, obj)
        elif predicate == IN_SCHEME:
            self._scheme[subject] = obj
        elif predicate == STATUS_OF and obj == _ACTIVE:
            self._active.add(subject)
        elif predicate == EDITED:
            self.edited.add(subject)
        elif predicate == ORIGIN:
            self.sourced.add(subject)
        elif predicate == LABEL["preferred"]:
            self._labels[obj].append(subject)

    def findings(self) -> Iterator[_Found]:
        """What follows from that alone."""
        for name, predicate in (("hierarchy-cycle", "broader"), ("replacement-cycle", "replaced_by")):
            for cycle in cycles(self._next[RELATION[predicate]]):
                yield name, cycle, ""
        for subject in sorted(self._active - self._ends):
            yield "orphan", (subject,), ""
        for target in sorted(self._targets - self.concepts):
            yield "dangling-relation", (target,), ""
        for label, subjects in sorted(self._labels.items()):
            places: dict[tuple[str, str], list[str]] = defaultdict(list)
            for subject in subjects:
                if subject in self._active:
                    places[self._scheme.get(subject, ""), self._kind.get(subject, "")].append(subject)
            for same in places.values():
                if len(same) > 1:
                    yield "same-preferred-label", tuple(sorted(same)), label


def cycles(following: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """The sets of nodes that lie on cycles (strongly connected components), each sorted; Tarjan, without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in sorted(following):
        if root in number:
            continue
        work = [(root, iter(following[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(following.get(other, ()))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    found += _component(stack, on_stack, node, following)
    return sorted(found)


def _component(
    stack: list[str], on_stack: set[str], node: str, following: dict[str, list[str]]
) -> list[tuple[str, ...]]:
    place = stack.index(node) if stack[-1] != node else len(stack) - 1
    members = stack[place:]
    del stack[place:]
    on_stack.difference_update(members)
    if len(members) > 1 or node in following.get(node, ()):
        return [tuple(sorted(members))]
    return []
