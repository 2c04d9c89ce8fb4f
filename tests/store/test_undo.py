"""Undoing: a writer that dies between any two of its transactions leaves nothing, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.model import Killed, MortalEngine, expire_leases
from tests.store.writes import write_leased
from wikic.domain.changes import Change, ClosedRelation, Identity, NewConcept, NewState, Relation, WriteSet, now
from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import concept_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED, PREFERRED, PUBLIC_SPACE
from wikic.store import undo, writing
from wikic.store.concepts import Concept, read_concept, resolve
from wikic.store.engine import Engine, Query
from wikic.store.imports import ImportRow, read_digests, record_import, write_digests
from wikic.store.lanes import Lanes
from wikic.store.leases import heads, reserve
from wikic.store.schema import ensure_schema
from wikic.store.undo import settle, take
from wikic.store.writing import SpaceWriter, commit

A, B, C, D, E = (concept_uuid(f"urn:test:{name}") for name in "abcde")
NODES = Query(
    "tests.nodes",
    "MATCH (n) WHERE NOT n:Space AND NOT n:Meta RETURN labels(n)[0] AS label, properties(n) AS row",
)
EDGES = Query(
    "tests.edges", "MATCH (a)-[r]->(b) RETURN a.uuid AS a, type(r) AS type, properties(r) AS row, b.uuid AS b"
)


def identity(uuid: str) -> Identity:
    return Identity(uuid, "skill", "esco")


def content(name: str, status: str = "active") -> ConceptContent:
    return ConceptContent(status=status, labels=[Label(name, "en", PREFERRED)], origin="esco", code=f"code {name}")


def first() -> WriteSet:
    """Three concepts in a chain."""
    rows = WriteSet(new_concepts=[NewConcept(identity(one), content(one)) for one in (A, B, C)])
    rows.open_relations = [
        Relation(A, "broader", B, origins=("esco",)),
        Relation(B, "broader", C, origins=("esco",)),
        Relation(A, "related", C, origins=("esco",)),
    ]
    rows.touched = {A, B, C}
    return rows


def second() -> WriteSet:
    """Opens, closes, touches, replaces without touching, names, and adds concepts."""
    rows = WriteSet(new_concepts=[NewConcept(identity(one), content(one)) for one in (D, E)])
    rows.new_states = [
        NewState(identity(A), content("anew"), base=content("as it was said")),
        NewState(identity(B), content(B, DEPRECATED)),
    ]
    old = Relation(A, "related", C, origins=("esco",))
    rows.replace_relation(old, old._replace(origins=("esco", "other")))
    rows.close_relations.append(ClosedRelation(A, "broader", old._replace(type="broader", target=B).id, True))
    rows.open_relations += [Relation(D, "broader", A, origins=("esco",)), Relation(C, "requires", E, "key")]
    rows.aliases = {concept_uuid("urn:test:also-c"): C, concept_uuid("urn:test:also-d"): D}
    rows.touched = {A, B, D, E}
    return rows


def write(engine: Engine, rows: WriteSet, parts: Callable[[], None] = lambda: None) -> int:
    """A long write, as an import does it."""
    lease = take(engine, PUBLIC_SPACE)
    seq = reserve(engine)
    with Lanes(1) as lanes:
        write_leased(SpaceWriter.leased(engine, lease, seq, lanes), rows)
    write_digests(engine, lease, seq, "esco", [(A, f"{seq:032}"), (D, f"{seq:032}")])
    parts()
    change = Change("import", "tester", "a write", seq=seq, space=PUBLIC_SPACE, time=now())
    commit(engine, lease, change, lambda tx: record_import(tx, PUBLIC_SPACE, ImportRow("esco", "1", "x", seq)))
    return seq


def everything(engine: Engine) -> list[str]:
    """All that is stored, but for who writes and the counters."""
    rows = [f"{row['label']} {sorted(row['row'].items())}" for row in engine.read(NODES)]
    rows += [f"{row['a']} {row['type']} {sorted(row['row'].items())} {row['b']}" for row in engine.read(EDGES)]
    return sorted(rows)


def answers(engine: Engine) -> dict[str, Any]:
    """What readers are told at the head."""
    at = heads(engine)
    found: dict[str, Any] = {one: _ordered(read_concept(engine, one, at)) for one in (A, B, C, D, E)}
    found |= {f"alias {name}": resolve(engine, concept_uuid(f"urn:test:{name}"), at) for name in ("also-c", "also-d")}
    return found | {"head": at, "digests": read_digests(engine, PUBLIC_SPACE, "esco", at[PUBLIC_SPACE])}


def _ordered(concept: Concept | None) -> Concept | None:
    for group in concept.relations.values() if concept else ():
        group.items.sort(key=lambda one: one.uuid)
    return concept


@pytest.fixture
def store(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A store with the first write, where every row is a batch of its own."""
    ensure_schema(engine)
    monkeypatch.setattr(writing.chunks, "__defaults__", (1,))
    for name in ("BATCH", "STATE_BATCH", "JOURNAL_BATCH"):
        monkeypatch.setattr(writing, name, 1)
    monkeypatch.setattr(undo, "_BATCH", 1)
    write(engine, first())
    return engine


def dies(engine: Engine, writes: int, what: Callable[[Engine], object]) -> bool:
    try:
        what(MortalEngine(engine, writes))
    except Killed:
        expire_leases(engine)
        return True
    return False


def test_death_at_every_boundary(store: Engine) -> None:
    before, told = everything(store), answers(store)
    writes = 0
    while dies(store, writes, lambda engine: write(engine, second())):
        assert answers(store) == told, f"readers see something after {writes} transactions"
        settle(store, PUBLIC_SPACE)
        assert everything(store) == before, f"something is left after {writes} transactions"
        writes += 1
    assert writes > 20
    after = answers(store)
    assert after[A].content.preferred() == {"en": "anew"}
    assert (after[B].content.status, after[D] is None, after["alias also-c"].uuid) == (DEPRECATED, False, C)
    assert {name: group.total for name, group in after[A].relations.items()} == {"related": 1, "narrower": 1}


def test_the_next_write_undoes_what_is_left(store: Engine) -> None:
    assert dies(store, 12, lambda engine: write(engine, second()))
    write(store, second())
    told = answers(store)
    assert told[A].content.preferred() == {"en": "anew"}
    assert [one.relation.origins for one in told[A].relations["related"].items] == [("esco", "other")]


def test_an_undo_that_dies_is_carried_on(store: Engine) -> None:
    before, told = everything(store), answers(store)
    assert dies(store, 10_000, lambda engine: write(engine, second(), _die))
    writes = 0
    while dies(store, writes, lambda engine: settle(engine, PUBLIC_SPACE)):
        assert answers(store) == told
        writes += 1
    assert writes > 5
    assert everything(store) == before


def test_a_finished_write_is_not_undone(store: Engine) -> None:
    write(store, second())
    after = everything(store)
    settle(store, PUBLIC_SPACE)
    take(store, PUBLIC_SPACE)
    assert everything(store) == after


def test_nothing_to_undo_costs_two_round_trips(store: Engine) -> None:
    with store.count_round_trips() as trips:
        settle(store, PUBLIC_SPACE)
    assert trips.names == ["head.all", "lease.left_behind"]


def _die() -> None:
    raise Killed
