"""The one predicate of time and visibility: other spaces and other numbers do not exist, on both engines."""

from __future__ import annotations

import pytest

from wikic.domain.changes import Change, Identity, NewConcept, NewState, Relation, WriteSet, now
from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import concept_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.store.concepts import (
    find_ref,
    list_concepts,
    read_briefs,
    read_concept,
    read_figures,
    read_relations,
    resolve,
)
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.history import list_changes, read_spans, read_states
from wikic.store.leases import heads
from wikic.store.schema import ensure_schema
from wikic.store.short_writes import short_write
from wikic.store.temporal import OPEN, visible
from wikic.store.writing import write_set

PRIVATE = "acme"
OPEN_CONCEPT, SECRET = concept_uuid("urn:test:open"), concept_uuid("urn:test:secret")
ALIAS, SECRET_ALIAS = concept_uuid("urn:test:open-alias"), concept_uuid("urn:test:secret-alias")
NEW_SPACE = Query(
    "tests.space",
    "CREATE (s:Space {name: $name, kind: 'organisation', head: 0, lease_token: 0, lease_until: 0, lease_holder: ''})",
)


def content(name: str, code: str) -> ConceptContent:
    return ConceptContent(labels=[Label(name, "en", PREFERRED)], code=code)


def write(engine: Engine, space: str, rows: WriteSet) -> int:
    def work(tx: WriteTransaction, _head: int, seq: int) -> int:
        write_set(tx, rows, Change("edit", "tester", "an edit", seq=seq, space=space, time=now()))
        return seq

    return short_write(engine, space, work)


@pytest.fixture
def seqs(engine: Engine) -> dict[str, int]:
    """The numbers at which: a public concept was born, a private one with a match to it, the public one renamed."""
    ensure_schema(engine)
    engine.write(lambda tx: tx.run(NEW_SPACE, name=PRIVATE))
    public = Identity(OPEN_CONCEPT, "skill", "wiki")
    born = WriteSet([NewConcept(public, content("open", "o"))], aliases={ALIAS: OPEN_CONCEPT}, touched={OPEN_CONCEPT})
    secret = WriteSet(
        [NewConcept(Identity(SECRET, "skill", "wiki"), content("secret", "s"))],
        open_relations=[Relation(SECRET, "exact_match", OPEN_CONCEPT, origins=("local",))],
        aliases={SECRET_ALIAS: SECRET},
        touched={SECRET},
    )
    renamed = WriteSet(new_states=[NewState(public, content("opened", "o"))], touched={OPEN_CONCEPT})
    return {
        "born": write(engine, PUBLIC_SPACE, born),
        "secret": write(engine, PRIVATE, secret),
        "renamed": write(engine, PUBLIC_SPACE, renamed),
    }


def test_heads_are_apart(engine: Engine, seqs: dict[str, int]) -> None:
    assert heads(engine) == {PUBLIC_SPACE: seqs["renamed"], PRIVATE: seqs["secret"]}


def test_a_public_reader_sees_nothing_private(engine: Engine, seqs: dict[str, int]) -> None:
    at = {PUBLIC_SPACE: seqs["renamed"]}
    assert read_concept(engine, SECRET, at) is None
    assert resolve(engine, SECRET, at) is None
    assert resolve(engine, SECRET_ALIAS, at) is None
    assert find_ref(engine, "wiki", "s", at) == []
    assert read_briefs(engine, [SECRET], at) == {}
    assert read_states(engine, SECRET, at) == []
    assert read_spans(engine, OPEN_CONCEPT, at) == []
    seen = read_concept(engine, OPEN_CONCEPT, at)
    assert seen is not None
    assert seen.relations == {}
    assert read_relations(engine, OPEN_CONCEPT, "exact_match_from", at, "", 10) == []
    listed = list_concepts(engine, at, scheme="wiki", kind="skill", status=None, after="", limit=10)
    assert [brief.uuid for _, brief in listed] == [OPEN_CONCEPT]
    assert read_figures(engine, at) == [("wiki", "skill", "active", 1)]
    assert [c.seq for c in list_changes(engine, [PUBLIC_SPACE], at, after=0, limit=9)] == [seqs["born"], seqs["renamed"]]


def test_a_member_sees_both(engine: Engine, seqs: dict[str, int]) -> None:
    at = {PUBLIC_SPACE: seqs["renamed"], PRIVATE: seqs["secret"]}
    seen = read_concept(engine, OPEN_CONCEPT, at)
    assert seen is not None
    assert [one.uuid for one in seen.relations["exact_match_from"].items] == [SECRET]
    found = resolve(engine, SECRET_ALIAS, at)
    assert found is not None
    assert (found.uuid, found.alias) == (SECRET, True)
    assert read_figures(engine, at) == [("wiki", "skill", "active", 2)]


def test_each_number_has_its_own_past(engine: Engine, seqs: dict[str, int]) -> None:
    def name(at: int) -> dict[str, str] | None:
        found = read_concept(engine, OPEN_CONCEPT, {PUBLIC_SPACE: at})
        return found.content.preferred() if found else None

    assert [name(at) for at in (seqs["born"] - 1, seqs["born"], seqs["secret"], seqs["renamed"])] == [
        None,
        {"en": "open"},
        {"en": "open"},
        {"en": "opened"},
    ]
    assert resolve(engine, ALIAS, {PUBLIC_SPACE: seqs["born"] - 1}) is None
    states = read_states(engine, OPEN_CONCEPT, {PUBLIC_SPACE: seqs["renamed"]})
    assert [seq for seq, _ in states] == [seqs["born"], seqs["renamed"]]
    assert [seq for seq, _ in read_states(engine, OPEN_CONCEPT, {PUBLIC_SPACE: seqs["secret"]})] == [seqs["born"]]


def test_no_space_no_rows(engine: Engine, seqs: dict[str, int]) -> None:
    assert seqs
    assert read_concept(engine, OPEN_CONCEPT, {}) is None
    assert read_figures(engine, {}) == []


@pytest.mark.parametrize(
    ("space", "start", "end", "at", "seen"),
    [
        ("public", 3, OPEN, {"public": 2}, False),
        ("public", 3, OPEN, {"public": 3}, True),
        ("public", 3, 5, {"public": 4}, True),
        ("public", 3, 5, {"public": 5}, False),
        ("acme", 3, OPEN, {"public": 9}, False),
        ("acme", 3, OPEN, {"public": 1, "acme": 9}, True),
    ],
)
def test_the_interval_is_half_open(
    engine: Engine, space: str, start: int, end: int, at: dict[str, int], seen: bool
) -> None:
    make = Query("tests.make", "CREATE (n:TestRow {space: $space, from_seq: $start, to_seq: $end})")
    engine.write(lambda tx: tx.run(make, space=space, start=start, end=end))
    rows = engine.read(Query("tests.seen", f"MATCH (n:TestRow) WHERE {visible('n')} RETURN n.space AS space"), at=at)
    assert bool(rows) is seen
