"""The published terms say what the code does: same namespace, same kinds, same relations, in French and English."""

from __future__ import annotations

from importlib.resources import files

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from wikic.domain import vocabulary
from wikic.domain.ids import NAMESPACE

BASE = "https://wiki-c.org/ontology#"


@pytest.fixture(scope="module")
def terms() -> Graph:
    return Graph().parse(data=(files("ontology") / "wikic.ttl").read_text(encoding="utf-8"), format="turtle")


def _notations(terms: Graph, kind: URIRef) -> set[str]:
    return {str(name) for term in terms.subjects(RDF.type, kind) for name in terms.objects(term, SKOS.notation)}


def _members(terms: Graph, scheme: str) -> set[str]:
    return {
        str(name)
        for term in terms.subjects(SKOS.inScheme, URIRef(BASE + scheme))
        for name in terms.objects(term, SKOS.notation)
    }


def test_the_namespace_of_uuids_is_the_one_in_use(terms: Graph) -> None:
    assert terms.value(URIRef(BASE + "concept"), SKOS.notation) == Literal(str(NAMESPACE))


def test_every_kind_and_relation_is_there_and_no_other(terms: Graph) -> None:
    assert _notations(terms, OWL.Class) == set(vocabulary.KINDS)
    assert _notations(terms, OWL.ObjectProperty) == set(vocabulary.RELATION_TYPES)


def test_closed_lists_are_there(terms: Graph) -> None:
    assert _members(terms, "nature") == set(vocabulary.NATURES)
    assert _members(terms, "status") == set(vocabulary.STATUSES)
    assert _members(terms, "importance") == set(vocabulary.IMPORTANCES)


def test_every_relation_stands_under_a_standard_one(terms: Graph) -> None:
    for relation in terms.subjects(RDF.type, OWL.ObjectProperty):
        parents = [str(parent) for parent in terms.objects(relation, RDFS.subPropertyOf)]
        assert parents, relation
        assert not any(parent.startswith(BASE) for parent in parents), relation


def test_every_term_has_a_name_in_french_and_english(terms: Graph) -> None:
    for term in set(terms.subjects(SKOS.notation, None)):
        names = [*terms.objects(term, RDFS.label), *terms.objects(term, SKOS.prefLabel)]
        assert {name.language for name in names if isinstance(name, Literal)} == {"fr", "en"}, term
