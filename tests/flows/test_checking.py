"""The check: silent on every store that the program wrote itself, and each invariant, broken once by hand, is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.flows.model import Framework, concept, relation, source, uuid_of
from tests.flows.sample_store import PRIVATE, PRIVATE_CONCEPT, fill
from wikic.domain.access import SYSTEM
from wikic.domain.ids import relation_id
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED, PREFERRED, PUBLIC_SPACE
from wikic.errors import NotFound
from wikic.services.checking import Checking, Finding
from wikic.services.editing import Create, SetStatus, SetText, Unrelate
from wikic.store.engine import Engine, Query
from wikic.store.invariants_logs import SHOWN
from wikic.store.leases import acquire, release
from wikic.store.temporal import OPEN

NEW = "01890a5d-ac96-774b-bcce-b302099a8059"


@pytest.fixture
def grown(framework: Framework) -> Framework:
    """Five changes: an import, a text (a), a removed relation (o requires b), a new concept, a replaced one (c by b)."""
    records = [concept(name, en=name) for name in ("b", "c", "d")]
    records += [concept("a", en="a", code="A1", aliases=["old-a"]), concept("o", en="o", kind="occupation")]
    relations = [relation("o", "requires", name, "essential") for name in ("a", "b")]
    framework.run(source(*records, *relations, relation("a", "broader", "d")))
    framework.edit(SetText(uuid_of("a"), "definition", "fr", "une définition"))
    framework.edit(Unrelate(uuid_of("o"), "requires", uuid_of("b")))
    framework.edit(Create("skill", (Label("new", "en", PREFERRED),), uuid=NEW))
    framework.edit(SetStatus(uuid_of("c"), DEPRECATED, uuid_of("b")))
    framework.releasing.freeze("2026", at=3, actor=SYSTEM)
    assert framework.head == 5
    return framework


def run(engine: Engine, text: str, **parameters: Any) -> None:
    """Change the store by raw Cypher; something must be changed."""
    query = Query("tests.break", f"{text} RETURN count(*) AS n")
    assert engine.write(lambda tx: tx.run(query, open=OPEN, **parameters))[0]["n"], text


def slugs(findings: list[Finding]) -> set[str]:
    return {finding.slug for finding in findings}


def test_a_store_of_all_kinds_of_writes_is_consistent(engine: Engine) -> None:
    fill(engine)
    assert Checking(engine).run() == []
    assert Checking(engine).run(PUBLIC_SPACE) == []
    assert Checking(engine).run(PRIVATE) == []


def test_an_empty_store_is_consistent(framework: Framework) -> None:
    assert Checking(framework.engine).run() == []


def test_a_space_that_is_not_there_is_refused(framework: Framework) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        Checking(framework.engine).run("nowhere")


A = "MATCH (c:Concept {uuid: $a})"
STATE = f"{A}-[:HAS_STATE]->(s:State)"
BASE = f"{A}-[:HAS_SOURCE]->(s:SourceRecord)"
BROADER = f"{A}-[r:BROADER]->(d:Concept)"


@dataclass(frozen=True)
class Break:
    """What is done to the store, which findings it must give and no others, and whom they must name (a name of the small source)."""

    text: str
    expected: set[str]
    subject: str = ""


BREAKS = {
    "no state": Break(f"{STATE} DETACH DELETE s", {"state-missing"}, "a"),
    "a hole between states": Break(f"{STATE} WHERE s.from_seq = 1 SET s.from_seq = 0, s.to_seq = 1",
                                   {"state-gap", "change-missing", "journal-missing", "touches-missing"}, "a"),
    "no state at the beginning": Break(f"{STATE} WHERE s.from_seq = 1 DETACH DELETE s", {"state-gap"}, "a"),
    "no state at the end": Break(f"{STATE} WHERE s.to_seq = $open DETACH DELETE s", {"state-gap"}, "a"),
    "two states at once": Break(f"{STATE} WHERE s.to_seq = 2 SET s.to_seq = $open", {"state-overlap"}, "a"),
    "a state that ends before it begins": Break(
        f"{STATE} WHERE s.to_seq = 2 SET s.to_seq = 1", {"state-interval", "state-gap"}, "a"
    ),
    "a state with another listing": Break(f"{STATE} SET s.listing = 'esco/skill/other'", {"state-mismatch"}, "a"),
    "a state with another code": Break(f"{STATE} SET s.ref = 'esco:B2'", {"state-mismatch"}, "a"),
    "a state that hangs on nothing": Break(
        "MATCH (c:Concept {uuid: $b})-[h:HAS_STATE]->() DELETE h", {"orphan", "state-missing"}, "b"
    ),
    "a state of a state's kind": Break(f"{STATE} SET s.space = 'other'", {"state-mismatch"}, "a"),
    "a base of another concept": Break(f"{BASE} SET s.concept = $b", {"source-record-mismatch"}, "a"),
    "two bases at once": Break(
        f"{BASE} CREATE (t:SourceRecord) SET t = properties(s) CREATE (c)-[:HAS_SOURCE]->(t)",
        {"source-record-overlap"}, "a",
    ),
    "a relation before its source": Break(
        "MATCH (c:Concept {uuid: $new}), (d:Concept {uuid: $d}) CREATE (c)-[r:BROADER {id: $new_broader_d, space: 'public',"
        " from_seq: 1, to_seq: $open}]->(d)",
        {"relation-early", "touches-missing", "journal-missing"},
    ),
    "a relation that ends before it begins": Break(
        f"{BROADER} SET r.from_seq = 2, r.to_seq = 1", {"relation-interval", "touches-missing"}
    ),
    "a relation twice": Break(f"{BROADER} CREATE (c)-[t:BROADER]->(d) SET t = properties(r)", {"relation-overlap"}),
    "a relation with another id": Break(f"{BROADER} SET r.id = $new", {"relation-id"}),
    "a relation without an id": Break(f"{BROADER} SET r.id = null", {"relation-id"}),
    "a relation with a branch that its id does not know": Break(f"{BROADER} SET r.branch = '2120'", {"relation-id"}),
    "a relation of another space": Break(f"{BROADER} SET r.space = 'other'", {"relation-space"}),
    "a state that closes above the head": Break(f"{STATE} WHERE s.to_seq = $open SET s.to_seq = 99",
                                                {"above-head", "counter-behind"}, "public"),
    "a relation above the head": Break(f"{BROADER} SET r.from_seq = 99", {"above-head", "counter-behind"}, "public"),
    "a touch above the head": Break(f"{A} SET c.touches = c.touches + 99", {"above-head", "counter-behind"}, "public"),
    "an import above the head": Break("MATCH (i:Import) SET i.seq = 99", {"above-head", "counter-behind"}, "public"),
    "a change above the head": Break("MATCH (c:Change {seq: 5}) SET c.seq = 99",
                                     {"above-head", "change-missing", "counter-behind", "event-missing",
                                      "event-without-change"}),
    "an alias of nobody": Break("MATCH (a:Alias) SET a.concept = $new", {"alias-dangling"}, "old-a"),
    "an alias that hangs on nothing": Break(
        "MATCH ()-[h:HAS_ALIAS]->(a:Alias) DELETE h", {"alias-dangling", "orphan"}, "old-a"
    ),
    "an alias that hides a concept": Break("MATCH (a:Alias) SET a.uuid = $b", {"alias-taken"}, "b"),
    "touches in disorder": Break(f"{A} SET c.touches = [2, 1]", {"touches-order"}, "a"),
    "no touches": Break(f"{A} SET c.touches = []", {"touches-order", "touches-missing"}, "a"),
    "a state without a touch": Break(f"{A} SET c.touches = [1]", {"touches-missing"}, "a"),
    "a closed relation without a touch of its source": Break(
        "MATCH (c:Concept {uuid: $o}) SET c.touches = [1]", {"touches-missing"}, "o"
    ),
    "a closed relation without a touch of its target": Break(
        "MATCH (c:Concept {uuid: $b}) SET c.touches = [1, 5]", {"touches-missing"}, "b"
    ),
    "a circle of successors": Break(
        "MATCH (c:Concept {uuid: $b}), (d:Concept {uuid: $c}) CREATE (c)-[r:REPLACED_BY {id: $b_replaced_by_c,"
        " space: 'public', from_seq: 5, to_seq: $open}]->(d)",
        {"replaced-by-cycle"}, "b",
    ),
    "no change": Break("MATCH (c:Change {seq: 2}) DELETE c", {"change-missing", "event-without-change"}, "a"),
    "a head without a change": Break(
        "MATCH (s:Space) SET s.head = 6 WITH s MATCH (m:Meta) SET m.seq = 6", {"change-missing"}, "public"
    ),
    "a release above the head": Break("MATCH (r:Release) SET r.seq = 99", {"release-above-head"}, "public/2026"),
    "a release of nowhere": Break("MATCH (r:Release) SET r.space = 'nowhere'", {"unknown-space"}),
    "no event": Break("MATCH (e:Event {seq: 2, kind: 'change'}) DELETE e", {"event-missing"}, "2"),
    "an event twice": Break(
        "CREATE (f:Event {number: 99, kind: 'change', seq: 2, space: 'public'}) WITH f MATCH (m:Meta) SET m.event = 99",
        {"event-twice"}, "2",
    ),
    "an event of nothing": Break(
        "MATCH (e:Event {seq: 2, kind: 'change'}) SET e.seq = 0", {"event-without-change", "event-missing"}
    ),
    "a counter that is behind": Break("MATCH (m:Meta) SET m.seq = 4", {"counter-behind"}, "Meta.seq"),
    "an event counter that is behind": Break("MATCH (m:Meta) SET m.event = 4", {"counter-behind"}, "Meta.event"),
    "two counters": Break("CREATE (m:Meta {key: 'other'})", {"counter-missing"}),
    "a journal that names too little": Break(
        "MATCH (j:Journal {seq: 2}) SET j.concepts = [x IN j.concepts WHERE x <> $a]", {"journal-missing"}, "a"
    ),
    "no journal": Break("MATCH (j:Journal {seq: 3}) DELETE j", {"journal-missing"}, "o"),
    "a concept of nowhere": Break(
        "MATCH (c:Concept {uuid: $new}) SET c.space = 'nowhere'", {"unknown-space"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_what_is_broken_is_found(grown: Framework, what: str) -> None:
    assert Checking(grown.engine).run() == []
    names = {name: uuid_of(name) for name in ("a", "b", "c", "d", "o")}
    ids = {
        "new_broader_d": relation_id(NEW, "broader", names["d"]),
        "b_replaced_by_c": relation_id(names["b"], "replaced_by", names["c"]),
    }
    broken = BREAKS[what]
    run(grown.engine, broken.text, new=NEW, **names, **ids)
    findings = Checking(grown.engine).run()
    assert slugs(findings) == broken.expected, findings
    assert not any(finding.note or "\n" in finding.message for finding in findings)
    if broken.subject:
        subject = uuid_of(broken.subject) if broken.subject in {*names, "old-a"} else broken.subject
        assert subject in {finding.subject for finding in findings}


def test_a_write_under_way_is_a_note(grown: Framework) -> None:
    lease = acquire(grown.engine, PUBLIC_SPACE)
    run(
        grown.engine,
        f"{STATE} WHERE s.to_seq = $open SET s.to_seq = 6 WITH c MATCH (m:Meta) SET m.seq = 6",
        a=uuid_of("a"),
    )
    findings = Checking(grown.engine).run()
    assert [(finding.slug, finding.subject, finding.note) for finding in findings] == [("writing", PUBLIC_SPACE, True)]
    release(grown.engine, lease)
    assert slugs(Checking(grown.engine).run()) == {"above-head"}


def test_a_change_that_comes_meanwhile_is_no_finding(grown: Framework, monkeypatch: pytest.MonkeyPatch) -> None:
    from wikic.store.invariants_logs import Ledger

    made = Ledger.__init__

    def make_then_edit(self: Ledger, engine: Engine, space: str | None) -> None:
        made(self, engine, space)
        grown.edit(SetText(uuid_of("a"), "definition", "en", "meanwhile"))
        grown.releasing.freeze("2027", actor=SYSTEM)

    monkeypatch.setattr(Ledger, "__init__", make_then_edit)
    assert Checking(grown.engine).run() == []
    assert grown.head == 6


def test_a_public_concept_never_leads_into_a_private_space(engine: Engine) -> None:
    fill(engine)
    text = (
        "MATCH (p:Concept {uuid: $private}) WITH p MATCH (c:Concept) WHERE c.space = 'public' WITH p, c LIMIT 1"
        " CREATE (c)-[r:RELATED {id: $id, space: 'public', from_seq: p.from_seq, to_seq: $open}]->(p)"
    )
    run(engine, text, private=PRIVATE_CONCEPT, id="x")
    found = [finding for finding in Checking(engine).run() if finding.slug == "relation-space"]
    assert found == []  # the private space is ahead: for readers of the public one, the relation is not there yet
    run(engine, "MATCH ()-[r:RELATED {id: 'x'}]->() SET r.from_seq = 2")
    findings = Checking(engine).run()
    assert [f.message for f in findings if f.slug == "relation-space"] == [
        "leads from space public into private space acme"
    ]
    assert "relation-space" not in slugs(Checking(engine).run(PRIVATE))


def test_many_findings_of_a_kind_are_counted(engine: Engine) -> None:
    fill(engine)
    run(engine, "MATCH (s:State) SET s.listing = 'x'")
    findings = [finding for finding in Checking(engine).run() if finding.slug == "state-mismatch"]
    assert len(findings) == SHOWN + 1
    assert findings[-1].message.startswith("and ")
