"""The difference between two numbers, concept by concept: typed changes of its content and of the relations that start
from it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from wikic.domain.changes import Relation
from wikic.domain.diff import FieldChange, diff_contents
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.services.reading_moments import Moment
from wikic.services.reading_views import Body, brief_body, field_changes, relation_values
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.store.history import changed_between, differing_relations, differing_states

_BRIEFS: Final = 2_000


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
    """All that is different, in the order of uuids. `counts` are differences by type."""

    concepts: list[ConceptDiff]
    counts: dict[str, int]


def compute_diff(engine: Engine, start: int, end: int) -> Diff:
    """What holds at `end` and not at `start`, or the other way round. What came and went in between is no
    difference."""
    stated, related = changed_between(engine, PUBLIC_SPACE, start, end)
    found: dict[str, ConceptDiff] = {}
    for uuid, kind, _, contents in differing_states(engine, PUBLIC_SPACE, stated, start, end):
        if contents.after is None:
            continue
        changes = diff_contents(contents.before, contents.after)
        if changes:
            found[uuid] = ConceptDiff(uuid, kind, changes)
    opened: dict[str, Relation] = {}
    closed: dict[str, Relation] = {}
    for later, relation in differing_relations(engine, PUBLIC_SPACE, related, start, end):
        (opened if later else closed)[relation.id] = relation
    moves = list(_moves(opened, closed))
    # Concepts of which only relations differ: their kind is in no row read so far.
    others = sorted({relation.source for _, relation, _ in moves} - found.keys())
    for part in (others[at : at + _BRIEFS] for at in range(0, len(others), _BRIEFS)):
        for uuid, brief in read_briefs(engine, part, {PUBLIC_SPACE: end}).items():
            found[uuid] = ConceptDiff(uuid, brief.kind)
    for move, relation, before in moves:
        found[relation.source].relations.append((move, relation, before))
    concepts = [found[uuid] for uuid in sorted(found)]
    counts: Counter[str] = Counter()
    for concept in concepts:
        concept.relations.sort(key=lambda row: (row[1].type, row[0], row[1].target, row[1].id))
        counts.update(change.type for change in concept.changes)
        counts.update(kind for kind, _, _ in concept.relations)
    return Diff(concepts, dict(sorted(counts.items())))


def diff_page(
    engine: Engine,
    diff: Diff,
    moment: Moment,
    *,
    kind: str | None,
    type_: str | None,
    after: str,
    limit: int,
    lang: str | None,
) -> list[Body]:
    """The concepts after a uuid, at most `limit`, with the names they have at the later number. One round trip."""
    start = bisect_right(diff.concepts, after, key=lambda concept: concept.uuid)
    chosen = (
        concept
        for concept in islice(diff.concepts, start, None)
        if (kind is None or concept.kind == kind) and (type_ is None or type_ in concept.types())
    )
    page = list(islice(chosen, limit))
    uuids = {concept.uuid for concept in page} | {row[1].target for concept in page for row in concept.relations}
    briefs = read_briefs(engine, sorted(uuids), moment.at) if uuids else {}
    return [_body(concept, type_, briefs, lang) for concept in page]


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
