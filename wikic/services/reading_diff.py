"""The difference between two numbers, concept by concept: typed changes of its content and of the relations that start
from it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from wikic.domain.changes import Relation
from wikic.domain.diff import FieldChange, diff_contents
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.services.reading_views import Body, brief_body, field_changes, relation_values
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.store.history import changed_between, differing_relations, differing_states
from wikic.store.writing import chunks

_AT_ONCE: Final = 3
_STATES, _RELATIONS, _BRIEFS = 500, 1_000, 1_500

T = TypeVar("T")


@dataclass(slots=True)
class ConceptDiff:
    """What is different of one concept. `relations` are triples: related, unrelated or rerelated; the relation; what
    it was before."""

    uuid: str
    kind: str
    changes: list[FieldChange] = field(default_factory=list)
    relations: list[tuple[str, Relation, Relation | None]] = field(default_factory=list)

    def types(self) -> set[str]:
        """The types of change (domain.diff.CHANGE_TYPES) of this concept."""
        return {change.type for change in self.changes} | {kind for kind, _, _ in self.relations}


@dataclass(frozen=True, slots=True)
class Diff:
    """All that is different, in the order of uuids. `counts` are differences by type; `briefs` are the concepts that differ and those that their
    relations lead to, as they are at the later number."""

    concepts: list[ConceptDiff]
    counts: dict[str, int]
    briefs: dict[str, Brief]


def compute_diff(engine: Engine, start: int, end: int) -> Diff:
    """What holds at `end` and not at `start`, or the other way round. What came and went in between is no
    difference. A few queries at a time: the engine has more than one core, and its answers come one by one."""
    stated, related = changed_between(engine, PUBLIC_SPACE, start, end)
    found: dict[str, ConceptDiff] = {}
    opened: dict[str, Relation] = {}
    closed: dict[str, Relation] = {}
    with ThreadPoolExecutor(_AT_ONCE, "wikic-diff") as pool:

        def ahead(work: Callable[[list[str]], T], uuids: list[str], size: int) -> list[Future[T]]:
            # In a copy of this context: round trips are counted where they were asked for.
            return [pool.submit(copy_context().run, work, part) for part in chunks(uuids, size)]

        states = ahead(lambda part: list(differing_states(engine, PUBLIC_SPACE, part, start, end)), stated, _STATES)
        relations = ahead(lambda part: list(differing_relations(engine, PUBLIC_SPACE, part, start, end)), related, _RELATIONS)
        for rows in states:
            for uuid, kind, _, contents in rows.result():
                changes = diff_contents(contents.before, contents.after) if contents.after is not None else []
                if changes:
                    found[uuid] = ConceptDiff(uuid, kind, changes)
        for pairs in relations:
            for later, relation in pairs.result():
                (opened if later else closed)[relation.id] = relation
        moves = list(_moves(opened, closed))
        named = found.keys() | {end for _, relation, _ in moves for end in (relation.source, relation.target)}
        parts = ahead(lambda part: read_briefs(engine, part, {PUBLIC_SPACE: end}), sorted(named), _BRIEFS)
        briefs = {uuid: brief for part in parts for uuid, brief in part.result().items()}
    for move, relation, before in moves:
        # Of a concept of which only relations differ no state was read.
        concept = found.setdefault(relation.source, ConceptDiff(relation.source, briefs[relation.source].kind))
        concept.relations.append((move, relation, before))
    return diff_of([found[uuid] for uuid in sorted(found)], briefs)


def diff_of(concepts: list[ConceptDiff], briefs: dict[str, Brief]) -> Diff:
    """A difference of these concepts, sorted by their uuids."""
    counts: Counter[str] = Counter()
    for concept in concepts:
        concept.relations.sort(key=lambda row: (row[1].type, row[0], row[1].target, row[1].id))
        counts.update(change.type for change in concept.changes)
        counts.update(kind for kind, _, _ in concept.relations)
    return Diff(concepts, dict(sorted(counts.items())), briefs)


def diff_page(
    diff: Diff,
    *,
    kind: str | None,
    type_: str | None,
    after: str,
    limit: int,
    lang: str | None,
) -> list[Body]:
    """The concepts after a uuid, at most `limit`, with the names they have at the later number."""
    start = bisect_right(diff.concepts, after, key=lambda concept: concept.uuid)
    chosen = (
        concept
        for concept in islice(diff.concepts, start, None)
        if (kind is None or concept.kind == kind) and (type_ is None or type_ in concept.types())
    )
    return [_body(concept, type_, diff.briefs, lang) for concept in islice(chosen, limit)]


def _body(concept: ConceptDiff, type_: str | None, briefs: dict[str, Brief], lang: str | None) -> Body:
    changes = [change for change in concept.changes if type_ in (None, change.type)]
    relations = [row for row in concept.relations if type_ in (None, row[0])]
    return brief_body(briefs[concept.uuid], lang) | {
        "changes": field_changes(changes),
        "relations": [
            {
                "change": move,
                "type": relation.type,
                "id": relation.id,
                "target": brief_body(briefs[relation.target], lang),
                **relation_values(relation),
                "before": relation_values(before) if before else None,
            }
            for move, relation, before in relations
        ],
    }


def _moves(opened: dict[str, Relation], closed: dict[str, Relation]) -> Iterable[tuple[str, Relation, Relation | None]]:
    for identity, relation in opened.items():
        before = closed.pop(identity, None)
        if before is None:
            yield "related", relation, None
        elif relation_values(before) != relation_values(relation):
            yield "rerelated", relation, before
    for relation in closed.values():
        yield "unrelated", relation, None
