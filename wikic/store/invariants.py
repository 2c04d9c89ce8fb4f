"""Proving on a live store what the rest of the program takes for granted: concepts, their states, relations and touches.

Everything is streamed in windows of concepts, as of heads pinned at the start; `invariants_logs` proves the logs, the journal and what hangs on them.
Rows above a head belong to a write under way, or were left by a dead one: they are told apart at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from wikic.domain.ids import is_uuid, relation_id
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.store.engine import Engine, Query, Row
from wikic.store.invariants_logs import Ledger
from wikic.store.rows import RELATION
from wikic.store.snapshot_reading import windows
from wikic.store.temporal import OPEN

_WINDOW: Final = "MATCH (c:Concept) WHERE c.uuid >= $start AND c.uuid < $end AND ($space IS NULL OR c.space = $space)"
_CONCEPTS = Query(
    "check.concepts",
    f"{_WINDOW} RETURN c.uuid AS uuid, c.space AS space, c.from_seq AS from_seq, c.touches AS touches",
)
_STATES = Query(
    "check.states",
    f"{_WINDOW} MATCH (c)-[:HAS_STATE]->(s:State) RETURN c.uuid AS uuid, s.from_seq AS from_seq, s.to_seq AS to_seq,"
    " s.space = c.space AND s.scheme = c.scheme AND s.concept = c.uuid"
    " AND s.listing = s.scheme + '/' + s.kind + '/' + s.concept"
    " AND (s.code IS NULL AND s.ref IS NULL OR s.ref = s.scheme + ':' + s.code) AS fits",
)
_BASES = Query(
    "check.bases",
    f"{_WINDOW} MATCH (c)-[:HAS_SOURCE]->(s:SourceRecord) RETURN c.uuid AS uuid, s.from_seq AS from_seq,"
    " s.to_seq AS to_seq, s.space = c.space AND s.concept = c.uuid AS fits",
)
_RELATIONS = Query(
    "check.relations",
    f"{_WINDOW} MATCH (c)-[r]->(n:Concept) RETURN c.uuid AS uuid, type(r) AS type, n.uuid AS target, r.id AS id,"
    " r.branch AS branch, [r.importance, r.rank, r.note] AS says, r.space AS space, r.from_seq AS from_seq, r.to_seq AS to_seq, n.space AS there,"
    " n.from_seq AS born, r.from_seq IN n.touches AS opened, r.to_seq IN n.touches AS closed",
)


@dataclass(slots=True)
class _Concept:
    uuid: str
    space: str
    from_seq: int
    touches: set[int]
    states: list[Row] = field(default_factory=list)
    bases: list[Row] = field(default_factory=list)
    relations: dict[str, list[Row]] = field(default_factory=dict)


class ConceptChecks:
    """Checks concepts with all that hangs on them; what is wrong goes into the ledger's findings."""

    def __init__(self, engine: Engine, ledger: Ledger, space: str | None) -> None:
        self._engine, self._ledger, self._space = engine, ledger, space
        self._wrong = ledger.findings.add

    def run(self) -> None:
        """Stream all concepts (of one space) once."""
        for start, end in windows(self._engine, "Concept", "uuid"):
            for concept in self._read(start, end):
                if concept.space not in self._ledger.heads:
                    self._wrong("unknown-space", f"is of space {concept.space!r}, which is not there", concept.uuid)
                elif not self._ledger.above(concept.space, concept.from_seq, concept.uuid):
                    if not is_uuid(concept.uuid) or concept.uuid != concept.uuid.lower():
                        self._wrong("uuid-form", "is no UUID in small letters: its address cannot be read", concept.uuid)
                    self._touches(concept)
                    self._intervals(concept, "state", concept.states)
                    self._states(concept)
                    self._intervals(concept, "source-record", concept.bases)
                    for identity, rows in concept.relations.items():
                        self._relation(concept, identity, rows)

    def _read(self, start: str, end: str) -> Iterable[_Concept]:
        asked = {"start": start, "end": end, "space": self._space}
        concepts = {
            row["uuid"]: _Concept(row["uuid"], row["space"], row["from_seq"], self._checked_touches(row))
            for row in self._engine.read(_CONCEPTS, **asked)
        }
        # A concept may be born between two of these queries: its rows are above the pinned head.
        for row in self._engine.read(_STATES, **asked):
            if row["uuid"] in concepts:
                concepts[row["uuid"]].states.append(row)
        for row in self._engine.read(_BASES, **asked):
            if row["uuid"] in concepts:
                concepts[row["uuid"]].bases.append(row)
        for row in self._engine.read(_RELATIONS, **asked):
            if row["uuid"] in concepts:
                concepts[row["uuid"]].relations.setdefault(row["id"], []).append(row)
        return concepts.values()

    def _checked_touches(self, row: Row) -> set[int]:
        touches: list[int] = row["touches"] or []
        if any(one >= two for one, two in pairwise(touches)) or not touches or touches[0] != row["from_seq"]:
            self._wrong(
                "touches-order",
                f"its touches {touches[:20]} do not rise from its first number {row['from_seq']}",
                row["uuid"],
            )
        return set(touches)

    def _touches(self, concept: _Concept) -> None:
        for seq in concept.touches:
            if not self._ledger.above(concept.space, seq, concept.uuid):
                self._ledger.used(concept.space, seq, concept.uuid)

    def _intervals(self, concept: _Concept, what: str, rows: list[Row]) -> None:
        """Rows of a concept: cut off what is above the head, sort, and see that they do not overlap and belong to it."""
        rows[:] = self._visible(concept.space, rows, concept.uuid)
        for row in rows:
            if not row["fits"]:
                self._wrong(
                    f"{what}-mismatch",
                    f"the one from {row['from_seq']} does not repeat its concept's keys",
                    concept.uuid,
                )
            if row["from_seq"] >= row["to_seq"]:
                self._wrong(f"{what}-interval", f"one ends at {row['to_seq']}, from {row['from_seq']}", concept.uuid)
            self._ledger.used(concept.space, row["from_seq"], concept.uuid)
            if row["to_seq"] != OPEN:
                self._ledger.used(concept.space, row["to_seq"], concept.uuid)
        for one, two in pairwise(rows):
            if one["to_seq"] > two["from_seq"]:
                self._wrong(f"{what}-overlap", f"two hold at {two['from_seq']}", concept.uuid)

    def _states(self, concept: _Concept) -> None:
        if not concept.states:
            self._wrong("state-missing", "has no state", concept.uuid)
            return
        if concept.states[0]["from_seq"] != concept.from_seq:
            self._wrong(
                "state-gap",
                f"its first state is from {concept.states[0]['from_seq']}, itself from {concept.from_seq}",
                concept.uuid,
            )
        for one, two in pairwise(concept.states):
            if one["to_seq"] < two["from_seq"]:
                self._wrong("state-gap", f"has no state from {one['to_seq']} to {two['from_seq']}", concept.uuid)
        if concept.states[-1]["to_seq"] != OPEN:
            self._wrong("state-gap", f"has no state from {concept.states[-1]['to_seq']} on", concept.uuid)
        for row in concept.states:
            if row["from_seq"] not in concept.touches:
                self._wrong("touches-missing", f"a state opened at {row['from_seq']} without a touch", concept.uuid)

    def _relation(self, concept: _Concept, identity: str, rows: list[Row]) -> None:
        rows = self._visible(concept.space, rows, identity)
        silent: set[int] = set()
        for one, two in pairwise(rows):
            if one["to_seq"] > two["from_seq"]:
                self._wrong("relation-overlap", f"is there twice at {two['from_seq']}", identity)
            elif one["to_seq"] == two["from_seq"] and one["says"] == two["says"]:
                # Only who says so changed: nobody's body did.
                silent.add(one["to_seq"])
        for row in rows:
            self._ends(concept, identity, row)
            self._relation_touches(concept, identity, row, silent)

    def _ends(self, concept: _Concept, identity: str, row: Row) -> None:
        start, end, target = row["from_seq"], row["to_seq"], row["target"]
        kind = RELATION.get(row["type"])
        if kind is None or identity != relation_id(concept.uuid, kind, target, row["branch"] or ""):
            self._wrong(
                "relation-id", f"is not the id of {row['type']} from {concept.uuid} to {target}", identity or ""
            )
        if start >= end:
            self._wrong("relation-interval", f"ends at {end}, from {start}", identity)
        if start < concept.from_seq or start < row["born"]:
            late = concept.uuid if start < concept.from_seq else target
            self._wrong("relation-early", f"holds from {start}, before its end {late} is there", identity)
        if row["space"] != concept.space:
            self._wrong("relation-space", f"is of space {row['space']}, its source of {concept.space}", identity)
        if row["there"] not in self._ledger.heads:
            self._wrong("relation-space", f"leads to {target} in space {row['there']}, which is not there", identity)
        elif row["there"] not in (concept.space, PUBLIC_SPACE):
            self._wrong(
                "relation-space", f"leads from space {concept.space} into private space {row['there']}", identity
            )

    def _relation_touches(self, concept: _Concept, identity: str, row: Row, silent: set[int]) -> None:
        for seq, there in ((row["from_seq"], row["opened"]), (row["to_seq"], row["closed"])):
            if seq == OPEN:
                continue
            self._ledger.used(concept.space, seq, concept.uuid)
            if seq in silent:
                continue
            what = "opened" if seq == row["from_seq"] else "closed"
            if seq not in concept.touches:
                self._wrong("touches-missing", f"relation {identity} {what} at {seq} without a touch", concept.uuid)
            # What a private space says of a public concept leaves no trace there.
            if not there and row["there"] == concept.space:
                self._wrong("touches-missing", f"relation {identity} {what} at {seq} without a touch", row["target"])

    def _visible(self, space: str, rows: list[Row], subject: str) -> list[Row]:
        kept = [row for row in rows if not self._ledger.above(space, row["from_seq"], subject)]
        for row in kept:
            if row["to_seq"] != OPEN and self._ledger.above(space, row["to_seq"], subject):
                row["to_seq"] = OPEN
        return sorted(kept, key=lambda row: (int(row["from_seq"]), int(row["to_seq"])))
