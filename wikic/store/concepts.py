"""Reading concepts, their relations and their place in the tree, always as of `at`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.vocabulary import DEPRECATED, IMPORTANCES, INVERSE, RELATION_TYPES
from wikic.store.engine import Engine, Query, Row
from wikic.store.rows import EDGE, RELATION, content_of_row, relation_of
from wikic.store.temporal import At, visible

BODY_LIMIT: Final = 100
"""How many relations of one type and direction a concept's body holds; the rest is paged."""

_END = "\uffff"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A relation as read from one of its ends, and the concept at the other end, by its preferred labels of that
    moment."""

    relation: Relation
    uuid: str
    kind: str
    scheme: str
    code: str
    status: str
    preferred: dict[str, str]

    @property
    def name(self) -> str:
        """The relation's name as read from the end where we stand: its type, or the inverse (`narrower`)."""
        kind = self.relation.type
        return kind if self.relation.target == self.uuid else INVERSE[kind]


@dataclass(slots=True)
class Neighbours:
    """The relations of one type and direction: how many there are, and the first of them."""

    total: int
    items: list[Neighbour] = field(default_factory=list)


@dataclass(slots=True)
class Concept:
    """A concept as of a number. `seq` is the last number, not above the asked one, at which anything in its body
    changed; `relations` are by type as read from here (`requires`, `required_by`, ...)."""

    identity: Identity
    space: str
    content: ConceptContent
    seq: int
    relations: dict[str, Neighbours] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brief:
    """A concept in a list."""

    uuid: str
    kind: str
    scheme: str
    code: str
    iri: str
    status: str
    nature: str
    preferred: dict[str, str]
    children: int = 0


@dataclass(frozen=True, slots=True)
class Successor:
    """One step of a chain of replacements: what replaced `old`, and the numbers that touched it."""

    old: str
    brief: Brief
    touches: list[int]


_STRONGEST_FIRST = " ".join(f"WHEN {name!r} THEN {number}" for number, name in enumerate(IMPORTANCES))
_STRENGTH = f"CASE r.importance {_STRONGEST_FIRST} ELSE {len(IMPORTANCES)} END"
_RELATIONS = """MATCH (c:Concept {{uuid: $uuid}}){left}-[r]-{right}(n:Concept) WHERE {r}
WITH type(r) AS type, r, n ORDER BY {strength}, coalesce(r.rank, 0), r.id
WITH type, count(*) AS total, collect({{r: properties(r), n: n}})[..$limit] AS rows
UNWIND rows AS row
WITH type, total, row.r AS r, row.n AS n
MATCH (n)-[:HAS_STATE]->(s:State) WHERE {s}
RETURN '{part}' AS part, type, total, r, {{uuid: s.concept, kind: s.kind, scheme: s.scheme, code: s.code, status: s.status,
 preferred: s.preferred}} AS row, null AS touches"""

_BODY = Query(
    "concept.body",
    f"MATCH (c:Concept {{uuid: $uuid}})-[:HAS_STATE]->(s:State) WHERE {visible('s')}"
    " RETURN 'state' AS part, '' AS type, 0 AS total, null AS r, properties(s) AS row, c.touches AS touches UNION ALL "
    + _RELATIONS.format(left="", right=">", part="out", strength=_STRENGTH, r=visible("r"), s=visible("s"))
    + " UNION ALL "
    + _RELATIONS.format(left="<", right="", part="in", strength=_STRENGTH, r=visible("r"), s=visible("s")),
)
_RESOLVE = Query(
    "concept.resolve",
    "OPTIONAL MATCH (c:Concept {uuid: $uuid}) OPTIONAL MATCH (a:Alias {uuid: $uuid})"
    " RETURN c.uuid AS uuid, c.space AS space, c.from_seq AS from_seq, c.touches AS touches,"
    " a.concept AS concept, a.space AS alias_space, a.from_seq AS alias_from",
)
_BY_REF = Query(
    "concept.by_ref",
    f"MATCH (s:State {{ref: $ref}}) WHERE {visible('s')} RETURN s.concept AS uuid, s.kind AS kind, s.status AS status",
)
_BRIEF = (
    "s.concept AS uuid, s.kind AS kind, s.scheme AS scheme, s.code AS code, s.iri AS iri, s.status AS status,"
    " s.nature AS nature, s.preferred AS preferred"
)
_LIST_TEXT = (
    f"MATCH (s:State) WHERE s.listing > $after AND s.listing < $end AND {visible('s')}"
    " AND ($status IS NULL OR s.status = $status) "
)
# Both engines walk the index on `listing` upwards, so the first rows found are the first in order; ArcadeDB would sort
# the whole range.
_LIST = Query("concept.list", f"{_LIST_TEXT} RETURN {_BRIEF}, s.listing AS listing LIMIT $limit")
_LIST_SORTED = Query(
    "concept.list_sorted", f"{_LIST_TEXT} RETURN {_BRIEF}, s.listing AS listing ORDER BY listing LIMIT $limit"
)
_CHILDREN_COUNT = "COUNT {{ MATCH ({c})<-[up:BROADER]-(:Concept) WHERE {up} }}".format(c="c", up=visible("up"))
_ROOTS = Query(
    "tree.roots",
    f"MATCH (s:State) WHERE s.listing > $after AND s.listing < $end AND {visible('s')} AND s.status <> 'deprecated'"
    f" MATCH (c:Concept {{uuid: s.concept}}) WHERE NOT EXISTS {{ MATCH (c)-[up:BROADER]->(:Concept) WHERE {visible('up')} }}"
    f" RETURN {_BRIEF}, {_CHILDREN_COUNT} AS children",
)
_CHILDREN = Query(
    "tree.children",
    f"MATCH (p:Concept {{uuid: $uuid}})<-[r:BROADER]-(c:Concept) WHERE {visible('r')} WITH c"
    f" MATCH (c)-[:HAS_STATE]->(s:State) WHERE {visible('s')} RETURN {_BRIEF}, {_CHILDREN_COUNT} AS children",
)
_PARENTS = Query(
    "tree.parents",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r:BROADER]->(n:Concept) WHERE {visible('r')} WITH uuid, n"
    f" MATCH (n)-[:HAS_STATE]->(s:State) WHERE {visible('s')} RETURN uuid AS child, {_BRIEF}",
)
_BRIEFS = Query(
    "concept.briefs",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[:HAS_STATE]->(s:State) WHERE {visible('s')} RETURN {_BRIEF}",
)
_SUCCESSORS = Query(
    "concept.successors",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r:REPLACED_BY]->(n:Concept) WHERE {visible('r')}"
    f" WITH uuid, n MATCH (n)-[:HAS_STATE]->(s:State) WHERE {visible('s')}"
    f" RETURN uuid AS old, n.touches AS touches, {_BRIEF}",
)
_FIGURES = Query(
    "scheme.figures",
    f"MATCH (s:State) WHERE {visible('s')} RETURN s.scheme AS scheme, s.kind AS kind, s.status AS status, count(*) AS n",
)


def _page_query(edge: str, outwards: bool) -> Query:
    left, right = ("", ">") if outwards else ("<", "")
    kind = f":{edge}" if edge else ""
    return Query(
        f"concept.relations.{edge or 'all'}.{'out' if outwards else 'in'}",
        f"MATCH (c:Concept {{uuid: $uuid}}){left}-[r{kind}]-{right}(n:Concept) WHERE r.id > $after AND {visible('r')}"
        " WITH r, n ORDER BY r.id LIMIT $limit"
        f" MATCH (n)-[:HAS_STATE]->(s:State) WHERE {visible('s')} RETURN type(r) AS type, properties(r) AS r,"
        " {uuid: s.concept, kind: s.kind, scheme: s.scheme, code: s.code, status: s.status, preferred: s.preferred} AS row"
        " ORDER BY r.id",
    )


ALL_OUT: Final = "*"
ALL_IN: Final = "*_from"
"""The relations of every type that start, or that end, at a concept."""
_PAGES = {
    name: (_page_query(EDGE[kind], outwards), outwards)
    for kind in RELATION_TYPES
    for name, outwards in ((kind, True), (INVERSE[kind], False))
}
_PAGES_OF_ALL = {ALL_OUT: (_page_query("", True), True), ALL_IN: (_page_query("", False), False)}
RELATION_NAMES: Final = tuple(_PAGES)
"""Every relation name as read from an end: the types and their inverses."""


def read_concept(engine: Engine, uuid: str, at: At, limit: int = BODY_LIMIT) -> Concept | None:
    """The body of one concept in one round trip; None if it is not there at `at`."""
    concept: Concept | None = None
    relations: list[Row] = []
    for row in engine.read(_BODY, uuid=uuid, at=dict(at), limit=limit):
        if row["part"] == "state":
            state = row["row"]
            identity = Identity(uuid, state["kind"], state["scheme"])
            space = state["space"]
            concept = Concept(identity, space, content_of_row(state), last_touch(row["touches"], at[space]))
        else:
            relations.append(row)
    if concept is not None:
        for row in relations:
            outwards = row["part"] == "out"
            kind = RELATION[row["type"]]
            name = kind if outwards else INVERSE[kind]
            group = concept.relations.setdefault(name, Neighbours(int(row["total"])))
            group.items.append(_neighbour(uuid, row, outwards))
    return concept


def last_touch(touches: list[int], at: int) -> int:
    """The last of these numbers that is not above `at`."""
    return max((seq for seq in touches if seq <= at), default=0)


def read_relations(engine: Engine, uuid: str, name: str, at: At, after: str, limit: int) -> list[Neighbour]:
    """A page of the relations of one name (of RELATION_NAMES, or ALL_OUT, ALL_IN), ordered by relation id, after one
    id."""
    query, outwards = _PAGES.get(name) or _PAGES_OF_ALL[name]
    rows = engine.read(query, uuid=uuid, at=dict(at), after=after, limit=limit)
    return [_neighbour(uuid, row, outwards) for row in rows]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a uuid leads: the concept, whether through an alias, and the last touch."""

    uuid: str
    space: str
    seq: int
    alias: bool


def resolve(engine: Engine, uuid: str, at: At) -> Resolved | None:
    """The concept that a uuid or an alias names at `at`; None if there is none, or its space may not be seen."""
    row = engine.read(_RESOLVE, uuid=uuid)[0]
    if row["uuid"] is not None and _seen(row["space"], row["from_seq"], at):
        return Resolved(uuid, row["space"], last_touch(row["touches"], at[row["space"]]), alias=False)
    if row["concept"] is not None and _seen(row["alias_space"], row["alias_from"], at):
        return Resolved(row["concept"], row["alias_space"], 0, alias=True)
    return None


def _seen(space: str, from_seq: int, at: At) -> bool:
    return space in at and from_seq <= at[space]


def find_ref(engine: Engine, scheme: str, code: str, at: At) -> list[str]:
    """The uuids of the concepts with this code in a scheme; active ones first."""
    rows = engine.read(_BY_REF, ref=f"{scheme}:{code}", at=dict(at))
    rows.sort(key=lambda row: (row["status"] == DEPRECATED, row["uuid"]))
    return [row["uuid"] for row in rows]


def list_concepts(
    engine: Engine, at: At, *, scheme: str | None, kind: str | None, status: str | None, after: str, limit: int
) -> list[tuple[str, Brief]]:
    """Concepts of a scheme (and kind), or of all schemes (without a kind), in the order of scheme, kind and uuid,
    after a listing key: (listing key, concept)."""
    prefix = (f"{scheme}/{kind}/" if kind else f"{scheme}/") if scheme else ""
    parameters: Row = {
        "at": dict(at),
        "after": max(after, prefix),
        "end": prefix + _END,
        "status": status,
        "limit": limit,
    }
    rows = engine.read(_LIST, **parameters)
    if any(one["listing"] >= next_["listing"] for one, next_ in pairwise(rows)):
        rows = engine.read(_LIST_SORTED, **parameters)
    return [(row["listing"], brief_of(row)) for row in rows]


def read_roots(engine: Engine, scheme: str, kind: str, at: At) -> list[Brief]:
    """The concepts of a kind that have no broader one."""
    prefix = f"{scheme}/{kind}/"
    return [brief_of(row) for row in engine.read(_ROOTS, at=dict(at), after=prefix, end=prefix + _END)]


def read_children(engine: Engine, uuid: str, at: At) -> list[Brief]:
    """The narrower concepts of one, each with how many it has itself."""
    return [brief_of(row) for row in engine.read(_CHILDREN, uuid=uuid, at=dict(at))]


def read_parents(engine: Engine, uuids: list[str], at: At) -> dict[str, list[Brief]]:
    """The broader concepts of each of these."""
    found: dict[str, list[Brief]] = {}
    for row in engine.read(_PARENTS, uuids=uuids, at=dict(at)):
        found.setdefault(row["child"], []).append(brief_of(row))
    return found


def read_briefs(engine: Engine, uuids: list[str], at: At) -> dict[str, Brief]:
    """Concepts by uuid, as they are shown in lists."""
    return {row["uuid"]: brief_of(row) for row in engine.read(_BRIEFS, uuids=uuids, at=dict(at))}


def read_successors(engine: Engine, uuids: list[str], at: At) -> list[Successor]:
    """What directly replaced these concepts."""
    return [
        Successor(row["old"], brief_of(row), row["touches"])
        for row in engine.read(_SUCCESSORS, uuids=uuids, at=dict(at))
    ]


def read_figures(engine: Engine, at: At) -> list[tuple[str, str, str, int]]:
    """How many concepts there are: (scheme, kind, status, number)."""
    return [(row["scheme"], row["kind"], row["status"], int(row["n"])) for row in engine.read(_FIGURES, at=dict(at))]


def brief_of(row: Row) -> Brief:
    """A row with the columns of a brief."""
    return Brief(
        uuid=row["uuid"],
        kind=row["kind"],
        scheme=row["scheme"],
        code=row["code"] or "",
        iri=row["iri"] or "",
        status=row["status"],
        nature=row["nature"] or "",
        preferred=json.loads(row["preferred"]),
        children=int(row.get("children") or 0),
    )


def _neighbour(uuid: str, row: dict[str, Any], outwards: bool) -> Neighbour:
    other = row["row"]
    source, target = (uuid, other["uuid"]) if outwards else (other["uuid"], uuid)
    return Neighbour(
        relation_of(source, row["type"], target, row["r"]),
        other["uuid"],
        other["kind"],
        other["scheme"],
        other["code"] or "",
        other["status"],
        json.loads(other["preferred"]),
    )
