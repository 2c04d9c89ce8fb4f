"""From a concept to statements and back: nothing is lost on the way, in any form, whatever a concept says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from importers import wikic_rdf_concept as reading
from importers.wikic_rdf import _term
from wikic.domain import vocabulary as words
from wikic.domain.changes import Change, Identity, Relation
from wikic.domain.concepts import ConceptContent, label_order
from wikic.domain.records import Attribute, Label
from wikic.linked_data import serialise, vocabulary
from wikic.linked_data.catalogue import ReleaseFacts, SchemeFacts, describe_release
from wikic.linked_data.provenance import describe_change
from wikic.linked_data.triples import Dated, Described, describe
from wikic.linked_data.vocabulary import Site
from wikic.services.publishing_dumps import gzipped

# rdflib's own JSON-LD parser still uses it.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

SITE = Site("https://skills.example.org")
UUID = "e4ad427d-f2a8-5626-be61-355d644e3b16"
OTHERS = [f"e4ad427d-f2a8-5626-be61-355d644e3b{n}" for n in range(20, 24)]
DATED = Dated((1, "2026-01-01T00:00:00.000Z"), (2, "2026-02-01T00:00:00.000Z"))

_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_langs = st.sampled_from(["fr", "en", "fr-CA", "sr-Latn-RS", "", "not a tag", "x_y"])
_roles = st.lists(st.sampled_from(words.LABEL_ROLES), unique=True, max_size=2).map(lambda roles: tuple(sorted(roles)))
_attributes: st.SearchStrategy[Attribute] = st.one_of(
    _texts, st.integers(-(2**53), 2**53), st.booleans(), st.lists(_texts, max_size=3)
)
_names = st.text("abcxyz_0189é% ", min_size=1, max_size=8)


@st.composite
def _contents(draw: st.DrawFn) -> ConceptContent:
    keys = st.tuples(_texts, _langs)
    labels = [
        Label(value, lang, "preferred", draw(_roles)) for lang, value in draw(st.dictionaries(_langs, _texts)).items()
    ]
    for kind in ("alternative", "hidden"):
        labels += [Label(value, lang, kind, draw(_roles)) for value, lang in sorted(draw(st.sets(keys, max_size=3)))]
    status = draw(st.sampled_from(words.STATUSES))
    return ConceptContent(
        kind=draw(st.sampled_from(words.KINDS)),
        status=status,
        nature=draw(st.sampled_from(["", *words.NATURES])),
        code=draw(st.one_of(st.just(""), _texts)),
        iri=draw(st.one_of(st.sampled_from(["", "http://data.europa.eu/esco/skill/a", "rome:metier:A1"]), _texts)),
        origin=draw(st.sampled_from(["", "esco", "rome"])),
        source_status=draw(st.one_of(st.just(""), _texts)),
        source_version=draw(st.sampled_from(["", "1.2.0"])),
        labels=sorted(labels, key=label_order),
        texts=draw(
            st.dictionaries(
                st.sampled_from(words.TEXT_FIELDS), st.dictionaries(_langs, _texts, min_size=1, max_size=2), max_size=3
            )
        ),
        attributes=draw(st.dictionaries(_names, _attributes, max_size=4)),
        sectors=sorted(draw(st.sets(_texts, max_size=2))),
        edited=draw(st.booleans()),
        gone=draw(st.booleans()),
    )


_relations = st.builds(
    Relation,
    st.just(UUID),
    st.sampled_from(words.RELATION_TYPES),
    st.sampled_from(OTHERS),
    st.sampled_from(["", *words.IMPORTANCES]),
    st.integers(0, 3),
    st.one_of(st.just(""), _texts),
    st.sampled_from(["", "ab", "cd"]),
    st.sets(st.sampled_from(["esco", "rome", "local", "crosswalk:esco-rome"]), max_size=2).map(
        lambda each: tuple(sorted(each))
    ),
    st.sampled_from(["", "essential|0|", "||"]),
)


def _read(content: bytes, form: ox.RdfFormat) -> reading.Built:
    statements = []
    start = "https://skills.example.org/c/"
    for quad in ox.parse(input=content, format=form, lenient=True):
        subject = str(quad.subject)[1:-1]
        assert subject.startswith(start + UUID)
        part = subject.removeprefix(start + UUID).removeprefix("#")
        statements.append((part, quad.predicate.value, *_term(quad.object)))
    return reading.build(UUID, start, statements)


@settings(max_examples=150, deadline=None)
@given(_contents(), st.one_of(st.none(), _contents()), st.lists(_relations, max_size=6, unique_by=lambda each: each.id))
def test_nothing_is_lost(content: ConceptContent, base: ConceptContent | None, relations: list[Relation]) -> None:
    it = Described(Identity(UUID, content.kind, "rome"), content, relations, OTHERS[:2], base, DATED)
    block = describe(SITE, it)
    for form, written in (
        (ox.RdfFormat.N_TRIPLES, b"".join(serialise.ntriples([block]))),
        (ox.RdfFormat.TURTLE, b"".join(serialise.turtle([block]))),
        (ox.RdfFormat.JSON_LD, b"".join(serialise.json_ld([block]))),
    ):
        identity, read, said, found, aliases = _read(written, form)
        assert identity == it.identity
        assert read == content
        assert said == base
        assert found == sorted(relations, key=lambda each: (each.type, each.target, each.id))
        assert aliases == OTHERS[:2]


def test_equal_data_gives_equal_statements() -> None:
    labels = [Label("a", "fr", "preferred"), Label("b", "fr", "alternative"), Label("c", "en", "alternative")]
    relations = [Relation(UUID, "broader", other, origins=("esco",)) for other in OTHERS]
    one, other = (
        describe(
            SITE,
            Described(
                Identity(UUID, "skill", "esco"),
                ConceptContent(
                    kind="skill", origin="esco", labels=labels[::way], attributes=dict([("b", 1), ("a", 2)][::way])
                ),
                relations[::way],
                OTHERS[::way],
                dated=DATED,
            ),
        )
        for way in (1, -1)
    )
    assert one == other


def test_common_relations_need_two_statements() -> None:
    relations = [
        Relation(UUID, "requires", OTHERS[0], "essential", origins=("esco",)),
        Relation(UUID, "broader", OTHERS[1], origins=("esco",)),
    ]
    block = describe(
        SITE,
        Described(Identity(UUID, "occupation", "esco"), ConceptContent(kind="occupation", origin="esco"), relations),
    )
    names = [predicate for _, predicate, obj in block if obj in (SITE.concept(OTHERS[0]), SITE.concept(OTHERS[1]))]
    assert names == [
        "<http://www.w3.org/2004/02/skos/core#broader>",
        "<https://wiki-c.org/ontology#requires>",
        "<https://wiki-c.org/ontology#requiresEssential>",
    ]


def test_a_relation_of_a_branch_is_not_said_of_all() -> None:
    relation = Relation(UUID, "requires", OTHERS[0], "essential", branch="1979", origins=("local",))
    block = describe(
        SITE, Described(Identity(UUID, "occupation", "esco"), ConceptContent(kind="occupation"), [relation])
    )
    assert not [each for each in block if each[1].endswith("requiresEssential>")]


@pytest.mark.parametrize("form", ["ttl", "nt", "jsonld", "rdf"])
def test_a_document_says_the_same_to_both_libraries(form: str) -> None:
    content = ConceptContent(
        kind="skill",
        labels=[Label('a "b"\n\\ <c>', "fr", "preferred"), Label("d & e", "fr-CA", "hidden", ("female",))],
        attributes={"flag": True, "n": 3, "list": ["b", "a"], "set": ["a", "b"]},
    )
    block = describe(SITE, Described(Identity(UUID, "skill", "wiki"), content, dated=DATED))
    written = serialise.document(block, form, block[0][0])
    assert written == serialise.document(block, form, block[0][0])
    found = rdflib.Graph().parse(
        data=written, format={"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}[form]
    )
    assert len(found) == len(set(block)) == len(serialise.read_back(written, form))


def test_what_xml_cannot_hold_is_replaced() -> None:
    block = [(SITE.concept(UUID), vocabulary.TEXT["note"], vocabulary.text("a\x0bb\x01 & <c>", "fr"))]
    found = rdflib.Graph().parse(data=serialise.document(block, "rdf", block[0][0]), format="xml")
    assert [str(text) for text in found.objects()] == ["a\ufffdb\ufffd & <c>"]


def test_one_table_on_both_ways() -> None:
    assert {f"<{address}>": kind for address, kind in reading._KIND.items()} == {
        address: kind for kind, address in vocabulary.KIND_CLASS.items()
    }
    assert {f"<{address}>": name for address, name in reading._TEXT.items()} == {
        address: name for name, address in vocabulary.TEXT.items()
    }
    assert {f"<{address}>": name for address, name in reading._GRADED.items()} == {
        address: name for name, address in vocabulary.GRADED.items()
    }
    back = {f"<{address}>": kind for address, kind in reading._RELATION.items()}
    assert all(back[address] == kind for kind, address in vocabulary.RELATION.items())
    assert (reading.ATTRIBUTE, reading.ATTRIBUTES, reading.WIKIC) == (
        vocabulary.ATTRIBUTE,
        vocabulary.ATTRIBUTES,
        vocabulary.WIKIC,
    )


def test_every_term_of_ours_is_explained() -> None:
    terms = rdflib.Graph().parse(data=serialise.ontology_file("wikic.ttl"), format="turtle")
    known = {str(term) for term in terms.subjects()}
    used = {str(each["@id"]) for each in serialise.context().values() if isinstance(each, dict) and "@id" in each}
    ours = {vocabulary.WIKIC + name.removeprefix("wikic:") for name in used if name.startswith("wikic:")}
    ours |= {address[1:-1] for address in vocabulary.GRADED.values()}
    ours |= {vocabulary.WIKIC + vocabulary.camel(scheme) + vocabulary.CODE_TYPE for scheme in words.SCHEMES}
    assert ours - known == set()
    for term in ours:
        languages = {
            label.language
            for label in terms.objects(rdflib.URIRef(term), rdflib.RDFS.label)
            if isinstance(label, rdflib.Literal)
        }
        assert languages == {"fr", "en"}, term


def test_the_context_knows_every_property() -> None:
    names = {each["@id"] for each in serialise.context().values() if isinstance(each, dict) and "@id" in each}
    wanted = [
        *vocabulary.LABEL.values(),
        *vocabulary.TEXT.values(),
        *vocabulary.RELATION.values(),
        *vocabulary.GRADED.values(),
    ]
    for predicate in wanted:
        assert serialise._curie(predicate[1:-1]) in names, predicate


def test_the_release_and_its_log() -> None:
    facts = SchemeFacts("esco", {"en": "ESCO"}, "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "Thanks.")
    block = describe_release(SITE, ReleaseFacts("2026", 7, "frozen", "2026-01-01T00:00:00Z", "notes"), [facts], "2025")
    block += describe_change(SITE, Change("edit", "Zoë <z@x>", 'say "so"', seq=7, time="2026-01-01T00:00:00.000Z"))
    found = serialise.read_back(serialise.document(block, "ttl", block[0][0]), "ttl")
    assert len(found) == len(set(block))
    said = {
        (quad.predicate.value.rpartition("#")[2], quad.object.value)
        for quad in found
        if not isinstance(quad.object, ox.BlankNode | ox.Triple)
    }
    assert ("attribution", "Thanks.") in said
    assert ("previousVersion", "https://skills.example.org/r/2025/") in said
    assert not [
        each for each in describe_release(SITE, ReleaseFacts("2026", 7, "", ""), []) if "releaseState" in each[1]
    ]


def test_gzip_is_the_same_each_time(tmp_path: Path) -> None:
    parts = [json.dumps(list(range(n))).encode() for n in range(300)]
    one, other = b"".join(gzipped(parts)), b"".join(gzipped(parts))
    assert one == other
    assert gzip.decompress(one) == b"".join(parts)
    assert gzip.decompress(b"".join(gzipped([]))) == b""
    file = tmp_path / "a.gz"
    file.write_bytes(one)
    with gzip.open(file) as opened:
        assert opened.read() == b"".join(parts)
        assert opened.mtime == 0
