"""The canonical form: its bytes are a contract; whatever order things come in, and whatever says nothing, it is the same."""

from __future__ import annotations

import pytest

from wikic.domain.canonical import Digests, canonical_json, concept_line
from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.records import Label

IDENTITY = Identity("00000000-0000-7000-8000-000000000001", "skill", "wiki")
CONTENT = ConceptContent(
    kind="skill",
    code="S1",
    labels=[Label("scier", "fr", "preferred"), Label("saw", "en", "alternative", ("male", "female"))],
    texts={"definition": {"fr": "Couper : « é »\n\t\u2028"}},
    attributes={"reuse_level": "transversal", "flags": ["b", "a"], "open": True, "number": 7},
    sectors=["B", "A"],
)
RELATIONS = [Relation("x", "requires", "z", "key", 2, "n", "b", ("esco", "crosswalk"), "essential|0|"), Relation("x", "broader", "y")]
LINE = (
    '{"aliases":["a1","a2"],"attributes":[["flags",["b","a"]],["number",7],["open",true],["reuse_level","transversal"]],"code":"S1",'
    '"edited":false,"gone":false,"iri":"","kind":"skill","labels":[["alternative","en","saw","female male"],'
    '["preferred","fr","scier",""]],"nature":"","origin":"",'
    '"relations":[["broader","y","","",0,"",[],""],["requires","z","b","key",2,"n",["crosswalk","esco"],"essential|0|"]],'
    '"scheme":"wiki","sectors":["A","B"],"source_status":"","source_version":"","status":"active",'
    '"texts":[["definition","fr","Couper : « é »\\n\\t\u2028"]],"uuid":"00000000-0000-7000-8000-000000000001"}'
)


def test_the_bytes_of_form_1() -> None:
    assert concept_line(IDENTITY, CONTENT, None, RELATIONS, ["a2", "a1"]).decode() == LINE


def test_order_says_nothing() -> None:
    content = ConceptContent(**{name: getattr(CONTENT, name) for name in CONTENT.__slots__})
    content.labels, content.sectors = CONTENT.labels[::-1], CONTENT.sectors[::-1]
    content.attributes = dict(reversed(CONTENT.attributes.items()))
    assert concept_line(IDENTITY, content, None, RELATIONS[::-1], ["a1", "a2", "a1"]).decode() == LINE


def test_the_digest_of_a_scheme() -> None:
    other = Identity("00000000-0000-7000-8000-000000000002", "skill", "wiki")
    both, reverse, changed = Digests(), Digests(), Digests()
    for identity in (IDENTITY, other):
        both.take(identity, CONTENT, None, RELATIONS, [])
        changed.take(identity, CONTENT, CONTENT if identity is other else None, RELATIONS, [])
    for identity in (other, IDENTITY):
        reverse.take(identity, CONTENT, None, RELATIONS[::-1], [])
    assert both.schemes() == reverse.schemes()
    assert both.schemes() != changed.schemes()
    found = both.schemes()["wiki"]
    assert (found.concepts, found.relations, both.kinds["skill"]) == (2, 4, 2)
    # What was signed once must be found again by every later program.
    assert found.sha256 == "44d61deae282a236d5f5d7e727500dfb10d2abd703716e81f9e51c730d5e4a94"


def test_canonical_json() -> None:
    value = {"b": [1, True, None, "é\u0007\u007f/"], "a": {}, "B": -3}
    assert canonical_json(value) == '{"B":-3,"a":{},"b":[1,true,null,"é\\u0007\u007f/"]}'.encode()
    for odd in ({"é": 1}, {"a": 0.5}, [{"a": {1: 2}}]):
        with pytest.raises(ValueError, match="no "):
            canonical_json(odd)
